"""A fake Ollama: the routes, bodies and error strings of the real one, and a speed that can be set.

`python -m tests.fakes.ollama --port 0 --ms-per-text 1` prints its port as the first line. Texts and messages with a
marker of the modules beside this one fail as the real thing does.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import threading
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any, TypeVar

import orjson

from . import ollama_chat
from .http_server import HttpAnswer, HttpRequest, HttpServer, precise_loop
from .ollama_arguments import read_arguments
from .ollama_embed import EmbedCall, Reader, embedded, texts_of
from .ollama_memory import Memory, seconds_of
from .ollama_models import FakeModel, OllamaError, chat_model, count_tokens
from .ollama_pull import Library

#: First version whose /api/tags tells capabilities.
_DETAILED_SINCE = (0, 30)

T = TypeVar("T")


class FakeOllama:
    """Answers as Ollama does; computes one call after the other."""

    def __init__(
        self,
        models: tuple[FakeModel, ...] = (FakeModel(),),
        *,
        ms_per_text: float = 0.0,
        ms_per_call: float = 0.0,
        ms_per_token: float = 0.0,
        version: str = "0.33.0",
    ) -> None:
        self.models = models
        self.ms_per_text = ms_per_text
        self.ms_per_call = ms_per_call
        self.ms_per_token = ms_per_token
        self.version = version
        #: Set to have every call that computes fail: status and error string.
        self.broken: tuple[int, str] | None = None
        #: Set to have every request fail so, or answered with a page; and the beginnings of paths that hang.
        self.all_broken: tuple[int, str] | None = None
        self.is_a_page = False
        self.hangs_at: tuple[str, ...] = ()
        self.memory = Memory()
        self.library = Library()
        self.embed_calls: deque[EmbedCall] = deque(maxlen=10_000)
        #: Bodies of the calls of /api/chat.
        self.chat_calls: deque[dict[str, Any]] = deque(maxlen=10_000)
        self.chats_answered = 0
        #: Paths of the last requests.
        self.paths: deque[str] = deque(maxlen=100)
        self.texts_embedded = 0
        self.calls_canceled = 0
        self._one_at_a_time = asyncio.Lock()
        #: When the last call's computing ended, by its schedule (seconds of the loop's clock).
        self._free_at = 0.0
        self._reader = Reader()

    @property
    def loaded(self) -> set[str]:
        """Names of the models in memory."""
        return self.memory.names

    async def handle(self, request: HttpRequest) -> HttpAnswer:
        """Answer one request."""
        self.paths.append(request.path)
        if self.hangs_at and request.path.startswith(self.hangs_at):
            await asyncio.Event().wait()
        if self.is_a_page:
            return HttpAnswer(200, b"<!doctype html>", "text/html")
        try:
            if self.all_broken:
                raise OllamaError(*self.all_broken)
            return await self._route(request)
        except OllamaError as error:
            return HttpAnswer(error.status, orjson.dumps({"error": error.message}))

    async def _route(self, request: HttpRequest) -> HttpAnswer:
        if request.method == "POST":
            if request.path == "/api/embed":
                return await self._embed(_json(request))
            if request.path == "/api/chat":
                return await self._chat(_json(request))
            if request.path == "/api/show":
                return _ok(self._model(_json(request)).show())
            if request.path == "/api/generate":
                return _ok(self._generate(_json(request)))
            if request.path == "/api/pull":
                return self._pull(_json(request))
        elif request.path == "/":
            return HttpAnswer(200, b"Ollama is running", "text/plain; charset=utf-8")
        elif request.path == "/api/version":
            return _ok({"version": self.version})
        elif request.path == "/api/tags":
            detailed = tuple(int(number) for number in self.version.split(".")[:2]) >= _DETAILED_SINCE
            return _ok({"models": [model.tag(detailed=detailed) for model in self.models]})
        elif request.path == "/api/ps":
            date = email.utils.formatdate(self.memory.now(), usegmt=True)
            return _ok({"models": self.memory.running()}, Date=date)
        return HttpAnswer(404, b"404 page not found", "text/plain")

    def _pull(self, body: dict[str, Any]) -> HttpAnswer:
        name = str(body.get("model") or "")
        if not name or any(character.isspace() for character in name):
            raise OllamaError(400, "invalid model name")
        return HttpAnswer(200, b"", "application/x-ndjson", pieces=self.library.lines(name, self._have))

    def _have(self, model: FakeModel) -> None:
        self.models += (model,)

    def _generate(self, body: dict[str, Any]) -> dict[str, Any]:
        model = self._model(body)
        if body.get("prompt") or body.get("keep_alive") != 0:
            raise OllamaError(400, f'"{body.get("model")}" does not support generate')
        self.memory.unload(model)
        answer = {"model": body["model"], "created_at": "2026-11-22T12:00:00Z", "response": "", "done": True}
        return {**answer, "done_reason": "unload"}

    async def _chat(self, body: dict[str, Any]) -> HttpAnswer:
        model = self._model(body)
        self.chat_calls.append(body)
        if self.broken:
            raise OllamaError(*self.broken)
        seconds_of(body.get("keep_alive"))
        if not body.get("messages"):
            self.memory.put(model, body.get("keep_alive"))
            answer = ollama_chat.line(body["model"], {"role": "assistant", "content": ""}, done=True)
            return _ok({**answer, "done_reason": "load"})
        reply = ollama_chat.reply_to(model, body)
        if body.get("stream") is not False:
            return HttpAnswer(200, b"", "application/x-ndjson", pieces=self._stream(model, body, reply))
        async with self.memory.using(model, body.get("keep_alive")) as load_ns:
            took = await self._take((reply.tokens * self.ms_per_token + self.ms_per_call) / 1000.0)
        self.chats_answered += 1
        return _ok(ollama_chat.whole(body["model"], reply, took, load_ns))

    async def _stream(self, model: FakeModel, body: dict[str, Any], reply: ollama_chat.Reply) -> AsyncIterator[bytes]:
        said, name = body["messages"][-1].get("content", ""), body["model"]
        async with self.memory.using(model, body.get("keep_alive")) as load_ns:
            took = await self._take(self.ms_per_call / 1000.0)
            for number, message in enumerate(reply.messages()):
                if number == 2 and ollama_chat.CUT in said:
                    raise ConnectionAbortedError
                if number == 2 and ollama_chat.ERROR in said:
                    yield orjson.dumps({"error": "an error was encountered while running the model: EOF"}) + b"\n"
                    return
                took += await self._take(self.ms_per_token / 1000.0)
                yield orjson.dumps(ollama_chat.line(name, message)) + b"\n"
        self.chats_answered += 1
        end = ollama_chat.last_line(name, reply, took, load_ns, {"role": "assistant", "content": ""})
        yield orjson.dumps(end) + b"\n"

    async def _take(self, seconds: float) -> float:
        """Let time pass, and count a caller that does not wait for its end. Gives the seconds."""
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self.calls_canceled += 1
            raise
        return seconds

    async def _embed(self, body: dict[str, Any]) -> HttpAnswer:
        arrived = asyncio.get_running_loop().time()
        texts = texts_of(body.get("input"))
        model = self._model(body)
        self.embed_calls.append(EmbedCall(body, len(texts)))
        if self.broken:
            raise OllamaError(*self.broken)
        async with self.memory.using(model, body.get("keep_alive")) as load_ns:
            if not texts:
                return _ok({"model": body["model"], "embeddings": []})
            read, failure = self._reader.read(model, texts, truncate=body.get("truncate") is not False)
            # Made before the wait, so that making it is part of the time that computing takes.
            embeddings = orjson.dumps(model.vectors(read), option=orjson.OPT_SERIALIZE_NUMPY)
            took = await self._compute(len(read), arrived)
        if failure:
            raise failure
        self.texts_embedded += len(read)
        return HttpAnswer(200, embedded(body["model"], embeddings, took, load_ns, sum(map(count_tokens, read))))

    async def _compute(self, texts: int, arrived: float) -> float:
        """Take as long as the set speed says, after what is before us; late wake-ups do not add up. Gives seconds."""
        loop = asyncio.get_running_loop()
        try:
            async with self._one_at_a_time:
                end = max(arrived, self._free_at) + (self.ms_per_call + texts * self.ms_per_text) / 1000.0
                while (left := end - loop.time()) > 0:
                    await asyncio.sleep(left)
                self._free_at = end
        except asyncio.CancelledError:
            self.calls_canceled += 1
            self._free_at = loop.time()
            raise
        return end - arrived

    def _model(self, body: dict[str, Any]) -> FakeModel:
        name = body.get("model") or ""
        full = name if ":" in name else f"{name}:latest"
        for model in self.models:
            if model.name == full:
                return model
        raise OllamaError(404, f"model '{name}' not found")


def _json(request: HttpRequest) -> dict[str, Any]:
    if not request.body:
        raise OllamaError(400, "missing request body")
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise OllamaError(400, "invalid character looking for beginning of value") from None
    assert isinstance(body, dict)
    return body


def _ok(value: dict[str, Any], **headers: str) -> HttpAnswer:
    return HttpAnswer(200, orjson.dumps(value), headers=headers)


class OllamaThread:
    """The fake in a thread of this process, for tests that look into it."""

    def __init__(self, fake: FakeOllama) -> None:
        self.fake = fake
        self.port = 0
        self._server = HttpServer(fake.handle)
        self._loop = precise_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake-ollama")

    @property
    def url(self) -> str:
        """Where it listens, or did."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> OllamaThread:
        self._thread.start()
        self.come_back()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_away()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def go_away(self) -> None:
        """Stop listening and cut every connection, as a killed Ollama does."""
        self._call(self._server.close())

    def come_back(self) -> None:
        """Listen again, on the same port."""
        self.port = self._call(self._server.listen(self.port))

    def _call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)


@contextlib.contextmanager
def running_ollama(*models: FakeModel, **options: Any) -> Iterator[OllamaThread]:
    """Run a fake with these models (one embedding model when none are named) on a free port."""
    with OllamaThread(FakeOllama(models or (FakeModel(),), **options)) as thread:
        yield thread


async def _serve(fake: FakeOllama, host: str, port: int) -> None:
    server = HttpServer(fake.handle)
    print(await server.listen(port, host), flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Serve until killed."""
    arguments = read_arguments()
    model = FakeModel(arguments.model, dimensions=arguments.dimensions, context_length=arguments.num_ctx)
    chat = (chat_model(arguments.chat_model, "tools"),) if arguments.chat_model else ()
    fake = FakeOllama((model, *chat), version=arguments.ollama_version)
    fake.ms_per_text, fake.ms_per_call = arguments.ms_per_text, arguments.ms_per_call
    fake.ms_per_token = arguments.ms_per_token
    fake.memory.load_seconds = arguments.ms_to_load / 1000.0
    fake.memory.card_share = 0.0 if arguments.on_processor else 1.0
    fake.library.line_seconds = arguments.ms_per_pull_line / 1000.0
    fake.hangs_at = ("/",) if arguments.hang else ()
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=precise_loop) as runner:
        runner.run(_serve(fake, arguments.host, arguments.port))


if __name__ == "__main__":
    main()

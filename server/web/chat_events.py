"""A chat's answer as server-sent events, while it is being written."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson
from flask import Response

from server.domain.chat_answer import DONE, Chunks, comment, event, one_call
from server.domain.chat_request import ChatRequest
from server.domain.errors import InternalError, PoolError
from server.domain.patience import Patience
from server.services import chat_calls
from server.services.assembling import Output
from server.services.known_keys import Client
from server.services.pool import Pool
from server.services.reading import SIGN_EVERY, Reading, Sign
from server.services.waiting import Chunk, Gone
from server.web.describing import EVENT_STREAM
from server.web.errors import SURPRISE, shaped
from server.web.header_text import in_header

log = logging.getLogger(__name__)


def stream(pool: Pool, client: Client, wanted: ChatRequest, waits: Patience, gone: Gone) -> Response:
    """Submit a chat and answer with it while it is written; a client that hangs up cancels it."""
    collection = chat_calls.begin(pool, client, wanted, waits, is_retry=False)
    # A client that gives up sooner has to hear from the server sooner.
    sign_every = min(SIGN_EVERY, waits.seconds) if waits.sdk else SIGN_EVERY
    reading = Reading(pool, client, collection, gone, sign_every)
    chunks = Chunks(chat_calls.heading_of(pool, wanted, collection.waiter.job_id), wanted.include_usage)
    response = Response(ChatEvents(reading, chunks, wanted.tokens, wanted.one_call), mimetype=EVENT_STREAM)
    response.headers.extend(headers(pool, wanted))
    # Neither a cache nor a proxy may hold back what was written.
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def headers(pool: Pool, wanted: ChatRequest) -> list[tuple[str, str]]:
    """Return the headers that say what answers a chat, and what of it means nothing here."""
    said = [("openai-version", "2020-10-01")]
    model = pool.catalogue.find(wanted.model, "chat")
    if model is not None:
        said.append(("x-embedpool-model-digest", in_header(f"{model.model}@{model.digest}")))
    if wanted.ignored:
        said.append(("x-embedpool-ignored", ", ".join(wanted.ignored)))
    return said


def refused(error: PoolError) -> Response:
    """Answer who reads events with the reason why there are none."""
    return Response(_failure(error), error.status, mimetype=EVENT_STREAM)


@dataclass(slots=True)
class ChatEvents:
    """The body of a streamed answer: iterated over by the web server, which closes it in the end.

    Each event goes out as soon as it is given. The status was sent before the first one, so what fails is an event too:
    without one, clients take a stream that breaks off for a whole answer.
    """

    reading: Reading
    chunks: Chunks
    #: What usage says of the prompt for an engine that does not count.
    prompt_tokens: int
    #: The client wants one tool call at a time.
    one_call: bool = False
    _begun: bool = field(default=False, init=False)
    #: What was sent of the text and of the thoughts: when the whole answer comes, only the rest has to be.
    _text: str = field(default="", init=False)
    _thoughts: str = field(default="", init=False)

    def __iter__(self) -> Iterator[bytes]:
        """Give the events."""
        try:
            for piece in self.reading:
                if isinstance(piece, Sign):
                    yield comment("ping" if piece.position is None else f"queued position={piece.position}")
                elif isinstance(piece, Chunk):
                    yield from self._write(piece.content, piece.thinking)
                else:
                    yield from self._end(piece)
        except PoolError as error:
            yield _failure(error)
        except Exception:
            log.exception("a stream broke off")
            yield _failure(InternalError(SURPRISE))

    def close(self) -> None:
        """Let the client go."""
        self.reading.close()

    def _write(self, content: str, thinking: str) -> Iterator[bytes]:
        if not self._begun:
            self._begun = True
            yield self.chunks.role()
        if thinking:
            self._thoughts += thinking
            yield self.chunks.reasoning(thinking)
        if content:
            self._text += content
            yield self.chunks.content(content)

    def _end(self, answer: Output) -> Iterator[bytes]:
        output = one_call(orjson.loads(answer.body)) if self.one_call else orjson.loads(answer.body)
        message = output["message"]
        yield from self._write(
            _rest(message["content"], self._text), _rest(message.get("thinking", ""), self._thoughts)
        )
        if message.get("tool_calls"):
            yield self.chunks.tool_calls(output)
        yield self.chunks.finish(output)
        if self.chunks.include_usage:
            yield self.chunks.usage(output, self.prompt_tokens)
        yield DONE


def _rest(whole: str, sent: str) -> str:
    """Return what is still to be sent; nothing where an agent's answer is not what it told while it wrote it."""
    return whole[len(sent) :] if whole.startswith(sent) else ""


def _failure(error: PoolError) -> bytes:
    """Write an error as OpenAI's streams have it."""
    _, body = shaped(error, "/v1")
    return event(body)

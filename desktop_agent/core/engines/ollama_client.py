"""Speaking HTTP with the Ollama of this PC: the only place that knows `httpx` for it."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import orjson

from .. import messages
from ..errors import EngineError, EngineFailed, EngineTimeout, EngineUnavailable
from ..http.lean_transport import AnswerTooLarge, LeanTransport, read_at_most

#: Seconds to connect. It is this PC: it answers at once or not at all.
CONNECT_SECONDS = 3.0
#: Seconds for a question about what is there.
LOOK_SECONDS = 10.0
#: Seconds for one call that computes; loading a model from a slow disk is part of it.
COMPUTE_SECONDS = 600.0
#: A Date header tells whole seconds and was written a moment ago: a smaller difference between clocks is none.
CLOCK_TOLERANCE_SECONDS = 2.0
#: Largest answer that is read, in bytes: 32 vectors, or a list of thousands of models, have less.
MAX_ANSWER_BYTES = 64 * 1024 * 1024
#: Longest line of an answer that comes line by line: a token, or all calls of tools at once.
MAX_LINE_BYTES = 4 * 1024 * 1024

_HEADERS = httpx.Headers(
    {"Content-Type": "application/json", "User-Agent": "embedpool-agent", "Accept-Encoding": "identity"}
)


class OllamaRefused(EngineError):
    """Ollama answered an error; what it means depends on the call. Never leaves the engine."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(messages.engine.ollama_refused(status))
        self.status = status
        #: Ollama's own words. They may quote a text, so they go into no log.
        self.error = error


class OllamaClient:
    """A keep-alive connection to one Ollama."""

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.url = url.rstrip("/") if "://" in url else f"http://{url.rstrip('/')}"
        # A proxy of the environment must never see what goes to this PC's own engine.
        self._http = httpx.AsyncClient(trust_env=False, transport=transport or LeanTransport())

    async def get(self, path: str) -> dict[str, Any]:
        """Ask for the JSON object at the path."""
        return (await self._request("GET", path, None, LOOK_SECONDS))[0]

    async def get_with_clock(self, path: str, read_seconds: float) -> tuple[dict[str, Any], float]:
        """Ask for the JSON object at the path; give it, and the seconds by which Ollama's clock is ahead of ours."""
        answer, headers = await self._request("GET", path, None, read_seconds)
        return answer, _clock_ahead(headers.get("Date", ""), time.time())

    async def post(self, path: str, body: dict[str, Any], read_seconds: float = LOOK_SECONDS) -> dict[str, Any]:
        """Send the object, give the answered one.

        Raises:
            OllamaRefused: it answered an error.
            EngineUnavailable: nothing answers, or the connection broke.
            EngineTimeout: no answer in time.
            EngineFailed: the answer is not JSON.
        """
        return (await self._request("POST", path, orjson.dumps(body), read_seconds))[0]

    @asynccontextmanager
    async def stream(
        self, path: str, body: dict[str, Any], read_seconds: float = COMPUTE_SECONDS
    ) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """Send the object; give the answered ones as they come, one on each line. Leaving it closes the connection.

        Raises as `post` does, an error on a line of its own included, which Ollama calls no status.
        """
        with _translated(self.url):
            response = await self._send("POST", path, orjson.dumps(body), read_seconds)
            try:
                if response.status_code >= 400:
                    raise _refused(response.status_code, _object(await read_at_most(response, MAX_ANSWER_BYTES)))
                async with aclosing(_objects(response)) as objects:
                    yield objects
            finally:
                await response.aclose()

    async def close(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def _request(
        self, method: str, path: str, body: bytes | None, read_seconds: float
    ) -> tuple[dict[str, Any], httpx.Headers]:
        with _translated(self.url):
            response = await self._send(method, path, body, read_seconds)
            try:
                content = await read_at_most(response, MAX_ANSWER_BYTES)
            finally:
                await response.aclose()
        answer = _object(content)
        if response.status_code >= 400:
            raise _refused(response.status_code, answer)
        if answer is None:
            raise EngineFailed(messages.engine.ollama_odd("no JSON object"))
        return answer, response.headers

    async def _send(self, method: str, path: str, body: bytes | None, read_seconds: float) -> httpx.Response:
        """Send a request; give the answer as soon as its head is there."""
        timeout = httpx.Timeout(read_seconds, connect=CONNECT_SECONDS).as_dict()
        # Built by hand: the client's own way of building takes longer than sending.
        request = httpx.Request(
            method, self.url + path, headers=_HEADERS, content=body, extensions={"timeout": timeout}
        )
        return await self._http.send(request, stream=True)


async def _objects(response: httpx.Response) -> AsyncGenerator[dict[str, Any]]:
    """Give the objects of an answer's lines; raises OllamaRefused for a line that is an error."""
    rest = b""
    async for piece in response.aiter_raw():
        *lines, rest = (rest + piece).split(b"\n")
        if len(rest) > MAX_LINE_BYTES:
            raise EngineFailed(messages.engine.ollama_odd("a line without end"))
        for line in filter(None, lines):
            yield _line(line)
    if rest:
        yield _line(rest)


def _line(line: bytes) -> dict[str, Any]:
    value = _object(line)
    if value is None:
        raise EngineFailed(messages.engine.ollama_odd("no JSON object"))
    if "error" in value:
        raise _refused(500, value)
    return value


def _clock_ahead(date: str, now: float) -> float:
    """Give the seconds by which a Date header is ahead of `now`; 0 where it says nothing more exact than our clock."""
    try:
        ahead = parsedate_to_datetime(date).timestamp() - now
    except ValueError:
        return 0.0
    return ahead if abs(ahead) > CLOCK_TOLERANCE_SECONDS else 0.0


def _refused(status: int, answer: dict[str, Any] | None) -> OllamaRefused:
    error = answer.get("error") if answer else None
    return OllamaRefused(status, error if isinstance(error, str) else "")


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


@contextmanager
def _translated(url: str) -> Iterator[None]:
    try:
        yield
    except AnswerTooLarge as error:
        raise EngineFailed(messages.engine.ollama_odd(str(error))) from error
    except httpx.ConnectTimeout as error:
        raise EngineUnavailable(messages.engine.ollama_not_running(url)) from error
    except httpx.TimeoutException as error:
        raise EngineTimeout(messages.engine.TOO_SLOW) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise EngineUnavailable(messages.engine.ollama_not_running(url)) from error

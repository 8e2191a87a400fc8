"""Speaking HTTP with the Ollama of this PC: the only place that knows `httpx` for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import orjson

from .. import messages
from ..errors import EngineError, EngineFailed, EngineTimeout, EngineUnavailable
from ..lean_transport import AnswerTooLarge, LeanTransport, read_at_most

#: Seconds to connect. It is this PC: it answers at once or not at all.
CONNECT_SECONDS = 3.0
#: Seconds for a question about what is there.
LOOK_SECONDS = 10.0
#: Seconds for one call that computes; loading a model from a slow disk is part of it.
COMPUTE_SECONDS = 600.0
#: Largest answer that is read, in bytes: 32 vectors, or a list of thousands of models, have less.
MAX_ANSWER_BYTES = 64 * 1024 * 1024

_HEADERS = httpx.Headers(
    {"Content-Type": "application/json", "User-Agent": "embedpool-agent", "Accept-Encoding": "identity"}
)


class OllamaRefused(EngineError):
    """Ollama answered an error; what it means depends on the call. Never leaves the engine."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(messages.ollama_refused(status))
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
        return await self._request("GET", path, None, LOOK_SECONDS)

    async def post(self, path: str, body: dict[str, Any], read_seconds: float = LOOK_SECONDS) -> dict[str, Any]:
        """Send the object, give the answered one.

        Raises:
            OllamaRefused: it answered an error.
            EngineUnavailable: nothing answers, or the connection broke.
            EngineTimeout: no answer in time.
            EngineFailed: the answer is not JSON.
        """
        return await self._request("POST", path, orjson.dumps(body), read_seconds)

    async def close(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def _request(self, method: str, path: str, body: bytes | None, read_seconds: float) -> dict[str, Any]:
        timeout = httpx.Timeout(read_seconds, connect=CONNECT_SECONDS).as_dict()
        with _translated(self.url):
            # Built by hand: the client's own way of building takes longer than sending.
            request = httpx.Request(
                method, self.url + path, headers=_HEADERS, content=body, extensions={"timeout": timeout}
            )
            response = await self._http.send(request, stream=True)
            try:
                content = await read_at_most(response, MAX_ANSWER_BYTES)
            finally:
                await response.aclose()
        answer = _object(content)
        if response.status_code >= 400:
            error = answer.get("error") if answer else None
            raise OllamaRefused(response.status_code, error if isinstance(error, str) else "")
        if answer is None:
            raise EngineFailed(messages.ollama_odd("no JSON object"))
        return answer


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
        raise EngineFailed(messages.ollama_odd(str(error))) from error
    except httpx.ConnectTimeout as error:
        raise EngineUnavailable(messages.ollama_not_running(url)) from error
    except httpx.TimeoutException as error:
        raise EngineTimeout(messages.TOO_SLOW) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise EngineUnavailable(messages.ollama_not_running(url)) from error

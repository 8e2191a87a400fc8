"""Speaking with the pool's server: the only place that knows `httpx` for it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
import orjson
import truststore

from .. import messages
from ..errors import KeyRefused, RequestRefused, ServerAnswerOdd, ServerBusy, ServerUnreachable
from ..http.lean_transport import AnswerTooLarge, LeanTransport, read_at_most
from ..state import PoolStatus
from . import links
from .clock_check import untrusted
from .wire import PoolPreview, Registered, Turn, TurnAnswer, Update
from .wire_answers import (
    OddAnswer,
    read_leases,
    read_preview,
    read_registered,
    read_standing,
    read_token,
    read_turn,
    read_version,
)

#: Largest answer that is read, in bytes.
MAX_ANSWER_BYTES = 64 * 1024 * 1024
#: Seconds for a connection, for sending (8 MiB of vectors over a slow line), and for an answer beyond the time that the
#: server was asked to wait.
CONNECT_SECONDS = 10.0
SEND_SECONDS = 60.0
ANSWER_SECONDS = 15.0
#: Seconds to stay away when a busy server does not say how long.
DEFAULT_RETRY_SECONDS = 5.0

_HEADERS = {"User-Agent": "embedpool-agent", "Accept-Encoding": "identity", "Content-Type": "application/json"}

T = TypeVar("T")


class ServerApi:
    """One pool's server, as one agent sees it. The token lives only here, in memory."""

    def __init__(
        self, server: str, *, allow_insecure: bool = False, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """Raise InsecureServer for plain http to another machine, unless its user insists."""
        links.require_encryption(server, allow_insecure=allow_insecure)
        self.server = server
        self.host = links.host_of(server)
        self._agent_id = self._key = ""
        self._authorization: str | None = None
        self._authenticating = asyncio.Lock()
        #: What the server's clock said in its last answer, and ours then (seconds since 1970).
        self._dated: tuple[str, float] | None = None
        self._http = _client(server) if transport is None else httpx.AsyncClient(transport=transport)

    async def __aenter__(self) -> ServerApi:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections; what still waits for an answer ends."""
        await self._http.aclose()

    def sign_in_as(self, agent_id: str, key: str) -> None:
        """Say who we are; the token is fetched with the first request that needs one."""
        self._agent_id, self._key, self._authorization = agent_id, key, None

    async def preview(self, code: str) -> PoolPreview:
        """Ask which pool an invite is for, without using it; raises RequestRefused when nobody can join with it."""
        return self._read(read_preview, await self._send("POST", "/agent/invite", {"code": code}))

    async def agent_version(self) -> str:
        """Ask which version of the agent goes with the server; it may be anything that is a text."""
        return self._read(read_version, await self._send("GET", "/agent/version", {}))

    async def register(self, code: str, info: dict[str, Any]) -> Registered:
        """Use up an invite; raises RequestRefused when the server does not take it."""
        answer = await self._send("POST", "/agent/register", {"apiKey": code, **info})
        return self._read(read_registered, answer)

    async def turn(self, turn: Turn) -> TurnAnswer:
        """Deliver results and ask for work; waits as long as the turn says."""
        answer = await self._signed("POST", "/private/agent/turn", turn.body(), turn.wait_seconds)
        return self._read(lambda value: read_turn(value, turn.max_tasks), answer)

    async def heartbeat(self, leases: tuple[str, ...], state: dict[str, Any]) -> dict[str, str]:
        """Renew the leases; give for each `held` or `lost`."""
        body = {"leases": leases, "state": state}
        return self._read(read_leases, await self._signed("POST", "/private/agent/heartbeat", body))

    async def progress(self, updates: Sequence[Update]) -> dict[str, str]:
        """Tell what came of chats, which renews their leases; give for each `held` or `lost`."""
        body = {"updates": [update.body() for update in updates]}
        return self._read(read_leases, await self._signed("POST", "/private/agent/progress", body))

    async def release(self, leases: tuple[str, ...], reason: str) -> dict[str, str]:
        """Give the leases back; give for each `released` or `lost`."""
        body = {"leases": leases, "reason": reason}
        return self._read(read_leases, await self._signed("POST", "/private/agent/release", body))

    async def update_info(self, info: dict[str, Any]) -> None:
        """Replace what the server knows about this PC and its models."""
        await self._signed("POST", "/private/agent/info/update", info)

    async def ping(self) -> None:
        """Ask whether the server knows us; raises KeyRefused when it does not."""
        await self._signed("GET", "/private/agent/ping", {})

    async def pool_status(self) -> PoolStatus:
        """Ask how the pool stands, and what we did for it."""
        return self._read(read_standing, await self._signed("GET", "/private/agent/pool", {}))

    @property
    def clock_skew(self) -> float | None:
        """Give by how many seconds the server's clock is ahead of ours, by its last answer; None without one."""
        if self._dated is None:
            return None
        told, at = self._dated
        try:
            return parsedate_to_datetime(told).timestamp() - at
        except ValueError:
            return None

    async def leave(self) -> None:
        """Have the server release everything and delete our key."""
        await self._signed("POST", "/private/agent/leave", {})

    async def _signed(self, method: str, path: str, body: dict[str, Any], wait_seconds: float = 0.0) -> Any:
        """Send with our token; fetch a new one once when the server does not take it."""
        authorization = self._authorization or await self._authenticate(None)
        try:
            return await self._send(method, path, body, wait_seconds, authorization)
        except RequestRefused as refusal:
            if refusal.status not in (401, 403):
                raise
        authorization = await self._authenticate(authorization)
        try:
            return await self._send(method, path, body, wait_seconds, authorization)
        except RequestRefused as refusal:
            if refusal.status not in (401, 403):
                raise
            raise KeyRefused(messages.server.key_refused(refusal.message.rstrip("."))) from refusal

    async def _authenticate(self, refused: str | None) -> str:
        """Give a token that is not the refused one; many requests that are refused at once fetch one together."""
        async with self._authenticating:
            if self._authorization is None or self._authorization == refused:
                try:
                    body = {"agentId": self._agent_id, "key": self._key}
                    answer = await self._send("POST", "/agent/auth", body)
                except RequestRefused as refusal:
                    if refusal.status not in (401, 403):
                        raise
                    raise KeyRefused(messages.server.key_refused(refusal.message.rstrip("."))) from refusal
                self._authorization = f"Bearer {self._read(read_token, answer)}"
            return self._authorization

    async def _send(
        self, method: str, path: str, body: dict[str, Any], wait_seconds: float = 0.0, authorization: str | None = None
    ) -> Any:
        headers = {**_HEADERS, "Authorization": authorization} if authorization else _HEADERS
        patience = wait_seconds + ANSWER_SECONDS
        timeout = httpx.Timeout(patience, connect=CONNECT_SECONDS, write=SEND_SECONDS).as_dict()
        with self._translated():
            # The timeout of httpx is per read; the outer one stops a server that drips.
            async with asyncio.timeout(CONNECT_SECONDS + SEND_SECONDS + 2 * patience):
                # Built by hand: the client's own way of building takes longer than sending.
                request = httpx.Request(
                    method,
                    self.server + path,
                    content=b"" if method == "GET" else orjson.dumps(body),
                    headers=headers,
                    extensions={"timeout": timeout},
                )
                response = await self._http.send(request, stream=True, follow_redirects=False)
                if told := response.headers.get("Date"):
                    self._dated = told, time.time()
                try:
                    content = await self._content(response)
                finally:
                    await response.aclose()
        return self._judged(response, content)

    async def _content(self, response: httpx.Response) -> bytes:
        """Read an answer, but never more than the limit, and nothing packed (it could unpack to anything)."""
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise ServerAnswerOdd(messages.server.odd_answer(self.host, "a packed answer"))
        return await read_at_most(response, MAX_ANSWER_BYTES)

    def _judged(self, response: httpx.Response, content: bytes) -> Any:
        """Give the JSON of a good answer; raise what a bad one means."""
        status = response.status_code
        if status in (429, 503):
            raise ServerBusy(messages.server.busy(self.host), _retry_after(response))
        if 300 <= status < 400:
            raise ServerAnswerOdd(messages.server.redirected(self.host))
        if status >= 500:
            raise ServerBusy(messages.server.server_failed(self.host, status), 0.0)
        if status >= 400:
            raise RequestRefused(_error_message(content) or f"HTTP {status}", status)
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError:
            raise ServerAnswerOdd(messages.server.odd_answer(self.host, "no JSON")) from None

    def _read(self, reader: Callable[[Any], T], answer: Any) -> T:
        try:
            return reader(answer)
        except OddAnswer as error:
            raise ServerAnswerOdd(messages.server.odd_answer(self.host, str(error))) from error

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except AnswerTooLarge as error:
            raise ServerAnswerOdd(messages.server.odd_answer(self.host, str(error))) from error
        except (httpx.TimeoutException, TimeoutError) as error:
            raise ServerUnreachable(messages.server.unreachable(self.host, messages.server.TOO_LATE)) from error
        except httpx.ConnectError as error:
            if isinstance(_root_cause(error), ssl.SSLError):
                raise ServerUnreachable(untrusted(self.host, str(error), time.time())) from error
            raise ServerUnreachable(messages.server.unreachable(self.host, messages.server.NOTHING_ANSWERS)) from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise ServerUnreachable(messages.server.unreachable(self.host, messages.server.BROKE_OFF)) from error


def _client(server: str) -> httpx.AsyncClient:
    """Make a client that trusts whom the system trusts, and goes through the system's proxy where there is one."""
    tls = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    address = urlsplit(server)
    # The proxy is for the outside world; a server on this PC is not behind it.
    direct = links.is_loopback(server) or proxy_bypass(address.hostname or "") or address.scheme not in getproxies()
    return httpx.AsyncClient(transport=LeanTransport(tls)) if direct else httpx.AsyncClient(verify=tls)


def _root_cause(error: BaseException) -> BaseException:
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error


def _error_message(content: bytes) -> str:
    """Give the server's words about an error, if it sent any; only so much, in case it is hostile."""
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return ""
    error = value.get("error") if isinstance(value, dict) else None
    message = error.get("message") if isinstance(error, dict) else error
    printable = "".join(c for c in message if c.isprintable()) if isinstance(message, str) else ""
    return printable[:300]


def _retry_after(response: httpx.Response) -> float:
    try:
        return min(600.0, max(0.0, float(response.headers.get("Retry-After", ""))))
    except ValueError:
        return DEFAULT_RETRY_SECONDS

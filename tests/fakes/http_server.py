"""A very small HTTP/1.1 keep-alive server: light enough to stand beside what a benchmark measures."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 500: "Internal Server Error"}


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request with its whole body."""

    method: str
    path: str
    body: bytes
    #: By lower-case name.
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What to answer; `drop` closes the connection instead.

    With `pieces` the body comes in chunks, as they are made; a ConnectionAbortedError of theirs cuts the connection.
    """

    status: int
    body: bytes
    content_type: str = "application/json; charset=utf-8"
    drop: bool = False
    pieces: AsyncIterator[bytes] | None = None
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[HttpRequest], Awaitable[HttpAnswer]]


@dataclass(slots=True)
class HttpServer:
    """Listens on loopback; a client that hangs up cancels the handling of its request."""

    handler: Handler
    connections: set[Connection] = field(default_factory=set, repr=False)
    _server: asyncio.Server | None = None

    async def listen(self, port: int, host: str = "127.0.0.1") -> int:
        """Accept connections; give the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), host, port)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def close(self) -> None:
        """Go away: refuse new connections and cut the old ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for connection in list(self.connections):
            connection.cut()
        # The transports say that they are closed in the loop's next rounds.
        while self.connections:
            await asyncio.sleep(0)


class Connection(asyncio.Protocol):
    """One client's connection: requests are handled one after the other."""

    def __init__(self, server: HttpServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._handling: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.discard(self)
        if self._handling is not None:
            self._handling.cancel()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._begin()

    def cut(self) -> None:
        """Close without a word."""
        if self._transport is not None:
            self._transport.abort()

    def _begin(self) -> None:
        if self._handling is None and (request := self._next_request()) is not None:
            self._handling = asyncio.ensure_future(self._handle(request))

    def _next_request(self) -> HttpRequest | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        first, *lines = self._buffer[:end].decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        whole = end + 4 + int(headers.get("content-length", 0))
        if len(self._buffer) < whole:
            return None
        method, path, _ = first.split(" ")
        request = HttpRequest(method, path, bytes(self._buffer[end + 4 : whole]), headers)
        del self._buffer[:whole]
        return request

    async def _handle(self, request: HttpRequest) -> None:
        answer = await self._server.handler(request)
        if answer.drop:
            self.cut()
            return
        length = "Transfer-Encoding: chunked" if answer.pieces else f"Content-Length: {len(answer.body)}"
        more = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
        head = (
            f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Error')}\r\n"
            f"Content-Type: {answer.content_type}\r\n{more}{length}\r\n\r\n"
        ).encode()
        if answer.pieces:
            await self._write_pieces(head, answer.pieces)
        else:
            self._write(head + (b"" if request.method == "HEAD" else answer.body))
        self._handling = None
        self._begin()

    async def _write_pieces(self, head: bytes, pieces: AsyncIterator[bytes]) -> None:
        self._write(head)
        try:
            async for piece in pieces:
                self._write(b"%x\r\n%b\r\n" % (len(piece), piece))
        except ConnectionAbortedError:
            self.cut()
        else:
            self._write(b"0\r\n\r\n")

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


def precise_loop() -> asyncio.AbstractEventLoop:
    """Make an event loop that wakes to the microsecond; epoll's sleeps are whole milliseconds."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())

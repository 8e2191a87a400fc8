"""One HTTP/1.1 connection of the lean transport: a request in one write, its answer read piece by piece with h11."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import h11
import httpx

#: Unread bytes of an answer above which the other side is kept waiting.
MAX_UNREAD_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one request may take, in seconds; None means for ever."""

    connect_seconds: float | None
    #: Until most of the request has left this PC.
    send_seconds: float | None
    #: Between two pieces of the answer.
    read_seconds: float | None

    @classmethod
    def of(cls, request: httpx.Request) -> Patience:
        """Read what the request says in httpx's form."""
        seconds = request.extensions.get("timeout", {})
        return cls(seconds.get("connect"), seconds.get("write"), seconds.get("read"))


class HungUp(httpx.RemoteProtocolError):
    """The other side hung up without a byte of an answer: on a kept connection it had probably closed before."""


class LeanConnection(asyncio.Protocol):
    """A connection, and where its conversation stands. It carries one request after the other."""

    def __init__(self) -> None:
        self._http = h11.Connection(h11.CLIENT)
        self._transport: asyncio.Transport | None = None
        self._read_seconds: float | None = None
        self._unread = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._is_busy = False
        self._is_full = False
        self._has_ended = False
        self._error: Exception | None = None
        #: When the last answer was over (seconds since 1970: this clock goes on while the PC sleeps).
        self.idle_since = 0.0

    async def exchange(self, request: httpx.Request, content: bytes, patience: Patience) -> h11.Response:
        """Send a request; wait for the head of its answer.

        Raises:
            HungUp: there was not a byte of an answer.
            TimeoutError, OSError, h11.ProtocolError: it took too long, the connection broke, it was no HTTP.
        """
        self._is_busy = True
        self._read_seconds = patience.read_seconds
        head = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
        parts = [self._http.send(head), self._http.send(h11.Data(data=content)), self._http.send(h11.EndOfMessage())]
        self._write(b"".join(part for part in parts if part))
        # A server that refuses a large request answers, and hangs up, before it has read all of it.
        while self._is_full and not (self._unread or self._has_ended):
            await self._change(patience.send_seconds)
        if not (self._unread or self._has_ended):
            await self._change(patience.read_seconds)
        if not self._unread:
            raise HungUp("the other side hung up") from self._error
        return await self._head()

    async def _head(self) -> h11.Response:
        while not isinstance(event := await self.next_event(), h11.Response):
            if not isinstance(event, h11.InformationalResponse):
                raise httpx.RemoteProtocolError("no answer")
        return event

    async def next_event(self) -> h11.Event | type[h11.PAUSED]:
        """Give the next piece of the answer; raises as `exchange` does."""
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._piece())
        assert event is not h11.NEED_DATA  # noqa: S101  (the loop's condition)
        return event  # type: ignore[return-value]

    def finish(self) -> bool:
        """Make ready for the next request; tells whether one may follow."""
        done = self._http.our_state is h11.DONE and self._http.their_state is h11.DONE
        if not done or self._http.trailing_data[0] or not self.is_open or self._is_sending:
            return False
        self._http.start_next_cycle()
        self._is_busy = False
        self.idle_since = time.time()
        return True

    @property
    def is_open(self) -> bool:
        """Whether the other side neither hung up, nor spoke without being asked."""
        return self._transport is not None and not (self._has_ended or self._unread or self._transport.is_closing())

    @property
    def _is_sending(self) -> bool:
        return self._transport is not None and self._transport.get_write_buffer_size() > 0

    def close(self) -> None:
        """Hang up at once."""
        if self._transport is not None:
            self._transport.abort()

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    async def _piece(self) -> bytes:
        """Give what came of the answer, empty at its end. What came before the connection broke is read first."""
        if not (self._unread or self._has_ended):
            await self._change(self._read_seconds)
        if not self._unread and self._error is not None:
            raise self._error
        piece = bytes(self._unread)
        self._unread.clear()
        if self._transport is not None:
            self._transport.resume_reading()
        return piece

    async def _change(self, seconds: float | None) -> None:
        """Wait until anything happens on the connection; raises TimeoutError."""
        self._waiter = asyncio.get_running_loop().create_future()
        async with asyncio.timeout(seconds):
            await self._waiter

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop: the connection stands."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  (what create_connection makes)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Called by the loop: bytes came."""
        self._unread += data
        if not self._is_busy:
            # Such as “408 Request Timeout” before a hang-up: it must not be taken for the answer to the next request.
            self.close()
        elif len(self._unread) > MAX_UNREAD_BYTES and self._transport is not None:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Called by the loop: nothing more will come. The loop then closes the connection."""
        self._has_ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop: the connection is closed, or broke."""
        self._has_ended = True
        self._error = exc
        self._is_full = False
        self._wake()

    def pause_writing(self) -> None:
        """Called by the loop: much of the request is still on this PC."""
        self._is_full = True

    def resume_writing(self) -> None:
        """Called by the loop: most of the request has left."""
        self._is_full = False
        self._wake()

"""A transport for httpx that does little: one write per request, one wake-up per answer.

The general one costs about a millisecond of processor time for each request, and several requests lie on the way of one
short text. This one speaks HTTP/1.1 over asyncio's streams; h11 reads the answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Iterator

import h11
import httpx

#: Most bytes that one read takes off a connection.
READ_BYTES = 1024 * 1024
#: Seconds after which the next address of a name is tried beside the one that does not answer.
NEXT_ADDRESS_SECONDS = 0.25

_Origin = tuple[str, str, int]


class LeanTransport(httpx.AsyncBaseTransport):
    """Keeps connections alive; opens as many as there are requests at once."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._idle: dict[_Origin, list[_Connection]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; give the answer as soon as its head is there. Raises httpx's exceptions."""
        timeouts = request.extensions.get("timeout", {})
        connection = await self._connection(_origin(request.url), timeouts.get("connect"))
        try:
            with _translated(request):
                head = await connection.exchange(request, await request.aread(), timeouts.get("read"))
        except BaseException:
            connection.close()
            raise
        return httpx.Response(head.status_code, headers=list(head.headers.raw_items()), stream=_Body(self, connection))

    async def aclose(self) -> None:
        """Close the connections that nobody uses; those in use close with their answers."""
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()

    def keep(self, connection: _Connection) -> None:
        """Take a connection back whose answer was read to its end."""
        if connection.is_reusable():
            self._idle.setdefault(connection.origin, []).append(connection)
        else:
            connection.close()

    async def _connection(self, origin: _Origin, timeout_seconds: float | None) -> _Connection:
        idle = self._idle.get(origin, [])
        while idle:
            connection = idle.pop()
            if connection.is_open():
                return connection
            connection.close()
        return await self._open(origin, timeout_seconds)

    async def _open(self, origin: _Origin, timeout_seconds: float | None) -> _Connection:
        scheme, host, port = origin
        tls = (self._tls or ssl.create_default_context()) if scheme == "https" else None
        try:
            async with asyncio.timeout(timeout_seconds):
                reader, writer = await asyncio.open_connection(
                    host, port, limit=READ_BYTES, ssl=tls, happy_eyeballs_delay=NEXT_ADDRESS_SECONDS
                )
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection in time") from error
        except (OSError, ssl.SSLError, UnicodeError) as error:
            raise httpx.ConnectError(str(error)) from error
        return _Connection(origin, reader, writer)


class _Connection:
    """One connection, and where its conversation stands."""

    def __init__(self, origin: _Origin, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.origin = origin
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.CLIENT)
        self._read_seconds: float | None = None

    async def exchange(self, request: httpx.Request, content: bytes, read_seconds: float | None) -> h11.Response:
        """Send a request in one write; wait for the head of its answer."""
        self._read_seconds = read_seconds
        head = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
        parts = [self._http.send(head), self._http.send(h11.Data(data=content)), self._http.send(h11.EndOfMessage())]
        self._writer.write(b"".join(part for part in parts if part))
        await self._writer.drain()
        while True:
            event = await self.next_event()
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse):
                raise httpx.RemoteProtocolError("no answer")

    async def next_event(self) -> h11.Event | type[h11.PAUSED]:
        """Give the next piece of the answer."""
        while (event := self._http.next_event()) is h11.NEED_DATA:
            async with asyncio.timeout(self._read_seconds):
                self._http.receive_data(await self._reader.read(READ_BYTES))
        assert event is not h11.NEED_DATA  # noqa: S101  (the loop's condition)
        return event  # type: ignore[return-value]

    def is_open(self) -> bool:
        """Tell whether the other side has not hung up while nobody listened."""
        return not self._reader.at_eof() and not self._writer.is_closing()

    def is_reusable(self) -> bool:
        """Tell whether another request may follow."""
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        return self.is_open()

    def close(self) -> None:
        """Hang up at once."""
        self._writer.transport.abort()


class _Body(httpx.AsyncByteStream):
    """The rest of an answer."""

    def __init__(self, transport: LeanTransport, connection: _Connection) -> None:
        self._transport = transport
        self._connection: _Connection | None = connection

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self._connection is not None:
            with _translated(None):
                event = await self._connection.next_event()
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            else:
                connection, self._connection = self._connection, None
                self._transport.keep(connection)

    async def aclose(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _origin(url: httpx.URL) -> _Origin:
    return url.scheme, url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80)


@contextlib.contextmanager
def _translated(request: httpx.Request | None) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise httpx.ReadTimeout("no answer in time", request=request) from error
    except (h11.RemoteProtocolError, h11.LocalProtocolError) as error:
        raise httpx.RemoteProtocolError(str(error), request=request) from error
    except (OSError, ssl.SSLError) as error:
        raise httpx.ReadError(str(error), request=request) from error

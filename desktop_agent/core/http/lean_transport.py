"""A transport for httpx that does little: one write per request, one wake-up per answer.

The general one costs about a millisecond of processor time for each request, and several requests lie on the way of one
short text. This one speaks HTTP/1.1 straight over the event loop's sockets, and keeps connections for the next request.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
import time
from collections.abc import AsyncIterator, Iterator

import h11
import httpx

from .lean_connection import HungUp, LeanConnection, Patience

#: Seconds after which the next address of a name is tried beside the one that does not answer.
NEXT_ADDRESS_SECONDS = 0.25
#: Seconds for which an unused connection is kept. Proxies close theirs after 60 s and more, and one that outlived a
#: sleep of this PC is dead without a sign.
KEEP_SECONDS = 50.0

_Origin = tuple[str, str, int]


class AnswerTooLarge(httpx.StreamError):
    """The answer is longer than its reader allows."""

    def __init__(self) -> None:
        super().__init__("the answer is too large")


async def read_at_most(response: httpx.Response, most_bytes: int) -> bytes:
    """Read the answer as it travels; raises AnswerTooLarge as soon as it is known to be longer."""
    pieces, length = [], 0
    async for piece in response.aiter_raw():
        length += len(piece)
        if length > most_bytes:
            raise AnswerTooLarge
        pieces.append(piece)
    return b"".join(pieces)


class LeanTransport(httpx.AsyncBaseTransport):
    """Keeps connections alive; opens as many as there are requests at once.

    A request on a kept connection that is hung up without a byte of an answer is sent once more, on a new connection:
    nearly always the other side had closed before the request came. Its callers may repeat any of their requests.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._idle: dict[_Origin, list[LeanConnection]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; give the answer as soon as its head is there. Raises httpx's exceptions."""
        origin, patience = _origin(request.url), Patience.of(request)
        kept = self._kept(origin)
        if kept is not None:
            with contextlib.suppress(HungUp):
                return await self._exchange(kept, origin, request, patience)
        return await self._exchange(await self._open(origin, patience), origin, request, patience)

    async def aclose(self) -> None:
        """Close the connections that nobody uses; those in use close with their answers."""
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()

    def keep(self, connection: LeanConnection, origin: _Origin) -> None:
        """Take a connection back whose answer was read to its end."""
        if connection.finish():
            self._idle.setdefault(origin, []).append(connection)
        else:
            connection.close()

    async def _exchange(
        self, connection: LeanConnection, origin: _Origin, request: httpx.Request, patience: Patience
    ) -> httpx.Response:
        try:
            with _translated(request):
                head = await connection.exchange(request, await request.aread(), patience)
        except BaseException:
            connection.close()
            raise
        body = _Body(self, connection, origin)
        return httpx.Response(head.status_code, headers=list(head.headers.raw_items()), stream=body)

    def _kept(self, origin: _Origin) -> LeanConnection | None:
        """Take the connection that was used last, and close those that nobody used for long."""
        now = time.time()
        fresh = []
        for connection in self._idle.pop(origin, []):
            if connection.is_open and abs(now - connection.idle_since) < KEEP_SECONDS:
                fresh.append(connection)
            else:
                connection.close()
        kept = fresh.pop() if fresh else None
        if fresh:
            self._idle[origin] = fresh
        return kept

    async def _open(self, origin: _Origin, patience: Patience) -> LeanConnection:
        scheme, host, port = origin
        if scheme == "https" and self._tls is None:
            self._tls = ssl.create_default_context()
        try:
            async with asyncio.timeout(patience.connect_seconds):
                _, connection = await asyncio.get_running_loop().create_connection(
                    LeanConnection,
                    host,
                    port,
                    ssl=self._tls if scheme == "https" else None,
                    happy_eyeballs_delay=_next_address_seconds(host),
                )
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection in time") from error
        except (OSError, ssl.SSLError, UnicodeError) as error:
            raise httpx.ConnectError(str(error)) from error
        return connection


class _Body(httpx.AsyncByteStream):
    """The rest of an answer."""

    def __init__(self, transport: LeanTransport, connection: LeanConnection, origin: _Origin) -> None:
        self._transport = transport
        self._connection: LeanConnection | None = connection
        self._origin = origin

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self._connection is not None:
            with _translated(None):
                event = await self._connection.next_event()
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            else:
                connection, self._connection = self._connection, None
                self._transport.keep(connection, self._origin)

    async def aclose(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _origin(url: httpx.URL) -> _Origin:
    return url.scheme, url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80)


def _next_address_seconds(host: str) -> float | None:
    """Give when to try the next address of a host; None for an address, which has no other.

    Racing a single address would win nothing, and Python loses its socket when it is cancelled at the wrong moment.
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return NEXT_ADDRESS_SECONDS
    return None


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

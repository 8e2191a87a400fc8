"""The agent's own HTTP transport: connections that are kept, dropped, and hung up on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import httpx
import pytest

from desktop_agent.core.http import lean_transport
from desktop_agent.core.http.lean_transport import LeanTransport
from tests.desktop_agent.parts import run, until
from tests.desktop_agent.talking import OK, read_request, saying, talking


def test_one_connection_serves_one_request_after_the_other() -> None:
    """Keep-alive: three requests, one connection; two at once need two."""

    async def story() -> None:
        connections: list[int] = []
        both = asyncio.Event()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connections.append(1)
            while b"slow" not in await read_request(reader):
                writer.write(OK)
            await both.wait()
            writer.write(OK)

        async with talking(talk) as url, httpx.AsyncClient(transport=LeanTransport()) as http:
            for _ in range(3):
                await http.post(url)
            assert len(connections) == 1
            slow = [asyncio.create_task(http.post(f"{url}/slow")) for _ in range(2)]
            await until(lambda: len(connections) == 2)
            both.set()
            await asyncio.gather(*slow)

    run(story())


@pytest.mark.parametrize("goodbye", [OK, OK.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n")])
def test_a_connection_that_was_closed_is_not_used_again(goodbye: bytes) -> None:
    """A server that hung up, with or without saying so, is connected to anew."""

    async def story() -> None:
        async with talking(saying(goodbye)) as url, httpx.AsyncClient(transport=LeanTransport()) as http:
            for _ in range(3):
                assert (await http.post(url)).content == b"ok"
                await asyncio.sleep(0.02)

    run(story())


def test_a_canceled_request_hangs_up() -> None:
    """Cancelling closes the connection at once: that is how Ollama learns to stop."""

    async def story() -> None:
        ended = asyncio.Event()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await read_request(reader)
            try:
                await reader.read()
            finally:
                ended.set()

        async with talking(talk) as url, httpx.AsyncClient(transport=LeanTransport(), timeout=60) as http:
            request = asyncio.create_task(http.post(url))
            await asyncio.sleep(0.05)
            request.cancel()
            async with asyncio.timeout(5):
                await ended.wait()

    run(story())


def test_an_answer_that_is_not_read_is_not_mixed_with_the_next() -> None:
    """Whoever stops reading costs the connection, not the next answer."""

    async def story() -> None:
        big = b"HTTP/1.1 200 OK\r\nContent-Length: 4000000\r\n\r\n" + b"x" * 4_000_000
        async with talking(saying(big)) as url, httpx.AsyncClient(transport=LeanTransport(), timeout=5) as http:
            for _ in range(2):
                async with http.stream("POST", url) as response:
                    async for chunk in response.aiter_raw():
                        assert chunk.startswith(b"x")
                        break

    run(story())


@dataclass(slots=True)
class Counting:
    """Answers the first request of each connection, and hangs up on the second or answers it too."""

    answers_second: bool = False
    connections: int = 0
    requests: int = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        await read_request(reader)
        self.requests += 1
        writer.write(OK)
        await writer.drain()
        await read_request(reader)
        self.requests += 1
        if self.answers_second:
            writer.write(OK)
            await writer.drain()


def test_a_request_that_meets_a_hang_up_is_sent_once_more() -> None:
    """The server hangs up on the second request of a connection without a word: it goes out again on a new one.

    On the new connection it is answered as a first request; nobody sees an error.
    """

    async def story() -> None:
        server = Counting()
        async with talking(server) as url, httpx.AsyncClient(transport=LeanTransport(), timeout=5) as http:
            assert [(await http.post(url)).content for _ in range(3)] == [b"ok"] * 3
            # The third found the connection of the second's second try, and was hung up on too.
            assert (server.connections, server.requests) == (3, 5)

    run(story())


def test_a_new_connection_that_hangs_up_is_an_error() -> None:
    """There is one second try, not an endless row of them."""

    async def story() -> None:
        requests: list[bytes] = []

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            requests.append(await read_request(reader))
            if len(requests) == 1:
                writer.write(OK)
                await writer.drain()
                requests.append(await read_request(reader))

        async with talking(talk) as url, httpx.AsyncClient(transport=LeanTransport(), timeout=5) as http:
            await http.post(url)
            with pytest.raises(httpx.RemoteProtocolError):
                await http.post(url)
            assert len(requests) == 3

    run(story())


def test_half_an_answer_is_not_asked_for_again() -> None:
    """Once a byte of the answer came the request was read: it is not repeated."""

    async def story() -> None:
        requests: list[bytes] = []

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for answer in (OK, OK[:10]):
                requests.append(await read_request(reader))
                writer.write(answer)
                await writer.drain()

        async with talking(talk) as url, httpx.AsyncClient(transport=LeanTransport(), timeout=5) as http:
            await http.post(url)
            with pytest.raises(httpx.RemoteProtocolError):
                await http.post(url)
            assert len(requests) == 2

    run(story())


def test_a_silent_second_request_is_not_repeated() -> None:
    """A timeout says nothing of a hang-up: the request may be under way, and is not sent again by the transport."""

    async def story() -> None:
        requests: list[bytes] = []

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            requests.append(await read_request(reader))
            writer.write(OK)
            await writer.drain()
            requests.append(await read_request(reader))
            await reader.read()

        async with talking(talk) as url, httpx.AsyncClient(transport=LeanTransport(), timeout=0.2) as http:
            await http.post(url)
            with pytest.raises(httpx.ReadTimeout):
                await http.post(url)
            assert len(requests) == 2

    run(story())


UNASKED = b"HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("at_once", [True, False])
def test_words_that_nobody_asked_for_are_not_taken_for_an_answer(at_once: bool) -> None:
    """A proxy that says “408” on an idle connection, or right behind an answer: the next request gets its own answer.

    The connection is hung up at once, so that nobody can fill this PC's memory through it.
    """

    async def story() -> None:
        connections = hang_ups = 0

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal connections, hang_ups
            connections += 1
            await read_request(reader)
            writer.write(OK + UNASKED if at_once else OK)
            await asyncio.sleep(0 if at_once else 0.02)
            if not at_once:
                writer.write(UNASKED)
            hang_ups += await reader.read(1) == b""

        async with talking(talk) as url, httpx.AsyncClient(transport=LeanTransport(), timeout=5) as http:
            for number in (1, 2, 3):
                assert (await http.post(url)).status_code == 200
                await until(lambda number=number: hang_ups == number)  # type: ignore[misc]
            assert connections == 3

    run(story())


def test_a_connection_whose_request_was_not_read_is_not_used_again() -> None:
    """A refusal that came before the end of a large request, on a connection that stays: the next one needs another."""

    async def story() -> None:
        connections = 0
        over = asyncio.Event()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal connections
            connections += 1
            await reader.readuntil(b"\r\n\r\n")
            writer.write(OK)
            await over.wait()

        async with talking(talk) as url, httpx.AsyncClient(transport=LeanTransport(), timeout=5) as http:
            for _ in range(2):
                assert (await http.post(url, content=bytes(30_000_000))).content == b"ok"
            assert connections == 2
            over.set()

    run(story())


def test_an_old_connection_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was idle for long may be dead without a sign, as after a sleep of this PC: a new connection is made."""

    async def story() -> None:
        server = Counting(answers_second=True)
        async with talking(server) as url, httpx.AsyncClient(transport=LeanTransport(), timeout=5) as http:
            await http.post(url)
            await http.post(url)
            assert server.connections == 1
            await http.post(url)
            monkeypatch.setattr(lean_transport, "KEEP_SECONDS", 0.0)
            await http.post(url)
            assert server.connections == 3

    run(story())


def test_a_cancel_in_the_middle_of_an_answer_costs_only_the_connection() -> None:
    """The half-read connection is hung up, and the next request gets its own answer on another."""

    async def story() -> None:
        ended = asyncio.Event()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if b"half" not in await read_request(reader):
                writer.write(OK)
                await writer.drain()
                return
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
            try:
                await reader.read()
            finally:
                ended.set()

        async with talking(talk) as url, httpx.AsyncClient(transport=LeanTransport(), timeout=60) as http:
            begun = asyncio.Event()

            async def half() -> None:
                async with http.stream("POST", f"{url}/half") as response:
                    async for _ in response.aiter_raw():
                        begun.set()

            task = asyncio.create_task(half())
            await begun.wait()
            task.cancel()
            async with asyncio.timeout(5):
                await ended.wait()
            assert (await http.post(url)).content == b"ok"

    run(story())

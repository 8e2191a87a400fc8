"""The agent's own HTTP transport: requests and answers of every form, good and bad."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from desktop_agent.core.http import lean_transport
from desktop_agent.core.http.lean_transport import AnswerTooLarge, LeanTransport
from tests.desktop_agent.parts import run
from tests.desktop_agent.talking import OK, ask_once, read_request, saying, talking


@pytest.mark.parametrize(
    "answer",
    [
        OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nok",  # ends with the connection
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n0\r\nTrailer: 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\n\r\nok",
    ],
)
def test_every_framing_of_an_answer_is_read(answer: bytes) -> None:
    """Length, chunks, end of connection, a word before the answer: the same answer."""
    response = ask_once(saying(answer))
    assert (response.status_code, response.content) == (200, b"ok")


def test_a_request_arrives_whole() -> None:
    """Method, path, query, headers and body arrive as sent, in one piece."""
    seen: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.read(65536))
        writer.write(OK)

    async def once() -> None:
        async with talking(talk) as url, httpx.AsyncClient(transport=LeanTransport()) as http:
            await http.post(f"{url}/a/path?q=%20x", content=b"question", headers={"X-Own": "7"})

    run(once())
    head, body = seen[0].split(b"\r\n\r\n")
    assert head.startswith(b"POST /a/path?q=%20x HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"X-Own: 7" in head
    assert body == b"question"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nContent-", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok", httpx.RemoteProtocolError),
        (b"SSH-2.0-OpenSSH\r\n\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 200_000, httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", httpx.RemoteProtocolError),
    ],
)
def test_a_server_that_speaks_nonsense_is_an_error(answer: bytes, error: type[Exception]) -> None:
    """Cut, endless and foreign answers are the HTTP library's own errors, which others translate."""
    with pytest.raises(error):
        ask_once(saying(answer))


def test_silence_has_an_end() -> None:
    """A server that says nothing, or stops in the middle, runs into the timeout."""

    async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok")
        await reader.read()

    for talk in (nothing, half):
        with pytest.raises(httpx.ReadTimeout):
            ask_once(talk, timeout=0.05)


def test_nobody_there_is_a_connect_error() -> None:
    """A refused connection and a name that does not exist are told apart from broken ones."""

    async def once(url: str) -> None:
        async with httpx.AsyncClient(transport=LeanTransport(), timeout=5) as http:
            await http.post(url)

    async def closed_port() -> str:
        async with talking(saying()) as url:
            return url

    for url in (run(closed_port()), "http://name.invalid/"):
        with pytest.raises(httpx.ConnectError):
            run(once(url))


async def by_the_byte(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request after the other, one byte at a time."""
    while await read_request(reader):
        for byte in OK:
            writer.write(bytes([byte]))
            await asyncio.sleep(0)


def test_pieces_of_any_size_make_an_answer() -> None:
    """Head and body may come in single bytes; the connection is used again."""

    async def story() -> None:
        async with talking(by_the_byte) as url, httpx.AsyncClient(transport=LeanTransport(), timeout=5) as http:
            for _ in range(3):
                assert (await http.post(url, content=b"question")).content == b"ok"

    run(story())


def test_an_answer_before_the_end_of_the_request_is_read() -> None:
    """A server that refuses a large request says so and hangs up without reading it: the refusal arrives."""
    refusal = b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(refusal)
        await writer.drain()

    async def once() -> httpx.Response:
        async with talking(talk) as url, httpx.AsyncClient(transport=LeanTransport(), timeout=5) as http:
            return await http.post(url, content=bytes(30_000_000))

    for _ in range(5):
        response = run(once())
        assert (response.status_code, response.content) == (413, b"no")


def test_a_server_that_reads_nothing_has_an_end() -> None:
    """A request that does not leave this PC runs into a timeout of its own."""

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(30)

    async def once() -> None:
        timeout = httpx.Timeout(30, write=0.1)
        async with talking(talk) as url, httpx.AsyncClient(transport=LeanTransport(), timeout=timeout) as http:
            await http.post(url, content=bytes(30_000_000))

    with pytest.raises(httpx.TimeoutException):
        run(once())


def test_an_answer_nobody_reads_does_not_fill_the_memory() -> None:
    """While its reader is busy elsewhere, the server is kept waiting; then all of it arrives."""

    async def story() -> None:
        sent = 0

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal sent
            await read_request(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
            for _ in range(100):
                writer.write(bytes(1_000_000))
                await writer.drain()
                sent += 1_000_000

        async with (
            talking(talk) as url,
            httpx.AsyncClient(transport=LeanTransport(), timeout=20) as http,
            http.stream("POST", url) as response,
        ):
            before = -1
            while sent != before:
                before = sent
                await asyncio.sleep(0.1)
            assert sent < 50_000_000
            assert sum([len(piece) async for piece in response.aiter_raw()]) == 100_000_000

    run(story())


def test_ipv6_works() -> None:
    """An address in brackets is connected to, and named in the request as it is written."""

    async def story() -> None:
        try:
            async with talking(saying(OK), host="::1") as url, httpx.AsyncClient(transport=LeanTransport()) as http:
                assert (await http.post(url)).content == b"ok"
        except OSError:
            pytest.skip("this PC has no IPv6")

    run(story())


def test_too_long_an_answer_is_not_read_to_its_end() -> None:
    """Reading stops with an error at the limit."""

    async def once() -> bytes:
        async with (
            talking(saying(OK)) as url,
            httpx.AsyncClient(transport=LeanTransport(), timeout=5) as http,
            http.stream("POST", url) as response,
        ):
            return await lean_transport.read_at_most(response, limit)

    limit = 2
    assert run(once()) == b"ok"
    limit = 1
    with pytest.raises(AnswerTooLarge):
        run(once())

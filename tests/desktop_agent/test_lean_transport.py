"""The agent's own HTTP transport, against servers that behave, servers that do not, and TLS."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from desktop_agent.core import lean_transport
from desktop_agent.core.errors import RequestRefused, ServerUnreachable
from desktop_agent.core.lean_transport import AnswerTooLarge, LeanTransport
from desktop_agent.core.server_api import ServerApi
from tests.desktop_agent.parts import run, until

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@asynccontextmanager
async def talking(talk: Talk, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Run a server that talks like this on each connection; give its address."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(connected, host, 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"
    finally:
        server.close()
        await asyncio.sleep(0)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """Read one request; give its head and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    return head + await reader.readexactly(lengths[0] if lengths else 0)


def saying(*answers: bytes) -> Talk:
    """Make a server that answers one request after the other with these bytes, then hangs up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await read_request(reader)
            writer.write(answer)
            await writer.drain()

    return talk


def ask_once(talk: Talk, **options: object) -> httpx.Response:
    async def once() -> httpx.Response:
        async with talking(talk) as url, httpx.AsyncClient(transport=LeanTransport(), timeout=5) as http:
            return await http.post(url, content=b"question", **options)  # type: ignore[arg-type]

    return run(once())


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


@dataclass(slots=True)
class Counting:
    """Answers the first request of each connection; then does what the test wants, or what comes of the second."""

    after: Callable[[asyncio.StreamWriter], None] = lambda _: None
    answers_second: bool = False
    connections: int = 0
    requests: int = 0
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        await read_request(reader)
        self.requests += 1
        writer.write(OK)
        await writer.drain()
        await asyncio.sleep(0)
        self.after(writer)
        self.settled.set()
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


def test_words_that_nobody_asked_for_are_not_taken_for_an_answer() -> None:
    """A proxy that says “408” on an idle connection before it hangs up: the next request gets its own answer."""

    async def story() -> None:
        server = Counting(after=lambda writer: writer.write(b"HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n"))
        async with talking(server) as url, httpx.AsyncClient(transport=LeanTransport(), timeout=5) as http:
            for _ in range(3):
                server.settled.clear()
                assert (await http.post(url)).status_code == 200
                await server.settled.wait()
                await asyncio.sleep(0.02)
            assert server.connections == 3

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


def server_tls(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate for 127.0.0.1; give the server's context and the certificate's file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    today = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "certificate.pem", folder / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    return context, pem


def test_tls_is_verified(tmp_path: Path) -> None:
    """With the right authority the answer comes; without it, or for another name, no byte of the request goes out."""
    context, pem = server_tls(tmp_path)

    async def ask(tls: ssl.SSLContext, name: str = "127.0.0.1") -> bytes:
        async with (
            talking(saying(OK), context) as url,
            httpx.AsyncClient(transport=LeanTransport(tls), timeout=5) as http,
        ):
            return (await http.post(url.replace("127.0.0.1", name))).content

    trusting = ssl.create_default_context(cafile=str(pem))
    assert run(ask(trusting)) == b"ok"
    with pytest.raises(httpx.ConnectError, match="certificate"):
        run(ask(ssl.create_default_context()))
    with pytest.raises(httpx.ConnectError, match="certificate"):
        run(ask(trusting, "localhost"))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system's own store of authorities decides")
def test_the_servers_certificate_is_judged_by_what_the_system_trusts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent's connection to its pool, as it is made: an unknown authority is refused, one of the system is not."""
    context, pem = server_tls(tmp_path)

    async def register() -> None:
        refusal = b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"
        async with talking(saying(refusal), context) as url, ServerApi(url) as api:
            await api.register("invite", {})

    with pytest.raises(ServerUnreachable, match="not trusted"):
        run(register())
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with pytest.raises(RequestRefused, match="HTTP 403"):
        run(register())

"""The agent's own HTTP transport, against servers that behave, servers that do not, and TLS."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from desktop_agent.core.lean_transport import LeanTransport
from tests.desktop_agent.parts import run, until

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@asynccontextmanager
async def talking(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Run a server that talks like this on each connection; give its address."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
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

"""The agent's own HTTP transport: nothing goes out to a server that cannot prove who it is."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import sys
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from desktop_agent.core.errors import RequestRefused, ServerUnreachable
from desktop_agent.core.http.lean_transport import LeanTransport
from desktop_agent.core.pool.server_api import ServerApi
from tests.desktop_agent.parts import run
from tests.desktop_agent.talking import OK, saying, talking


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

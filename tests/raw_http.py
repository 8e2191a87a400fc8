"""HTTP byte by byte, for requests that no client library would send."""

from __future__ import annotations

import http.client
import socket
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urlsplit

#: Seconds for an answer; it only ends a test that hangs.
ANSWER_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Message
    body: bytes


def connect(url: str) -> socket.socket:
    """Open a connection to a server."""
    address = urlsplit(url)
    return socket.create_connection((address.hostname, address.port or 80), timeout=ANSWER_SECONDS)


def read_answer(connection: socket.socket, method: str = "POST") -> Answer:
    """Read one answer to a request of that method."""
    response = http.client.HTTPResponse(connection, method=method)
    response.begin()
    return Answer(response.status, response.headers, response.read())


def exchange(url: str, request: bytes, method: str = "POST") -> Answer:
    """Send bytes on a connection of their own and read one answer."""
    with connect(url) as connection:
        connection.sendall(request)
        return read_answer(connection, method)


def request(line: str, *headers: str, body: bytes = b"") -> bytes:
    """Write a request by hand; nothing is added but the line ends."""
    return "\r\n".join([f"{line} HTTP/1.1", *headers, "", ""]).encode("latin-1") + body


def chunked(body: bytes, size: int) -> bytes:
    """Cut a body into chunks, as `Transfer-Encoding: chunked` has them."""
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b""])

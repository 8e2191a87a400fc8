"""A client as light as asyncio allows, so that the load generator takes little of the two cores it shares."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Self

import orjson

#: Largest answer read: 2048 vectors of 768 numbers as base64 are under 9 MB.
LIMIT = 32 * 2**20


class RawClient:
    """One keep-alive HTTP/1.1 connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connect(cls, port: int) -> Self:
        """Open a connection to a server on this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=LIMIT))

    async def post(self, path: str, body: object, bearer: str = "") -> Any:
        """Send JSON and return the JSON of a 200; RuntimeError for any other answer."""
        return await self._ask("POST", path, orjson.dumps(body), bearer)

    async def get(self, path: str, bearer: str = "") -> Any:
        """Return the JSON of a 200; RuntimeError for any other answer."""
        return await self._ask("GET", path, b"", bearer)

    async def stream(self, path: str, body: object, bearer: str = "") -> AsyncIterator[bytes]:
        """Send JSON and give every line of a chunked 200 as it comes, without empty ones and comments."""
        self._send("POST", path, orjson.dumps(body), bearer)
        head = await self._reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200") or b"chunked" not in head.lower():
            raise RuntimeError(f"{path}: {head[:200]!r}")
        rest = b""
        while size := int(await self._reader.readline(), 16):
            *lines, rest = (rest + await self._reader.readexactly(size)).split(b"\n")
            await self._reader.readexactly(2)
            for line in lines:
                if line and not line.startswith(b":"):
                    yield line
        await self._reader.readexactly(2)

    def _send(self, method: str, path: str, data: bytes, bearer: str) -> None:
        credentials = f"Authorization: Bearer {bearer}\r\n" if bearer else ""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nx-stainless-lang: python\r\n{credentials}"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(data)}\r\n\r\n"
        )
        self._writer.write(head.encode() + data)

    async def _ask(self, method: str, path: str, data: bytes, bearer: str) -> Any:
        self._send(method, path, data, bearer)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        content = await self._reader.readexactly(length)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{path}: {answer[:40]!r} {content[:200]!r}")
        return orjson.loads(content)

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()


@dataclass(frozen=True, slots=True)
class Latencies:
    """What a run of calls took."""

    seconds: list[float]
    wall: float

    @property
    def per_second(self) -> float:
        """Calls a second."""
        return len(self.seconds) / self.wall

    def percentile_ms(self, part: float) -> float:
        """Milliseconds that this part of the calls stayed under."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000


async def load(port: int, path: str, clients: int, seconds: float, body_of: Any, bearer: str = "") -> Latencies:
    """Let some clients call one after the other for some seconds; `body_of(client, call)` makes each body."""
    taken: list[float] = []
    connections = [await RawClient.connect(port) for _ in range(clients)]
    began = time.perf_counter()

    async def work(number: int, connection: RawClient) -> None:
        call = 0
        while time.perf_counter() - began < seconds:
            at = time.perf_counter()
            await connection.post(path, body_of(number, call), bearer)
            taken.append(time.perf_counter() - at)
            call += 1

    await asyncio.gather(*(work(number, connection) for number, connection in enumerate(connections)))
    wall = time.perf_counter() - began
    for connection in connections:
        connection.close()
    return Latencies(taken, wall)

"""The management page over a large pool: what every page takes, whole and its live part alone."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx

from tests.load.pages import addresses
from tests.load.pool import LargePool, large_pool, let_agents_be_seen

#: How often each page is opened.
TIMES = 20
#: What a page asks for every two seconds.
LIVE = {"X-Fragment": "live"}


@dataclass(frozen=True, slots=True)
class Opened:
    """A page, and the milliseconds that it took."""

    rule: str
    median_ms: float
    worst_ms: float
    #: The median of its live part alone.
    live_ms: float

    def __str__(self) -> str:
        return f"  {self.rule:<42} {self.median_ms:6.0f} {self.worst_ms:6.0f} {self.live_ms:6.0f}"


def measure(folder: Path) -> list[Opened]:
    """Open every page `TIMES` times, one after the other; the slowest first."""
    with large_pool(folder, time.time_ns() // 1_000_000) as large:
        client = _signed_in(large)
        pages = list(addresses(large.live.rules, large.sample))
        found = [_opened(large, client, rule, address) for rule, address in pages]
    return sorted(found, key=lambda one: one.median_ms, reverse=True)


def _signed_in(large: LargePool) -> httpx.Client:
    client = large.live.caller({"Sec-Fetch-Site": "same-origin"})
    client.post("/admin/sign-in", data={"token": large.live.settings.mgmt_token})
    return client


def _opened(large: LargePool, client: httpx.Client, rule: str, address: str) -> Opened:
    let_agents_be_seen(large.live.pool)
    whole = [_milliseconds(client, address, {}) for _ in range(TIMES)]
    live = [_milliseconds(client, address, LIVE) for _ in range(TIMES)]
    return Opened(rule, median(whole), max(whole), median(live))


def _milliseconds(client: httpx.Client, address: str, headers: Mapping[str, str]) -> float:
    began = time.perf_counter()
    answer = client.get(address, headers=dict(headers))
    taken = (time.perf_counter() - began) * 1000
    if answer.is_error:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return taken

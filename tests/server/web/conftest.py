"""Fixtures for what is seen from outside: a server that many tests share, and servers with settings of their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest

from tests.factories import DIMENSIONS, MODEL
from tests.live_pool import EMBEDDINGS, LivePool, live_pool
from tests.scripted_agent import ScriptedAgent, offer

#: A model that was not trained to be cut.
PLAIN_MODEL = "all-minilm"


@dataclass(frozen=True, slots=True)
class Steady:
    """A pool with one honest agent, and a client of it. Tests that share it must not disturb it."""

    live: LivePool
    agent: ScriptedAgent
    client: httpx.Client

    def embed(self, value: Any, *, model: str = MODEL, headers: dict[str, str] | None = None, **fields: Any) -> Any:
        """Ask for embeddings, insist that they come, and return the whole answer."""
        answer = self.client.post(EMBEDDINGS, json={"model": model, "input": value, **fields}, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steady]:
    """Give a server that all tests of a module share, with an agent that computes everything that is asked."""
    with (
        live_pool(tmp_path_factory.mktemp("steady"), max_body_mib=1) as live,
        live.agent(offer(), offer(PLAIN_MODEL, dimensions=2 * DIMENSIONS)) as agent,
    ):
        yield Steady(live, agent, live.client())


class Start(Protocol):
    """Starts a server."""

    def __call__(self, **changes: Any) -> LivePool:
        """Start a server of the test's own; `changes` are settings."""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Give what starts a server with settings of the test's own; it stops after the test."""
    with ExitStack() as opened:
        yield lambda **changes: opened.enter_context(live_pool(tmp_path, **changes))


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Look at a condition until it holds; the test fails when it does not within that time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.01)

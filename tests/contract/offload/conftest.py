"""A server that OffloadMQ's programs meet, with keys from the environment as theirs has."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from tests.contract.offload.actors import NewerAgent, OffloadAgent, OffloadClient
from tests.live_pool import LivePool, live_pool

AGENT_KEY, CLIENT_KEY, OTHER_KEY = "ak_for_the_contract_tests", "ck_for_the_contract_tests", "ck_of_somebody_else_here"

#: Numbers the capabilities of tests, so that none meets another's tasks.
NAMES = itertools.count()


@dataclass(slots=True)
class Broker:
    """The server, and whoever a test lets meet it."""

    live: LivePool
    opened: ExitStack

    def capability(self, family: str = "shell") -> str:
        """Return a capability that no other test uses."""
        return f"{family}.of-test-{next(NAMES)}"

    def client(self, key: str = CLIENT_KEY, *, in_header: bool = False) -> OffloadClient:
        """Return a client program."""
        client = OffloadClient(self.live.url, key, in_header=in_header)
        self.opened.callback(client.close)
        return client

    def agent(self, *capabilities: str, kind: type[OffloadAgent] = NewerAgent, **more: Any) -> OffloadAgent:
        """Return an agent program that joined."""
        agent = kind(self.live.url, AGENT_KEY, *capabilities, **more)
        self.opened.callback(agent.close)
        return agent


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePool]:
    """Give a server that the tests of a module share."""
    keys = {"agent_api_keys": f"x,{AGENT_KEY}", "client_api_keys": f"{CLIENT_KEY},{OTHER_KEY}"}
    with live_pool(tmp_path_factory.mktemp("offload"), max_body_mib=1, **keys) as live:
        yield live


@pytest.fixture
def broker(shared: LivePool) -> Iterator[Broker]:
    """Give the server, and let everybody hang up after the test."""
    with ExitStack() as opened:
        yield Broker(shared, opened)

"""A pool for clients that other people wrote."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.live_pool import LivePool, live_pool
from tests.scripted_agent import Result, ScriptedAgent, Task, offer

#: Texts that take longer than a hurried client waits begin so.
SLOW = "this one takes its time"
#: Seconds that a test gives a client to come back.
PATIENCE_SECONDS = 30


def wait_until_it_came_back(live: LivePool) -> None:
    """Return when the only client that waits has given up and come back."""
    gate, deadline = live.pool.jobs.gate, time.monotonic() + PATIENCE_SECONDS
    for waiting in (0, 1):
        while gate.in_use != waiting:
            assert time.monotonic() < deadline, "the client did not give up and come back"
            time.sleep(0.01)


def late(live: LivePool, agent: ScriptedAgent, task: Task) -> Result:
    """Compute a slow text only when the client that asked for it has given up and come back."""
    if task["payload"]["texts"][0].startswith(SLOW):
        wait_until_it_came_back(live)
    return agent.result(task)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LivePool, ScriptedAgent]]:
    """Give a server with one agent that computes everything, slow texts late."""
    with live_pool(tmp_path_factory.mktemp("contract")) as live, live.agent(offer(), offer("org/other:q8")) as agent:
        agent.behaviour = lambda task: late(live, agent, task)
        yield live, agent

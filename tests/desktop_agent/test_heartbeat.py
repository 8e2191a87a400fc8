"""Heartbeats keep what is held, and stop what is lost."""

from __future__ import annotations

import asyncio

import pytest

from desktop_agent.core.errors import KeyRefused
from desktop_agent.core.pool.heartbeat import Heartbeat
from desktop_agent.core.pool.wire import Report
from tests.desktop_agent.parts import Bench, GatedEngine, bench, run, until


def heartbeat_of(b: Bench) -> Heartbeat:
    return Heartbeat(b.worker._server, b.worker, lambda: Report("working"))  # type: ignore[arg-type]


async def computing(b: Bench, *texts: str) -> None:
    """Have the engine compute these tasks, and hold them there."""
    b.engine.gate.clear()
    for text in texts:
        b.pool.submit(text)
    b.worker.allow()
    await until(lambda: len(b.engine.calls) == 1)


def test_all_leases_are_renewed_together() -> None:
    """One request names every lease, and the state."""

    async def story() -> None:
        async with bench(allowed=False) as b:
            await computing(b, "a", "b")
            await heartbeat_of(b).run_once()
            (beat,) = b.pool.heartbeats
            assert sorted(beat["leases"]) == sorted(b.worker.ledger.holding)
            assert beat["state"]["status"] == "working"

    run(story())


def test_nothing_held_is_nothing_said() -> None:
    """An idle agent sends no heartbeats: its waiting request is sign enough."""

    async def story() -> None:
        async with bench() as b:
            await heartbeat_of(b).run_once()
            assert b.pool.heartbeats == []

    run(story())


def test_a_lost_lease_stops_its_computation() -> None:
    """The server says lost: the engine is stopped."""

    async def story() -> None:
        async with bench(allowed=False) as b:
            await computing(b, "a")
            b.pool.lost = set(b.worker.ledger.holding)
            await heartbeat_of(b).run_once()
            await until(lambda: b.engine.canceled == 1)
            assert b.worker.ledger.holding == ()

    run(story())


@pytest.mark.parametrize("status", [0, 500, 503, 400])
def test_a_failed_heartbeat_changes_nothing(status: int) -> None:
    """One heartbeat that gets lost costs no work: the next one comes."""

    async def story() -> None:
        async with bench(GatedEngine(), allowed=False) as b:
            await computing(b, "a")
            b.pool.instead["/private/agent/heartbeat"] = [(status, {})]
            beats = asyncio.create_task(heartbeat_of(b).run_forever(interval_seconds=0.001))
            await until(lambda: len(b.pool.heartbeats) >= 2)
            beats.cancel()
            assert len(b.worker.ledger.holding) == 1
            assert b.engine.canceled == 0

    run(story())


def test_a_refused_key_is_not_swallowed() -> None:
    """The pool no longer wants us: that ends the agent, wherever it is heard."""

    async def story() -> None:
        async with bench(allowed=False) as b:
            await computing(b, "a")
            b.pool.forget_tokens()
            b.pool.knows_key = False
            with pytest.raises(KeyRefused):
                await heartbeat_of(b).run_once()

    run(story())

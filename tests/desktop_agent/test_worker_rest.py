"""The worker when the volunteer is back, when leases are lost, and at its end: everything is given back."""

from __future__ import annotations

import asyncio

from tests.desktop_agent.parts import GatedEngine, bench, run, until


def test_resting_stops_the_engine_and_gives_everything_back() -> None:
    """The volunteer is back: both batches are cancelled and released in one request, and the server hears why."""

    async def story() -> None:
        engine = GatedEngine()
        engine.gate.clear()
        async with bench(engine) as b:
            first = b.pool.submit("first")
            await until(lambda: len(engine.calls) == 1)
            await b.pool.until(lambda: b.pool.waiting == 1)
            second = b.pool.submit("second")
            await until(lambda: len(engine.calls) == 2)
            b.worker.rest("user_active")
            await b.pool.until(lambda: bool(first.releases and second.releases))
            assert [sorted(release["leases"]) for release in b.pool.releases] == [
                sorted([first.lease_id, second.lease_id])
            ]
            await until(lambda: engine.canceled == 2)
            assert b.worker.ledger.holding == ()

    run(story())


def test_what_comes_during_a_rest_goes_straight_back() -> None:
    """A request that was waiting when the rest began brings a task: it is given back, not computed, not lost."""

    async def story() -> None:
        async with bench() as b:
            await b.pool.until(lambda: b.pool.waiting == 1)
            b.worker.rest("paused")
            task = b.pool.submit("a text")
            await b.pool.until(lambda: bool(task.releases))
            assert b.engine.calls == []
            b.worker.allow()
            b.pool.queue.append(task)
            b.pool.touch()
            await b.pool.until(lambda: task.result is not None)

    run(story())


def test_a_rest_is_told_to_the_server() -> None:
    """One short word without a wish for work."""

    async def story() -> None:
        async with bench() as b:
            await b.pool.until(lambda: b.pool.waiting == 1)
            b.worker.rest("paused")
            await b.pool.until(lambda: len(b.pool.turns) == 2)
            assert (b.pool.turns[1]["max_tasks"], b.pool.turns[1]["wait"]) == (0, 0)

    run(story())


def test_stopping_delivers_what_is_done_and_releases_the_rest() -> None:
    """At the end finished results are delivered, unfinished tasks released in one request."""

    async def story() -> None:
        engine = GatedEngine()
        async with bench(engine) as b:
            done = b.pool.submit("done")
            await b.pool.until(lambda: done.result is not None)
            engine.gate.clear()
            going = b.pool.submit("going")
            await until(lambda: len(engine.calls) == 2)
            b.loop.cancel()
            await b.worker.stop("stopping")
            assert going.releases == ["stopping"]
            assert len(b.pool.releases) == 1
            assert engine.canceled == 1
            assert b.worker.ledger.holding == ()
            await until(lambda: b.pool.waiting == 0)

    run(story())


def test_stopping_does_not_wait_for_a_dead_server() -> None:
    """With the server gone the agent ends all the same, within two seconds."""

    async def story() -> None:
        engine = GatedEngine()
        engine.gate.clear()
        async with bench(engine) as b:
            b.pool.submit("a text")
            await until(lambda: len(engine.calls) == 1)
            hang = asyncio.Event()

            async def never(*_: object) -> None:
                await hang.wait()

            b.worker._returns._server = type("Dead", (), {"release": staticmethod(never)})()
            async with asyncio.timeout(3):
                await b.worker.stop("stopping")

    run(story())


def test_lost_leases_are_not_computed_on() -> None:
    """A batch stops when its last lease is lost; with one lease left it goes on, and reports only that."""

    async def story() -> None:
        engine = GatedEngine()
        engine.gate.clear()
        async with bench(engine, allowed=False) as b:
            kept, lost = b.pool.submit("kept"), b.pool.submit("lost")
            b.worker.allow()
            await until(lambda: len(engine.calls) == 1)
            b.worker.lose([lost.lease_id, "unknown"])
            assert engine.canceled == 0
            engine.gate.set()
            await b.pool.until(lambda: kept.result is not None)
            assert lost.result is None
            engine.gate.clear()
            gone = b.pool.submit("gone")
            await until(lambda: len(engine.calls) == 2)
            b.worker.lose([gone.lease_id])
            await until(lambda: engine.canceled == 1)

    run(story())

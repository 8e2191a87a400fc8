"""The worker and a server in trouble: no wanted result is lost, and nobody is hammered."""

from __future__ import annotations

import asyncio

import pytest

from desktop_agent.core.errors import KeyRefused
from tests.desktop_agent.parts import GatedEngine, assert_done, bench, run, until


def test_a_result_survives_a_broken_connection() -> None:
    """The request with the result breaks, the next attempts too: it arrives in the end, computed once."""

    async def story() -> None:
        engine = GatedEngine()
        engine.gate.clear()
        async with bench(engine) as b:
            task = b.pool.submit("a text")
            await until(lambda: len(engine.calls) == 1)
            await b.pool.until(lambda: b.pool.waiting == 1)
            b.pool.instead["/private/agent/turn"] = [(0, {}), (500, {}), (502, {})]
            engine.gate.set()
            b.contact._backoff.draw = lambda: 0.0
            await b.pool.until(lambda: task.result is not None)
            assert_done(task)
            assert len(engine.calls) == 1

    run(story())


def test_a_result_whose_answer_was_lost_is_sent_again() -> None:
    """The server has it, we do not know: the second sending is answered `replayed`, and that ends it."""

    async def story() -> None:
        async with bench() as b:
            b.contact._backoff.draw = lambda: 0.0
            task = b.pool.submit("a text")
            await b.pool.until(lambda: task.result is not None)
            b.worker.reconnect()
            await until(lambda: len([turn for turn in b.pool.turns if turn["results"]]) == 2)
            b.pool.submit("next")
            await until(lambda: b.worker.ledger.holding == () or len(b.worker.ledger.holding) == 1)
            assert b.worker.ledger.counters.results_unwanted == 0

    run(story())


def test_a_stale_result_is_thrown_away() -> None:
    """Somebody else has the task now: the result is dropped, counted, and not sent again."""

    async def story() -> None:
        engine = GatedEngine()
        engine.gate.clear()
        async with bench(engine) as b:
            task = b.pool.submit("a text")
            await until(lambda: len(engine.calls) == 1)
            del b.pool.leased[task.lease_id]
            await b.pool.until(lambda: b.pool.waiting == 1)
            engine.gate.set()
            await until(lambda: b.worker.ledger.counters.results_unwanted == 1)
            assert b.worker.ledger.holding == ()
            assert len([turn for turn in b.pool.turns if turn["results"]]) == 1

    run(story())


def test_failures_back_off() -> None:
    """A server that is down is not hammered; the reason is kept for the owner, and cleared when it works again."""

    async def story() -> None:
        async with bench(allowed=False) as b:
            b.contact._backoff.draw = lambda: 1.0
            b.pool.instead["/private/agent/turn"] = [(0, {})]
            b.worker.allow()
            await until(lambda: b.contact.problem != "")
            assert "Cannot reach" in b.contact.problem
            assert b.contact.quiet_until > asyncio.get_running_loop().time() + 0.2
            task = b.pool.submit("a text")
            await b.pool.until(lambda: task.result is not None)
            assert b.contact.problem == ""

    run(story())


def test_a_busy_server_is_left_alone_as_long_as_it_asks() -> None:
    """`poll_after` of an answer and Retry-After of a refusal are both kept."""

    async def story() -> None:
        async with bench(allowed=False) as b:
            b.pool.twist = lambda answer: answer.update(poll_after=3600)
            task = b.pool.submit("a text")
            b.worker.allow()
            await b.pool.until(lambda: task.result is not None)
            assert b.pool.turns[-1]["max_tasks"] == 0
            b.pool.submit("later")
            await asyncio.sleep(0.05)
            assert len(b.engine.calls) == 1

    run(story())


def test_a_result_that_the_server_does_not_judge_is_kept_with_care() -> None:
    """An answer without a word about the result: it is sent again, but with back-off."""

    async def story() -> None:
        async with bench() as b:
            b.contact._backoff.draw = lambda: 1.0
            b.pool.twist = lambda answer: answer["results"].clear()
            engine_gate = b.engine.gate
            engine_gate.clear()
            b.pool.submit("a text")
            await until(lambda: len(b.engine.calls) == 1)
            await b.pool.until(lambda: b.pool.waiting == 1)
            engine_gate.set()
            await until(lambda: b.contact.problem != "")
            assert len(b.worker.ledger.holding) == 1
            assert len([turn for turn in b.pool.turns if turn["results"]]) == 1

    run(story())


def test_results_that_the_server_cannot_read_do_not_block_the_rest() -> None:
    """A refused request is not repeated for ever: its results are dropped, later ones arrive."""

    async def story() -> None:
        engine = GatedEngine()
        engine.gate.clear()
        async with bench(engine) as b:
            b.contact._backoff.draw = lambda: 0.0
            b.pool.submit("poison")
            await until(lambda: len(engine.calls) == 1)
            await b.pool.until(lambda: b.pool.waiting == 1)
            b.pool.instead["/private/agent/turn"] = [(400, {"error": {"message": "No."}})]
            engine.gate.set()
            await until(lambda: b.worker.ledger.holding == ())
            later = b.pool.submit("later")
            await b.pool.until(lambda: later.result is not None)

    run(story())


def test_a_refused_key_ends_the_loop() -> None:
    """The pool no longer wants us: the loop says so instead of knocking for ever."""

    async def story() -> None:
        async with bench(allowed=False) as b:
            b.pool.knows_key = False
            b.worker.allow()
            with pytest.raises(KeyRefused):
                await b.loop

    run(story())

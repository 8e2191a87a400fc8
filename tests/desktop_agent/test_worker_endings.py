"""How the worker's tasks end here: finishing before a pause, and what is told of every task."""

from __future__ import annotations

import time

import pytest

from desktop_agent.core.pool.wire import Answered
from desktop_agent.core.ran import HowEnded, TaskEnd
from desktop_agent.core.work.endings import Endings
from desktop_agent.core.work.ledger import Ledger
from tests.desktop_agent.parts import (
    CHAT_MODEL,
    MODEL,
    Bench,
    GatedEngine,
    assert_done,
    bench,
    chat_offer,
    offer,
    run,
    task,
    until,
)


def heard_by(b: Bench) -> list[TaskEnd]:
    """Listen to how tasks end."""
    ends: list[TaskEnd] = []
    b.worker._endings._on_ended = ends.append
    return ends


def test_finishing_computes_and_delivers_what_is_held() -> None:
    """No more is asked for; what still comes goes straight back; then nothing is held."""

    async def story() -> None:
        engine = GatedEngine()
        engine.gate.clear()
        async with bench(engine) as b:
            held = b.pool.submit("held")
            await until(lambda: len(engine.calls) == 1)
            await b.pool.until(lambda: b.pool.waiting == 1)
            b.worker.finish()
            late = b.pool.submit("late")
            await b.pool.until(lambda: bool(late.releases))
            assert (b.worker.is_idle, engine.canceled) == (False, 0)
            engine.gate.set()
            await b.pool.until(lambda: held.result is not None)
            assert_done(held)
            await until(lambda: b.worker.is_idle)
            assert (len(engine.calls), held.releases) == (1, [])
            assert b.pool.turns[-1]["max_tasks"] == 0
            b.worker.allow()
            await b.pool.until(lambda: b.pool.waiting == 1)

    run(story())


def test_coming_back_while_finishing_gives_everything_back_at_once() -> None:
    """To finish is a wish for later; the owner's hand on the mouse counts more."""

    async def story() -> None:
        engine = GatedEngine()
        engine.gate.clear()
        async with bench(engine) as b:
            held = b.pool.submit("held")
            await until(lambda: len(engine.calls) == 1)
            b.worker.finish()
            b.worker.rest("user_active")
            await b.pool.until(lambda: held.releases == ["user_active"])
            await until(lambda: engine.canceled == 1 and b.worker.is_idle)

    run(story())


def test_every_end_is_told_with_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Done, failed, given back: with model, kind, texts, tokens and the engine's time; never a text.

    Soon, although the request that carries the result waits for more work; and no more than once.
    """
    monkeypatch.setattr("desktop_agent.core.work.endings.DELIVERED_SECONDS", 0.05)

    async def story() -> None:
        engine = GatedEngine(offer(), chat_offer())
        engine.bad["bad"] = "input_too_long"
        async with bench(engine) as b:
            ends = heard_by(b)
            assert [b.worker.last_task_at] == [None]
            began = time.time()
            b.pool.submit("one", "three")
            await until(lambda: len(ends) == 1)
            assert ends[0].finished_at >= began
            assert b.worker.last_task_at == ends[0].finished_at
            done = TaskEnd(ends[0].finished_at, MODEL, "embedding", 2, 8, 0.001, HowEnded.DONE)
            assert ends == [done]
            b.pool.submit("bad")
            await until(lambda: len(ends) == 2)
            assert (ends[1].outcome, ends[1].tokens, ends[1].texts) == (HowEnded.FAILED, 0, 1)
            engine.says.put_nowait(None)
            b.pool.submit_chat({"prompt": "hello"})
            await until(lambda: len(ends) == 3)
            assert (ends[2].model, ends[2].kind, ends[2].texts) == (CHAT_MODEL, "chat", 0)
            engine.gate.clear()
            b.pool.submit("left")
            await until(lambda: len(engine.calls) == 3)
            b.worker.rest("user_active")
            await until(lambda: len(ends) == 4)
            assert (ends[3].outcome, ends[3].texts) == (HowEnded.RELEASED, 1)

    run(story())


def test_a_result_that_nobody_wants_any_more_is_told_so() -> None:
    """The server's word on it decides; a lease that was lost before there was a result was given away."""
    ends: list[TaskEnd] = []
    ledger = Ledger(Endings(ends.append, lambda: 100.0).note)
    ledger.claim([task("stale"), task("lost")], 90.0)
    ledger.finish([Answered("stale", {"prompt_eval_count": 3, "eval_count": 4}, "", 250.0)])
    assert ledger.settle(ledger.take_for_sending(), {"stale": "stale"})
    ledger.drop(["lost", "unknown"])
    assert [(end.outcome, end.tokens, end.seconds) for end in ends] == [
        (HowEnded.REFUSED, 7, 0.25),
        (HowEnded.RELEASED, 0, 10.0),
    ]


def test_a_task_that_could_not_be_read_is_not_listed() -> None:
    """It has no model, and nothing ran."""

    async def story() -> None:
        async with bench() as b:
            ends = heard_by(b)
            odd = b.pool.submit("x", kind="dance")
            await b.pool.until(lambda: odd.result is not None)
            await until(lambda: b.worker.is_idle)
            assert ends == []

    run(story())

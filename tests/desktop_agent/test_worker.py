"""The worker on a fake pool: nothing is done twice, nothing waits for no reason, every failure has its name."""

from __future__ import annotations

import asyncio

import pytest

from desktop_agent.core.engines.base import EngineHealth
from desktop_agent.core.errors import EngineUnavailable, ModelMissing, OutOfMemory
from desktop_agent.core.work.worker import LOOK_SECONDS, MAX_TASKS, MAX_TEXTS, WAIT_SECONDS
from tests.desktop_agent.parts import GatedEngine, assert_done, bench, error_of, run, until


def test_a_task_is_computed_and_its_result_travels_with_the_next_request() -> None:
    """One short task costs one further request: it carries the result and asks for more."""

    async def story() -> None:
        async with bench() as b:
            task = b.pool.submit("a text", "another")
            await b.pool.until(lambda: task.result is not None and b.pool.waiting == 1)
            assert_done(task)
            first, second = b.pool.turns
            assert first["results"] == []
            assert (second["max_tasks"], second["max_texts"], second["wait"]) == (MAX_TASKS, MAX_TEXTS, WAIT_SECONDS)
            assert second["holding"] == [task.lease_id]
            told = {"status": "working", "reason": "", "engine": "gated 1.0"}
            assert {name: second["state"][name] for name in told} == told

    run(story())


def test_tasks_of_one_answer_share_a_call() -> None:
    """Thirty one-text tasks are one call to the engine, and each gets its own vector."""

    async def story() -> None:
        async with bench(allowed=False) as b:
            tasks = [b.pool.submit(f"text {number}") for number in range(30)]
            b.worker.allow()
            await b.pool.until(lambda: all(task.result for task in tasks))
            assert [len(call) for call in b.engine.calls] == [30]
            for task in tasks:
                assert_done(task)

    run(story())


def test_a_bad_text_fails_its_own_task_only() -> None:
    """In a merged call the neighbours of a bad text are done."""

    async def story() -> None:
        engine = GatedEngine()
        engine.bad["bad"] = "input_too_long"
        async with bench(engine, allowed=False) as b:
            good, bad = b.pool.submit("good"), b.pool.submit("fine", "bad")
            b.worker.allow()
            await b.pool.until(lambda: bool(good.result and bad.result))
            assert_done(good)
            assert error_of(bad) == {"code": "input_too_long", "message": "bad", "input": 1}
            assert b.worker.ledger.counters.tasks_failed == 1

    run(story())


def test_the_next_batch_is_fetched_while_one_computes() -> None:
    """During a long computation a second batch comes and goes to the engine; a third is not asked for."""

    async def story() -> None:
        engine = GatedEngine()
        engine.gate.clear()
        async with bench(engine) as b:
            b.pool.submit("first")
            await until(lambda: len(engine.calls) == 1)
            await b.pool.until(lambda: b.pool.waiting == 1)
            b.pool.submit("second")
            await until(lambda: len(engine.calls) == 2)
            third = b.pool.submit("third")
            turns = len(b.pool.turns)
            await asyncio.sleep(0.05)
            assert (len(b.pool.turns), third.lease_id) == (turns, "")
            engine.gate.set()
            await b.pool.until(lambda: third.result is not None)

    run(story())


def test_results_do_not_wait_for_a_hanging_request() -> None:
    """While the request for more work waits, finished results go at once in one of their own."""

    async def story() -> None:
        engine = GatedEngine()
        engine.gate.clear()
        async with bench(engine) as b:
            task = b.pool.submit("a text")
            await until(lambda: len(engine.calls) == 1)
            await b.pool.until(lambda: b.pool.waiting == 1)
            engine.gate.set()
            await b.pool.until(lambda: task.result is not None)
            assert_done(task)
            assert b.pool.waiting == 1
            report = b.pool.turns[-1]
            assert (report["max_tasks"], report["wait"], len(report["results"])) == (0, 0, 1)

    run(story())


def test_at_most_one_request_waits() -> None:
    """Under a storm of tasks there is never a second request for work."""

    async def story() -> None:
        async with bench() as b:
            worst = 0
            for number in range(200):
                task = b.pool.submit(f"text {number}")
                worst = max(worst, b.pool.waiting)
                await asyncio.sleep(0)
            await b.pool.until(lambda: task.result is not None)
            assert worst <= 1

    run(story())


def test_tasks_that_make_no_sense_are_failed_and_the_others_done() -> None:
    """An unknown kind and a text that is none fail with their codes; the worker goes on."""

    async def story() -> None:
        async with bench(allowed=False) as b:
            odd, broken, good = b.pool.submit("x", kind="dance"), b.pool.submit("x", 5), b.pool.submit("good")
            b.worker.allow()
            await b.pool.until(lambda: bool(odd.result and broken.result and good.result))
            assert error_of(odd)["code"] == "engine_error"
            assert (error_of(broken)["code"], error_of(broken)["input"]) == ("input_invalid", 1)
            assert_done(good)

    run(story())


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ModelMissing("gone"), "model_missing"),
        (OutOfMemory("full"), "out_of_memory"),
        (ZeroDivisionError("a text of somebody"), "engine_error"),
    ],
)
def test_a_failed_call_fails_its_tasks(error: Exception, code: str, caplog: pytest.LogCaptureFixture) -> None:
    """Errors of the whole call reach the server by name; a mistake of ours too, without its words in log or message."""

    async def story() -> None:
        async with bench() as b:
            b.engine.errors.append(error)
            task = b.pool.submit("a text")
            await b.pool.until(lambda: task.result is not None)
            assert error_of(task)["code"] == code
            assert "somebody" not in str(task.result)
            assert b.worker.look_again.is_set() is (code == "model_missing")

    run(story())
    assert "somebody" not in caplog.text


def test_a_task_for_a_model_that_went_away_is_given_back() -> None:
    """Between the engine's end and the next look the server may hand such tasks out: nobody is charged for them."""

    async def story() -> None:
        async with bench() as b:
            task = b.pool.submit("a text", model="bge-m3")
            await b.pool.until(lambda: bool(task.releases))
            assert (task.result, task.releases) == (None, ["engine_unavailable"])
            assert b.worker.look_again.is_set()

    run(story())


def test_an_engine_that_went_away_gives_its_tasks_back() -> None:
    """It is not the tasks' fault: they are released, not failed, and the engines are looked at."""

    async def story() -> None:
        async with bench() as b:
            b.engine.errors.append(EngineUnavailable("Ollama is not running"))
            b.engine.health = EngineHealth(available=False, reason="gone")
            task = b.pool.submit("a text")
            await b.pool.until(lambda: bool(task.releases))
            assert task.releases == ["engine_unavailable"]
            assert b.worker.look_again.is_set()
            assert b.worker.ledger.counters.tasks_released == 1

    run(story())


def test_no_work_is_asked_for_until_a_failed_engine_was_looked_at() -> None:
    """The server hands a task straight back to the one who asks: without a pause it would go to and fro."""

    async def story() -> None:
        async with bench() as b:
            b.engine.errors.append(EngineUnavailable("Ollama is not running"))
            first = b.pool.submit("a text")
            await b.pool.until(lambda: bool(first.releases))
            asked = len(b.pool.turns)
            second = b.pool.submit("another")
            await asyncio.sleep(LOOK_SECONDS / 4)
            assert (len(b.pool.turns), second.lease_id) == (asked, "")
            await b.pool.until(lambda: second.result is not None)

    run(story())


def test_a_task_over_its_deadline_is_failed_as_too_slow() -> None:
    """Beyond the deadline nobody wants the result: the engine is stopped, the server told."""

    async def story() -> None:
        engine = GatedEngine()
        engine.gate.clear()
        async with bench(engine) as b:
            task = b.pool.submit("a text", deadline_seconds=0.05)
            await b.pool.until(lambda: task.result is not None)
            assert error_of(task)["code"] == "engine_timeout"
            assert engine.canceled == 1

    run(story())


def test_the_servers_reasons_for_no_work_are_kept() -> None:
    """Why waiting tasks are not for us can be shown."""

    async def story() -> None:
        async with bench(allowed=False) as b:
            b.pool.skipped = {"model_class_differs": 3}
            b.pool.twist = lambda answer: answer.update(poll_after=1)
            b.pool.instead["/private/agent/turn"] = [(200, {"results": [], "tasks": [], "skipped": b.pool.skipped})]
            b.worker.allow()
            await until(lambda: b.worker.skipped == (("model_class_differs", 3),))

    run(story())

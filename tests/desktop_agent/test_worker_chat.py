"""The worker answers chats: told while they are written, alone at the engine, given up when nobody wants them."""

from __future__ import annotations

import asyncio
import logging

import pytest

from desktop_agent.core.errors import EngineError, EngineFailed, EngineUnavailable, InputTooLong, ModelMissing
from tests.desktop_agent.chatting import ASKING, chatting, engine_of_both
from tests.desktop_agent.parts import (
    CHAT_MODEL,
    DIGEST,
    GatedEngine,
    assert_done,
    bench,
    error_of,
    offer,
    run,
    until,
)


def test_a_chat_is_told_while_it_is_written_and_then_delivered() -> None:
    """The first word arrives before the second is written; the result is the whole answer, and begins with the told."""

    async def story() -> None:
        async with bench(engine_of_both()) as b:
            chat = await chatting(b)
            b.engine.says.put_nowait(("Be", "Hm"))
            await b.pool.until(lambda: chat.content == "Be")
            b.engine.says.put_nowait(("cause", ""))
            await b.pool.until(lambda: chat.content == "Because")
            b.engine.says.put_nowait((".", ""))
            b.engine.says.put_nowait(None)
            await b.pool.until(lambda: chat.result is not None)
            assert chat.result is not None
            message = chat.result["output"]["message"]
            assert message == {"role": "assistant", "content": "Because.", "thinking": "Hm"}
            assert (chat.result["digest"], chat.result["engine_ms"]) == (DIGEST, 1.0)
            assert b.pool.most_progressing == 1
            counters = b.worker.ledger.counters
            assert (counters.tasks_done, counters.chats_done, counters.texts_done) == (1, 1, 0)

    run(story())


def test_nobody_reads_along_but_the_lease_is_kept() -> None:
    """Without `stream` nothing of the answer leaves before its end."""

    async def story() -> None:
        async with bench(engine_of_both()) as b:
            chat = await chatting(b, "Why?")
            b.engine.says.put_nowait(("Because", ""))
            await b.pool.until(lambda: chat.seq >= 1)
            assert chat.content == ""
            b.engine.says.put_nowait(None)
            await b.pool.until(lambda: chat.result is not None)
            assert chat.content == ""

    run(story())


def test_no_more_work_is_asked_for_beside_a_chat() -> None:
    """Another idle PC should have it; when the answer is there, it travels with the next question."""

    async def story() -> None:
        async with bench(engine_of_both()) as b:
            chat = await chatting(b)
            other = b.pool.submit("a text")
            turns = len(b.pool.turns)
            await asyncio.sleep(0.1)
            assert (len(b.pool.turns), other.lease_id) == (turns, "")
            b.engine.says.put_nowait(None)
            await b.pool.until(lambda: other.result is not None)
            assert_done(other)
            asked = b.pool.turns[turns]
            assert (asked["max_tasks"] > 0, [result["lease_id"] for result in asked["results"]]) == (
                True,
                [chat.lease_id],
            )

    run(story())


def test_a_batch_goes_on_beside_a_chat() -> None:
    """Texts that were being embedded when the chat came are finished, and reported without asking for more."""

    async def story() -> None:
        engine = engine_of_both()
        engine.gate.clear()
        async with bench(engine) as b:
            texts = b.pool.submit("a text")
            await until(lambda: len(engine.calls) == 1)
            await b.pool.until(lambda: b.pool.waiting == 1)
            chat = await chatting(b)
            engine.gate.set()
            await b.pool.until(lambda: texts.result is not None)
            assert_done(texts)
            assert (b.pool.turns[-1]["max_tasks"], b.pool.turns[-1]["holding"]) == (0, [texts.lease_id, chat.lease_id])
            assert b.worker.chat is not None
            engine.says.put_nowait(None)
            await b.pool.until(lambda: chat.result is not None)

    run(story())


def test_a_chat_that_came_with_texts_shares_the_answer() -> None:
    """One answer of the server may have both: both are begun at once."""

    async def story() -> None:
        async with bench(engine_of_both(), allowed=False) as b:
            texts, chat = b.pool.submit("a text"), b.pool.submit_chat(ASKING)
            b.worker.allow()
            await b.pool.until(lambda: texts.result is not None)
            assert (len(b.engine.chats), chat.result) == (1, None)
            b.engine.says.put_nowait(None)
            await b.pool.until(lambda: chat.result is not None)

    run(story())


@pytest.mark.parametrize("payload", [ASKING, "Why?"], ids=["streamed", "not"])
def test_a_chat_that_nobody_wants_is_stopped_at_once(payload: object) -> None:
    """The client left: the next update hears of it, the engine stops, and other work is asked for."""

    async def story() -> None:
        async with bench(engine_of_both()) as b:
            chat = await chatting(b, payload)
            b.pool.lost.add(chat.lease_id)
            if payload is ASKING:
                b.engine.says.put_nowait(("Be", ""))
            await until(lambda: b.engine.canceled == 1)
            await b.pool.until(lambda: b.pool.waiting == 1)
            assert (chat.result, chat.releases, b.worker.ledger.holding) == (None, [], ())
            assert b.pool.releases == []

    run(story())


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (EngineFailed("It broke."), {"code": "engine_error", "message": "It broke."}),
        (ModelMissing("It is gone."), {"code": "model_missing", "message": "It is gone."}),
        (InputTooLong("Too long."), {"code": "input_too_long", "message": "Too long.", "input": 0}),
    ],
)
def test_a_failed_chat_has_its_name(error: EngineError, expected: dict[str, object]) -> None:
    """The server hears what went wrong; what is about the text names the one text there is."""

    async def story() -> None:
        async with bench(engine_of_both()) as b:
            chat = await chatting(b)
            b.engine.says.put_nowait(error)
            await b.pool.until(lambda: chat.result is not None)
            assert error_of(chat) == expected
            assert b.worker.look_again.is_set() is isinstance(error, ModelMissing)

    run(story())


def test_an_engine_that_went_away_gives_the_chat_back() -> None:
    """It is not the chat's fault: it is released, not failed."""

    async def story() -> None:
        async with bench(engine_of_both()) as b:
            chat = await chatting(b)
            b.engine.says.put_nowait(EngineUnavailable("Ollama is not running"))
            await b.pool.until(lambda: bool(chat.releases))
            assert (chat.releases, chat.result) == (["engine_unavailable"], None)

    run(story())


def test_a_chat_over_its_deadline_is_failed_as_too_slow() -> None:
    """Beyond the deadline nobody wants the answer: the engine is stopped, the server told."""

    async def story() -> None:
        async with bench(engine_of_both()) as b:
            chat = await chatting(b, deadline_seconds=0.1)
            await b.pool.until(lambda: chat.result is not None)
            assert error_of(chat)["code"] == "engine_timeout"
            assert b.engine.canceled == 1

    run(story())


def test_a_chat_that_makes_no_sense_never_reaches_the_engine() -> None:
    """The server is told which field is wrong, and the work beside it is done."""

    async def story() -> None:
        async with bench(engine_of_both(), allowed=False) as b:
            odd, good = b.pool.submit_chat({"messages": [{"role": "pirate"}]}), b.pool.submit("good")
            b.worker.allow()
            await b.pool.until(lambda: bool(odd.result and good.result))
            assert error_of(odd)["code"] == "input_invalid"
            assert str(error_of(odd)["message"]).startswith("messages[0].role")
            assert b.engine.chats == []

    run(story())


def test_a_chat_with_a_model_that_only_embeds_is_given_back() -> None:
    """Whatever the server thinks is on offer here: nobody is charged for it."""

    async def story() -> None:
        async with bench(GatedEngine(offer(CHAT_MODEL))) as b:
            chat = b.pool.submit_chat(ASKING)
            await b.pool.until(lambda: chat.releases == ["engine_unavailable"])

    run(story())


def test_no_word_of_a_chat_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Question and answer stay out of it, through success, failure and our own mistakes, also of the verbose one."""

    async def story() -> None:
        async with bench(engine_of_both()) as b:
            chats = []
            for end in (None, EngineFailed("It broke."), ZeroDivisionError("secret answer")):
                chats.append(await chatting(b, {"prompt": "secret question", "stream": True}))
                b.engine.says.put_nowait(("secret answer", "secret thought"))
                b.engine.says.put_nowait(end)
                await b.pool.until(lambda: chats[-1].result is not None)
            assert "secret" not in str(error_of(chats[-1]))

    with caplog.at_level(logging.DEBUG):
        run(story())
    assert "failed by a mistake of ours" in caplog.text
    assert "secret" not in caplog.text

"""A chat when the volunteer is back, when the agent ends, and over a network that fails: nothing is lost or doubled."""

from __future__ import annotations

import asyncio

from tests.desktop_agent.chatting import chatting, engine_of_both
from tests.desktop_agent.parts import bench, run, until


def test_a_rest_releases_the_chat_at_once() -> None:
    """The volunteer is back: the engine stops, the chat goes to another PC, and no more is told of it."""

    async def story() -> None:
        async with bench(engine_of_both()) as b:
            chat = await chatting(b)
            b.worker.rest("user_active")
            await b.pool.until(lambda: chat.releases == ["user_active"])
            await until(lambda: b.engine.canceled == 1)
            told = len(b.pool.updates)
            await until(lambda: b.worker.chat is None)
            await asyncio.sleep(0.05)
            assert len(b.pool.updates) == told
            assert b.worker.ledger.counters.tasks_released == 1

    run(story())


def test_a_stop_releases_the_chat() -> None:
    """At the end of the agent the chat goes back, within its two seconds."""

    async def story() -> None:
        async with bench(engine_of_both()) as b:
            chat = await chatting(b)
            b.loop.cancel()
            async with asyncio.timeout(2):
                await b.worker.stop("stopping")
            assert (chat.releases, b.engine.canceled) == (["stopping"], 1)

    run(story())


def test_an_answer_over_a_lost_server_is_kept_and_delivered() -> None:
    """The server is away while the answer is finished: it is sent again until somebody takes it, once."""

    async def story() -> None:
        async with bench(engine_of_both()) as b:
            chat = await chatting(b)
            b.pool.instead["/private/agent/turn"] = [(0, {}), (500, {}), (0, {})]
            b.pool.instead["/private/agent/progress"] = [(0, {})] * 3
            b.engine.says.put_nowait(("Because", ""))
            b.engine.says.put_nowait(None)
            await b.pool.until(lambda: chat.result is not None)
            assert chat.result is not None
            assert chat.result["output"]["message"]["content"] == "Because"
            assert len(b.engine.chats) == 1
            await b.pool.until(lambda: b.pool.waiting == 1)
            assert b.worker.ledger.counters.results_unwanted == 0

    run(story())


def test_a_lost_reply_doubles_no_text() -> None:
    """The server took an update, but its reply was lost: sent again under its number, the text is there once."""

    async def story() -> None:
        async with bench(engine_of_both()) as b:
            chat = await chatting(b)
            b.pool.progress_answers_lost = 2
            for word in ("Be", "cau", "se"):
                b.engine.says.put_nowait((word, ""))
                await asyncio.sleep(0)
            await b.pool.until(lambda: chat.content == "Because" and not b.pool.progress_answers_lost)
            assert [update["seq"] for update in b.pool.progress[0]] == [1]
            assert [update["seq"] for update in b.pool.progress[1]] == [1, 2]
            assert b.pool.progress[0][0] == b.pool.progress[1][0]

    run(story())


def test_one_progress_request_is_under_way_at_a_time() -> None:
    """What comes while a request is out waits for its answer, however long that takes."""

    async def story() -> None:
        async with bench(engine_of_both()) as b:
            chat = await chatting(b)
            b.pool.progress_gate.clear()
            b.engine.says.put_nowait(("Be", ""))
            await b.pool.until(lambda: b.pool.progressing == 1)
            for word in ("cau", "se"):
                b.engine.says.put_nowait((word, ""))
            await asyncio.sleep(0.3)
            assert (len(b.pool.progress), b.pool.most_progressing) == (1, 1)
            b.pool.progress_gate.set()
            await b.pool.until(lambda: chat.content == "Because")
            assert len(b.pool.progress) == 2

    run(story())

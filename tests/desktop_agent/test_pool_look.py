"""The pool's numbers are asked for now and then, more often while somebody watches."""

from __future__ import annotations

import asyncio

import pytest

from desktop_agent.core.errors import KeyRefused, ServerUnreachable
from desktop_agent.core.pool.contact import Contact
from desktop_agent.core.pool.pool_look import UNWATCHED_SECONDS, WATCHED_SECONDS, PoolLook
from desktop_agent.core.state import PoolStatus
from tests.desktop_agent.parts import api_of, run, until
from tests.fakes.pool import FakePool

FIRST, SECOND = PoolStatus(37, 1280, 100, 10), PoolStatus(38, 0, 200, 20)


class Pool:
    """A server that gives one answer after the other, and a clock."""

    def __init__(self, *answers: PoolStatus | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0
        self.now = 1000.0

    async def pool_status(self) -> PoolStatus:
        self.asked += 1
        answer = self.answers.pop(0) if self.answers else SECOND
        if isinstance(answer, Exception):
            raise answer
        return answer

    def look(self, contact: Contact | None = None) -> PoolLook:
        return PoolLook(self, contact or Contact(), lambda: self.now)


def test_the_numbers_come_at_once_and_then_now_and_then() -> None:
    """Nobody watches: every ten minutes. Somebody does: at once if they are a minute old, and every minute."""

    async def story() -> list[int]:
        pool, asked = Pool(FIRST), []
        look = pool.look()
        loop = asyncio.create_task(look.run_forever())
        await until(lambda: look.status == FIRST)
        for seconds, watched in ((WATCHED_SECONDS - 1, True), (1.0, True), (WATCHED_SECONDS, False), (0.0, True)):
            pool.now += seconds
            look.set_watched(watched)
            for _ in range(5):
                await asyncio.sleep(0)
            asked.append(pool.asked)
        loop.cancel()
        return asked

    assert run(story()) == [1, 2, 2, 3]


def test_ten_minutes_later_it_looks_again_unwatched() -> None:
    """The wait that is left is what the clock says."""

    async def story() -> int:
        pool = Pool(FIRST)
        look = pool.look()
        loop = asyncio.create_task(look.run_forever())
        await until(lambda: look.status == FIRST)
        pool.now += UNWATCHED_SECONDS
        look.set_watched(False)
        await until(lambda: look.status == SECOND)
        loop.cancel()
        return pool.asked

    assert run(story()) == 2


@pytest.mark.parametrize("error", [ServerUnreachable("No way."), KeyRefused("No longer wanted.")])
def test_a_failure_keeps_the_last_numbers(error: Exception) -> None:
    """It ends nothing and is nobody's concern: who asks for work tells the owner."""
    pool = Pool(FIRST, error)
    look = pool.look()
    run(look.run_once())
    run(look.run_once())
    assert look.status == FIRST


def test_a_server_that_wants_to_be_left_alone_is() -> None:
    """What the server said to anybody of this PC holds for this, too."""

    async def story() -> tuple[int, int]:
        contact, pool = Contact(), Pool(FIRST)
        contact.quiet_until = pool.now + 30
        look = pool.look(contact)
        loop = asyncio.create_task(look.run_forever())
        for _ in range(5):
            await asyncio.sleep(0)
        before = pool.asked
        pool.now += 31
        look.set_watched(True)
        await until(lambda: look.status == FIRST)
        loop.cancel()
        return before, pool.asked

    assert run(story()) == (0, 1)


def test_the_real_question_is_asked() -> None:
    """Through the real connection, with a token."""

    async def story() -> PoolStatus | None:
        async with api_of(FakePool()) as api:
            look = PoolLook(api, Contact())
            await look.run_once()
            return look.status

    assert run(story()) == PoolStatus(37, 1280, 8412, 300)

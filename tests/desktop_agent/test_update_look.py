"""A newer version is told of once a day, if its owner wants to know; nonsense never is."""

from __future__ import annotations

import asyncio

import pytest

from desktop_agent.core.errors import ServerUnreachable
from desktop_agent.core.pool.update_look import AGAIN_SECONDS, EVERY_SECONDS, FIRST_SECONDS, UpdateLook, is_newer
from tests.desktop_agent.parts import run, until


@pytest.mark.parametrize(
    ("told", "newer"),
    [
        ("0.3.1", True),
        ("0.10.0", True),
        ("v1.0", True),
        (" 0.3.0.1\n", True),
        ("0.3.0", False),
        ("0.3", False),
        ("0.2.99", False),
        ("0.3.1rc1", False),
        ("0.3.1; rm -rf /", False),
        ("9999999999.0", False),
        ("newest", False),
        ("", False),
        ("1", False),
        ("١.٠", False),
    ],
)
def test_versions_are_compared_by_their_numbers(told: str, newer: bool) -> None:
    """10 comes after 9; whatever is no row of numbers is not newer."""
    assert is_newer(told, "0.3.0") is newer


def test_a_version_of_ours_that_is_none_has_no_newer_one() -> None:
    """Somebody runs the sources of a branch."""
    assert not is_newer("0.3.0", "main")


class Server:
    """Names versions, one after the other; and a clock, and a setting."""

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0
        self.now = 0.0
        self.wanted = True

    async def ask(self) -> str:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def look(self) -> UpdateLook:
        return UpdateLook(self.ask, "0.3.0", lambda: self.wanted, lambda: self.now)


def step(server: Server, look: UpdateLook, seconds: float) -> tuple[int, str]:
    server.now += seconds
    run(look.run_once())
    return server.asked, look.newer


def test_it_looks_a_minute_after_the_start_and_once_a_day() -> None:
    """The version is told until it is installed, or the pool takes it back."""
    server = Server("0.4.0", "0.4.0", "0.3.0")
    look = server.look()
    assert step(server, look, FIRST_SECONDS - 1) == (0, "")
    assert step(server, look, 1.0) == (1, "0.4.0")
    assert step(server, look, EVERY_SECONDS - 1) == (1, "0.4.0")
    assert step(server, look, 1.0) == (2, "0.4.0")
    assert step(server, look, EVERY_SECONDS) == (3, "")


def test_a_look_that_failed_is_made_up_for_within_the_hour() -> None:
    """What was known before stays."""
    server = Server("v0.4.0", ServerUnreachable("No way."), "0.5.0")
    look = server.look()
    assert step(server, look, FIRST_SECONDS) == (1, "0.4.0")
    assert step(server, look, EVERY_SECONDS) == (2, "0.4.0")
    assert step(server, look, AGAIN_SECONDS) == (3, "0.5.0")


def test_who_does_not_want_to_know_is_not_told_and_nobody_asked() -> None:
    """The setting holds at once, in both directions."""
    server = Server("0.4.0")
    look = server.look()
    server.wanted = False
    assert step(server, look, EVERY_SECONDS) == (0, "")
    server.wanted = True
    assert step(server, look, 0.0) == (1, "0.4.0")
    server.wanted = False
    assert look.newer == ""


def test_the_loop_looks() -> None:
    """Tick after tick, until it is time."""

    async def story() -> str:
        server = Server("0.4.0")
        look = server.look()
        loop = asyncio.create_task(look.run_forever(tick_seconds=0.001))
        server.now = FIRST_SECONDS
        await until(lambda: look.newer != "")
        loop.cancel()
        return look.newer

    assert run(story()) == "0.4.0"

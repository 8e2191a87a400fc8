"""What the server is told of a chat, and when: the first text at once, then in batches, and never with a hole in it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from desktop_agent.core.errors import KeyRefused, RequestRefused, ServerAnswerOdd, ServerBusy, ServerUnreachable
from desktop_agent.core.pool.wire import Update
from desktop_agent.core.work import progress as progress_module
from desktop_agent.core.work.progress import LONGEST_RETRY_SECONDS, Progress
from desktop_agent.core.work.telling import BATCH_SECONDS, MAX_CHARACTERS, MAX_UPDATES, SIGN_OF_LIFE_SECONDS
from tests.desktop_agent.parts import run, until

LEASE = "lease-1"
#: Less than any waiting time.
MOMENT = 0.001


@dataclass(slots=True)
class ScriptedServer:
    """Answers as the test wants: the next of its answers, else that all is well."""

    requests: list[list[Update]] = field(default_factory=list)
    answers: list[Exception | dict[str, str]] = field(default_factory=list)

    async def progress(self, updates: Sequence[Update]) -> dict[str, str]:
        self.requests.append(list(updates))
        answer = self.answers.pop(0) if self.answers else {update.lease_id: "held" for update in updates}
        if isinstance(answer, Exception):
            raise answer
        return answer


class Desk:
    """Progress by a clock that the test sets."""

    def __init__(self, *answers: Exception | dict[str, str]) -> None:
        self.now = 1000.0
        self.server = ScriptedServer(answers=list(answers))
        self.lost: list[str] = []
        self.progress = Progress(self.server, self.lost.extend, lambda: self.now)

    def after(self, seconds: float) -> list[list[tuple[int, str]]]:
        """Let time pass, and what is due be sent; gives seq and content of the updates of each new request."""
        self.now += seconds
        known = len(self.server.requests)
        run(self.progress.run_once())
        return [[(one.seq, one.content) for one in request] for request in self.server.requests[known:]]


def test_the_first_text_goes_at_once_and_the_rest_in_batches() -> None:
    """No first word waits; after it what came in 120 ms travels together, numbered from 1."""
    desk = Desk()
    with desk.progress.of(LEASE, streams=True) as heard:
        assert desk.after(0.5) == []
        heard("Hel", "")
        assert desk.after(0) == [[(1, "Hel")]]
        heard("lo", "")
        heard(" wor", "")
        assert desk.after(BATCH_SECONDS - MOMENT) == []
        heard("ld", "")
        assert desk.after(MOMENT) == [[(2, "lo world")]]
        assert desk.after(SIGN_OF_LIFE_SECONDS - MOMENT) == []
    assert 0.1 <= BATCH_SECONDS <= 0.15


def test_thoughts_are_text_too() -> None:
    """The first thought goes at once, and thoughts and content stay apart."""
    desk = Desk()
    with desk.progress.of(LEASE, streams=True) as heard:
        heard("", "Hm")
        desk.after(0)
        heard("", "m.")
        heard("Yes", "")
        desk.after(BATCH_SECONDS)
    assert [(one.content, one.thinking) for (one,) in desk.server.requests] == [("", "Hm"), ("Yes", "m.")]


def test_silence_is_broken_every_two_seconds() -> None:
    """While the model is being loaded, or the prompt read, an empty update keeps the lease and hears of a cancel."""
    desk = Desk()
    with desk.progress.of(LEASE, streams=True) as heard:
        assert desk.after(SIGN_OF_LIFE_SECONDS - MOMENT) == []
        assert desk.after(MOMENT) == [[(1, "")]]
        assert desk.after(SIGN_OF_LIFE_SECONDS) == [[(2, "")]]
        heard("At last", "")
        assert desk.after(0) == [[(3, "At last")]]
    assert desk.after(60) == []


def test_nobody_reads_along_is_a_sign_of_life_only() -> None:
    """Without a reader no text leaves before the answer does, but the client that leaves is heard of."""
    desk = Desk({LEASE: "lost"})
    with desk.progress.of(LEASE, streams=False) as heard:
        heard("secret", "secret")
        assert desk.after(SIGN_OF_LIFE_SECONDS - MOMENT) == []
        assert desk.after(MOMENT) == [[(1, "")]]
        assert desk.lost == [LEASE]


def test_a_failed_request_is_sent_again_as_it_was() -> None:
    """The same update under the same number, what came meanwhile in a further one; after that it goes on as before."""
    broken = ServerUnreachable("broken")
    desk = Desk(broken, broken)
    with desk.progress.of(LEASE, streams=True) as heard:
        heard("a", "")
        assert desk.after(0) == [[(1, "a")]]
        heard("b", "")
        assert desk.after(MOMENT) == []
        assert desk.after(LONGEST_RETRY_SECONDS) == [[(1, "a"), (2, "b")]]
        heard("c", "")
        assert desk.after(LONGEST_RETRY_SECONDS) == [[(1, "a"), (2, "b"), (3, "c")]]
        heard("d", "")
        assert desk.after(BATCH_SECONDS) == [[(4, "d")]]


def test_a_long_outage_loses_no_text() -> None:
    """However long the server is away: a request stays within its bounds, and in the end every word has come once."""
    desk = Desk(*[ServerUnreachable("broken")] * 200)
    told = ""
    with desk.progress.of(LEASE, streams=True) as heard:
        for number in range(200):
            heard(f"{number} ", "")
            (request,) = desk.after(LONGEST_RETRY_SECONDS)
            assert len(request) <= MAX_UPDATES
        seq = 0
        for _ in range(5):
            for request in desk.after(SIGN_OF_LIFE_SECONDS):
                for number, content in request:
                    assert number == seq + 1
                    seq, told = number, told + content
    assert told == "".join(f"{number} " for number in range(200))


def test_much_text_is_cut() -> None:
    """One update carries only so much; the rest follows in the next."""
    desk = Desk()
    text = "ä" * (MAX_CHARACTERS + 5)
    with desk.progress.of(LEASE, streams=True) as heard:
        heard(text, text)
        desk.after(0)
        desk.after(BATCH_SECONDS)
    first, second = (request[0] for request in desk.server.requests)
    assert (len(first.content), len(first.thinking), len(second.content)) == (MAX_CHARACTERS, MAX_CHARACTERS, 5)
    assert first.content + second.content == first.thinking + second.thinking == text


@pytest.mark.parametrize("status", [400, 413])
def test_refused_text_is_not_sent_on_with_a_hole(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """When the server will not have an update, nobody reads along any more; the answer at the end is whole anyway."""
    desk = Desk(RequestRefused("content is too long", status))
    with desk.progress.of(LEASE, streams=True) as heard, caplog.at_level(logging.ERROR):
        heard("secret", "")
        desk.after(0)
        heard("more", "")
        assert desk.after(SIGN_OF_LIFE_SECONDS) == [[(2, "")]]
    assert "refused" in caplog.text
    assert "secret" not in caplog.text


def test_a_busy_server_is_left_alone_as_long_as_it_asks() -> None:
    """But not so long that the lease would lapse."""
    desk = Desk(ServerBusy("busy", 6.0), ServerBusy("busy", 600.0))
    with desk.progress.of(LEASE, streams=True) as heard:
        heard("a", "")
        desk.after(0)
        assert desk.after(6.0 - MOMENT) == []
        assert desk.after(MOMENT) == [[(1, "a")]]
        assert desk.after(20.0) == [[(1, "a")]]


def test_failures_do_not_pile_up_requests() -> None:
    """Each failure in a row makes the next try later, up to a bound; one success makes all good."""
    desk = Desk(*[ServerAnswerOdd("odd")] * 10)
    with desk.progress.of(LEASE, streams=True) as heard:
        heard("a", "")
        waits = []
        for _ in range(10):
            desk.after(0)
            waits.append(desk.progress._quiet_until - desk.now)
            desk.now = desk.progress._quiet_until
        assert waits == sorted(waits)
        assert (waits[0], waits[-1]) == (0.25, LONGEST_RETRY_SECONDS)
        desk.after(0)
        desk.server.answers.append(ServerAnswerOdd("odd"))
        heard("b", "")
        desk.after(BATCH_SECONDS)
        assert desk.progress._quiet_until - desk.now == 0.25


def test_two_chats_share_a_request() -> None:
    """Whatever was handed out: one request at a time, with the updates of all, each numbered by itself."""
    desk = Desk({"1": "held", "2": "lost", "3": "lost"})
    with desk.progress.of("1", streams=True) as first, desk.progress.of("2", streams=True) as second:
        first("a", "")
        second("b", "")
        assert desk.after(0) == [[(1, "a"), (1, "b")]]
        assert desk.lost == ["2"]


def test_a_refused_key_is_not_swallowed() -> None:
    """The pool no longer wants us: that ends the agent, wherever it is heard."""
    desk = Desk(KeyRefused("no"))
    with desk.progress.of(LEASE, streams=True) as heard:
        heard("a", "")
        with pytest.raises(KeyRefused):
            desk.after(0)


def test_the_loop_wakes_for_the_first_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """In real time: nothing is polled, and a word that comes while the loop sleeps is sent at once."""

    async def story() -> None:
        server = ScriptedServer()
        progress = Progress(server, lambda _: None)
        loop = asyncio.create_task(progress.run_forever())
        await asyncio.sleep(0)
        with progress.of(LEASE, streams=True) as heard:
            await asyncio.sleep(0.01)
            assert server.requests == []
            heard("Hi", "")
            await until(lambda: len(server.requests) == 1, SIGN_OF_LIFE_SECONDS / 2)
            heard("!", "")
            await until(lambda: len(server.requests) == 2, SIGN_OF_LIFE_SECONDS / 2)
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
        assert [one.content for (one,) in server.requests] == ["Hi", "!"]

    run(story())


def test_a_request_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a sleep of this PC its connection may be dead: the update is sent again, on another."""
    monkeypatch.setattr(progress_module, "REQUEST_SECONDS", 0.01)

    async def story() -> None:
        requests: list[list[Update]] = []

        class Hanging:
            async def progress(self, updates: Sequence[Update]) -> dict[str, str]:
                requests.append(list(updates))
                if len(requests) == 1:
                    await asyncio.Event().wait()
                return {}

        progress = Progress(Hanging(), lambda _: None)
        loop = asyncio.create_task(progress.run_forever())
        with progress.of(LEASE, streams=True) as heard:
            heard("Hi", "")
            await until(lambda: len(requests) == 2)
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
        assert requests[0][0] == requests[1][0]

    run(story())

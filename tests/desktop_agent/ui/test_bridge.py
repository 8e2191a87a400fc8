"""The bridge: the host in its thread, answers and snapshots in the windows' thread, an end within its time."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable
from typing import Any, cast

import pytest
from PySide6.QtCore import QObject, QThread
from pytestqt.qtbot import QtBot

from desktop_agent.core.errors import AgentError, ServerUnreachable
from desktop_agent.core.state import AgentState, StateSnapshot
from desktop_agent.ui.asking import Verbs
from desktop_agent.ui.bridge import Bridge, BridgedHost

READY = StateSnapshot(AgentState.READY, "Ready.")


class SmallHost:
    """A host that does what a test tells it."""

    def __init__(self, publish: Callable[[StateSnapshot], None]) -> None:
        self.publish = publish
        self.thread = threading.current_thread()
        self.watched: list[bool] = []
        self.gave_back = False
        #: Ignores the wish to end.
        self.stubborn = False
        self.error: Exception | None = None

    async def run(self, stop: asyncio.Event) -> None:
        self.publish(READY)
        await stop.wait()
        if self.error:
            raise self.error
        while self.stubborn:
            await asyncio.sleep(10)
        self.gave_back = True

    def set_watched(self, watched: bool) -> None:
        self.watched.append(watched)


class Running:
    """A bridge over a small host."""

    def __init__(self, qtbot: QtBot) -> None:
        self.hosts: list[SmallHost] = []
        self.bridge = Bridge(self._make)
        with qtbot.waitSignal(self.bridge.snapshot_changed):
            self.bridge.start()

    @property
    def host(self) -> SmallHost:
        return self.hosts[-1]

    def _make(self, publish: Callable[[StateSnapshot], None]) -> BridgedHost:
        self.hosts.append(SmallHost(publish))
        return cast(BridgedHost, self.hosts[-1])


@pytest.fixture
def running(qtbot: QtBot) -> Any:
    running = Running(qtbot)
    yield running
    running.host.stubborn = False
    running.bridge.stop()


def test_snapshots_arrive_in_the_windows_thread(qtbot: QtBot, running: Running) -> None:
    """What the host publishes in its own thread is shown in Qt's."""
    threads: list[object] = []
    running.bridge.snapshot_changed.connect(lambda _: threads.append(QThread.currentThread()))
    working = StateSnapshot(AgentState.WORKING, "Working.")
    with qtbot.waitSignal(running.bridge.snapshot_changed) as told:
        running.host.publish(working)
    assert told.args == [working]
    assert running.bridge.snapshot == working
    assert running.host.thread is not threading.current_thread()
    assert threads == [running.bridge.thread()]


def test_answers_come_back(qtbot: QtBot, running: Running) -> None:
    """A verb runs in the host's thread; its result arrives in this one."""
    answers: list[tuple[object, object]] = []

    async def verb(_: Verbs) -> threading.Thread:
        return threading.current_thread()

    running.bridge.ask(verb, done=lambda value: answers.append((value, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(answers))
    assert answers == [(running.host.thread, threading.current_thread())]


def test_errors_come_back_in_words(qtbot: QtBot, running: Running) -> None:
    """An error of ours goes to whoever asked; a mistake is told as one, and goes the way of crashes too."""
    told: list[AgentError] = []
    mistakes: list[Exception] = []
    running.bridge.failed.connect(mistakes.append)

    async def unreachable(_: Verbs) -> None:
        raise ServerUnreachable("Cannot reach it.")

    async def mistaken(_: Verbs) -> None:
        raise ZeroDivisionError

    running.bridge.ask(unreachable, failed=told.append)
    qtbot.waitUntil(lambda: len(told) == 1)
    assert (type(told[0]), told[0].message, mistakes) == (ServerUnreachable, "Cannot reach it.", [])
    running.bridge.ask(mistaken, failed=told.append)
    qtbot.waitUntil(lambda: len(told) == 2 and len(mistakes) == 1)
    assert (type(told[1]), type(mistakes[0])) == (AgentError, ZeroDivisionError)


def test_a_window_that_is_gone_gets_no_answer(qtbot: QtBot, running: Running) -> None:
    """The slot of a deleted object is not called, and nothing breaks."""
    called: list[object] = []

    class Window(QObject):
        def take(self, value: object) -> None:
            called.append(value)

    window = Window()
    answered: list[object] = []

    async def verb(_: Verbs) -> int:
        return 1

    running.bridge.ask(verb, done=window.take)
    window.deleteLater()
    with qtbot.waitSignal(window.destroyed):
        pass
    del window
    gc.collect()
    running.bridge.ask(verb, done=answered.append)
    qtbot.waitUntil(lambda: bool(answered))
    assert called == [] or called == [1]


def test_stop_waits_until_the_work_is_given_back(qtbot: QtBot, running: Running) -> None:
    """After `stop` the host has ended in order, and questions are answered with no."""
    errors: list[AgentError] = []
    with qtbot.waitSignal(running.bridge.ended):
        assert running.bridge.stop()
    assert running.host.gave_back
    assert not running.bridge.is_running

    async def verb(_: Verbs) -> None:
        raise AssertionError

    running.bridge.ask(verb, failed=errors.append)
    qtbot.waitUntil(lambda: len(errors) == 1)


def test_a_host_that_hangs_is_dropped(running: Running) -> None:
    """It gets its seconds, then everything is cancelled: the program can end."""
    running.host.stubborn = True
    assert not running.bridge.stop(0.05)
    assert not running.bridge.is_running


def test_a_thread_that_hangs_does_not_keep_the_host(running: Running) -> None:
    """A call that hangs in a driver, or at a prompt for a password, is not waited for."""
    hangs, over = threading.Event(), threading.Event()

    def hang() -> None:
        hangs.set()
        over.wait(60)

    async def verb(_: Verbs) -> None:
        await asyncio.to_thread(hang)

    running.bridge.ask(verb)
    assert hangs.wait(10)
    try:
        assert running.bridge.stop()
    finally:
        over.set()


def test_a_broken_host_is_told_and_can_be_started_again(qtbot: QtBot, running: Running) -> None:
    """An exception that ends the host arrives as a crash; a new host works in the old one's place."""
    running.host.error = ZeroDivisionError()
    with qtbot.waitSignals([running.bridge.failed, running.bridge.ended]):
        running.bridge.stop()
    with qtbot.waitSignal(running.bridge.snapshot_changed):
        running.bridge.start()
    assert len(running.hosts) == 2


def test_a_mistake_in_a_task_of_its_own_is_told(qtbot: QtBot, running: Running) -> None:
    """An exception that nobody waits for is a crash; a connection that broke is none."""
    mistakes: list[Exception] = []
    running.bridge.failed.connect(mistakes.append)

    async def verb(_: Verbs) -> None:
        loop = asyncio.get_running_loop()
        loop.call_exception_handler({"message": "lost", "exception": ConnectionResetError()})
        loop.call_exception_handler({"message": "odd", "exception": KeyError("x")})

    running.bridge.ask(verb)
    qtbot.waitUntil(lambda: len(mistakes) == 1)
    assert isinstance(mistakes[0], KeyError)


def test_somebody_looking_is_told(qtbot: QtBot, running: Running) -> None:
    """The host hears when a window is visible."""
    running.bridge.watch(True)
    qtbot.waitUntil(lambda: running.host.watched == [True])

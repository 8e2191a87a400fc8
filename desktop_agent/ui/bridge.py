"""The one bridge between the host, in its own thread with its asyncio loop, and the windows in Qt's."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Signal, Slot

from ..core import loops, messages
from ..core.errors import AgentError
from ..core.state import StateSnapshot
from .asking import Verbs

log = logging.getLogger(__name__)

T = TypeVar("T")

#: Seconds that the host has for giving its work back when the agent ends, and then for dropping everything.
STOP_SECONDS = 3.0
DROP_SECONDS = 1.0


class BridgedHost(Verbs, Protocol):
    """What the bridge itself wants of a host, beside the verbs that windows ask for."""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then give everything back."""

    def set_watched(self, watched: bool) -> None:
        """Look more often, because somebody looks."""


#: Makes the host, in the thread it will live in; it publishes its snapshots to the callable.
MakeHost = Callable[[Callable[[StateSnapshot], None]], BridgedHost]


class Bridge(QObject):
    """Runs the host in a thread, shows its snapshots, and carries questions there and answers back.

    Every signal is emitted in the host's thread and arrives in the windows', because the bridge lives there.
    """

    #: A StateSnapshot.
    snapshot_changed = Signal(object)
    #: An exception that nobody expected; the host has ended if it was the host's own.
    failed = Signal(object)
    #: The host's thread is over.
    ended = Signal()
    #: A slot and what it is to be called with.
    _answered = Signal(object, object)
    _published = Signal(object)

    def __init__(self, make_host: MakeHost) -> None:
        super().__init__()
        self._make_host = make_host
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._host: BridgedHost | None = None
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._questions: set[asyncio.Task[None]] = set()
        #: The last snapshot that was shown; None before the first.
        self.snapshot: StateSnapshot | None = None
        self._answered.connect(self._deliver)
        self._published.connect(self._show)

    @property
    def is_running(self) -> bool:
        """Tell whether the host's thread lives."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Start the host in a new thread."""
        self._stop, self._ready = asyncio.Event(), threading.Event()
        # A daemon: a call that hangs in a driver must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="host", daemon=True)
        self._thread.start()

    def ask(
        self,
        make_coroutine: Callable[[Verbs], Coroutine[Any, Any, T]],
        done: Callable[[T], None] | None = None,
        failed: Callable[[AgentError], None] | None = None,
    ) -> None:
        """Have the host do a verb; one of the slots is called later, in this thread, unless its window is gone.

        An error that is not the agent's own is a mistake of ours: the slot hears so, and `failed` the rest.
        """

        async def answer(host: BridgedHost) -> None:
            try:
                self._answered.emit(done, await make_coroutine(host))
            except AgentError as error:
                self._answered.emit(failed, error)
            except asyncio.CancelledError:
                self._answered.emit(failed, AgentError(messages.states.STOPPED))
                raise
            except Exception as error:  # noqa: BLE001 (told through the signal)
                self._answered.emit(failed, AgentError(messages.states.OUR_MISTAKE))
                self.failed.emit(error)

        def begin(host: BridgedHost) -> None:
            # The loop itself holds its tasks only weakly.
            question = asyncio.ensure_future(answer(host))
            self._questions.add(question)
            question.add_done_callback(self._questions.discard)

        if not self._in_host_thread(begin):
            self._answered.emit(failed, AgentError(messages.states.NOT_RUNNING))

    def watch(self, watched: bool) -> None:
        """Tell the host whether somebody looks."""
        self._in_host_thread(lambda host: host.set_watched(watched))

    def stop(self, seconds: float = STOP_SECONDS) -> bool:
        """Have the host give its work back, and wait for that; False when it took longer and was dropped."""
        thread = self._thread
        if thread is None or not thread.is_alive():
            return True
        self._ready.wait(seconds)
        self._in_loop(self._stop.set)
        thread.join(seconds)
        if not thread.is_alive():
            return True
        log.warning("The agent did not give its work back in time")
        self._in_loop(self._drop)
        thread.join(DROP_SECONDS)
        return False

    def _run(self) -> None:
        """Be the host's thread."""
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(self._on_loop_error)
        try:
            host = self._make_host(self._published.emit)
            self._loop, self._host = loop, host
            self._ready.set()
            loop.run_until_complete(host.run(self._stop))
        except asyncio.CancelledError:
            log.info("The host was dropped")
        except Exception as error:  # noqa: BLE001 (told through the signal)
            self.failed.emit(error)
        finally:
            self._ready.set()
            self._host = self._loop = None
            loops.close(loop)
            self.ended.emit()

    def _on_loop_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Log what nobody waited for; a connection that broke is no mistake of ours."""
        loop.default_exception_handler(context)
        error = context.get("exception")
        if isinstance(error, Exception) and not isinstance(error, OSError | AgentError):
            self.failed.emit(error)

    def _drop(self) -> None:
        for task in asyncio.all_tasks():
            task.cancel()

    def _in_host_thread(self, call: Callable[[BridgedHost], None]) -> bool:
        """Call in the host's thread, with the host; False when there is none."""
        if self._thread is None:
            return False
        self._ready.wait(STOP_SECONDS)
        host = self._host
        return host is not None and self._in_loop(lambda: call(host))

    def _in_loop(self, call: Callable[[], object]) -> bool:
        loop = self._loop
        with contextlib.suppress(RuntimeError):  # the loop is closed
            if loop is not None:
                loop.call_soon_threadsafe(call)
                return True
        return False

    @Slot(object)
    def _show(self, snapshot: StateSnapshot) -> None:
        self.snapshot = snapshot
        self.snapshot_changed.emit(snapshot)

    @Slot(object, object)
    def _deliver(self, slot: Callable[[object], None] | None, value: object) -> None:
        owner = getattr(slot, "__self__", None)
        gone = isinstance(owner, QObject) and not shiboken6.isValid(owner)
        if slot is not None and not gone:
            slot(value)

"""A thread that asks one sensor, so that a call that never returns holds up nothing but itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar

from .. import messages
from ..sensors.base import Reading, SensorFailed, Unknown

log = logging.getLogger(__name__)
T = TypeVar("T")


class SensorThread:
    """Asks one sensor, one call after the other, always in the same thread: some connections insist on that.

    The thread begins with the first call. It does not keep the program from ending.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        #: Failures that the log has already.
        self._told: set[str] = set()

    def ask(self, read: Callable[[], T]) -> asyncio.Future[Reading[T]]:
        """Have the sensor read; the future never fails: what goes wrong becomes an Unknown with its reason."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Reading[T]] = loop.create_future()

        def job() -> None:
            reading = self._read(read)
            # The loop may be gone by the time a slow call returns.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_answer, future, reading)

        self._jobs.put(job)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=f"sensor {self._name}", daemon=True)
            self._thread.start()
        return future

    def end(self) -> None:
        """Let the thread end after its last call."""
        self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def _read(self, read: Callable[[], T]) -> Reading[T]:
        try:
            return read()
        except SensorFailed as error:
            return Unknown(error.reason)
        except Exception as error:
            # No driver and no desktop may end the agent.
            what = type(error).__name__
            if what not in self._told:
                self._told.add(what)
                log.warning("The sensor “%s” failed", self._name, exc_info=True)
            return Unknown(messages.rules.sensor_broke(what))


def _answer(future: asyncio.Future[Reading[T]], reading: Reading[T]) -> None:
    if not future.done():
        future.set_result(reading)

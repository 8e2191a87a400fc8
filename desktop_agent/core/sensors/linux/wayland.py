"""What a Wayland compositor says about the person's input, by the ext-idle-notify protocol.

The compositor tells when nobody has touched a seat for a second, and when somebody touches it again. From its second
version on it tells so in two ways: counting input alone, and counting a program that keeps the screen on as input too.
Where the two differ, a program keeps the screen on.
"""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pywayland.client.display import Display
from pywayland.protocol.ext_idle_notify_v1 import ExtIdleNotifierV1
from pywayland.protocol.wayland import WlSeat

from ...messages import sensors as messages
from ..base import SensorFailed
from .dbus import ServiceMissing

#: The compositor tells after this much time without input, in milliseconds; less is seen as none at all.
TOLD_AFTER_MS = 1000
#: Seconds for the compositor to answer.
LIMIT_S = 1.0
#: Seconds by which the two ways to count may differ because their news came one after the other.
_IN_STEP_S = 2.0


@dataclass(slots=True)
class Notice:
    """Since when one way to count says that nobody is there; None while somebody is."""

    idle_since: float | None = None


@dataclass(slots=True)
class Seat:
    """One set of keyboard, mouse and screen."""

    #: Its number in the compositor's registry.
    number: int
    #: Counts input; in the protocol's first version, a program that keeps the screen on counts as input.
    here: Notice = field(default_factory=Notice)
    #: Counts programs too; None in the first version.
    inhibited: Notice | None = None


class WaylandLine:
    """One connection to a compositor, from its making until something goes wrong. For one thread at a time."""

    def __init__(self, path: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Connect and ask for notices on every seat. Raises SensorFailed."""
        self.seats: list[Seat] = []
        self._clock = clock
        self._stale = False
        #: Everything that must be destroyed before the connection ends, in the order of its making.
        self._objects: list[Any] = []
        self._display = _connected(path)
        try:
            self._introduce()
        except BaseException:
            self.close()
            raise

    def look(self) -> None:
        """Take in the news. Raises SensorFailed when the compositor is gone, hangs, or has other seats than before."""
        # Silence would look like absence: it has to answer each time.
        self._roundtrip()
        if self._stale:
            raise SensorFailed(messages.COMPOSITOR_GONE)

    def close(self) -> None:
        """Destroy everything in order: the library crashes the whole program when the connection goes first."""
        while self._objects:
            self._objects.pop().destroy()
        with contextlib.suppress(Exception):
            self._display.flush()
        self._display.disconnect()

    def _introduce(self) -> None:
        registry = self._keep(self._display.get_registry())
        offered: list[tuple[int, str, int]] = []
        registry.dispatcher["global"] = lambda _registry, *offer: offered.append(offer)
        registry.dispatcher["global_remove"] = self._on_removal
        self._roundtrip()
        notifiers = [(number, version) for number, name, version in offered if name == ExtIdleNotifierV1.name]
        self.seats = [Seat(number) for number, name, _version in offered if name == WlSeat.name]
        if not notifiers or not self.seats:
            raise SensorFailed(messages.NO_IDLE_NOTIFY)
        number, version = notifiers[0]
        notifier = self._keep(registry.bind(number, ExtIdleNotifierV1, min(version, 2)))
        for seat in self.seats:
            self._watch(seat, notifier, self._keep(registry.bind(seat.number, WlSeat, 1)), version)
        registry.dispatcher["global"] = self._on_arrival
        self._roundtrip()

    def _watch(self, seat: Seat, notifier: Any, proxy: Any, version: int) -> None:
        plain = notifier.get_idle_notification(TOLD_AFTER_MS, proxy)
        if version == 1:
            self._follow(plain, seat.here)
            return
        seat.inhibited = Notice()
        self._follow(plain, seat.inhibited)
        self._follow(notifier.get_input_idle_notification(TOLD_AFTER_MS, proxy), seat.here)

    def _follow(self, notification: Any, notice: Notice) -> None:
        self._keep(notification)

        def idled(_notification: Any) -> None:
            notice.idle_since = self._clock() - TOLD_AFTER_MS / 1000

        def resumed(_notification: Any) -> None:
            notice.idle_since = None

        notification.dispatcher["idled"] = idled
        notification.dispatcher["resumed"] = resumed

    def _on_arrival(self, _registry: Any, _number: int, name: str, _version: int) -> None:
        self._stale = self._stale or name == WlSeat.name

    def _on_removal(self, _registry: Any, number: int) -> None:
        self._stale = self._stale or any(seat.number == number for seat in self.seats)

    def _keep(self, made: Any) -> Any:
        self._objects.append(made)
        return made

    def _roundtrip(self) -> None:
        """Wait until the compositor has worked off everything so far. Raises SensorFailed."""
        done: list[int] = []
        callback = self._display.sync()
        callback.dispatcher["done"] = lambda _callback, serial: done.append(serial)
        give_up_at = time.monotonic() + LIMIT_S
        while not done:
            left = give_up_at - time.monotonic()
            if left <= 0:
                raise SensorFailed(messages.COMPOSITOR_GONE)
            self._pump(left)

    def _pump(self, wait_s: float) -> None:
        """Send what waits, and take in what comes within the time. Raises SensorFailed when the line is cut."""
        try:
            self._display.dispatch()
            self._display.flush()
            poll = select.poll()
            poll.register(self._display.get_fd(), select.POLLIN)
            if poll.poll(wait_s * 1000):
                self._display.read()
                self._display.dispatch()
        except (RuntimeError, ValueError, OSError) as broken:
            raise SensorFailed(messages.COMPOSITOR_GONE) from broken


def idle_seconds(line: WaylandLine, now: float) -> float:
    """Give the seconds since the last input on any seat; 0 for less than a second."""
    since = [seat.here.idle_since for seat in line.seats]
    return min(0.0 if moment is None else now - moment for moment in since)


def screen_kept_on(line: WaylandLine, now: float) -> bool:
    """Tell whether a program keeps the screen on. Raises ServiceMissing where the compositor is too old to tell."""
    if any(seat.inhibited is None for seat in line.seats):
        raise ServiceMissing(messages.NO_IDLE_NOTIFY)
    return any(
        seat.here.idle_since is not None
        and seat.inhibited is not None
        and seat.inhibited.idle_since is None
        and now - seat.here.idle_since > TOLD_AFTER_MS / 1000 + _IN_STEP_S
        for seat in line.seats
    )


def _connected(path: str) -> Display:
    """Open the socket ourselves: the library would wait without end, and takes a socket meant for another program."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(LIMIT_S)
        line.connect(path)
        line.setblocking(False)
        display = Display(line.detach())
        display.connect()
    except (OSError, ValueError) as failed:
        line.close()
        raise SensorFailed(messages.COMPOSITOR_GONE) from failed
    return display

"""The idle time from desktops that tell it over D-Bus: GNOME, Cinnamon, and the screen savers of others."""

from __future__ import annotations

import time
from collections.abc import Callable

from ...messages import sensors as messages
from ...text import Text
from ..base import SensorFailed
from .dbus import Bus, Service, only

MUTTER = Service("org.gnome.Mutter.IdleMonitor", "/org/gnome/Mutter/IdleMonitor/Core", "org.gnome.Mutter.IdleMonitor")
MUFFIN = Service(
    "org.cinnamon.Muffin.IdleMonitor", "/org/cinnamon/Muffin/IdleMonitor/Core", "org.cinnamon.Muffin.IdleMonitor"
)
SCREEN_SAVER = Service("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver")
#: The name that KDE's screen saver has besides. It tells milliseconds where the others tell seconds.
KDE_SCREEN_SAVER = "org.kde.screensaver"
#: Seconds after which a screen saver that never said anything but zero is one that does not know (old KDE on Wayland).
ZERO_FOR_S = 600.0


class CompositorIdle:
    """Asks a compositor of Mutter's family, which counts every kind of input, on X11 and on Wayland."""

    def __init__(self, bus: Bus, service: Service, name: Text) -> None:
        self.name: str = name
        self._bus = bus
        self._service = service

    def read(self) -> float:
        """Give the seconds since the last input."""
        return only(self._bus.ask(self._service, "GetIdletime"), int, self._service.name) / 1000

    def close(self) -> None:
        """Let go of the bus."""
        self._bus.close()


class ScreenSaverIdle:
    """Asks the desktop's screen saver. On some desktops it answers 0 for ever, which is not believed for ever."""

    name: str = messages.FROM_SCREEN_SAVER

    def __init__(self, bus: Bus, clock: Callable[[], float] = time.monotonic) -> None:
        self._bus = bus
        self._clock = clock
        self._asked_first_at: float | None = None
        #: It has told something above zero.
        self._counts = False

    def read(self) -> float:
        """Give the seconds since the last input."""
        told = only(self._bus.ask(SCREEN_SAVER, "GetSessionIdleTime"), int, SCREEN_SAVER.name)
        now = self._clock()
        self._counts = self._counts or told > 0
        self._asked_first_at = now if self._asked_first_at is None else self._asked_first_at
        if not self._counts and now - self._asked_first_at > ZERO_FOR_S:
            raise SensorFailed(messages.IDLE_ALWAYS_ZERO)
        return told / self._per_second()

    def close(self) -> None:
        """Let go of the bus."""
        self._bus.close()

    def _per_second(self) -> int:
        of_kde = self._bus.owner(KDE_SCREEN_SAVER)
        return 1000 if of_kde is not None and of_kde == self._bus.owner(SCREEN_SAVER.name) else 1

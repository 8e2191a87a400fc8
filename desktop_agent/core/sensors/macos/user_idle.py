"""How long nobody has touched keyboard, mouse or trackpad, on macOS. Game pads are not seen.

https://developer.apple.com/documentation/coregraphics/cgeventsource/secondssincelasteventtype(_:eventtype:)
"""

from __future__ import annotations

import ctypes

from ...messages import sensors as messages
from ..base import SensorFailed
from .core_foundation import CoreFoundation
from .frameworks import Library, Ref, declare, load

_COMBINED_SESSION_STATE = 0
_ANY_INPUT_EVENT = 0xFFFFFFFF
_NANOSECONDS = 1e9


class MacUserIdle:
    """The lower of what the window server and the input system say: each misses some kinds of input."""

    name: str = messages.FROM_MACOS

    def __init__(
        self, services: Library = None, iokit: Library = None, core_foundation: CoreFoundation | None = None
    ) -> None:
        """Open the frameworks, unless some are given; raises OSError or AttributeError where they are missing."""
        self._since_event = declare(
            services or load("ApplicationServices"),
            "CGEventSourceSecondsSinceLastEventType",
            ctypes.c_double,
            [ctypes.c_int32, ctypes.c_uint32],
        )
        iokit = iokit or load("IOKit")
        self._matching = declare(iokit, "IOServiceMatching", Ref, [ctypes.c_char_p])
        self._find = declare(iokit, "IOServiceGetMatchingService", ctypes.c_uint32, [ctypes.c_uint32, Ref])
        self._property = declare(
            iokit, "IORegistryEntryCreateCFProperty", Ref, [ctypes.c_uint32, Ref, Ref, ctypes.c_uint32]
        )
        self._let_go = declare(iokit, "IOObjectRelease", ctypes.c_int32, [ctypes.c_uint32])
        self._core_foundation = core_foundation or CoreFoundation()

    def read(self) -> float:
        """Give the seconds since the last input."""
        told = [seconds for seconds in (self._by_events(), self._by_hardware()) if seconds is not None]
        if not told:
            raise SensorFailed(messages.cannot_tell_away(messages.MACOS_SILENT))
        return min(told)

    def close(self) -> None:
        """Nothing is held."""

    def _by_events(self) -> float | None:
        seconds = float(self._since_event(_COMBINED_SESSION_STATE, _ANY_INPUT_EVENT))
        return seconds if seconds >= 0 else None

    def _by_hardware(self) -> float | None:
        # The dictionary that describes the service is used up by the search for it.
        service = self._find(0, self._matching(b"IOHIDSystem"))
        if not service:
            return None
        try:
            nanoseconds = self._number(service, "HIDIdleTime")
        finally:
            self._let_go(service)
        return None if nanoseconds is None else nanoseconds / _NANOSECONDS

    def _number(self, service: int, name: str) -> int | float | None:
        with self._core_foundation.string(name) as key:
            value = self._property(service, key, None, 0)
        if not value:
            return None
        try:
            plain = self._core_foundation.plain(value)
        finally:
            self._core_foundation.release(value)
        return plain if isinstance(plain, int | float) else None

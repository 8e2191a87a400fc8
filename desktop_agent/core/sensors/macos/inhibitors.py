"""Which programs keep the screen on, on macOS.

https://developer.apple.com/documentation/iokit/iopmlib_h
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator

from ...messages import sensors as messages
from ..base import SensorFailed
from .core_foundation import CoreFoundation, Plain
from .frameworks import Library, Ref, declare, load

#: Kinds of assertion that keep the screen on; the second is the older name, which programs still use.
_KINDS = frozenset({"PreventUserIdleDisplaySleep", "NoDisplaySleepAssertion"})
_SUCCESS = 0


class MacInhibitors:
    """The power assertions of all processes. Ours to keep the PC awake is of another kind: the screen may go dark."""

    def __init__(
        self,
        process_name: Callable[[int], str],
        iokit: Library = None,
        core_foundation: CoreFoundation | None = None,
    ) -> None:
        """Open the frameworks, unless some are given; raises OSError or AttributeError where they are missing.

        Args:
            process_name: gives the name of the program with a process id; an empty one if it is gone.
            iokit: the framework IOKit.
            core_foundation: the framework Core Foundation.
        """
        self._copy = declare(
            iokit or load("IOKit"), "IOPMCopyAssertionsByProcess", ctypes.c_int32, [ctypes.POINTER(Ref)]
        )
        self._core_foundation = core_foundation or CoreFoundation()
        self._process_name = process_name

    def read(self) -> tuple[str, ...]:
        """Give the programs' names, each once."""
        assertions = Ref()
        if self._copy(ctypes.byref(assertions)) != _SUCCESS:
            raise SensorFailed(messages.cannot_tell_inhibitors(messages.MACOS_SILENT))
        if not assertions.value:
            return ()
        try:
            processes = display_keepers(self._core_foundation.plain(assertions.value))
        finally:
            self._core_foundation.release(assertions)
        names = (self._process_name(process) or messages.A_PROGRAM for process in processes)
        return tuple(dict.fromkeys(names))

    def close(self) -> None:
        """Nothing is held."""


def display_keepers(assertions: Plain) -> tuple[int, ...]:
    """Give the ids of the processes that keep the screen on.

    Args:
        assertions: process id → list of assertions; one that is off has the level 0.
    """
    processes = assertions.items() if isinstance(assertions, dict) else ()
    return tuple(
        process for process, held in processes if isinstance(process, int) and any(map(_keeps_display_on, _dicts(held)))
    )


def _dicts(items: Plain) -> Iterator[dict[Plain, Plain]]:
    return (item for item in items if isinstance(item, dict)) if isinstance(items, list) else iter(())


def _keeps_display_on(assertion: dict[Plain, Plain]) -> bool:
    return assertion.get("AssertType") in _KINDS and assertion.get("AssertLevel", 255) != 0

"""Whether a program keeps the screen on, on Windows.

CallNtPowerInformation(SystemExecutionState):
https://learn.microsoft.com/windows/win32/api/powerbase/nf-powerbase-callntpowerinformation
"""

from __future__ import annotations

import ctypes

from ...messages import sensors as messages
from ..base import SensorFailed
from .libraries import DWORD, HANDLE, LONG, Library, declare, load

_SYSTEM_EXECUTION_STATE = 16
_ES_DISPLAY_REQUIRED = 0x00000002
_STATUS_SUCCESS = 0


class WindowsInhibitors:
    """The sum of all programs' wishes. Whose they are, Windows tells administrators only.

    Our own wish to keep the PC awake (ES_SYSTEM_REQUIRED) is another bit: it lets the screen go dark.
    """

    def __init__(self, powrprof: Library = None) -> None:
        """Open the library, unless one is given; raises OSError or AttributeError where it is missing."""
        self._power = declare(
            powrprof or load("powrprof.dll"),
            "CallNtPowerInformation",
            LONG,
            [ctypes.c_int32, HANDLE, DWORD, HANDLE, DWORD],
        )

    def read(self) -> tuple[str, ...]:
        """Give one word for all who keep the screen on."""
        state = DWORD()
        size = ctypes.sizeof(state)
        if self._power(_SYSTEM_EXECUTION_STATE, None, 0, ctypes.byref(state), size) != _STATUS_SUCCESS:
            raise SensorFailed(messages.cannot_tell_inhibitors(messages.WINDOWS_SILENT))
        return (messages.A_PROGRAM,) if state.value & _ES_DISPLAY_REQUIRED else ()

    def close(self) -> None:
        """Nothing is held."""

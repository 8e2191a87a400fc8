"""Whether the connection is metered, on Windows.

INetworkCostManager: https://learn.microsoft.com/windows/win32/api/netlistmgr/nn-netlistmgr-inetworkcostmanager
"""

from __future__ import annotations

import ctypes
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ...messages import sensors as messages
from ..base import SensorFailed
from .libraries import DWORD, HANDLE, HRESULT, Library, declare, load

#: Seconds that an answer holds: it comes from another process, and hardly ever changes.
ANSWER_SECONDS = 30.0

_NETWORK_LIST_MANAGER = uuid.UUID("DCB00C01-570F-4A9B-8D69-199FDBA5723B")
_INETWORK_COST_MANAGER = uuid.UUID("DCB00008-570F-4A9B-8D69-199FDBA5723B")
_CLSCTX_ALL = 0x17
_MULTITHREADED = 0
#: NLM_CONNECTION_COST: fixed and variable price, over the limit, roaming.
METERED_BITS = 0x2 | 0x4 | 0x10000 | 0x40000
#: Places of the methods in the table of an INetworkCostManager; three of IUnknown come first.
_RELEASE, _GET_COST = 2, 3
#: On 64-bit Windows there is one calling convention, so C's is COM's.
_Release = ctypes.CFUNCTYPE(DWORD, HANDLE)
_GetCost = ctypes.CFUNCTYPE(HRESULT, HANDLE, ctypes.POINTER(DWORD), HANDLE)


class GUID(ctypes.Structure):
    """A COM identifier; `uuid.UUID.bytes_le` has the same layout."""

    _fields_ = (
        ("Data1", ctypes.c_uint32),
        ("Data2", ctypes.c_uint16),
        ("Data3", ctypes.c_uint16),
        ("Data4", ctypes.c_uint8 * 8),
    )

    @classmethod
    def of(cls, value: uuid.UUID) -> GUID:
        """Give the identifier as COM wants it."""
        return cls.from_buffer_copy(value.bytes_le)


class WindowsNetwork:
    """What the owner (or the provider of a mobile connection) told Windows about the price."""

    def __init__(self, ole32: Library = None, clock: Callable[[], float] = time.monotonic) -> None:
        """Open the library, unless one is given; raises OSError or AttributeError where it is missing."""
        library = ole32 or load("ole32.dll")
        self._initialize = declare(library, "CoInitializeEx", HRESULT, [HANDLE, DWORD])
        self._uninitialize = declare(library, "CoUninitialize", None, [])
        guid = ctypes.POINTER(GUID)
        self._create = declare(
            library, "CoCreateInstance", HRESULT, [guid, HANDLE, DWORD, guid, ctypes.POINTER(HANDLE)]
        )
        self._clock = clock
        self._answer: tuple[float, bool] | None = None

    def read(self) -> bool:
        """Tell whether the connection to the Internet is metered."""
        now = self._clock()
        if self._answer is None or now - self._answer[0] >= ANSWER_SECONDS:
            self._answer = now, bool(self._cost() & METERED_BITS)
        return self._answer[1]

    def close(self) -> None:
        """Nothing is held."""

    def _cost(self) -> int:
        with self._com(), self._manager() as manager:
            cost = DWORD()
            _require(_method(manager, _GET_COST, _GetCost)(manager, ctypes.byref(cost), None))
            return cost.value

    @contextmanager
    def _com(self) -> Iterator[None]:
        """Have COM in this thread; where it is there in another form already, that one serves and stays."""
        ours = self._initialize(None, _MULTITHREADED) >= 0
        try:
            yield
        finally:
            if ours:
                self._uninitialize()

    @contextmanager
    def _manager(self) -> Iterator[int]:
        manager = HANDLE()
        wanted, interface = GUID.of(_NETWORK_LIST_MANAGER), GUID.of(_INETWORK_COST_MANAGER)
        _require(self._create(ctypes.byref(wanted), None, _CLSCTX_ALL, ctypes.byref(interface), ctypes.byref(manager)))
        if not manager.value:
            raise SensorFailed(messages.cannot_tell_metered(messages.WINDOWS_SILENT))
        try:
            yield manager.value
        finally:
            _method(manager.value, _RELEASE, _Release)(manager)


def _method(instance: int, place: int, prototype: Any) -> Callable[..., Any]:
    """Give a method of a COM object: its first word points to the table of its methods."""
    table = ctypes.cast(instance, ctypes.POINTER(ctypes.POINTER(HANDLE))).contents
    method: Callable[..., Any] = prototype(table[place])
    return method


def _require(result: int) -> None:
    if result < 0:
        raise SensorFailed(messages.cannot_tell_metered(messages.WINDOWS_SILENT))

"""Windows' performance counters through `pdh.dll`; see "Performance Data Helper" in the Windows API reference.

The structures and the reading of answers are the same on every system, so that they are tested on every system.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterable, Mapping
from ctypes import wintypes
from typing import Any

from ..messages import graphics
from .base import SensorFailed

PDH_FMT_DOUBLE = 0x00000200
#: Several instances together may be above 100.
PDH_FMT_NOCAP100 = 0x00008000
_FORMAT = PDH_FMT_DOUBLE | PDH_FMT_NOCAP100
PDH_CSTATUS_VALID_DATA, PDH_CSTATUS_NEW_DATA = 0x0, 0x1
PDH_MORE_DATA = 0x800007D2
#: There is nothing to count at this moment: no instance, or only one reading so far of what is told per second.
NOTHING_YET = frozenset({0x800007D1, 0x800007D5, 0x800007D8, 0xC0000BC6, 0xC0000BBA})
#: Tries at reading an array that grows meanwhile.
TRIES = 3


class PdhValue(ctypes.Union):
    """The union in PDH_FMT_COUNTERVALUE."""

    _fields_ = (
        ("longValue", ctypes.c_int32),
        ("doubleValue", ctypes.c_double),
        ("largeValue", ctypes.c_longlong),
        ("WideStringValue", ctypes.c_void_p),
    )


class PdhCounterValue(ctypes.Structure):
    """PDH_FMT_COUNTERVALUE."""

    _fields_ = (("CStatus", ctypes.c_uint32), ("value", PdhValue))


class PdhItem(ctypes.Structure):
    """PDH_FMT_COUNTERVALUE_ITEM_W: the name lies in the same buffer, behind the items."""

    _fields_ = (("szName", ctypes.c_wchar_p), ("FmtValue", PdhCounterValue))


def values_of(items: Iterable[PdhItem]) -> dict[str, float]:
    """Give the valid values by instance; instances of the same name are added up."""
    values: dict[str, float] = {}
    for item in items:
        if item.FmtValue.CStatus in (PDH_CSTATUS_VALID_DATA, PDH_CSTATUS_NEW_DATA):
            values[item.szName] = values.get(item.szName, 0.0) + item.FmtValue.value.doubleValue
    return values


def prepared(pdh: Any) -> Any:
    """Tell ctypes the signatures of what is used of `pdh.dll`; handles are as wide as pointers."""
    status, handle = ctypes.c_uint32, wintypes.HANDLE
    pointer = ctypes.POINTER
    pdh.PdhOpenQueryW.argtypes = (wintypes.LPCWSTR, ctypes.c_size_t, pointer(handle))
    pdh.PdhAddEnglishCounterW.argtypes = (handle, wintypes.LPCWSTR, ctypes.c_size_t, pointer(handle))
    pdh.PdhCollectQueryData.argtypes = (handle,)
    pdh.PdhGetFormattedCounterArrayW.argtypes = (
        handle,
        ctypes.c_uint32,
        pointer(ctypes.c_uint32),
        pointer(ctypes.c_uint32),
        ctypes.c_void_p,
    )
    pdh.PdhCloseQuery.argtypes = (handle,)
    for name in ("OpenQueryW", "AddEnglishCounterW", "CollectQueryData", "GetFormattedCounterArrayW", "CloseQuery"):
        getattr(pdh, f"Pdh{name}").restype = status
    return pdh


class PdhCounters:
    """A query of several counters, each of all its instances."""

    def __init__(self, paths: Iterable[str], pdh: Any) -> None:
        """`pdh` is the library, prepared. Raises SensorFailed when this system has no such counters."""
        self._pdh = pdh
        self._query = wintypes.HANDLE()
        self._counters: dict[str, wintypes.HANDLE] = {}
        _check(pdh.PdhOpenQueryW(None, 0, ctypes.byref(self._query)))
        try:
            for path in paths:
                counter = wintypes.HANDLE()
                _check(pdh.PdhAddEnglishCounterW(self._query, path, 0, ctypes.byref(counter)))
                self._counters[path] = counter
        except SensorFailed:
            self.close()
            raise

    def read(self) -> Mapping[str, Mapping[str, float]]:
        """Give for each counter that has any its instances' values since the last time. Raises SensorFailed."""
        status = self._pdh.PdhCollectQueryData(self._query)
        if status in NOTHING_YET:
            return {}
        _check(status)
        read = ((path, self._values(counter)) for path, counter in self._counters.items())
        return {path: values for path, values in read if values is not None}

    def close(self) -> None:
        """Let go of the query; harmless when it was done."""
        if self._query.value is not None:
            self._pdh.PdhCloseQuery(self._query)
            self._query = wintypes.HANDLE()

    def _values(self, counter: wintypes.HANDLE) -> dict[str, float] | None:
        size, count = ctypes.c_uint32(0), ctypes.c_uint32(0)
        array: Any = None
        for _ in range(TRIES):
            status = self._pdh.PdhGetFormattedCounterArrayW(
                counter, _FORMAT, ctypes.byref(size), ctypes.byref(count), array
            )
            if status != PDH_MORE_DATA:
                break
            array = ctypes.create_string_buffer(size.value)
        if status in NOTHING_YET or array is None:
            return None
        _check(status)
        return values_of((PdhItem * count.value).from_buffer(array))


def _check(status: int) -> None:
    if status != 0:
        raise SensorFailed(graphics.WINDOWS_COUNTERS_FAILED)


if sys.platform == "win32":

    def counters_now(paths: Iterable[str]) -> PdhCounters:
        """Open a query of this PC's counters."""
        return PdhCounters(paths, prepared(ctypes.WinDLL("pdh")))

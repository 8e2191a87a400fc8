"""A Mac's Core Foundation and frameworks, as far as the sensors ask them: objects by number, counted references."""

from __future__ import annotations

import ctypes
import itertools
from typing import Any

from desktop_agent.core.sensors.macos.core_foundation import CoreFoundation
from tests.desktop_agent.sensors.native import NativeLibrary

TYPES = {str: 7, int: 22, float: 22, bool: 21, list: 19, dict: 18, bytes: 20}


class Mac:
    """Objects live until they are released; what is inside one lives with it."""

    def __init__(self) -> None:
        self._numbers = itertools.count(0x1000, 16)
        self._objects: dict[int, Any] = {}
        #: Objects that the code under test has to release.
        self.owned: set[int] = set()
        self.library = NativeLibrary(
            CFRelease=self._release,
            CFGetTypeID=lambda ref: TYPES[type(self._objects[ref])],
            CFStringGetTypeID=lambda: TYPES[str],
            CFNumberGetTypeID=lambda: TYPES[int],
            CFBooleanGetTypeID=lambda: TYPES[bool],
            CFArrayGetTypeID=lambda: TYPES[list],
            CFDictionaryGetTypeID=lambda: TYPES[dict],
            CFStringCreateWithCString=lambda _allocator, text, _encoding: self.give(text.decode()),
            CFStringGetLength=lambda ref: len(self._objects[ref].encode("utf-16-le")) // 2,
            CFStringGetMaximumSizeForEncoding=lambda length, _encoding: length * 3,
            CFStringGetCString=self._copy_string,
            CFNumberIsFloatType=lambda ref: isinstance(self._objects[ref], float),
            CFNumberGetValue=self._number,
            CFBooleanGetValue=lambda ref: self._objects[ref],
            CFArrayGetCount=lambda ref: len(self._objects[ref]),
            CFArrayGetValueAtIndex=lambda ref, place: self.inside(self._objects[ref][place]),
            CFDictionaryGetCount=lambda ref: len(self._objects[ref]),
            CFDictionaryGetKeysAndValues=self._items,
        )

    def core_foundation(self) -> CoreFoundation:
        return CoreFoundation(self.library)

    def give(self, value: Any) -> int:
        """Make an object that the caller owns."""
        ref = self.inside(value)
        self.owned.add(ref)
        return ref

    def inside(self, value: Any) -> int:
        """Make an object that belongs to another one."""
        ref = next(self._numbers)
        self._objects[ref] = value
        return ref

    def value(self, ref: int) -> Any:
        return self._objects[ref]

    def _release(self, ref: int) -> None:
        self.owned.remove(ref)

    def _copy_string(self, ref: int, buffer: int, size: int, encoding: int) -> int:
        data = self._objects[ref].encode() + b"\0"
        if len(data) > size or encoding != 0x08000100:
            return 0
        ctypes.memmove(buffer, data, len(data))
        return 1

    def _number(self, ref: int, kind: int, place: int) -> int:
        kinds: dict[int, Any] = {4: ctypes.c_int64, 6: ctypes.c_double}
        kinds[kind].from_address(place).value = self._objects[ref]
        return 1

    def _items(self, ref: int, keys: Any, values: Any) -> None:
        for place, (key, value) in enumerate(self._objects[ref].items()):
            keys[place], values[place] = self.inside(key), self.inside(value)

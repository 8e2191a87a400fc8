"""Core Foundation's property lists as Python values, so that the sensors are about plain dictionaries.

https://developer.apple.com/documentation/corefoundation
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from .frameworks import Boolean, Index, Library, Ref, declare, load

#: What a property list becomes; kinds that no sensor needs (dates, data) become None.
Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[Plain, Plain] | None"

_UTF8 = 0x08000100
#: Values of CFNumberType.
_SINT64, _FLOAT64 = 4, 6
#: How far lists may be nested; the system's answers have three floors.
_DEEPEST = 8


class CoreFoundation:
    """The few functions that reading takes."""

    def __init__(self, library: Library = None) -> None:
        """Open Core Foundation, unless one is given; raises OSError or AttributeError where it is missing."""
        self._library = library or load("CoreFoundation")
        self.release = declare(self._library, "CFRelease", None, [Ref])
        self._type_of = declare(self._library, "CFGetTypeID", ctypes.c_ulong, [Ref])
        self._make_string = declare(
            self._library, "CFStringCreateWithCString", Ref, [Ref, ctypes.c_char_p, ctypes.c_uint32]
        )
        self._declare_scalars(self._library)
        self._declare_lists(self._library)
        self._readers: dict[int, Callable[[int, int], Plain]] = {
            self._type("CFString"): self._string,
            self._type("CFNumber"): self._number,
            self._type("CFBoolean"): self._boolean,
            self._type("CFArray"): self._array,
            self._type("CFDictionary"): self._dictionary,
        }

    def plain(self, ref: int | None) -> Plain:
        """Give the object as Python values; the object still has to be released by whoever owns it."""
        return self._plain(ref, 0)

    @contextmanager
    def string(self, text: str) -> Iterator[int]:
        """Have the text as a CFString for a while; raises MemoryError where none could be made."""
        ref = self._make_string(None, text.encode(), _UTF8)
        if not ref:
            raise MemoryError(text)
        try:
            yield ref
        finally:
            self.release(ref)

    def _declare_scalars(self, library: Library) -> None:
        self._length = declare(library, "CFStringGetLength", Index, [Ref])
        self._most_bytes = declare(library, "CFStringGetMaximumSizeForEncoding", Index, [Index, ctypes.c_uint32])
        self._copy_string = declare(
            library, "CFStringGetCString", Boolean, [Ref, ctypes.c_void_p, Index, ctypes.c_uint32]
        )
        self._is_float = declare(library, "CFNumberIsFloatType", Boolean, [Ref])
        self._number_value = declare(library, "CFNumberGetValue", Boolean, [Ref, Index, ctypes.c_void_p])
        self._boolean_value = declare(library, "CFBooleanGetValue", Boolean, [Ref])

    def _declare_lists(self, library: Library) -> None:
        self._array_count = declare(library, "CFArrayGetCount", Index, [Ref])
        self._array_item = declare(library, "CFArrayGetValueAtIndex", Ref, [Ref, Index])
        self._dictionary_count = declare(library, "CFDictionaryGetCount", Index, [Ref])
        pointers = ctypes.POINTER(Ref)
        self._dictionary_items = declare(library, "CFDictionaryGetKeysAndValues", None, [Ref, pointers, pointers])

    def _type(self, name: str) -> int:
        return int(declare(self._library, f"{name}GetTypeID", ctypes.c_ulong, [])())

    def _plain(self, ref: int | None, depth: int) -> Plain:
        if not ref or depth > _DEEPEST:
            return None
        reader = self._readers.get(self._type_of(ref))
        return None if reader is None else reader(ref, depth)

    def _string(self, ref: int, _depth: int) -> Plain:
        size = self._most_bytes(self._length(ref), _UTF8) + 1
        buffer = ctypes.create_string_buffer(size)
        return buffer.value.decode(errors="replace") if self._copy_string(ref, buffer, size, _UTF8) else None

    def _number(self, ref: int, _depth: int) -> Plain:
        value: Any = ctypes.c_double() if self._is_float(ref) else ctypes.c_int64()
        kind = _FLOAT64 if self._is_float(ref) else _SINT64
        return value.value if self._number_value(ref, kind, ctypes.byref(value)) else None

    def _boolean(self, ref: int, _depth: int) -> Plain:
        return bool(self._boolean_value(ref))

    def _array(self, ref: int, depth: int) -> Plain:
        return [self._plain(self._array_item(ref, place), depth + 1) for place in range(self._array_count(ref))]

    def _dictionary(self, ref: int, depth: int) -> Plain:
        count = self._dictionary_count(ref)
        keys, values = (Ref * count)(), (Ref * count)()
        self._dictionary_items(ref, keys, values)
        pairs = ((self._plain(key, depth + 1), value) for key, value in zip(keys, values, strict=True))
        # A list cannot be a key in Python; nor is there one in what the system answers.
        return {key: self._plain(value, depth + 1) for key, value in pairs if not isinstance(key, list | dict)}

"""macOS' own frameworks, called through ctypes; every function's types are declared before its first call."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

#: A loaded framework: functions are its attributes. ctypes has no narrower type for it.
Library: TypeAlias = Any

#: A Core Foundation object.
Ref = ctypes.c_void_p
Boolean = ctypes.c_uint8
#: CFIndex.
Index = ctypes.c_long


def load(name: str) -> Library:
    """Open a framework of the system; raises OSError where there is none.

    By its whole path: since macOS 11 there is no such file, but the loader knows it.
    """
    return ctypes.CDLL(f"/System/Library/Frameworks/{name}.framework/{name}")


def declare(library: Library, name: str, result: Any, arguments: Sequence[Any]) -> Callable[..., Any]:
    """Give a function of a framework with its types; raises AttributeError where it has no such function."""
    function: Callable[..., Any] = getattr(library, name)
    function.restype, function.argtypes = result, list(arguments)  # type: ignore[attr-defined]
    return function

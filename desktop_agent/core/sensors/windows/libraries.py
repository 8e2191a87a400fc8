"""Windows' own libraries, called through ctypes; every function's types are declared before its first call.

Sizes are written out (`c_uint32`, not `DWORD`), so that the structures are the same on every system that tests them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

#: A loaded library: functions are its attributes. ctypes has no narrower type for it.
Library: TypeAlias = Any

BOOL = ctypes.c_int32
DWORD = ctypes.c_uint32
HANDLE = ctypes.c_void_p
HRESULT = ctypes.c_int32
LONG = ctypes.c_int32


def load(*names: str) -> Library:
    """Open the first of these libraries that this Windows has; raises OSError when it has none.

    They are looked for in Windows' own folder only, so that nobody can slip one in beside the program.
    """
    search_system32 = 0x00000800  # LOAD_LIBRARY_SEARCH_SYSTEM32
    problem = OSError(f"Windows has no {' or '.join(names)}.")
    for name in names:
        try:
            return getattr(ctypes, "WinDLL")(name, winmode=search_system32)  # noqa: B009 - unknown to mypy elsewhere
        except OSError as error:
            problem = error
    raise problem


def declare(library: Library, name: str, result: Any, arguments: Sequence[Any]) -> Callable[..., Any]:
    """Give a function of a library with its types; raises AttributeError where this Windows has no such function."""
    function: Callable[..., Any] = getattr(library, name)
    function.restype, function.argtypes = result, list(arguments)  # type: ignore[attr-defined]
    return function


class RECT(ctypes.Structure):
    """A rectangle in pixels; the right and the bottom edge are outside."""

    _fields_ = (("left", LONG), ("top", LONG), ("right", LONG), ("bottom", LONG))

"""Stand-ins for the libraries of other systems: called through real C pointers, with the types the code declared."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any


class NativeFunction:
    """Python behind a C function's pointer: an argument of another kind than was declared fails as it would there."""

    def __init__(self, python: Callable[..., Any]) -> None:
        self._python = python
        self.restype: Any = ctypes.c_int
        self.argtypes: list[Any] = []

    def __call__(self, *arguments: Any) -> Any:
        assert len(arguments) == len(self.argtypes), "called with another number of arguments than declared"
        if isinstance(self.restype, type) and issubclass(self.restype, ctypes.Structure):
            # ctypes cannot make a C function that returns a structure.
            for kind, argument in zip(self.argtypes, arguments, strict=True):
                kind.from_param(argument)
            return self._python(*arguments)
        prototype = ctypes.CFUNCTYPE(self.restype, *self.argtypes)
        behind = prototype(self._python)
        return prototype(ctypes.cast(behind, ctypes.c_void_p).value or 0)(*arguments)


class NativeLibrary:
    """A library with just these functions."""

    def __init__(self, **functions: Callable[..., Any]) -> None:
        for name, python in functions.items():
            setattr(self, name, NativeFunction(python))

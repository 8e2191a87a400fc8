"""Turning rows into values: a row's columns are the value's fields, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

V = TypeVar("V")


def one(kind: Callable[..., V], row: Iterable[Any] | None) -> V | None:
    """Make a value of a row, if there is one."""
    return None if row is None else kind(*row)


def each(kind: Callable[..., V], rows: Iterable[Iterable[Any]]) -> list[V]:
    """Make a value of each row."""
    return [kind(*row) for row in rows]

"""Reading the fields of a chat's payload one by one; an error names the field, and never quotes what is in it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson

from ..errors import InputInvalid


def invalid(field: str, why: str) -> InputInvalid:
    """Make the error for a field that makes no sense."""
    return InputInvalid(f"{field} {why}.")


def text(value: object, field: str) -> str:
    """Give a text."""
    if not isinstance(value, str):
        raise invalid(field, "must be a text")
    return value


def flag(value: object, field: str) -> bool:
    """Give true or false; null and nothing are false."""
    if value is not None and not isinstance(value, bool):
        raise invalid(field, "must be true or false")
    return value is True


def number(value: object, field: str, least: float, most: float) -> float:
    """Give a number from `least` to `most`, an integer as an integer."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise invalid(field, f"must be a number from {least:g} to {most:g}")
    return value


def whole(value: object, field: str, least: int, most: int) -> int:
    """Give a whole number from `least` to `most`; 5.0 is one, since not every client tells the two apart."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise invalid(field, f"must be a whole number from {least} to {most}")
    return value


def choice(value: object, field: str, words: Collection[str], said: str) -> str:
    """Give a text that is one of the words; `said` tells people which."""
    if not isinstance(value, str) or value not in words:
        raise invalid(field, f"must be {said}")
    return value


def mapping(value: object, field: str) -> dict[str, Any]:
    """Give an object."""
    if not isinstance(value, dict):
        raise invalid(field, "must be an object")
    return value


def passed_on(value: object, field: str) -> dict[str, Any]:
    """Give an object that goes to the engine as it is, if it can be written: JSON may be nested deeper than that."""
    found = mapping(value, field)
    try:
        orjson.dumps(found)
    except TypeError:
        raise invalid(field, "is nested too deeply") from None
    return found


def listed(value: object, field: str) -> list[Any]:
    """Give a list; null and nothing are an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise invalid(field, "must be a list")
    return value

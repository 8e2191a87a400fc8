"""Reading fields of a JSON object, with an error that names the field when one is wrong."""

from __future__ import annotations

from typing import Any, NoReturn

from server.domain.errors import InvalidRequest

Body = dict[str, Any]

#: Longest text of a field that is no payload (characters).
MAX_TEXT = 2000


def text(body: Body, name: str, default: str | None = None, *, longest: int = MAX_TEXT) -> str:
    """Return a string field; required where there is no default."""
    value = body.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, str) or len(value) > longest or "\0" in value:
        _refuse(name, f"must be a string of at most {longest} characters", value)
    return value


def optional_text(body: Body, name: str, *, longest: int = MAX_TEXT) -> str | None:
    """Return a string field, or None where it is absent or null."""
    return None if body.get(name) is None else text(body, name, longest=longest)


def whole(body: Body, name: str, least: int, most: int, default: int | None = None) -> int:
    """Return an integer field within bounds; required where there is no default."""
    value = body.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        _refuse(name, f"must be an integer from {least} to {most}", value)
    return value


def optional_whole(body: Body, name: str, least: int, most: int) -> int | None:
    """Return an integer field, or None where it is absent or null."""
    return None if body.get(name) is None else whole(body, name, least, most)


def number(body: Body, name: str, least: float, most: float, default: float) -> float:
    """Return a number field within bounds."""
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        _refuse(name, f"must be a number from {least:g} to {most:g}", value)
    return float(value)


def flag(body: Body, name: str) -> bool:
    """Return a field that is true or false."""
    value = body.get(name)
    if not isinstance(value, bool):
        _refuse(name, "must be true or false", value)
    return value


def texts(body: Body, name: str, *, most: int, longest: int = MAX_TEXT, default: list[str] | None = None) -> list[str]:
    """Return a field that is a list of strings."""
    value = body.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, list) or len(value) > most:
        _refuse(name, f"must be a list of at most {most} strings", value)
    for entry in value:
        if not isinstance(entry, str) or len(entry) > longest or "\0" in entry:
            _refuse(name, f"must hold strings of at most {longest} characters", entry)
    return value


def entries(body: Body, name: str, *, most: int) -> list[Body]:
    """Return a field that is a list of objects; an empty one where it is absent."""
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > most:
        _refuse(name, f"must be a list of at most {most} objects", value)
    for entry in value:
        if not isinstance(entry, dict):
            _refuse(name, "must hold objects", entry)
    return value


def mapping(body: Body, name: str) -> Body:
    """Return a field that is an object; an empty one where it is absent."""
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        _refuse(name, "must be an object", value)
    return value


def _refuse(name: str, rule: str, value: object) -> NoReturn:
    got = (
        "is missing"
        if value is None
        else f"is {type(value).__name__}"
        if not isinstance(value, int | float)
        else f"is {value}"
    )
    raise InvalidRequest(f"{name} {rule}; it {got}.", param=name)

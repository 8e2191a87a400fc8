"""Reading the fields of a chat request; an error names the field by its path, in OpenAI's words.

A path is such as `messages[2].content[0].image_url`.
"""

from __future__ import annotations

from typing import Any

import orjson

from server.domain.errors import InvalidRequest

_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "a boolean",
    int: "an integer",
    float: "a decimal",
    str: "a string",
    list: "an array",
    dict: "an object",
}

#: Characters of a client's own value that an error repeats.
_SHOWN = 40


def missing(param: str) -> InvalidRequest:
    """Make the error for a field that has to be there."""
    return InvalidRequest(f"Missing required parameter: '{param}'.", param=param, code="missing_required_parameter")


def wrong_type(param: str, expected: str, value: object) -> InvalidRequest:
    """Make the error for a field of the wrong type; a missing one is said to be missing."""
    if value is None:
        return missing(param)
    got = _KINDS.get(type(value), "something else")
    return InvalidRequest(
        f"Invalid type for '{param}': expected {expected}, but got {got} instead.", param=param, code="invalid_type"
    )


def invalid(param: str, why: str) -> InvalidRequest:
    """Make the error for a field whose value breaks a rule."""
    return InvalidRequest(f"Invalid value for '{param}': {why}.", param=param, code="invalid_value")


def unsupported(param: str, why: str) -> InvalidRequest:
    """Make the error for a field that is right, but that no agent of this pool can honour."""
    return InvalidRequest(
        f"Unsupported parameter: '{param}' is not supported by this server: {why}.",
        param=param,
        code="unsupported_parameter",
    )


def choice(value: object, param: str, choices: tuple[str, ...]) -> str:
    """Return a string field that is one of a few words."""
    if not isinstance(value, str):
        raise wrong_type(param, "a string", value)
    if value not in choices:
        words = ", ".join(f"'{word}'" for word in choices)
        raise invalid(param, f"{shown(value)} is none of the supported values {words}")
    return value


def text(value: object, param: str, longest: int) -> str:
    """Return a string field of at most so many characters, each of which can be written as UTF-8."""
    if not isinstance(value, str):
        raise wrong_type(param, "a string", value)
    if len(value) > longest:
        raise invalid(param, f"it has {len(value)} characters, and may have {longest} at most")
    if "\0" in value:
        raise invalid(param, "it has a NUL character (U+0000), which is not text")
    if not (value.isascii() or _is_unicode(value)):
        raise invalid(param, "it has half of a surrogate pair (U+D800 to U+DFFF), which is not text")
    return value


def flag(value: object, param: str) -> bool:
    """Return a boolean field; one that is null is false."""
    if value is None:
        return False
    if not isinstance(value, bool):
        raise wrong_type(param, "a boolean", value)
    return value


def whole(value: object, param: str, least: int, most: int) -> int:
    """Return an integer field within bounds."""
    # bool is an int to isinstance.
    if type(value) is not int:
        raise wrong_type(param, "an integer", value)
    if not least <= value <= most:
        raise invalid(param, f"it must be from {least} to {most}")
    return value


def number(value: object, param: str, least: float, most: float) -> float:
    """Return a number field within bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong_type(param, "a number", value)
    if not least <= value <= most:
        raise invalid(param, f"it must be from {least:g} to {most:g}")
    return value


def array(value: object, param: str, most: int) -> list[Any]:
    """Return an array field with at most so many elements."""
    if not isinstance(value, list):
        raise wrong_type(param, "an array", value)
    if len(value) > most:
        raise invalid(param, f"it has {len(value)} elements, and may have {most} at most")
    return value


def mapping(value: object, param: str) -> dict[str, Any]:
    """Return an object field."""
    if not isinstance(value, dict):
        raise wrong_type(param, "an object", value)
    return value


def json_object(value: object, param: str, most_bytes: int, deepest: int) -> dict[str, Any]:
    """Return an object field that is passed on as it is: at most so many bytes of JSON, so many levels deep."""
    found = mapping(value, param)
    if deeper_than(found, deepest):
        raise invalid(param, f"it is nested deeper than {deepest} levels")
    try:
        size = len(orjson.dumps(found))
    except TypeError:
        raise invalid(param, "it holds text or numbers that JSON in UTF-8 has no form for") from None
    if size > most_bytes:
        raise invalid(param, f"it has {size} bytes of JSON, and may have {most_bytes} at most")
    return found


def deeper_than(value: object, levels: int) -> bool:
    """Say whether objects and arrays are nested more than so many levels deep."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(deeper_than(one, levels - 1) for one in inner)


def shown(value: object) -> str:
    """Return the beginning of a client's own value, fit to stand in a message."""
    return ascii(value[:_SHOWN]) if isinstance(value, str) else _KINDS.get(type(value), "something else")


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True

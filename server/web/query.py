"""Reading the parameters after the `?` of an address, with an error that names the one that is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import request

from server.domain.errors import InvalidRequest

#: Longest text of a parameter (characters).
MAX_TEXT = 512


def text(name: str) -> str | None:
    """Return a parameter, or None where it is absent or empty."""
    value = request.args.get(name, "")
    if len(value) > MAX_TEXT or "\0" in value:
        raise InvalidRequest(f"{name} must be at most {MAX_TEXT} characters.", param=name)
    return value or None


def whole(name: str, least: int, most: int) -> int | None:
    """Return a parameter that is a whole number within bounds, or None where it is absent."""
    value = text(name)
    if value is None:
        return None
    # int() would also take spaces, underscores and the digits of every script.
    digits = value.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 20 and least <= int(value) <= most):
        raise InvalidRequest(f"{name} must be a whole number from {least} to {most}.", param=name)
    return int(value)


def choice(name: str, choices: tuple[str, ...]) -> str | None:
    """Return a parameter that is one of some words, or None where it is absent."""
    value = text(name)
    if value is not None and value not in choices:
        raise InvalidRequest(f"{name} must be one of {', '.join(choices)}.", param=name)
    return value


def day(name: str) -> date | None:
    """Return a parameter that is a day, such as 2026-01-31, or None where it is absent."""
    value = text(name)
    try:
        return None if value is None else datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise InvalidRequest(f"{name} must be a day such as 2026-01-31.", param=name) from None

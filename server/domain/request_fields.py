"""What OpenAI's requests have in common: the model that is asked for, and fields that mean nothing here."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

from server.domain.capability import valid_capability
from server.domain.errors import InvalidRequest

#: Ignored fields that are named to the client; enough to find a mistake, and a header stays short.
MAX_IGNORED_NAMES = 20

_FIELD_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def requested_model(value: object, default: str | None) -> str:
    """Return the model that a request names, or the default for one that names none; InvalidRequest without both."""
    if value is None or value == "":
        if default is None:
            raise InvalidRequest("you must provide a model parameter", param="model")
        return default
    if not isinstance(value, str) or not valid_capability(value):
        raise InvalidRequest("model must be a name of 1 to 200 printable characters.", param="model")
    return value


def ignored_fields(body: dict[str, object], known: AbstractSet[str]) -> tuple[str, ...]:
    """Return the names of fields that are not known, fit to stand in a header; those that are null are absent."""
    unknown = body.keys() - known
    if not unknown:
        return ()
    names = [name for name in body if name in unknown and body[name] is not None and _FIELD_NAME.fullmatch(name)]
    return tuple(names[:MAX_IGNORED_NAMES])

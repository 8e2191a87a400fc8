"""Reading server-sent events line by line, comments included, which every client library leaves out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx

DONE = "[DONE]"

#: A comment's text, the end of a stream, or the JSON of an event.
Event = str | dict[str, Any]


def events(response: httpx.Response) -> Iterator[Event]:
    """Give the events of a stream as they come; each has to be one line, and an empty one after it."""
    lines = response.iter_lines()
    for line in lines:
        assert next(lines) == "", line
        name, _, text = line.partition(": ")
        assert name in {"", "data"}, line
        yield text if not name or text == DONE else json.loads(text)


def deltas(received: list[Event]) -> list[dict[str, Any]]:
    """What the chunks among events change, without the chunks that have no choice."""
    return [one["choices"][0]["delta"] for one in received if isinstance(one, dict) and one.get("choices")]

"""Texts of others in headers: these hold ASCII only, and a line break in one would end it."""

from __future__ import annotations

import string
from urllib.parse import quote

#: What stands in a header as it is; anything else is percent-encoded UTF-8.
AS_IT_IS = string.punctuation.replace("%", "")


def in_header(text: str) -> str:
    """Return a text as it may stand in a header: the usual names of models and fields stay what they are."""
    return quote(text, safe=AS_IT_IS)

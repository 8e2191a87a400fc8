"""Whether the other end of a request's connection is still there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.services.waiting import Gone


def client_gone(environ: Mapping[str, Any]) -> Gone:
    """Return what asks waitress whether the client hung up; under another server nobody ever does."""
    gone: Gone = environ.get("waitress.client_disconnected", _never)
    return gone


def _never() -> bool:
    return False

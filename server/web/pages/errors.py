"""Errors as a page: what was wrong, and the way on."""

from __future__ import annotations

from flask import Response, request

from server.domain.errors import PoolError
from server.web.pages.rendering import page

#: Beginnings of the paths that people look at.
PLACES = ("/admin", "/join/")
#: Status → heading.
HEADINGS = {
    400: "That did not work",
    401: "Please sign in",
    403: "Not done",
    404: "There is nothing here",
    405: "That did not work",
    409: "Not done: things have changed",
    429: "Too many tries",
    503: "Not now",
}


def is_page(path: str) -> bool:
    """Whether a path belongs to a page."""
    return path == "/" or path.startswith(PLACES)


def show(error: PoolError) -> Response:
    """Answer one of our errors with a page."""
    heading = HEADINGS.get(error.status, "Something went wrong")
    return page("error.html", status=error.status, heading=heading, error=error, of_operator=_is_operators())


def _is_operators() -> bool:
    return request.path.startswith("/admin")

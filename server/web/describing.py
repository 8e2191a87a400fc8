"""Describing a view for the OpenAPI document: a description is read when the document is made, never per request.

Views read their requests by hand, because that is several times faster and gives better errors than a general
validator. What they read and answer is said beside them by `describe`; the tests compare both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])

_ATTRIBUTE = "openapi_description"

JSON, EVENT_STREAM = "application/json", "text/event-stream"


@dataclass(frozen=True, slots=True)
class Media:
    """An answer that is no JSON (or not only): media type → what its schema is made of, such as `str`."""

    of: Mapping[str, Any]
    #: What the answer is, in a sentence.
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """What a view reads and answers."""

    #: The JSON body: a pydantic model, or anything else that pydantic makes a schema of; None for no body.
    body: Any
    #: Whether an empty body is refused.
    body_required: bool
    #: A pydantic model whose fields are the query's parameters.
    query: Any
    #: A pydantic model whose fields' aliases are headers.
    headers: Any
    #: Status → what the answer's schema is made of, or a `Media`.
    answers: Mapping[int, Any]
    #: Statuses of errors beyond those that every route of the surface may answer.
    errors: tuple[int, ...] = field(default=())


def describe(
    *,
    answers: Mapping[int, Any],
    body: Any = None,
    body_required: bool = True,
    query: Any = None,
    headers: Any = None,
    errors: tuple[int, ...] = (),
) -> Callable[[View], View]:
    """Attach a description to a view; the summary is the first line of the view's docstring."""
    description = Description(body, body_required, query, headers, answers, errors)

    def attach(view: View) -> View:
        setattr(view, _ATTRIBUTE, description)
        return view

    return attach


def description_of(view: Callable[..., Any]) -> Description | None:
    """Return what was attached to a view; None where nothing was."""
    found: Description | None = getattr(view, _ATTRIBUTE, None)
    return found

"""The error tree is the drawn one, and client libraries read each error as what it is."""

from __future__ import annotations

import re

import pytest

from server.domain import errors
from server.domain.errors import PoolError


def tree(kind: type[PoolError]) -> list[type[PoolError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in tree(child))]


ALL = tree(PoolError)


def test_the_drawing_shows_every_class_with_its_parent_and_status() -> None:
    """The module's docstring is read line by line; its indentation is the inheritance."""
    drawn: list[tuple[str, str, int]] = []
    parents = {0: "PoolError"}
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"([│├└─ ]+) (\w+) +(\d{3})\b", line):
            depth = len(found[1]) // 4 + 1
            parents[depth] = found[2]
            drawn.append((found[2], parents[depth - 1], int(found[3])))
    real = {(kind.__name__, str(kind.__base__ and kind.__base__.__name__), kind.status) for kind in ALL[1:]}
    assert set(drawn) == real
    assert len(drawn) == len(real)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_type_fits_status(kind: type[PoolError]) -> None:
    """LiteLLM takes any `invalid_request_error` for the caller's fault, and officials SDKs retry 409, 429 and 5xx."""
    assert (kind.status >= 500) == (kind.type == "server_error")
    assert kind.code
    assert kind.__doc__


def test_an_error_carries_what_it_was_given() -> None:
    error = errors.NotFound("No such task.", param="id", code="task_gone", retry_after=2.5)
    assert (str(error), error.message, error.param, error.code, error.retry_after) == (
        "No such task.",
        "No such task.",
        "id",
        "task_gone",
        2.5,
    )
    assert errors.NotFound("x").code == "not_found"

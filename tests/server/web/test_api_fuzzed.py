"""Schemathesis asks every route of the OpenAPI document with every kind of key.

A few requests each in the usual run; thousands with `--hypothesis-profile thorough` (see docs/contributing.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

from tests.server.web.fuzzing import AGENT, CLIENT, NOBODY, OPERATOR, ROLES, WORKER, FuzzedPool, fuzzed_pool, tame

#: First segments of the paths that one test asks, and which callers they are for.
SURFACES = {
    # LLMeQueue has one token for workers and clients.
    "v1": {CLIENT, WORKER},
    "tasks": {CLIENT, WORKER},
    "worker": {WORKER},
    "api": {CLIENT, WORKER},
    "agent": set(ROLES),
    "private": {AGENT},
    "management": {OPERATOR},
    "metrics": {OPERATOR},
    "docs": {OPERATOR},
    "join": set(ROLES),
    "downloads": set(ROLES),
    "health": set(ROLES),
    "ready": set(ROLES),
    "stats": set(ROLES),
    "version": set(ROLES),
}
#: Where tasks of clients are handed to whoever computes them.
WORK = {"private", "worker"}
CHECKED = [
    CHECKS.get_one(name)
    for name in ("status_code_conformance", "content_type_conformance", "response_schema_conformance")
]
#: The usual profile's number of examples, above which a run is a thorough one.
USUAL_EXAMPLES = 100


def examples(role: str, segment: str) -> int:
    """How many requests of one kind: callers that are only refused, or are let in as somebody else is, need few."""
    most = hypothesis_settings().max_examples
    thorough = most > USUAL_EXAMPLES
    if role in SURFACES[segment] - {NOBODY} and (role != WORKER or segment == "worker"):
        return most // 10 if thorough else 8
    return most // 100 if thorough else 1


def kinds_of_request(operation: Any) -> Iterator[tuple[GenerationMode, str]]:
    """Requests that obey the description, by everybody; where there is something to get wrong, also such that do not.

    Who has no right to ask is refused before anybody looks at the rest.
    """
    for role in ROLES:
        yield GenerationMode.POSITIVE, role
    if operation.body or operation.query:
        for role in sorted(SURFACES[segment_of(operation)] - {NOBODY}):
            yield GenerationMode.NEGATIVE, role


def segment_of(operation: Any) -> str:
    """Return the first segment of a route's path."""
    return str(operation.path.split("/")[1])


def findings(world: FuzzedPool, operation: Any, role: str, mode: GenerationMode) -> list[str]:
    """Ask one route as one caller; returns what is wrong with the answers."""
    segment = segment_of(operation)
    allowed, headers, found = SURFACES[segment], world.headers(role), []

    @hypothesis_settings(
        max_examples=examples(role, segment),
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        tame(case)
        world.make_real(case)
        response = case.call(headers=headers)
        about = f"{operation.label} as {role}: {response.status_code} {response.text[:300]} to {str(case.body)[:300]}"
        if response.status_code == 500:
            found.append(f"an error nobody foresaw: {about}")
        if role not in allowed and response.status_code < 400:
            found.append(f"let in: {about}")
        refused = response.status_code == 404 if mode is GenerationMode.POSITIVE else response.status_code >= 400
        if role in allowed - {OPERATOR} and segment not in WORK and world.foreign(case) and not refused:
            found.append(f"a task of somebody else is not 404: {about}")
        if any(secret in f"{response.headers}{response.text}" for secret in world.secrets(role)):
            found.append(f"tells what is somebody else's: {about}")
        try:
            case.validate_response(response, checks=CHECKED)
        except FailureGroup as failures:
            found.extend(f"{failure.title}: {failure.message[:300]}: {about}" for failure in failures.exceptions)

    ask()
    return found


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("segment", SURFACES)
def test_no_request_gets_an_answer_that_is_not_described(segment: str, tmp_path: Path) -> None:
    """No 500, no undocumented status or type, no body unlike its schema, nothing of somebody else, nobody let in."""
    asked, found = 0, []
    with fuzzed_pool(tmp_path) as world:
        for operation in world.operations():
            if segment_of(operation) != segment:
                continue
            world.seed()
            for mode, role in kinds_of_request(operation):
                asked += 1
                found += findings(world, operation, role, mode)
    assert asked, f"no route begins with /{segment}"
    assert not found, f"{len(found)} findings, such as\n" + "\n".join(found[:10])


def test_no_surface_is_forgotten(tmp_path: Path) -> None:
    """Every path of the document belongs to one of the tests above."""
    with fuzzed_pool(tmp_path) as world:
        segments = {segment_of(operation) for operation in world.operations()}
    assert segments == set(SURFACES)

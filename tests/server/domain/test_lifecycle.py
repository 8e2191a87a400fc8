"""The state machine is exactly the one drawn in the architecture."""

from __future__ import annotations

import itertools

import pytest

from server.domain import lifecycle
from server.domain.lifecycle import ACTIVE, FINAL, MOVES, AttemptStatus, JobStatus, Move, TaskStatus, job_status

Q, L, D = TaskStatus.QUEUED, TaskStatus.LEASED, TaskStatus.COMPLETED
F, C, E = TaskStatus.FAILED, TaskStatus.CANCELED, TaskStatus.EXPIRED


@pytest.mark.parametrize(
    ("move", "verb", "sources", "target", "attempt"),
    [
        (lifecycle.claim(), "claim", {Q}, L, None),
        (lifecycle.complete(), "complete", {L}, D, AttemptStatus.COMPLETED),
        (lifecycle.release(), "release", {L}, Q, AttemptStatus.RELEASED),
        (lifecycle.fail(final=False), "fail", {L}, Q, AttemptStatus.FAILED),
        (lifecycle.fail(final=True), "fail", {L}, F, AttemptStatus.FAILED),
        (lifecycle.reclaim(final=False), "reclaim", {L}, Q, AttemptStatus.LOST),
        (lifecycle.reclaim(final=True), "reclaim", {L}, F, AttemptStatus.LOST),
        (lifecycle.cancel(), "cancel", {Q, L}, C, AttemptStatus.CANCELED),
        (lifecycle.expire(), "expire", {Q, L}, E, AttemptStatus.CANCELED),
    ],
)
def test_each_move(
    move: Move, verb: str, sources: set[TaskStatus], target: TaskStatus, attempt: AttemptStatus | None
) -> None:
    """Where it may start, where it ends, and what becomes of the attempt."""
    assert (move.verb, set(move.sources), move.target, move.attempt) == (verb, sources, target, attempt)
    assert move in MOVES


def test_there_are_no_other_moves() -> None:
    assert len(MOVES) == len(set(MOVES)) == 9


def test_every_status_is_active_or_final() -> None:
    """And never both."""
    assert {*ACTIVE, *FINAL} == set(TaskStatus)
    assert not {*ACTIVE} & {*FINAL}


def test_final_is_for_ever() -> None:
    """No move starts in a final status, and each one is reached from an active one."""
    assert not {source for move in MOVES for source in move.sources} & {*FINAL}
    assert {move.target for move in MOVES} >= {*FINAL}


def test_leaving_a_lease_ends_its_attempt() -> None:
    """Only claim begins an attempt; whatever takes a task out of `leased` says how the attempt ended."""
    for move in MOVES:
        assert (L in move.sources) == (move.attempt is not None)
        assert move.attempt is not AttemptStatus.LEASED


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([Q], JobStatus.PENDING),
        ([Q, Q], JobStatus.PENDING),
        ([L], JobStatus.PROCESSING),
        ([Q, L], JobStatus.PROCESSING),
        ([Q, D], JobStatus.PROCESSING),
        ([L, D], JobStatus.PROCESSING),
        ([D], JobStatus.COMPLETED),
        ([D, D], JobStatus.COMPLETED),
        # A job whose texts were all in the cache has no task.
        ([], JobStatus.COMPLETED),
        ([F], JobStatus.FAILED),
        ([F, C, C], JobStatus.FAILED),
        ([D, F, Q], JobStatus.FAILED),
        ([E, D], JobStatus.EXPIRED),
        ([E, C], JobStatus.EXPIRED),
        ([F, E], JobStatus.FAILED),
        ([C], JobStatus.CANCELED),
        ([D, C], JobStatus.CANCELED),
    ],
)
def test_job_status(statuses: list[TaskStatus], expected: JobStatus) -> None:
    """One bad end decides, otherwise the least advanced task does; the order of the tasks never matters."""
    assert {job_status(list(order)) for order in itertools.permutations(statuses)} == {expected}

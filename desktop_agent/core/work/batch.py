"""Tasks of one model in one engine call: merging their texts, and giving each task its share of the result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..engines.base import EmbedResult, TextFailure
from ..pool.wire import Completed, Failed, Outcome, Task

#: Errors that are about a text; only they name its position.
_ABOUT_A_TEXT = ("input_too_long", "input_invalid")


@dataclass(slots=True)
class Batch:
    """Tasks that can share a call: the same model, the same rule for texts that are too long."""

    model: str
    truncate: bool
    tasks: list[Task] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


def merge(tasks: Iterable[Task]) -> list[Batch]:
    """Group the tasks by what one engine call can do, in the order in which they came."""
    batches: dict[tuple[str, bool], Batch] = {}
    for task in tasks:
        batch = batches.setdefault((task.model, task.truncate), Batch(task.model, task.truncate))
        batch.tasks.append(task)
        batch.texts.extend(task.texts)
    return list(batches.values())


def split(batch: Batch, result: EmbedResult, digest: str) -> list[Outcome]:
    """Give every task its rows, tokens, cut texts and share of the time; a bad text fails its own task only."""
    failures: dict[int, TextFailure] = {failure.position: failure for failure in result.failures}
    outcomes: list[Outcome] = []
    first = 0
    for task in batch.tasks:
        end = first + len(task.texts)
        bad = next((failures[position] for position in range(first, end) if position in failures), None)
        if bad is not None:
            outcomes.append(_failed(task, bad, first))
        else:
            outcomes.append(_completed(task, result, first, digest))
        first = end
    return outcomes


def _failed(task: Task, failure: TextFailure, first: int) -> Failed:
    position = failure.position - first if failure.code in _ABOUT_A_TEXT else None
    return Failed(task.lease_id, failure.code, failure.message, position)


def _completed(task: Task, result: EmbedResult, first: int, digest: str) -> Completed:
    end = first + len(task.texts)
    row_bytes = result.dimensions * 4
    return Completed(
        lease_id=task.lease_id,
        vectors=result.vectors[first * row_bytes : end * row_bytes],
        dimensions=result.dimensions,
        tokens=sum(result.tokens[first:end]),
        truncated=tuple(position - first for position in result.truncated if first <= position < end),
        digest=digest,
        engine_ms=result.engine_ms * len(task.texts) / len(result.tokens),
    )

"""Checking a result against the task that it is for: what cannot be right is refused."""

from __future__ import annotations

import orjson
from sqlalchemy import Connection

from server.domain.vectors import WIDTH, constant
from server.services import classes
from server.services.outcomes import Answered, Delivered
from server.services.pool import Pool
from server.storage import results
from server.storage.fence import HeldTask


def flaw_of(pool: Pool, connection: Connection, held: HeldTask, report: Delivered | Answered) -> str | None:
    """Say in words why a result cannot be the task's; None where it may be."""
    if report.flaw is not None:
        return report.flaw
    if isinstance(report, Answered):
        return "The task asks for vectors, but an output came." if held.kind == "embedding" else None
    if held.kind != "embedding":
        return "Vectors came for a task that asks for none."
    return _mismatch(pool, connection, held, report) or _sameness(connection, held, report)


def _mismatch(pool: Pool, connection: Connection, held: HeldTask, report: Delivered) -> str | None:
    """Say how the vectors do not fit the task they are for."""
    got = len(report.vectors) // (report.dimensions * WIDTH)
    if got != held.texts:
        return f"The task has {held.texts} texts, but {got} vectors came."
    expected = classes.expected(pool, connection, held)
    if expected is None:
        # The first result of a model that no agent tells a digest of.
        return "The pool has no class of this model, and so none with a digest." if report.digest else None
    if report.dimensions != expected.dimensions:
        return f"The pool's {expected.model} has {expected.dimensions} dimensions, but {report.dimensions} came."
    if report.digest != expected.digest:
        return f"The pool's {expected.model} has another digest than the model that computed this."
    return None


def _sameness(connection: Connection, held: HeldTask, report: Delivered) -> str | None:
    """Say so when every vector is the same although the texts are not: the engine ignored what it read."""
    width = report.dimensions * WIDTH
    if held.texts == 1 or report.vectors[:width] != report.vectors[width : 2 * width]:
        return None
    texts = orjson.loads(results.payload(connection, held.id))["texts"]
    return "All vectors are the same, although the texts are not." if constant(report.vectors, texts) else None

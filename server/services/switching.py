"""Switching the class of a model that serves the pool, without ever mixing two classes' vectors in one answer."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlalchemy import Connection

from server.domain.capability import embedding_capability
from server.domain.errors import ClassSwitched, Conflict, NotFound, PoolError
from server.services import classes, settling
from server.services.outcomes import Aftermath
from server.services.pool import Pool
from server.storage import class_switch, events, jobs, model_classes, tasks
from server.storage.attempts import Failure
from server.storage.model_classes import StoredClass

log = logging.getLogger(__name__)

#: Milliseconds for which requests that were accepted with the old class in mind are still looked for.
AFTERWARDS_MS = 60_000
SWITCHED = Failure(ClassSwitched.code, "The pool switched to another build of the model.")


@dataclass(frozen=True, slots=True)
class Switch:
    """What a switch did to the queue."""

    model: str
    was: int | None
    now: int
    #: Tasks that wait for agents of the new class instead, and jobs that had to end.
    moved: int
    ended: int


def switch(pool: Pool, class_id: int, now: int) -> Switch:
    """Make a class of an embedding model the pool's.

    Leases of the old class are taken back, and what waits waits for the new class. A job of which some vectors are
    there already ends, because no other class can finish it: its client is told to ask again. Raises NotFound, and
    Conflict for a chat model, or for the class that is the pool's already.
    """

    def change(connection: Connection) -> tuple[Switch, Aftermath] | PoolError:
        wanted = model_classes.find(connection, class_id)
        why_not = refusal(wanted, class_id)
        if wanted is None or why_not is not None:
            return why_not or NotFound("")
        of_pool = model_classes.of_pool(connection, wanted.kind, wanted.model)
        class_switch.make_pools(connection, kind=wanted.kind, model=wanted.model, class_id=class_id)
        after = Aftermath()
        moved, ended = (0, 0) if of_pool is None else _carry_over(pool, connection, of_pool, class_id, after, now)
        done = Switch(wanted.model, of_pool.id if of_pool else None, class_id, moved, ended)
        detail: dict[str, object] = {"model": done.model, "from": done.was, "tasks": moved, "jobsEnded": ended}
        events.record(
            connection, actor=events.OPERATOR, verb="class.switch", subject=str(class_id), now=now, detail=detail
        )
        return done, after

    changed = pool.database.write(change)
    if isinstance(changed, PoolError):
        raise changed
    done, after = changed
    classes.reload(pool)
    pool.switches.add(done.was, class_id, now + AFTERWARDS_MS)
    after.tell(pool)
    log.info("the pool's class of %s is %d now (was %s)", done.model, class_id, done.was)
    return done


def refusal(wanted: StoredClass | None, class_id: int) -> PoolError | None:
    """Say why a class cannot become the pool's; None where it can."""
    if wanted is None:
        return NotFound(f"There is no model class {class_id}.")
    if wanted.kind == "chat":
        return Conflict("A chat model has no class to switch: any agent's answer will do.")
    if wanted.is_pool:
        return Conflict(f"Class {class_id} is the pool's class of {wanted.model} already.")
    return None


def _carry_over(
    pool: Pool, connection: Connection, old: StoredClass, new: int, after: Aftermath, now: int
) -> tuple[int, int]:
    """Let what is under way go on with the new class; returns (tasks moved, jobs ended)."""
    capability = embedding_capability(old.model)
    ended = class_switch.half_done_jobs(connection, capability, old.id)
    for job_id in ended:
        settling.end_job(connection, job_id, after, now, why=SWITCHED)
    # So that the client's next try does not join it.
    jobs.mark_fetched(connection, ended, now)
    for lease_id, agent_id in class_switch.leases_of_class(connection, capability, old.id):
        settling.give_back(pool, connection, agent_id, lease_id, after, now)
    moved = tasks.move_class(connection, capability=capability, old=old.id, new=new)
    after.requeued += [(capability, trust) for trust in moved]
    class_switch.move_jobs(connection, old=old.id, new=new, now=now)
    return len(moved), len(ended)


def carry_over_late(pool: Pool, now: int) -> None:
    """Carry over what was accepted in the moment of a switch, by requests that did not know of it yet."""
    for old_id, new in pool.switches.lately(now):
        old = pool.catalogue.by_id(old_id)
        if old is not None and _has_late(pool, old):
            _carry_over_again(pool, old, new, now).tell(pool)


def _has_late(pool: Pool, old: StoredClass) -> bool:
    with pool.database.read() as connection:
        return class_switch.any_waiting(connection, embedding_capability(old.model), old.id)


def _carry_over_again(pool: Pool, old: StoredClass, new: int, now: int) -> Aftermath:
    def carry_over(connection: Connection) -> Aftermath:
        after = Aftermath()
        _carry_over(pool, connection, old, new, after, now)
        return after

    return pool.database.write(carry_over)

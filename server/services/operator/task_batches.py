"""Many tasks at once: cancel them, or run failed ones again. A part at a time, and never all or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice

from server.domain.errors import Conflict, PoolError
from server.domain.lifecycle import ACTIVE, TaskStatus
from server.services import cancelling, rerunning
from server.services.pool import Pool
from server.storage import events, task_records
from server.storage.task_records import LAST, Wanted

#: Tasks that may be named in one act.
MOST_NAMED = 500
#: Tasks of one act that are chosen by a filter; who wants more does it again.
MOST_MATCHING = 10_000
#: Tasks of one transaction, so that the queue's other users never wait long behind it.
BATCH = 50
#: Tasks chosen at once by a filter.
CHOSEN = 2000
#: How an outcome is counted that is what was wanted.
DONE = cancelling.CANCELED


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an act on many tasks."""

    #: Tasks that were canceled, or are run again.
    done: int
    #: Why others were not → how many: `over`, `not_found`, or the code of the error that one alone would have met.
    refused: dict[str, int]


def cancel_many(pool: Pool, task_ids: Sequence[str], now: int) -> Done:
    """Cancel tasks, each with the rest of its job; what is over already stays as it is."""
    return _note(pool, "tasks.cancel_many", _cancel(pool, task_ids, now), {}, now)


def run_many_again(pool: Pool, task_ids: Sequence[str], now: int) -> Done:
    """Queue failed tasks anew, each as a new task of its client."""
    return _note(pool, "tasks.rerun_many", _run_again(pool, task_ids, now), {}, now)


def cancel_matching(pool: Pool, wanted: Wanted, now: int) -> Done:
    """Cancel the newest tasks that a filter finds, up to `MOST_MATCHING`, each with the rest of its job.

    Raises Conflict unless they are chosen among those that wait or are under way.
    """
    if wanted.status not in ACTIVE:
        raise Conflict("Only tasks that wait or are under way can be canceled.")
    return _note(pool, "tasks.cancel_many", _cancel(pool, _matching(pool, wanted), now), _told(wanted), now)


def run_matching_again(pool: Pool, wanted: Wanted, now: int) -> Done:
    """Queue the newest failed tasks that a filter finds anew, up to `MOST_MATCHING`.

    Raises Conflict unless they are chosen among those that failed.
    """
    if wanted.of_status != TaskStatus.FAILED:
        raise Conflict("Only failed tasks can be run again.")
    return _note(pool, "tasks.rerun_many", _run_again(pool, _matching(pool, wanted), now), _told(wanted), now)


def _cancel(pool: Pool, task_ids: Sequence[str], now: int) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    ended: frozenset[str] = frozenset()
    for some in _batches(task_ids):
        part = cancelling.cancel_some(pool, some, ended, now)
        outcomes += part.outcomes
        ended = part.jobs
    return outcomes


def _run_again(pool: Pool, task_ids: Sequence[str], now: int) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    for some in _batches(task_ids):
        made = rerunning.run_some_again(pool, some, now, noted_together=True)
        outcomes += Counter(str(one.code) if isinstance(one, PoolError) else DONE for one in made.values())
    return outcomes


def _batches(task_ids: Sequence[str]) -> Iterator[list[str]]:
    left = iter(dict.fromkeys(task_ids))
    while some := list(islice(left, BATCH)):
        yield some


def _matching(pool: Pool, wanted: Wanted) -> list[str]:
    """Choose before anything is changed, so that no change moves what is chosen."""
    found: list[str] = []
    cursor: str | None = LAST
    while cursor is not None and len(found) < MOST_MATCHING:
        with pool.database.read() as connection:
            page = task_records.page(connection, wanted, before=cursor, limit=CHOSEN)
        found += [record.id for record in page.records]
        cursor = page.cursor
    return found[:MOST_MATCHING]


def _told(wanted: Wanted) -> dict[str, object]:
    return {"matching": {name: value for name, value in asdict(wanted).items() if value is not None}}


def _note(pool: Pool, verb: str, outcomes: Counter[str], detail: dict[str, object], now: int) -> Done:
    """Write one event for the whole act, if it changed anything."""
    done = Done(outcomes.pop(DONE, 0), dict(outcomes))
    if done.done:
        said = {"tasks": done.done, **detail}
        pool.database.write(
            lambda connection: events.record(
                connection, actor=events.OPERATOR, verb=verb, subject="*", now=now, detail=said
            )
        )
    return done

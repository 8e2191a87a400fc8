"""Running a failed task again: what is kept for how long, and what the new task is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from server.domain.errors import Conflict, NotFound, QueueFull
from server.services import access, answers, rerunning
from server.services.assembling import Embeddings
from server.services.cancelling import cancel_job
from server.services.operator import operations_tasks
from server.services.pool import Pool
from server.services.roster import Present
from server.services.sweeper import drop_old
from server.storage import events, task_records
from server.storage.attempts import Lease
from server.storage.task_records import TaskRecord, Wanted
from tests.factories import (
    SetClock,
    claim_one,
    delivery,
    enqueue,
    error_report,
    make_agent,
    make_client,
    take_turn,
    texts_of,
    vector_of,
)


def tasks(pool: Pool) -> list[TaskRecord]:
    """Every task, newest first."""
    with pool.database.read() as connection:
        return task_records.page(connection, Wanted(), limit=100).records


def payloads(pool: Pool) -> int:
    with pool.database.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM payloads").scalar_one())


def fail_for_good(pool: Pool, agent: Present, lease: Lease) -> None:
    """Let the only agent say that the text cannot be embedded, which ends the task."""
    outcome = take_turn(pool, agent, error_report(lease, "input_invalid")).outcomes[0].outcome
    assert outcome == "accepted"


def failed_task(pool: Pool, agent: Present) -> str:
    lease = claim_one(pool, agent)
    fail_for_good(pool, agent, lease)
    return lease.task_id


def test_a_failed_task_becomes_a_new_one_of_its_client(pool: Pool) -> None:
    """The failed one stays as it is; the new one names it, has its texts, and its answer is its client's to fetch."""
    agent, client = make_agent(pool), make_client(pool)
    enqueue(pool, client, "a", "b")
    failed = failed_task(pool, agent)
    made = rerunning.run_again(pool, failed, pool.clock.now())
    lease = claim_one(pool, agent)
    assert (lease.task_id, texts_of(lease)) == (made, ["a", "b"])
    take_turn(pool, agent, delivery(lease))
    answer = answers.fetch(pool, client, lease.job_id)
    assert isinstance(answer, Embeddings)
    assert np.array_equal(answer.vectors[0], vector_of("a"))
    assert {one.id: (one.status, one.retry_of) for one in tasks(pool)} == {
        failed: ("failed", None),
        made: ("completed", failed),
    }


def test_the_clients_own_retry_joins_it(pool: Pool) -> None:
    """A client that asks the same again meanwhile gets the new task's answer, not a third computation."""
    agent, client = make_agent(pool), make_client(pool)
    enqueue(pool, client, "a")
    failed = failed_task(pool, agent)
    made = rerunning.run_again(pool, failed, pool.clock.now())
    joined = enqueue(pool, client, "a")
    assert joined == operations_tasks.details(pool, made, pool.clock.now()).record.job_id


def test_of_a_split_job_only_the_failed_part_is_computed(pool: Pool) -> None:
    """Its vectors enter the cache, so that the client's next request needs the other parts only."""
    agent, client = make_agent(pool), make_client(pool)
    texts = [f"text {number}" for number in range(40)]
    enqueue(pool, client, *texts)
    failed = failed_task(pool, agent)
    rerunning.run_again(pool, failed, pool.clock.now())
    lease = claim_one(pool, agent)
    part = texts_of(lease)
    take_turn(pool, agent, delivery(lease))
    answer = answers.fetch(pool, client, lease.job_id)
    assert isinstance(answer, Embeddings)
    assert len(answer.vectors) == len(part) < len(texts)
    enqueue(pool, client, *texts)
    rest = [text for one in take_turn(pool, agent, most=9).leases for text in texts_of(one)]
    assert rest == [text for text in texts if text not in part]


def test_a_task_is_run_again_once(pool: Pool) -> None:
    """The second time says what the first one made; the text is kept once, with the new task."""
    agent, client = make_agent(pool), make_client(pool)
    enqueue(pool, client, "a")
    failed = failed_task(pool, agent)
    made = rerunning.run_again(pool, failed, pool.clock.now())
    with pytest.raises(Conflict, match=made):
        rerunning.run_again(pool, failed, pool.clock.now())
    assert payloads(pool) == 1
    again = rerunning.run_again(pool, failed_task(pool, agent), pool.clock.now())
    assert operations_tasks.details(pool, again, pool.clock.now()).record.retry_of == made


def test_the_text_is_kept_for_the_time_that_was_set(pool: Pool, clock: SetClock) -> None:
    """An hour by default; then it is deleted and the operator is told so."""
    agent, client = make_agent(pool), make_client(pool)
    enqueue(pool, client, "a")
    failed = failed_task(pool, agent)
    drop_old(pool, clock.advance(3599))
    assert payloads(pool) == 1
    assert operations_tasks.details(pool, failed, pool.clock.now()).kept_until == clock.now() + 1000
    drop_old(pool, clock.advance(1))
    assert payloads(pool) == 0
    with pytest.raises(Conflict, match="KEEP_FAILED_MINUTES"):
        rerunning.run_again(pool, failed, clock.now())


def test_nothing_is_kept_where_nothing_is_to_be(pool: Pool) -> None:
    """With 0 minutes the text goes when the task fails."""
    keeps_nothing = replace(pool, settings=pool.settings.model_copy(update={"keep_failed_minutes": 0}))
    agent = make_agent(keeps_nothing)
    enqueue(keeps_nothing, make_client(pool), "a")
    failed_task(keeps_nothing, agent)
    assert payloads(pool) == 0


def test_only_what_failed_is_kept(pool: Pool) -> None:
    """Completed and canceled tasks, and the siblings of a failed one, leave no text."""
    agent, client = make_agent(pool), make_client(pool)
    enqueue(pool, client, "done")
    take_turn(pool, agent, delivery(claim_one(pool, agent)))
    cancel_job(pool, enqueue(pool, client, "unwanted"), key_id=client.id, now=pool.clock.now())
    enqueue(pool, client, *(f"text {number}" for number in range(70)))
    failed = failed_task(pool, agent)
    assert payloads(pool) == 1
    for one in tasks(pool):
        if one.id != failed:
            with pytest.raises(Conflict, match="Only a failed task"):
                rerunning.run_again(pool, one.id, pool.clock.now())
    with pytest.raises(NotFound):
        rerunning.run_again(pool, "nowhere", pool.clock.now())


def test_a_client_that_may_not_ask_any_more_gets_no_new_task(pool: Pool) -> None:
    """Its key was revoked: the operator is told, and the task could still be run again if it came back."""
    agent, client = make_agent(pool), make_client(pool)
    enqueue(pool, client, "a")
    failed = failed_task(pool, agent)
    access.revoke_key(pool, client.id, pool.clock.now())
    with pytest.raises(Conflict, match="revoked"):
        rerunning.run_again(pool, failed, pool.clock.now())
    assert payloads(pool) == 1


def test_a_full_queue_takes_no_task_again(pool: Pool) -> None:
    """The cap on the queue holds for the operator too, and the place is given back."""
    agent, client = make_agent(pool), make_client(pool)
    enqueue(pool, client, "a")
    failed = failed_task(pool, agent)
    total = pool.backlog.total
    full = replace(pool, settings=pool.settings.model_copy(update={"max_queued_tasks": total}))
    with pytest.raises(QueueFull):
        rerunning.run_again(full, failed, pool.clock.now())
    assert pool.backlog.total == total
    rerunning.run_again(pool, failed, pool.clock.now())


def test_it_is_written_down(pool: Pool) -> None:
    """The event names both tasks."""
    agent = make_agent(pool)
    enqueue(pool, make_client(pool), "a")
    failed = failed_task(pool, agent)
    made = rerunning.run_again(pool, failed, pool.clock.now())
    with pool.database.read() as connection:
        found = events.page(connection, before=events.LAST, limit=50)
    assert [(one.subject, made in one.detail) for one in found if one.verb == "task.rerun"] == [(failed, True)]

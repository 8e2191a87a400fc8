"""Many tasks at once: each is judged for itself, a part at a time, and the act is one event."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from server.domain.errors import Conflict
from server.services import access, rerunning
from server.services.operator import task_batches
from server.services.operator.task_batches import Done
from server.services.pool import Pool
from server.services.roster import Present
from server.services.sweeper import drop_old
from server.storage import events, task_records
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
)


def tasks(pool: Pool) -> list[TaskRecord]:
    """Every task, newest first."""
    with pool.database.read() as connection:
        return task_records.page(connection, Wanted(), limit=500).records


def statuses(pool: Pool) -> dict[str, str]:
    return {record.id: record.status for record in tasks(pool)}


def noted(pool: Pool, verb: str) -> list[tuple[str, dict[str, object]]]:
    """What the events of a verb say, newest first."""
    with pool.database.read() as connection:
        found = events.page(connection, before=events.LAST, limit=500)
    return [(one.subject, orjson.loads(one.detail)) for one in found if one.verb == verb]


def fail_one(pool: Pool, agent: Present) -> str:
    lease = claim_one(pool, agent)
    take_turn(pool, agent, error_report(lease, "input_invalid"))
    return lease.task_id


def test_each_task_is_canceled_for_itself(pool: Pool, clock: SetClock) -> None:
    """Waiting and computing ones end; one that is over and one that never was do not keep the others."""
    agent, client = make_agent(pool), make_client(pool)
    enqueue(pool, client, "done")
    take_turn(pool, agent, delivery(done := claim_one(pool, agent)))
    enqueue(pool, client, "computing")
    lease = claim_one(pool, agent)
    clock.advance(1)
    job = enqueue(pool, client, "waits")
    waits = tasks(pool)[0].id
    named = [done.task_id, "nothing", lease.task_id, waits, waits, job]
    assert task_batches.cancel_many(pool, named, pool.clock.now()) == Done(3, {"over": 1, "not_found": 1})
    assert statuses(pool) == {done.task_id: "completed", lease.task_id: "canceled", waits: "canceled"}
    assert take_turn(pool, agent, delivery(lease)).outcomes[0].outcome == "stale"
    assert noted(pool, "tasks.cancel_many") == [("*", {"tasks": 3})]
    assert noted(pool, "task.cancel") == []
    assert task_batches.cancel_many(pool, named, pool.clock.now()) == Done(0, {"over": 4, "not_found": 1})
    assert len(noted(pool, "tasks.cancel_many")) == 1


def test_tasks_of_one_request_count_each(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Canceling one ends its request; the others of it were wanted too, also when they come in a later part."""
    monkeypatch.setattr(task_batches, "BATCH", 2)
    make_agent(pool)
    enqueue(pool, make_client(pool), *(f"text {number}" for number in range(140)))
    found = [record.id for record in tasks(pool)]
    assert len(found) > 4
    assert task_batches.cancel_many(pool, found, pool.clock.now()) == Done(len(found), {})
    assert set(statuses(pool).values()) == {"canceled"}


def test_a_task_that_is_over_does_not_end_the_rest_of_its_request(pool: Pool) -> None:
    """Whoever selects what is done as well does not mean the rest, which was not selected."""
    agent = make_agent(pool)
    enqueue(pool, make_client(pool), *(f"text {number}" for number in range(70)))
    take_turn(pool, agent, delivery(done := claim_one(pool, agent)))
    assert task_batches.cancel_many(pool, [done.task_id], pool.clock.now()) == Done(0, {"over": 1})
    assert set(statuses(pool).values()) == {"completed", "leased"}


def test_each_failed_task_is_run_again_for_itself(pool: Pool, clock: SetClock) -> None:
    """Every way in which one cannot be is counted under its name; the agent gets those that can."""
    agent, client, gone = make_agent(pool), make_client(pool), make_client(pool, "gone")
    enqueue(pool, client, "old")
    old = fail_one(pool, agent)
    drop_old(pool, clock.advance(pool.settings.keep_failed_minutes * 60 + 1))
    enqueue(pool, gone, "of nobody")
    of_nobody = fail_one(pool, agent)
    access.revoke_key(pool, gone.id, clock.now())
    enqueue(pool, client, "again")
    again = fail_one(pool, agent)
    rerunning.run_again(pool, again, clock.now())
    take_turn(pool, agent, delivery(claim_one(pool, agent)))
    enqueue(pool, client, "first")
    first = fail_one(pool, agent)
    enqueue(pool, client, "second")
    second = fail_one(pool, agent)
    clock.advance(1)
    enqueue(pool, client, "waits")
    waits = tasks(pool)[0].id
    named = [old, of_nobody, again, first, waits, "nothing", second]
    why = {"content_deleted": 1, "key_revoked": 1, "run_already": 1, "not_failed": 1, "not_found": 1}
    assert task_batches.run_many_again(pool, named, clock.now()) == Done(2, why)
    assert {record.retry_of for record in tasks(pool) if record.status == "queued"} == {None, first, second}
    assert {text for lease in take_turn(pool, agent).leases for text in texts_of(lease)} == {"first", "second", "waits"}
    assert noted(pool, "tasks.rerun_many") == [("*", {"tasks": 2})]
    assert [subject for subject, _ in noted(pool, "task.rerun")] == [again]


def test_what_finds_no_room_is_counted_and_room_is_given_back(pool: Pool) -> None:
    """The cap on the queue holds: as many are run again as fit, and the next act finds the room of the rest."""
    agent, client = make_agent(pool), make_client(pool)
    failed = []
    for text in ("a", "b", "c"):
        enqueue(pool, client, text)
        failed.append(fail_one(pool, agent))
    total = pool.backlog.total
    tight = replace(pool, settings=pool.settings.model_copy(update={"max_queued_tasks": total + 2}))
    assert task_batches.run_many_again(tight, failed, pool.clock.now()) == Done(2, {"queue_full": 1})
    assert pool.backlog.total == total + 2
    assert task_batches.run_many_again(pool, failed, pool.clock.now()) == Done(1, {"run_already": 2})
    assert pool.backlog.total == total + 3


def test_all_that_match_a_filter(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A filter chooses, page by page and up to a number; the event says which filter it was."""
    monkeypatch.setattr(task_batches, "BATCH", 2)
    monkeypatch.setattr(task_batches, "CHOSEN", 3)
    agent, client, other = make_agent(pool), make_client(pool), make_client(pool, "other")
    for number in range(7):
        enqueue(pool, client, f"fails {number}")
        fail_one(pool, agent)
    for number in range(4):
        enqueue(pool, client, f"waits {number}")
    enqueue(pool, other, "another's")
    now = pool.clock.now()
    wanted = Wanted(status="queued", key_id=client.id)
    assert task_batches.cancel_matching(pool, wanted, now) == Done(4, {})
    assert noted(pool, "tasks.cancel_many") == [
        ("*", {"tasks": 4, "matching": {"status": "queued", "key_id": client.id}})
    ]
    assert sorted(statuses(pool).values()).count("queued") == 1
    monkeypatch.setattr(task_batches, "MOST_MATCHING", 5)
    assert task_batches.run_matching_again(pool, Wanted(error="input_invalid"), now) == Done(5, {})
    assert task_batches.run_matching_again(pool, Wanted(status="failed"), now) == Done(0, {"run_already": 5})


@pytest.mark.parametrize("status", [None, "completed", "failed", "canceled", "expired"])
def test_only_what_is_under_way_is_canceled_by_a_filter(pool: Pool, status: str | None) -> None:
    """A filter that would find what is over, or anything, is refused."""
    with pytest.raises(Conflict):
        task_batches.cancel_matching(pool, Wanted(status=status), pool.clock.now())


@pytest.mark.parametrize("status", [None, "queued", "leased", "completed", "canceled", "expired"])
def test_only_what_failed_is_run_again_by_a_filter(pool: Pool, status: str | None) -> None:
    """A filter that would find anything else is refused."""
    with pytest.raises(Conflict):
        task_batches.run_matching_again(pool, Wanted(status=status), pool.clock.now())

"""The operator's lists of tasks: every filter, pages that neither lose nor repeat, and no scan of the whole table."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import CompoundSelect, Select

from server.services.pool import Pool
from server.storage import task_choices, task_counts, task_records
from server.storage.task_records import LAST, Wanted, listing, page, stretch
from tests.factories import (
    CAPABILITY,
    SetClock,
    claim_one,
    delivery,
    enqueue,
    error_report,
    make_agent,
    make_client,
    take_turn,
)

#: The indexes that hold only what is under way.
PARTIAL = ("task_in_flight", "task_time_to_live", "task_turn")


def ids_of(pool: Pool, wanted: Wanted, limit: int = 100) -> list[str]:
    """The wanted tasks, taken page by page."""
    found: list[str] = []
    cursor: str | None = LAST
    while cursor is not None:
        with pool.database.read() as connection:
            got = page(connection, wanted, before=cursor, limit=limit)
        found += [record.id for record in got.records]
        assert len(got.records) <= limit
        cursor = got.cursor
    return found


def plan_of(pool: Pool, statement: Select[Any] | CompoundSelect[Any]) -> list[str]:
    """How SQLite would run a statement, one line for each table that it looks into."""
    compiled = statement.compile(dialect=pool.database.readers.dialect, compile_kwargs={"render_postcompile": True})
    parameters = tuple(compiled.params[name] for name in compiled.positiontup or ())
    with pool.database.read() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", parameters)
        return [str(row[3]) for row in rows]


@pytest.fixture
def told(pool: Pool, clock: SetClock) -> dict[str, str]:
    """Give one task of every kind of end, a second apart, each under the word for it."""
    agent, other, client, stranger = make_agent(pool), make_agent(pool), make_client(pool), make_client(pool, "other")
    made: dict[str, str] = {"agent": agent.agent.id, "other": other.agent.id, "client": client.id}
    enqueue(pool, client, "done")
    lease = claim_one(pool, agent)
    take_turn(pool, agent, delivery(lease))
    made["completed"] = lease.task_id
    clock.advance(1)
    enqueue(pool, client, "bad")
    lease = claim_one(pool, other)
    take_turn(pool, other, error_report(lease, "input_invalid"))
    take_turn(pool, agent, error_report(claim_one(pool, agent), "input_invalid"))
    made["failed"] = lease.task_id
    clock.advance(1)
    enqueue(pool, stranger, "under way")
    made["leased"] = claim_one(pool, agent).task_id
    clock.advance(1)
    enqueue(pool, stranger, "waits")
    made["queued"] = ids_of(pool, Wanted(status="queued"))[0]
    return made


def test_each_filter_finds_its_tasks(pool: Pool, told: dict[str, str]) -> None:
    """By status, agent, client, capability and age, and by all of them together; newest first."""
    every = [told[name] for name in ("queued", "leased", "failed", "completed")]
    assert ids_of(pool, Wanted()) == every
    for status in ("queued", "leased", "failed", "completed"):
        assert ids_of(pool, Wanted(status=status)) == [told[status]]
    assert ids_of(pool, Wanted(status="expired")) == []
    assert ids_of(pool, Wanted(agent_id=told["agent"])) == [told[name] for name in ("leased", "failed", "completed")]
    assert ids_of(pool, Wanted(agent_id=told["other"])) == [told["failed"]]
    assert ids_of(pool, Wanted(key_id=told["client"])) == [told["failed"], told["completed"]]
    assert ids_of(pool, Wanted(capability=CAPABILITY)) == every
    assert ids_of(pool, Wanted(capability="llm.other")) == []
    now = pool.clock.now()
    assert ids_of(pool, Wanted(before=now - 1000)) == [told["failed"], told["completed"]]
    assert ids_of(pool, Wanted(since=now - 1000)) == [told["queued"], told["leased"]]
    both = Wanted("failed", CAPABILITY, told["other"], told["client"], now, now - 10_000)
    assert ids_of(pool, both) == [told["failed"]]


def test_pages_neither_lose_nor_repeat(pool: Pool, clock: SetClock) -> None:
    """Any length of page gives the same tasks, also when new ones come between two pages."""
    make_agent(pool)
    client = make_client(pool)
    for number in range(23):
        enqueue(pool, client, f"text {number}")
        clock.advance(0.001)
    every = ids_of(pool, Wanted())
    assert len(set(every)) == 23
    assert every == sorted(every, reverse=True)
    for limit in (1, 7, 22, 23, 24):
        assert ids_of(pool, Wanted(), limit) == every
    with pool.database.read() as connection:
        first = page(connection, Wanted(), limit=10)
    enqueue(pool, client, "new")
    with pool.database.read() as connection:
        second = page(connection, Wanted(), before=first.cursor or "", limit=100)
    assert [record.id for record in (*first.records, *second.records)] == every


def test_a_task_is_found_by_its_error_its_kind_and_how_its_id_begins(pool: Pool, told: dict[str, str]) -> None:
    """An error without a status is looked for in what failed; an id is the task's or its job's, or its beginning."""
    every = [told[name] for name in ("queued", "leased", "failed", "completed")]
    assert ids_of(pool, Wanted(error="input_invalid")) == [told["failed"]]
    assert ids_of(pool, Wanted(error="input_invalid", status="queued")) == []
    assert ids_of(pool, Wanted(error="engine_error")) == []
    assert ids_of(pool, Wanted(kind="embedding")) == every
    assert ids_of(pool, Wanted(kind="chat")) == []
    with pool.database.read() as connection:
        records = page(connection, Wanted(), limit=100).records
    for record in records:
        for begins in (record.id, record.id[:11], record.id[:10], record.job_id, record.job_id[:14]):
            assert ids_of(pool, Wanted(begins=begins)) == [record.id], begins
            assert ids_of(pool, Wanted(begins=begins, status=record.status, key_id=record.key_id)) == [record.id]
    assert ids_of(pool, Wanted(begins=records[0].id[:4])) == every
    assert ids_of(pool, Wanted(begins=records[0].id + "0")) == []
    assert ids_of(pool, Wanted(begins=told["failed"], agent_id=told["other"])) == [told["failed"]]
    assert ids_of(pool, Wanted(begins=told["leased"], agent_id=told["other"])) == []


def test_pages_lead_back_the_way_they_came(pool: Pool, clock: SetClock) -> None:
    """The newer page of a page is the one before it; beyond the newest there is none, and it is shown whole."""
    make_agent(pool)
    client = make_client(pool)
    for number in range(23):
        enqueue(pool, client, f"text {number}")
        clock.advance(0.001)
    with pool.database.read() as connection:
        first = page(connection, Wanted(), limit=10)
        second = page(connection, Wanted(), before=first.cursor or "", limit=10)
        third = page(connection, Wanted(), before=second.cursor or "", limit=10)
        assert (first.newer, third.cursor, len(third.records)) == (None, None, 3)
        back = page(connection, Wanted(), after=third.newer, limit=10)
        assert [one.id for one in back.records] == [one.id for one in second.records]
        assert back.cursor == second.cursor
        assert page(connection, Wanted(), after=back.newer, limit=10) == first
        # Fewer are newer than fit: the newest page is whole all the same.
        assert page(connection, Wanted(), after=first.records[4].id, limit=10) == first
        assert page(connection, Wanted(status="queued"), after=third.newer, limit=10).records == second.records


def test_the_way_back_goes_through_long_stretches_of_other_tasks(
    pool: Pool, told: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that ends early on the way back says where it goes on, and where the older ones are."""
    monkeypatch.setattr(task_records, "STRETCH", 1)
    with pool.database.read() as connection:
        empty = page(connection, Wanted(kind="chat"), after=told["completed"], limit=10)
        assert (empty.records, empty.newer) == ([], told["leased"])
        again = page(connection, Wanted(), before=empty.cursor or "", limit=1)
        assert [one.id for one in again.records] == [told["completed"]]


def test_tasks_are_counted_up_to_a_number(pool: Pool, told: dict[str, str]) -> None:
    """By status, and of those that a filter finds."""
    enqueue(pool, make_client(pool), "one more")
    with pool.database.read() as connection:
        found = {"queued": 2, "leased": 1, "failed": 1, "canceled": 0, "expired": 0}
        assert task_counts.by_status(connection, 10) == found
        assert task_counts.by_status(connection, 1)["queued"] == 1
        assert task_counts.count(connection, Wanted(status="queued"), 10) == 2
        assert task_counts.count(connection, Wanted(agent_id=told["agent"]), 2) == 2
        assert task_counts.count(connection, Wanted(status="queued", key_id=told["client"]), 10) == 0


def test_counting_and_choosing_look_into_indexes_only(pool: Pool) -> None:
    """However many tasks there are, a count ends at its number, and reads nothing but an index."""
    counted = [step for step in plan_of(pool, task_counts.counting(5)) if " tasks" in step]
    assert len(counted) == 5
    assert all(" INDEX task_" in step for step in counted), counted
    plan = plan_of(pool, task_choices.newest_errors())
    assert any("task_ended_badly (status=?)" in step for step in plan), plan


def test_no_page_looks_further_than_a_stretch(
    pool: Pool, told: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rare task far down is found over several pages, which end early but say where they go on."""
    monkeypatch.setattr(task_records, "STRETCH", 2)
    wanted = Wanted(status="completed")
    with pool.database.read() as connection:
        first = page(connection, wanted, limit=10)
    assert first.records == []
    assert first.cursor == told["failed"]
    assert ids_of(pool, wanted) == [told["completed"]]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Wanted(), "sqlite_autoindex_tasks_1 (id>? AND id<?)"),
        (Wanted(status="failed"), "task_ended_badly (status=? AND id>? AND id<?)"),
        (Wanted(status="canceled", capability="embed.x"), "task_ended_badly (status=? AND id>? AND id<?)"),
        (Wanted(status="completed"), "sqlite_autoindex_tasks_1 (id>? AND id<?)"),
        (Wanted(key_id="k"), "task_of_key (key_id=? AND id>? AND id<?)"),
        (Wanted(key_id="k", capability="embed.x"), "task_of_key (key_id=? AND id>? AND id<?)"),
        (Wanted(agent_id="a"), "attempt_by_agent (agent_id=? AND task_id>? AND task_id<?)"),
        (Wanted(agent_id="a", status="failed"), "attempt_by_agent (agent_id=? AND task_id>? AND task_id<?)"),
        (Wanted(before=5, since=1), "sqlite_autoindex_tasks_1 (id>? AND id<?)"),
        (Wanted(kind="chat"), "sqlite_autoindex_tasks_1 (id>? AND id<?)"),
        (Wanted(error="engine_error"), "task_ended_badly (status=? AND id>? AND id<?)"),
        (Wanted(status="canceled", error="class_switched"), "task_ended_badly (status=? AND id>? AND id<?)"),
        (Wanted(status="completed", error="engine_error"), "sqlite_autoindex_tasks_1 (id>? AND id<?)"),
        (Wanted(begins="01KDVD0000"), "sqlite_autoindex_tasks_1 (id>? AND id<?)"),
        (Wanted(begins="01KDVD0000", status="queued"), "sqlite_autoindex_tasks_1 (id>? AND id<?)"),
        (Wanted(begins="01KDVD0000", key_id="k"), "task_of_key (key_id=? AND id>? AND id<?)"),
        (Wanted(begins="01KDVD0000", status="failed", kind="chat"), "sqlite_autoindex_tasks_1 (id>? AND id<?)"),
        (Wanted(begins="01KDVD0000", agent_id="a"), "attempt_by_agent (agent_id=? AND task_id>? AND task_id<?)"),
    ],
)
def test_every_filter_walks_an_index(pool: Pool, wanted: Wanted, index: str) -> None:
    """Neither of a page's two statements scans a table, and the index that fits is used, already in order."""
    upward = (stretch(wanted, LAST, "", upward=True), listing(wanted, LAST, "", 50, upward=True))
    for statement in (stretch(wanted, LAST, ""), listing(wanted, LAST, "", 50), *upward):
        plan = plan_of(pool, statement)
        assert not [step for step in plan if step.startswith("SCAN")], plan
        assert any(index in step for step in plan), plan
    assert not [step for step in plan_of(pool, stretch(wanted, LAST, "")) if "TEMP B-TREE" in step]


@pytest.mark.parametrize("status", ["queued", "leased"])
def test_what_is_under_way_is_found_without_looking_at_what_is_over(pool: Pool, status: str) -> None:
    """Of the table only the part is looked at that is not over, which the cap on the queue bounds."""
    for statement in (stretch(Wanted(status=status), LAST, ""), listing(Wanted(status=status), LAST, "", 50)):
        plan = plan_of(pool, statement)
        assert plan[0] in {f"SCAN tasks USING INDEX {index}" for index in PARTIAL}, plan

"""What the operator sees of client keys: their days, their last use, how they stand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from server.domain.errors import NotFound
from server.domain.limits import DAY_MS
from server.services import access
from server.services.operator import key_records
from server.services.operator.key_records import USAGE_DAYS, KeyState
from server.services.operators_client import OPERATORS_KEY, operators_client
from server.services.pool import Pool
from tests.factories import (
    CAPABILITY,
    TOKENS,
    SetClock,
    claim_one,
    delivery,
    enqueue,
    make_agent,
    make_client,
    take_turn,
)


def compute(pool: Pool, client_name: str, texts: Sequence[str]) -> str:
    """Let a new client have a text embedded in each of its tasks; returns its id."""
    client, agent = make_client(pool, client_name), make_agent(pool)
    for text in texts:
        enqueue(pool, client, text)
        take_turn(pool, agent, delivery(claim_one(pool, agent)), most=0)
    return client.id


def test_each_of_the_last_days_is_there_once_with_what_was_used(pool: Pool, clock: SetClock) -> None:
    """The oldest first, today last; what is older than that is left out, and so is what others used."""
    compute(pool, "other", ["not mine"])
    mine = compute(pool, "mine", ["one", "two"])
    record = key_records.find_key(pool, mine, clock.now())
    today = clock.now() // DAY_MS
    assert [day.day for day in record.days] == list(range(today - USAGE_DAYS + 1, today + 1))
    assert (record.days[-1].tasks, record.days[-1].texts, record.days[-1].tokens) == (2, 2, 2 * TOKENS)
    assert (record.tasks, record.tokens) == (2, 2 * TOKENS)
    clock.advance((USAGE_DAYS - 1) * 86_400)
    assert key_records.find_key(pool, mine, clock.now()).days[0].tasks == 2
    clock.advance(86_400)
    later = key_records.find_key(pool, mine, clock.now())
    assert (later.tasks, later.tokens, len(later.days)) == (0, 0, USAGE_DAYS)


def test_use_is_told_by_model(pool: Pool, clock: SetClock) -> None:
    compute(pool, "other", ["not mine"])
    mine = compute(pool, "mine", ["one", "two"])
    found = key_records.usage_by_model(pool, mine, clock.now())
    assert [(one.capability, one.tasks, one.prompt_tokens) for one in found] == [(CAPABILITY, 2, 2 * TOKENS)]


def test_the_last_task_tells_when_a_key_was_used(pool: Pool, clock: SetClock) -> None:
    client, other = make_client(pool, "mine"), make_client(pool, "other")
    make_agent(pool)
    enqueue(pool, client, "one")
    submitted = clock.advance(60)
    enqueue(pool, client, "two")
    clock.advance(60)
    records = {record.stored.name: record for record in key_records.list_keys(pool, clock.now())}
    assert records["mine"].last_task_at == submitted
    assert key_records.find_key(pool, client.id, clock.now()).used.in_flight == 2
    assert records["other"].last_task_at is None
    assert key_records.find_key(pool, other.id, clock.now()).used.in_flight == 0


def test_what_cannot_be_undone_is_said_first(pool: Pool, clock: SetClock) -> None:
    now = clock.now()
    issued = access.issue_key(pool, now=now, name="x", expires_at=now + 1000)

    def state() -> KeyState:
        return key_records.find_key(pool, issued.stored.id, clock.now()).state

    assert state() == KeyState.ACTIVE
    access.change_key(pool, issued.stored.id, now=now, disabled=True)
    assert state() == KeyState.DISABLED
    clock.advance(1)
    assert state() == KeyState.EXPIRED
    access.revoke_key(pool, issued.stored.id, clock.now())
    assert state() == KeyState.REVOKED


def test_the_newest_stand_first_and_the_operators_own_key_stands_nowhere(pool: Pool, clock: SetClock) -> None:
    operators_client(pool, clock.now())
    names = ["first", "second", "third"]
    for name in names:
        clock.advance(1)
        make_client(pool, name)
    revoked = access.list_keys(pool, clock.now())[1].stored.id
    access.revoke_key(pool, revoked, clock.now())
    assert [one.stored.name for one in key_records.list_keys(pool, clock.now())] == ["third", "first"]
    assert [one.stored.name for one in key_records.list_keys(pool, clock.now(), revoked=True)] == ["second"]
    for key_id in (OPERATORS_KEY, "none"):
        with pytest.raises(NotFound):
            key_records.find_key(pool, key_id, clock.now())

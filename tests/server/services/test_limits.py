"""Limits of client keys in the queue: counted where work is accepted, settled where it ends, nothing for the others."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from server.domain.errors import InsufficientQuota, NotFound, QueueFull, RateLimited
from server.domain.limits import Used
from server.services import access, cancelling, limits, sweeper
from server.services.known_keys import Client
from server.services.pool import Pool
from server.services.submission import count_waiting
from server.services.sweeper import Sweeper
from server.storage import quotas
from tests.factories import (
    DIMENSIONS,
    SetClock,
    claim_one,
    collect,
    delivery,
    enqueue,
    error_report,
    make_agent,
    make_client,
    make_settings,
    open_test_pool,
    submit,
    take_turn,
)

#: Bytes of the JSON that a task of one text of 100 characters is, and the tokens it is taken for.
TEXT = "x" * 100
BODY = len('{"texts":[""],"truncate":false}') + len(TEXT)
ESTIMATE = BODY // limits.BYTES_PER_TOKEN + 1


@pytest.fixture
def pool(pool: Pool) -> Pool:
    """Give a pool that knows the tests' model."""
    make_agent(pool)
    return pool


def limited(pool: Pool, **terms: Any) -> Client:
    """Issue a key with limits."""
    issued = access.issue_key(pool, now=pool.clock.now(), **terms)
    return pool.keys.recognise(issued.key, pool.clock.now())


def used(pool: Pool, client: Client) -> Used:
    """All that a key has used."""
    with pool.database.read() as connection:
        return quotas.used(connection, client.id, pool.clock.now())


def text(number: int) -> str:
    """One of many texts of the same length."""
    return f"{number:03}{TEXT[3:]}"


@contextmanager
def statements(pool: Pool) -> Iterator[list[str]]:
    """Collect the statements that the writing connection runs inside."""
    run: list[str] = []
    driver: Any = pool.database.writer._connection.connection.dbapi_connection
    driver.set_trace_callback(run.append)
    yield run
    driver.set_trace_callback(None)


class TestRequests:
    def test_the_minute_counts(self, pool: Pool, clock: SetClock) -> None:
        """So many requests are taken, the next one is not and leaves nothing; in the next minute they are again."""
        client = limited(pool, requests_per_minute=2)
        for number in range(2):
            enqueue(pool, client, text(number))
        with pytest.raises(RateLimited) as refused:
            enqueue(pool, client, text(2))
        assert refused.value.retry_after == 60
        assert used(pool, client).requests == 2
        assert (used(pool, client).in_flight, pool.backlog.total) == (2, 2)
        clock.advance(60)
        enqueue(pool, client, text(2))
        assert used(pool, client).requests == 1

    def test_an_equal_request_under_way_counts_as_a_request_only(self, pool: Pool) -> None:
        """It joins: no tokens, no tasks. At the limit it is refused like any other."""
        client = limited(pool, requests_per_minute=2, tokens_per_day=1000)
        first = enqueue(pool, client, TEXT)
        assert enqueue(pool, client, TEXT) == first
        assert used(pool, client) == Used(2, ESTIMATE, 1, BODY)
        with pytest.raises(RateLimited):
            enqueue(pool, client, TEXT)

    def test_an_answer_from_the_cache_counts_as_a_request_only(self, pool: Pool) -> None:
        """Nobody computed anything; but asking is asking."""
        client, agent = limited(pool, requests_per_minute=2, tokens_per_day=1000), make_agent(pool)
        waiting = submit(pool, client, TEXT)
        take_turn(pool, agent, delivery(claim_one(pool, agent)), most=0)
        collect(pool, client, waiting)
        before = used(pool, client).tokens
        with pytest.raises(AssertionError):
            submit(pool, client, TEXT)
        assert (used(pool, client).requests, used(pool, client).tokens) == (2, before)
        with pytest.raises(RateLimited):
            submit(pool, client, TEXT)

    def test_a_refused_request_harms_nobody_in_its_batch(self, pool: Pool) -> None:
        """Refusals and other clients' work share transactions: each gets what it is due."""
        mean, other = limited(pool, requests_per_minute=5), make_client(pool, "other")

        def attempt(number: int) -> bool:
            try:
                enqueue(pool, mean if number % 2 else other, text(number))
            except RateLimited:
                return False
            return True

        with ThreadPoolExecutor(16) as threads:
            taken = list(threads.map(attempt, range(64)))
        assert sum(taken[1::2]) == 5
        assert all(taken[::2])
        assert pool.backlog.total == 37


class TestTokens:
    def test_the_estimate_becomes_the_true_count(self, pool: Pool) -> None:
        """Reserved when the work is taken, corrected when it is done: upwards or downwards."""
        client, agent = limited(pool, tokens_per_day=10_000), make_agent(pool)
        for number, tokens in enumerate((7, 5000)):
            before = used(pool, client).tokens
            enqueue(pool, client, text(number))
            assert used(pool, client).tokens == before + ESTIMATE
            take_turn(pool, agent, delivery(claim_one(pool, agent), tokens=tokens), most=0)
            assert used(pool, client).tokens == before + tokens

    def test_the_day_counts(self, pool: Pool, clock: SetClock) -> None:
        """What does not fit is refused for the day; on the next it is taken."""
        client = limited(pool, tokens_per_day=2 * ESTIMATE)
        for number in range(2):
            enqueue(pool, client, text(number))
        with pytest.raises(InsufficientQuota):
            enqueue(pool, client, text(2))
        clock.advance(86_400)
        enqueue(pool, client, text(2))
        assert used(pool, client).tokens == ESTIMATE

    def test_work_counts_for_the_day_it_was_taken(self, pool: Pool, clock: SetClock) -> None:
        """Done after midnight it changes nothing of the new day's count."""
        client, agent = limited(pool, tokens_per_day=1000), make_agent(pool)
        clock.advance(86_400 - 30)
        enqueue(pool, client, text(0))
        clock.advance(60)
        enqueue(pool, client, text(1))
        pool.roster.touch(agent, clock.now())
        take_turn(pool, agent, delivery(claim_one(pool, agent), tokens=500), most=0)
        assert used(pool, client).tokens == ESTIMATE

    @pytest.mark.parametrize("end", ["cancel", "expire", "fail"])
    def test_what_ends_without_a_result_is_given_back(self, pool: Pool, clock: SetClock, end: str) -> None:
        """Canceled, expired, failed for good: the tokens are there again, and so is the place in flight."""
        client = limited(pool, tokens_per_day=1000, max_in_flight=1)
        job_id = enqueue(pool, client, TEXT)
        if end == "cancel":
            cancelling.cancel_job(pool, job_id, key_id=client.id, now=clock.now())
        elif end == "expire":
            clock.advance(3600)
            sweeper.expire(pool, clock.now())
        else:
            for _ in range(2):
                agent = make_agent(pool)
                take_turn(pool, agent, error_report(claim_one(pool, agent), "input_invalid", 0), most=0)
                clock.advance(10)
        assert used(pool, client) == Used(used(pool, client).requests, 0, 0, 0)
        enqueue(pool, client, TEXT)

    def test_a_failure_that_is_tried_again_keeps_its_reservation(self, pool: Pool) -> None:
        """Only the end of a task settles it."""
        client, agent = limited(pool, tokens_per_day=1000), make_agent(pool)
        enqueue(pool, client, TEXT)
        take_turn(pool, agent, error_report(claim_one(pool, agent)), most=0)
        assert used(pool, client).tokens == ESTIMATE

    def test_of_a_job_that_fails_only_what_was_computed_counts(self, pool: Pool, clock: SetClock) -> None:
        """Of two tasks one is done and the other fails: the true count of the first stays."""
        client, agent = limited(pool, tokens_per_day=100_000), make_agent(pool)
        enqueue(pool, client, *(text(number) for number in range(40)))
        take_turn(pool, agent, delivery(claim_one(pool, agent), tokens=123), most=0)
        cancelled = [claim_one(pool, agent)]
        assert used(pool, client).tokens > 123
        cancelling.cancel_job(pool, cancelled[0].job_id, key_id=client.id, now=clock.now())
        assert used(pool, client).tokens == 123


class TestInFlightAndStored:
    def test_tasks_in_flight(self, pool: Pool) -> None:
        """Two tasks have their places; the third comes when one is done."""
        client, agent = limited(pool, max_in_flight=2), make_agent(pool)
        for number in range(2):
            enqueue(pool, client, text(number))
        with pytest.raises(RateLimited) as refused:
            enqueue(pool, client, text(2))
        assert refused.value.retry_after == 2
        take_turn(pool, agent, delivery(claim_one(pool, agent)), most=0)
        enqueue(pool, client, text(2))

    def test_a_request_of_more_tasks_than_ever_fit(self, pool: Pool) -> None:
        """It is told that waiting does not help."""
        client = limited(pool, max_in_flight=1)
        with pytest.raises(InsufficientQuota):
            enqueue(pool, client, *(text(number) for number in range(40)))

    def test_prompts_count_until_they_are_done_and_answers_until_they_are_deleted(
        self, pool: Pool, clock: SetClock
    ) -> None:
        """The bytes are those of the JSON, then those of the vectors; deleting the answer frees them."""
        client, agent = limited(pool, max_stored_bytes=BODY + DIMENSIONS * 4), make_agent(pool)
        job_id = enqueue(pool, client, TEXT)
        assert used(pool, client).stored_bytes == BODY
        take_turn(pool, agent, delivery(claim_one(pool, agent)), most=0)
        assert used(pool, client).stored_bytes == DIMENSIONS * 4
        enqueue(pool, client, text(1))
        with pytest.raises(InsufficientQuota):
            enqueue(pool, client, text(2))
        pool.fetched.add(job_id)
        sweeping = Sweeper(pool)
        sweeping.run_once(clock.now())
        sweeping.run_once(clock.advance(3601))
        assert used(pool, client).stored_bytes == 0

    def test_a_limit_set_later_counts_what_is_kept_already(self, pool: Pool) -> None:
        """The answers from before are no gift."""
        client, agent = make_client(pool), make_agent(pool)
        enqueue(pool, client, TEXT)
        take_turn(pool, agent, delivery(claim_one(pool, agent)), most=0)
        access.change_key(pool, client.id, now=pool.clock.now(), max_stored_bytes=10_000)
        assert used(pool, client).stored_bytes == DIMENSIONS * 4

    def test_a_limit_of_tokens_set_later_counts_what_is_under_way(self, pool: Pool) -> None:
        """Nothing was reserved for it; its true count is taken all the same."""
        client, agent = make_client(pool), make_agent(pool)
        enqueue(pool, client, text(0))
        access.change_key(pool, client.id, now=pool.clock.now(), tokens_per_day=1000)
        enqueue(pool, replace(client, limits=pool.keys.limits_of(client.id)), text(1))
        take_turn(pool, agent, delivery(claim_one(pool, agent), tokens=70), most=0)
        assert used(pool, client).tokens == 70 + ESTIMATE


class TestKeysWithoutLimits:
    def test_they_cost_no_statement(self, pool: Pool) -> None:
        """Submitting, completing and joining run what they run for any key, though another key has limits."""
        limited(pool, requests_per_minute=1, tokens_per_day=1, max_in_flight=1, max_stored_bytes=1)
        client, agent = make_client(pool), make_agent(pool)
        with statements(pool) as run:
            enqueue(pool, client, TEXT)
            enqueue(pool, client, TEXT)
            take_turn(pool, agent, delivery(claim_one(pool, agent)), most=0)
        assert len([one for one in run if "INSERT INTO tasks" in one]) == 1, "the trace shows what is run"
        assert [one for one in run if "key_counters" in one or "counted_for" in one or "count(*)" in one] == []

    def test_nothing_is_reserved_for_them(self, pool: Pool) -> None:
        """Their counters do not exist."""
        client = make_client(pool)
        enqueue(pool, client, TEXT)
        assert used(pool, client) == Used(0, 0, 1, BODY)
        assert limits.standing(pool, client, pool.clock.now()) is None


class TestKeys:
    def test_what_is_not_named_stays(self, pool: Pool) -> None:
        """A change of one limit changes neither what the key may use nor another limit; None takes one away."""
        client = limited(pool, name="Ann", capabilities=["embed.*"], requests_per_minute=5, tokens_per_day=6)
        changed = access.change_key(pool, client.id, now=pool.clock.now(), requests_per_minute=9, tokens_per_day=None)
        assert (changed.name, changed.capabilities) == ("Ann", '["embed.*"]')
        assert (changed.requests_per_minute, changed.tokens_per_day) == (9, None)

    def test_a_changed_limit_holds_at_once(self, pool: Pool) -> None:
        """The key was remembered with the old one."""
        issued = access.issue_key(pool, now=pool.clock.now(), requests_per_minute=1)
        enqueue(pool, pool.keys.recognise(issued.key, 0), text(0))
        access.change_key(pool, issued.stored.id, now=pool.clock.now(), requests_per_minute=2)
        enqueue(pool, pool.keys.recognise(issued.key, 0), text(1))

    def test_a_revoked_key_is_not_changed_by_its_id(self, pool: Pool) -> None:
        """It would look as if it worked again."""
        client = make_client(pool)
        access.revoke_key(pool, client.id, pool.clock.now())
        with pytest.raises(NotFound):
            access.change_key(pool, client.id, now=pool.clock.now(), disabled=False)

    def test_the_operators_changes_of_a_key_from_the_environment_stay(self, pool: Pool) -> None:
        """At the next start the environment gives the key again: its limits and patterns are the operator's."""
        now = pool.clock.now()
        access.take_keys_from_environment(pool, ["a-key-of-the-environment"], now)
        client = pool.keys.recognise("a-key-of-the-environment", now)
        access.change_key(pool, client.id, now=now, capabilities=["embed.*"], max_in_flight=3)
        access.take_keys_from_environment(pool, ["a-key-of-the-environment"], now)
        again = pool.keys.recognise("a-key-of-the-environment", now)
        assert (again.capabilities, again.limits and again.limits.max_in_flight) == (("embed.*",), 3)


class TestQueueCap:
    @pytest.fixture
    def small(self, tmp_path: Any, clock: SetClock) -> Iterator[Pool]:
        opened = open_test_pool(make_settings(tmp_path, max_queued_tasks=10), clock)
        make_agent(opened)
        yield opened
        opened.database.close()

    def test_many_at_once_do_not_go_over_it(self, small: Pool, clock: SetClock) -> None:
        """64 clients at the same moment: exactly as many as fit are taken."""
        clients = [make_client(small, f"client {number}") for number in range(8)]

        def attempt(number: int) -> bool:
            try:
                enqueue(small, clients[number % 8], text(number))
            except QueueFull:
                return False
            return True

        with ThreadPoolExecutor(32) as threads:
            assert sum(threads.map(attempt, range(64))) == 10
        # What came onto the disk while somebody counted may be counted twice until the next time.
        assert small.backlog.total >= 10
        small.backlog.recount(lambda: count_waiting(small), clock.now())
        assert small.backlog.total == 10

    def test_what_agents_took_makes_room_before_the_sweeper_counts(self, small: Pool, clock: SetClock) -> None:
        """The cap is on what waits now."""
        client, agent = make_client(small), make_agent(small)
        for number in range(10):
            enqueue(small, client, text(number))
        claim_one(small, agent)
        clock.advance(1)
        enqueue(small, client, text(10))
        with pytest.raises(QueueFull):
            enqueue(small, client, text(11))

    def test_room_that_was_not_used_is_free_again(self, small: Pool) -> None:
        """A request that joins another, or is refused, takes none."""
        client, poor = make_client(small), limited(small, tokens_per_day=1)
        for _ in range(20):
            enqueue(small, client, TEXT)
            with pytest.raises(InsufficientQuota):
                enqueue(small, poor, TEXT)
        assert small.backlog.total == 1

    def test_a_count_does_not_lose_what_comes_meanwhile(self, small: Pool) -> None:
        """Work that reaches the disk while the sweeper reads is not taken off."""
        client = make_client(small)

        def count() -> dict[str, int]:
            enqueue(small, client, text(1))
            return {}

        enqueue(small, client, text(0))
        small.backlog.recount(count, small.clock.now())
        assert small.backlog.total == 1

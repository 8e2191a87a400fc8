"""The tests' test: with any of these mistakes in the queue, a test fails that passes without it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from server.domain.trust import Trust
from server.services.known_keys import Client
from server.services.pool import Pool
from server.services.sweeper import Sweeper
from tests.factories import SetClock, make_client
from tests.server.services import (
    test_access,
    test_claims,
    test_races,
    test_sweeper,
    test_trust,
    test_trust_waiting,
    test_waiting,
)
from tests.server.services.faults import OTHER_FAULTS, QUEUE_FAULTS
from tests.server.services.test_queue_properties import run_share


def make_vetted(pool: Pool) -> Client:
    """Return a client whose texts only vetted agents may have."""
    return make_client(pool, "vetted", trust=Trust.VETTED)


#: The test that finds each of the other faults; it stands in its own file too, and passes there.
FOUND_BY: dict[str, Callable[..., None]] = {
    "a claim takes tasks of another class": test_claims.test_a_claim_looks_at_the_class,
    "a reclaim does not look at the lapse again": (
        test_races.test_a_heartbeat_between_look_and_reclaim_saves_the_lease
    ),
    "a dead agent is not waited for": test_sweeper.test_a_dead_agents_task_waits_again_within_75_seconds,
    "agents are not woken": test_waiting.test_a_waiting_agent_gets_a_task_at_once,
    "all agents are woken": lambda: test_waiting.TestAgentBoard().test_one_task_wakes_one_agent(),
    "a wake-up is not passed on": test_waiting.test_a_wake_up_of_an_agent_whose_time_is_over_is_passed_on,
    "an agent that left may claim": test_waiting.test_an_agent_that_leaves_is_given_nothing_more,
    "an agent that left is remembered": lambda pool: (
        test_access.TestTokens().test_an_agent_that_left_is_refused_at_once(pool)
    ),
    "a noisy client comes first": test_claims.test_a_quiet_client_is_served_beside_a_noisy_one,
    "the lower class starves": test_claims.test_urgent_tasks_come_first_but_not_always,
    "capacity is not respected": test_claims.test_capacity_is_respected,
    "a revoked key is remembered": lambda pool, monkeypatch: (
        test_access.TestClientKeys().test_a_key_revoked_while_it_is_looked_up_is_not_remembered(pool, monkeypatch)
    ),
    "an agent is shown what it may not have": (
        test_trust.test_an_offloadmq_agent_is_shown_what_it_may_see_behind_what_it_may_not
    ),
    "an agent may name what it may not have": test_trust.test_an_offloadmq_agent_is_neither_shown_nor_given_it,
    "an agent stands behind what it may not have": lambda pool, client: (
        test_trust_waiting.test_an_agent_is_not_stuck_behind_what_it_may_not_have(pool, client, make_vetted(pool))
    ),
    "agents are woken for what they may not have": (
        test_trust_waiting.test_as_many_trusted_agents_are_woken_as_there_are_tasks
    ),
    "who takes a task for few forgets the public one": lambda pool, client: (
        test_trust_waiting.test_a_public_task_is_not_lost_when_its_agent_takes_one_for_few(
            pool, client, make_vetted(pool)
        )
    ),
    "a key that asks for more wakes nobody": (
        test_trust_waiting.test_what_waits_is_offered_anew_when_its_key_asks_for_more
    ),
    "run again, a task may go to anybody": lambda pool: test_trust.test_a_task_that_is_run_again_may_go_to_no_stranger(
        pool, Trust.PUBLIC, Trust.VETTED
    ),
    "an invite lets everybody in": test_races.test_an_invite_for_one_lets_one_in,
}


#: Shares of random examples that are enough to find every fault, and the examples in each. Hypothesis draws them from
#: the constants of the program too, so that any change of the program makes them others.
SHARES, EXAMPLES = 12, 25


def run_machine(shares: int = 1) -> None:
    """Run some shares of random examples."""
    for share in range(shares):
        run_share(share, EXAMPLES, minimise=False)


def test_the_random_machine_finds_nothing_in_the_queue_as_it_is() -> None:
    """Examples like those that find the faults below pass without one."""
    run_machine()


@pytest.mark.parametrize("name", QUEUE_FAULTS)
def test_the_random_machine_finds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With this mistake some example fails, or the pool breaks at it."""
    QUEUE_FAULTS[name](monkeypatch)
    with pytest.raises((AssertionError, ValueError, sqlite3.IntegrityError)):
        run_machine(SHARES)


@pytest.mark.parametrize("name", OTHER_FAULTS)
def test_its_own_test_finds(name: str, pool: Pool, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test named in `FOUND_BY`, which passes, fails with this mistake."""
    given: dict[str, Any] = {"pool": pool, "clock": clock, "client": make_client(pool), "sweeping": Sweeper(pool)}
    found_by = FOUND_BY[name]
    # What never happens need not be waited for as long as what must.
    monkeypatch.setattr(test_waiting, "SOON", 1)
    OTHER_FAULTS[name](monkeypatch)
    names = found_by.__code__.co_varnames[: found_by.__code__.co_argcount]
    with pytest.raises((AssertionError, TimeoutError, IntegrityError, pytest.fail.Exception)):
        found_by(**{name: monkeypatch if name == "monkeypatch" else given[name] for name in names})

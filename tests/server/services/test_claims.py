"""Who is given which task: the order of the line, fairness between clients, priorities, capacity, model classes."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import Connection

from server.domain.trust import Trust
from server.services import enrolment, sweeper
from server.services.claiming import LOWER_CLASS_EVERY
from server.services.known_keys import Client
from server.services.pool import Pool
from server.services.submission import REGULAR
from server.storage import attempts, jobs, tasks
from server.storage.jobs import NewJob
from server.storage.task_values import Claim, NewTask
from tests.factories import (
    CAPABILITY,
    SetClock,
    claim_one,
    current,
    delivery,
    description,
    enqueue,
    error_report,
    make_agent,
    make_client,
    model_offer,
    take_turn,
    texts_of,
)


@pytest.fixture
def client(pool: Pool) -> Client:
    return make_client(pool)


def enqueue_many(pool: Pool, client: Client, count: int) -> None:
    """Queue many tasks of one text each, as one job, without the services' limit on inputs."""
    now = pool.clock.now()
    job = NewJob(f"BIG{count}", client.id, "embedding", "m", 1, b"", count, now, now + 600_000)
    parts = [
        NewTask(f"BIG{n:06}", CAPABILITY, "embedding", 1, b'{"texts":["big"]}', turn=float(n), trust=Trust.PUBLIC)
        for n in range(1, count + 1)
    ]

    def write(connection: Connection) -> None:
        jobs.submit(connection, job)
        tasks.submit(
            connection,
            parts,
            job_id=job.id,
            key_id=client.id,
            priority=REGULAR,
            now=now,
            expires_at=job.expires_at,
            runs_until=job.expires_at,
        )

    pool.database.write(write)


def test_a_quiet_client_is_served_beside_a_noisy_one(pool: Pool, client: Client) -> None:
    """Behind 10,000 tasks of one client, another client's one task is among the next two claimed."""
    quiet, agent = make_client(pool, "quiet"), make_agent(pool)
    enqueue_many(pool, client, 10_000)
    enqueue(pool, quiet, "quiet")
    first = claim_one(pool, agent)
    claim_one(pool, agent, [first.lease_id])
    assert sorted(attempts_of(pool, agent.agent.id)) == ["big", "quiet"]


def attempts_of(pool: Pool, agent_id: str) -> list[str]:
    """Return the first text of each task that an agent holds."""
    with pool.database.read() as connection:
        return [texts_of(lease)[0] for lease in attempts.leases_of(connection, agent_id)]


def test_a_late_client_is_not_behind_who_came_before(pool: Pool, client: Client) -> None:
    """After a hundred claims of a backlog, a client that comes then is still among the next two."""
    quiet, agent = make_client(pool, "quiet"), make_agent(pool, description(capacity=1000))
    enqueue_many(pool, client, 1000)
    take_turn(pool, agent, most=100)
    enqueue(pool, quiet, "quiet")
    held = held_ids(pool, agent.agent.id)
    take_turn(pool, agent, most=2, holding=held)
    assert "quiet" in attempts_of(pool, agent.agent.id)


def held_ids(pool: Pool, agent_id: str) -> list[str]:
    with pool.database.read() as connection:
        return attempts.live_ids(connection, agent_id)


def test_clients_share_evenly(pool: Pool) -> None:
    """Three clients with equal backlogs get equal parts of the first thirty claims."""
    clients, agent = [make_client(pool, f"client {n}") for n in range(3)], make_agent(pool)
    for number, one in enumerate(clients):
        for text in range(30):
            enqueue(pool, one, f"{number} {text}")
    leases = take_turn(pool, agent, most=30).leases
    shares = Counter(texts_of(lease)[0][0] for lease in leases)
    assert set(shares) == {"0", "1", "2"}
    # Who came first is one step ahead, and of equals chance decides.
    assert max(shares.values()) - min(shares.values()) <= 2


def test_a_clients_own_tasks_keep_their_order(pool: Pool, client: Client) -> None:
    """First submitted, first claimed."""
    agent = make_agent(pool)
    for number in range(5):
        enqueue(pool, client, f"text {number}")
    leases = take_turn(pool, agent, most=5).leases
    assert [texts_of(lease)[0] for lease in leases] == [f"text {number}" for number in range(5)]


def test_urgent_tasks_come_first_but_not_always(pool: Pool, client: Client) -> None:
    """Who waits on the line comes before who asks again later, except in one claim of eight."""
    agent = make_agent(pool)
    for number in range(20):
        enqueue(pool, client, f"later {number}")
    for number in range(20):
        enqueue(pool, client, f"now {number}", urgent=True)
    held: list[str] = []
    order = []
    for _ in range(16):
        lease = claim_one(pool, agent, held)
        held.append(lease.lease_id)
        order.append(texts_of(lease)[0].split()[0])
    later = [place for place, word in enumerate(order, start=1) if word == "later"]
    assert later == [LOWER_CLASS_EVERY, 2 * LOWER_CLASS_EVERY]


def test_the_lower_class_does_not_wait_for_its_turn_when_alone(pool: Pool, client: Client) -> None:
    """Without urgent tasks every claim takes the others."""
    agent = make_agent(pool)
    for number in range(3):
        enqueue(pool, client, f"later {number}")
    assert len(take_turn(pool, agent, most=3).leases) == 3


def test_capacity_is_respected(pool: Pool, client: Client) -> None:
    """An agent never holds more tasks than it said it can, however many it asks for."""
    agent = make_agent(pool, description(capacity=3))
    for number in range(6):
        enqueue(pool, client, f"text {number}")
    first = take_turn(pool, agent, most=32).leases
    held = [lease.lease_id for lease in first]
    assert len(first) == 3
    assert take_turn(pool, agent, most=32, holding=held).leases == []
    reply = take_turn(pool, agent, delivery(first[0]), most=32, holding=held[1:])
    assert len(reply.leases) == 1


def test_a_turn_is_filled_with_texts_not_beyond_what_fits(pool: Pool, client: Client) -> None:
    """Tasks are added while their texts fit; one that alone is too large is handed out alone."""
    agent = make_agent(pool)
    for number, size in enumerate((2, 3, 4, 9)):
        enqueue(pool, client, *(f"{number} {text}" for text in range(size)))
    held: list[str] = []
    sizes = []
    for _ in range(3):
        leases = take_turn(pool, agent, texts=6, holding=held).leases
        held += [lease.lease_id for lease in leases]
        sizes.append([len(texts_of(lease)) for lease in leases])
    assert sizes == [[2, 3], [4], [9]]


def test_lost_leases_are_handed_out_again(pool: Pool, client: Client, clock: SetClock) -> None:
    """What an agent does not name, it does not have: it gets it again, under the same lease, which runs anew."""
    agent = make_agent(pool)
    for number in range(3):
        enqueue(pool, client, f"text {number}")
    first = take_turn(pool, agent, most=2).leases
    clock.advance(50)
    again = take_turn(pool, agent, most=2, holding=[first[0].lease_id]).leases
    assert [lease.lease_id for lease in again] == [first[1].lease_id]
    clock.advance(50)
    assert sweeper.reclaim(pool, clock.advance(0)) == 1
    assert attempts_of(pool, agent.agent.id) == ["text 1"]


def test_a_lost_lease_is_seen_behind_a_stale_name(pool: Pool, client: Client) -> None:
    """An agent that names one lease, which is over, and has another that was lost on the way: it gets that again."""
    agent = make_agent(pool)
    for number in range(2):
        enqueue(pool, client, f"text {number}")
    first = claim_one(pool, agent)
    second = take_turn(pool, agent, delivery(first), most=1).leases[0]
    again = take_turn(pool, agent, most=1, holding=[first.lease_id]).leases
    assert [lease.lease_id for lease in again] == [second.lease_id]


def test_another_class_gets_nothing_and_is_told_why(pool: Pool, client: Client) -> None:
    """An agent whose model has another digest is not given the pool's tasks, and learns the reason."""
    make_agent(pool)
    different = make_agent(pool, description([model_offer(digest="another"), model_offer("else")]))
    enqueue(pool, client, "hello")
    enqueue(pool, client, "not offered", model="else")
    other_only = make_agent(pool, description([model_offer(digest="another")]))
    sweeper.Sweeper(pool).run_once(pool.clock.now())
    reply = take_turn(pool, different)
    assert [texts_of(lease) for lease in reply.leases] == [["not offered"]]
    reply = take_turn(pool, other_only)
    assert (reply.leases, reply.skipped) == ([], {"model_class_differs": 1, "not_offered": 1})


def test_who_failed_a_task_is_told_why_it_gets_nothing(pool: Pool, client: Client) -> None:
    """A task that an agent failed is kept from it while another agent could take it."""
    failing, _ = make_agent(pool), make_agent(pool)
    enqueue(pool, client, "hello")
    take_turn(pool, failing, error_report(claim_one(pool, failing)), most=0)
    sweeper.Sweeper(pool).run_once(pool.clock.now())
    reply = take_turn(pool, failing)
    assert (reply.leases, reply.skipped) == ([], {"already_failed_here": 1})


def test_who_failed_a_task_is_its_last_hope_when_alone(pool: Pool, client: Client, clock: SetClock) -> None:
    """With no other agent online it may try again; as soon as another one comes, that one is preferred."""
    failing = make_agent(pool)
    enqueue(pool, client, "hello")
    take_turn(pool, failing, error_report(claim_one(pool, failing)), most=0)
    other = make_agent(pool)
    assert take_turn(pool, failing).leases == []
    clock.advance(91)
    assert len(take_turn(pool, current(pool, failing.agent.id)).leases) == 1
    assert take_turn(pool, other).leases == []


def test_a_claim_looks_at_the_class(pool: Pool, client: Client) -> None:
    """The statement itself refuses a task of another class, whoever asks."""
    agent = make_agent(pool)
    enqueue(pool, client, "hello")
    now = pool.clock.now()

    def claim(class_id: int) -> list[attempts.Lease]:
        wanted = Claim(agent.agent.id, CAPABILITY, class_id, "nonce", now, now + 1, now + 2, 9, 99, 0, 1)
        return pool.database.write(lambda connection: tasks.claim(connection, wanted))

    assert claim(2) == []
    assert len(claim(1)) == 1


def test_an_agent_that_left_has_given_back_what_it_had(pool: Pool, client: Client) -> None:
    """Its leases go to the next agent at once, uncharged; it may no longer report."""
    leaving, other = make_agent(pool), make_agent(pool)
    enqueue(pool, client, "hello")
    lease = claim_one(pool, leaving)
    assert enrolment.leave(pool, leaving.agent.id, pool.clock.now())
    assert not enrolment.leave(pool, leaving.agent.id, pool.clock.now())
    assert claim_one(pool, other).task_id == lease.task_id
    assert take_turn(pool, leaving, delivery(lease), most=0).outcomes[0].outcome == "stale"

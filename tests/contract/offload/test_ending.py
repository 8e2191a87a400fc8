"""How tasks end otherwise: canceled at each stage, out of time, their agent gone; and races for them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from server.domain import retry
from server.services import sweeper
from server.services.pool import Pool
from server.storage.models import Attempt
from tests.contract.offload.actors import NewerAgent, OffloadAgent, SeedAgent, wait_until
from tests.contract.offload.conftest import Broker

RACERS = 20


def lapse(pool: Pool, agent_id: str) -> int:
    """Return when the lease of an agent lapses."""
    with pool.database.read() as connection:
        return connection.execute(
            select(Attempt.lease_until).where(Attempt.agent_id == agent_id, Attempt.status == "leased")
        ).scalar_one()


def lapse_at(pool: Pool, agent_id: str, when: int) -> None:
    """Let the lease of an agent lapse at a time, as if it had been silent for long."""
    change = update(Attempt).where(Attempt.agent_id == agent_id, Attempt.status == "leased").values(lease_until=when)
    pool.database.write(lambda connection: connection.execute(change).rowcount)


def test_a_waiting_task_is_canceled_at_once(broker: Broker) -> None:
    """It can still be polled; nobody is shown it; a second cancel is a conflict."""
    capability, client = broker.capability(), broker.client()
    agent = broker.agent(capability)
    task = client.submit(capability, {})
    answer = client.cancel(task)
    assert (answer.status_code, answer.json()) == (
        200,
        {"id": task, "status": "canceled", "message": "Task cancelled (was queued)"},
    )
    assert client.standing(task)["status"] == "canceled"
    assert agent.poll() is None
    assert agent.try_take(task).status_code == 409
    assert client.cancel(task).status_code == 409


@pytest.mark.parametrize("told", [None, "starting", "running"])
@pytest.mark.parametrize("kind", [SeedAgent, NewerAgent])
def test_a_running_tasks_agent_hears_of_its_end(broker: Broker, told: str | None, kind: type[OffloadAgent]) -> None:
    """499 at progress and at resolve; what it says last is kept, and the task stays canceled."""
    capability, client = broker.capability(), broker.client()
    agent = broker.agent(capability, kind=kind)
    task = client.submit(capability, {})
    agent.work()
    if told:
        agent.progress(task, status=told, logUpdate="begun, ")
    answer = client.cancel(task)
    assert (answer.status_code, answer.json()) == (
        200,
        {"id": task, "status": "cancelRequested", "message": "Cancellation requested"},
    )
    refused = agent.progress(task, logUpdate="going on")
    assert refused.status_code == 499
    assert refused.json()["error"] == {
        "type": "client_closed_request",
        "message": f"Client closed request: Task {capability}[{task['id']}] has been cancelled by the client",
        "status": 499,
    }
    assert agent.resolve(task, {"half": "done"}, notExecuted="canceled").status_code == 499
    after = client.standing(task)
    assert (after["status"], after["log"]) == ("canceled", "begun, going on" if told else "going on")
    assert after["output"] == {"half": "done"}
    assert client.cancel(task).status_code == 409


def test_a_finished_task_cannot_be_canceled(broker: Broker) -> None:
    """409, and the result stays."""
    capability, client = broker.capability(), broker.client()
    agent = broker.agent(capability)
    task = client.submit(capability, {})
    agent.work()
    agent.resolve(task, "result")
    refused = client.cancel(task)
    assert (refused.status_code, refused.json()["error"]["type"]) == (409, "conflict")
    assert (client.standing(task)["status"], client.standing(task)["output"]) == ("completed", "result")


def test_time_limits_of_a_regular_task(broker: Broker) -> None:
    """`maxWaitSecs` counts only until it is taken, `timeoutSecs` to the end; both end as failed, with a reason."""
    capability, client = broker.capability(), broker.client()
    agent = broker.agent(capability, capacity=3)
    started = client.submit(capability, 1, maxWaitSecs=1)
    agent.work()
    waiting = client.submit(capability, 2, maxWaitSecs=0)
    wait_until(lambda: client.standing(waiting)["status"] == "failed")
    assert client.standing(waiting)["output"] == {"error": "No agent did this in time."}
    running = client.submit(capability, 3, timeoutSecs=1)
    agent.work()
    wait_until(lambda: client.standing(running)["status"] == "failed")
    assert agent.progress(running, logUpdate="x").status_code == 499
    assert client.standing(started)["status"] == "assigned"
    assert agent.resolve(started, 1).status_code == 200


def test_the_same_report_twice_is_right_twice(broker: Broker) -> None:
    """The reply was lost and the agent sends again: 200 and no change; another result is a conflict."""
    capability, client = broker.capability(), broker.client()
    agent = broker.agent(capability)
    task = client.submit(capability, {})
    agent.work()
    assert [agent.resolve(task, {"a": 1}).status_code for _ in range(3)] == [200] * 3
    assert agent.resolve(task, {"a": 2}).status_code == 409
    assert agent.progress(task, logUpdate="x").status_code == 409
    assert client.standing(task)["output"] == {"a": 1}


def test_only_its_holder_reports_on_a_task(broker: Broker) -> None:
    """For another agent a running task does not exist; what waits cannot be reported on by anybody."""
    capability, client = broker.capability(), broker.client()
    holder, other = broker.agent(capability), broker.agent(capability)
    task = client.submit(capability, {})
    assert holder.progress(task, logUpdate="x").status_code == 409
    assert holder.resolve(task, 1).status_code == 409
    holder.work()
    for answer in (
        other.progress(task, logUpdate="x"),
        other.resolve(task, "forged"),
        other.resolve(task, failure=["", 1]),
    ):
        assert answer.status_code == 404
    assert client.standing(task)["status"] == "assigned"
    assert holder.resolve(task, "true").status_code == 200
    assert client.standing(task)["output"] == "true"


def test_twenty_agents_race_for_one_task(broker: Broker) -> None:
    """One gets it, nineteen get 409, and the task's history has one name."""
    capability, client = broker.capability(), broker.client()
    agents = [broker.agent(capability) for _ in range(RACERS)]
    task = client.submit(capability, {})
    start = threading.Barrier(RACERS)

    def race(agent: OffloadAgent) -> int:
        start.wait()
        return agent.try_take(task).status_code

    with ThreadPoolExecutor(RACERS) as racers:
        statuses = list(racers.map(race, agents))
    assert sorted(statuses) == [200] + [409] * (RACERS - 1)
    winner = agents[statuses.index(200)]
    assert winner.resolve(task, "mine").status_code == 200
    loser = agents[statuses.index(409)]
    refused = loser.try_take(task)
    assert refused.json()["error"]["message"] == f"Conflict: Task already taken: {capability}[{task['id']}]"


@pytest.mark.parametrize("family", ["shell", "llm"])
def test_a_dead_agents_task_goes_to_another(broker: Broker, family: str) -> None:
    """Its lease lapses, the log begins anew, another agent finishes it; the dead one's late result is refused."""
    capability, client, pool = broker.capability(family), broker.client(), broker.live.pool
    dead, living = broker.agent(capability), broker.agent(capability)
    task = client.submit(capability, "x")
    dead.take(task)
    dead.progress(task, logUpdate="half of the ans", status="running")
    assert sweeper.reclaim(pool, pool.clock.now()) == 0
    lapse_at(pool, dead.id, pool.clock.now() - retry.RECLAIM_GRACE_SECONDS * 1000 - 1)
    assert sweeper.reclaim(pool, pool.clock.now()) == 1
    assert (client.standing(task)["status"], client.standing(task)["log"]) == ("queued", None)
    assert living.work()["id"] == task
    assert dead.progress(task, logUpdate="wer").status_code == 409
    assert dead.resolve(task, "late").status_code == 409
    living.progress(task, logUpdate="the answer")
    assert living.resolve(task, "answer").status_code == 200
    assert (client.standing(task)["output"], client.standing(task)["log"]) == ("answer", "the answer")


def test_an_agent_that_works_beside_polling_keeps_its_tasks(broker: Broker) -> None:
    """A poll renews the leases of an agent that has room for more; one without room has forgotten what it holds."""
    capability, client, pool = broker.capability(), broker.client(), broker.live.pool
    roomy, full = broker.agent(capability, capacity=2), broker.agent(capability, capacity=1)
    tasks = [client.submit(capability, {}) for _ in range(2)]
    roomy.take(tasks[0])
    full.take(tasks[1])

    before = lapse(pool, roomy.id), lapse(pool, full.id)
    wait_until(lambda: pool.clock.now() > before[0] - retry.FOREIGN_LEASE_SECONDS["task"] * 1000 + 20)
    assert roomy.poll() is None is full.poll()
    assert lapse(pool, roomy.id) > before[0]
    assert lapse(pool, full.id) == before[1]


def test_capacity_is_respected(broker: Broker) -> None:
    """An agent that has as much as it can hold is shown nothing and may take nothing."""
    capability, client = broker.capability(), broker.client()
    agent = broker.agent(capability, capacity=2)
    tasks = [client.submit(capability, {}) for _ in range(3)]
    agent.take(tasks[0])
    agent.take(tasks[1])
    assert agent.poll() is None
    assert agent.try_take(tasks[2]).status_code == 409
    agent.resolve(tasks[0], 1)
    assert agent.work()["id"] == tasks[2]


def test_a_busy_tier_does_not_keep_work_from_a_lower_one(broker: Broker) -> None:
    """A free agent of a higher tier goes first; a busy one, or one that stays silent, keeps nothing back."""
    capability, client, pool = broker.capability(), broker.client(), broker.live.pool
    better, lesser = broker.agent(capability, tier=9), broker.agent(capability, tier=1)
    first, second, third = (client.submit(capability, number) for number in range(3))
    assert better.poll() is not None
    assert lesser.poll() is None
    better.take(first)
    assert lesser.work()["id"] == second
    lesser.resolve(second, 1)
    better.resolve(first, 1)
    assert lesser.poll() is None
    present = pool.roster.get(better.id)
    assert present is not None
    present.last_seen -= 30_000
    assert lesser.work()["id"] == third


def test_a_silent_agent_that_computes_counts_as_online(broker: Broker) -> None:
    """Its capability is still listed, and an urgent task is still accepted, while it holds a task."""
    capability, client, pool = broker.capability(), broker.client(), broker.live.pool
    agent = broker.agent(capability, capacity=2)
    task = client.submit(capability, {})
    agent.take(task)
    present = pool.roster.get(agent.id)
    assert present is not None
    present.last_seen -= 200_000
    assert capability in client.post("/api/capabilities/online").json()
    agent.resolve(task, 1)
    present.last_seen -= 200_000
    assert capability not in client.post("/api/capabilities/online").json()

"""Urgent tasks: their clients wait on the line for the answer, or hear at once that nobody would give one."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import orjson
import pytest

from tests.contract.offload.actors import in_background, wait_until
from tests.contract.offload.conftest import CLIENT_KEY, Broker
from tests.raw_http import request


@pytest.mark.parametrize("path", ["/api/task/submit", "/api/task/submit_blocking"])
@pytest.mark.parametrize(("status", "shown"), [({"success": 2}, "completed"), ({"failure": ["no", 1]}, "failed")])
def test_the_whole_task_is_the_answer(broker: Broker, path: str, status: dict[str, object], shown: str) -> None:
    """An urgent task blocks on both routes; whatever came of it, the answer is 200 with all of it but the key."""
    capability, client = broker.capability(), broker.client()
    agent = broker.agent(capability)
    sent = {"capability": capability, "payload": {"command": "x"}, "urgent": True, "runtimeSecs": 7}
    finish = in_background(lambda: client.post(path, sent))
    task = agent.await_task(urgent=True)["id"]
    agent.take(task)
    agent.progress(task, logUpdate="Working", stage="halfway")
    agent.resolve(task, {"stdout": "y"}, **status)
    answer = finish()
    assert answer.status_code == 200
    whole = answer.json()
    assert (whole["id"], whole["status"], whole["agentId"]) == (task, shown, agent.id)
    assert (whole["result"], whole["log"], whole["stage"]) == ({"stdout": "y"}, "Working", None)
    data = whole["data"]
    assert (data["payload"], data["urgent"], data["runtimeSecs"]) == ({"command": "x"}, True, 7)
    assert data["apiKey"] == ""
    assert CLIENT_KEY not in answer.text
    said = [entry["description"] for entry in whole["history"]]
    assert said == [f"Assigned to {agent.id}", f"Status set to {shown.capitalize()}"]
    assert whole["finishedAt"] >= whole["assignedAt"] >= whole["createdAt"]


def test_nobody_who_would_do_it_is_said_at_once(broker: Broker) -> None:
    """503 with the type as OffloadMQ writes it; so too when the one agent that it is pinned to is not there."""
    capability, client = broker.capability(), broker.client()
    answer = client.blocking(capability, {})
    assert answer.status_code == 503
    assert answer.json()["error"] == {
        "type": "scheduling impossible",
        "message": f"Scheduling impossible: no online runners for capability {capability}",
        "status": 503,
    }
    broker.agent(capability)
    assert client.blocking(capability, {"runner": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}).status_code == 503


def test_what_is_not_urgent_is_not_for_this_route(broker: Broker) -> None:
    """400 in OffloadMQ's words."""
    answer = broker.client().blocking(broker.capability(), {}, urgent=False)
    message = "Bad request: Only urgent tasks can be submitted to this endpoint"
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, message)


def test_what_nobody_takes_in_time_gets_the_short_answer(broker: Broker) -> None:
    """After `maxWaitSecs`: 200, failed; the agent sees it no more."""
    capability, client = broker.capability(), broker.client()
    agent = broker.agent(capability)
    answer = client.blocking(capability, {}, maxWaitSecs=1)
    assert answer.status_code == 200
    assert answer.json() == {
        "id": {"cap": capability, "id": answer.json()["id"]["id"]},
        "status": "failed",
        "message": "Task completed but full info unavailable",
    }
    assert agent.poll() is None
    assert agent.try_take(answer.json()["id"]).status_code == 409


def test_what_takes_too_long_gets_the_short_answer_and_its_agent_499(broker: Broker) -> None:
    """`timeoutSecs` holds whatever the agent does."""
    capability, client = broker.capability(), broker.client()
    agent = broker.agent(capability)
    finish = in_background(lambda: client.blocking(capability, {}, timeoutSecs=1))
    task = agent.work(urgent=True)["id"]
    assert finish().json()["status"] == "failed"
    assert agent.resolve(task, "late").status_code == 499


def test_a_client_that_hangs_up_cancels_its_task(broker: Broker) -> None:
    """Nobody else would ever fetch it: the agent hears 499 with its next word, and the place is free again."""
    capability = broker.capability()
    agent = broker.agent(capability)
    body = orjson.dumps({"capability": capability, "payload": {}, "urgent": True, "apiKey": CLIENT_KEY})
    address = urlsplit(broker.live.url)
    line = "POST /api/task/submit_blocking"
    head = ("Host: localhost", "Content-Type: application/json", f"Content-Length: {len(body)}")
    with socket.create_connection((address.hostname, address.port or 80)) as connection:
        connection.sendall(request(line, *head, body=body))
        task = agent.await_task(urgent=True)["id"]
        agent.take(task)
        assert broker.live.pool.jobs.gate.in_use == 1
    wait_until(lambda: broker.live.pool.jobs.gate.in_use == 0)
    wait_until(lambda: agent.progress(task, logUpdate="x").status_code == 499)


def test_a_canceled_urgent_task_is_the_answer_at_once(broker: Broker) -> None:
    """Canceled while it waits (no agent was at it), and while it runs."""
    capability, client = broker.capability(), broker.client()
    agent = broker.agent(capability)
    finish = in_background(lambda: client.blocking(capability, {}))
    task = agent.await_task(urgent=True)["id"]
    assert client.cancel(task).json()["status"] == "canceled"
    answer = finish().json()
    assert (answer["status"], answer["agentId"], answer["cancelRequestedAt"]) == ("canceled", "(cancelled)", None)
    finish = in_background(lambda: client.blocking(capability, {}))
    task = agent.work(urgent=True)["id"]
    assert client.cancel(task).json()["status"] == "cancelRequested"
    answer = finish().json()
    assert (answer["status"], answer["agentId"]) == ("canceled", agent.id)
    assert agent.resolve(task, 1).status_code == 499

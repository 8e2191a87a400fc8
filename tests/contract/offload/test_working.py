"""A task's way from OffloadMQ's client to OffloadMQ's agent and back: bodies, encodings, order, capabilities."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.contract.offload.actors import NewerAgent, OffloadAgent, SeedAgent, in_background, wait_until
from tests.contract.offload.conftest import OTHER_KEY, Broker

ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
DATA = [
    *("capability", "urgent", "restartable", "payload", "fetchFiles", "file_bucket", "output_bucket", "timeoutSecs"),
    *("maxWaitSecs", "runtimeSecs", "artifacts", "dataPreparation", "apiKey"),
]
ASSIGNED = [
    *("id", "data", "agentId", "status", "history", "createdAt", "assignedAt", "result", "log", "stage"),
    *("typicalRuntimeSeconds", "typicalRuntimeParameters", "cancelRequestedAt", "finishedAt", "lastUpdateAt"),
]
FILE = [
    *("path", "bucket", "gitClone", "get", "post", "request", "httpLogin", "httpPassword", "httpAuthHeader"),
    *("customHeader", "s3File", "customAuth"),
]

BOTH_AGENTS = pytest.mark.parametrize("kind", [SeedAgent, NewerAgent])
BOTH_CLIENTS = pytest.mark.parametrize("in_header", [False, True], ids=["key in body", "key in header"])


@BOTH_AGENTS
@BOTH_CLIENTS
def test_a_regular_task_goes_all_the_way(broker: Broker, kind: type[OffloadAgent], in_header: bool) -> None:
    """Submit, poll, take, progress, resolve, poll again: each body has exactly the fields of the contract."""
    capability, client = broker.capability(), broker.client(in_header=in_header)
    agent = broker.agent(capability, kind=kind)
    payload = {"command": "echo 'Grüße'", "nested": [1, None, {"a": 0.5}]}
    answer = client.post("/api/task/submit", {"capability": capability, "payload": payload, "restartable": True})
    assert answer.status_code == 200
    task = answer.json()["id"]
    assert answer.json() == {
        "id": {"cap": capability, "id": task["id"]},
        "capability": capability,
        "status": "queued",
        "message": "Added to tasks queue",
    }
    assert ULID.fullmatch(task["id"])
    waiting = client.standing(task)
    assert list(waiting) == ["id", "status", "createdAt", "log", "typicalRuntimeSeconds"]
    assert (waiting["status"], waiting["log"], waiting["typicalRuntimeSeconds"]) == ("queued", None, None)
    assert TIME.fullmatch(waiting["createdAt"])

    shown = agent.poll()
    assert shown is not None
    assert list(shown) == ["id", "data", "createdAt"]
    assert list(shown["data"]) == DATA
    assert (shown["id"], shown["data"]["payload"], shown["data"]["restartable"]) == (task, payload, True)
    assert agent.poll() == shown  # looking does not reserve
    taken = agent.take(task)
    assert list(taken) == ASSIGNED
    assert (taken["status"], taken["agentId"], taken["data"]) == ("assigned", agent.id, shown["data"])
    assert [entry["description"] for entry in taken["history"]] == [f"Assigned to {agent.id}"]
    assert client.standing(task)["status"] == "assigned"

    for status, text in (("starting", "Hel"), ("running", "lo\n")):
        said = agent.progress(task, stage=f"is {status}", logUpdate=text, status=status)
        assert (said.status_code, said.json()) == (200, {"message": "task update confirmed"})
        assert (client.standing(task)["status"], client.standing(task)["stage"]) == (status, f"is {status}")
    output = {"stdout": "Grüße\n", "stderr": ""}
    done = agent.resolve(task, output)
    assert (done.status_code, done.json()) == (200, {"message": "task report confirmed"})
    after = client.standing(task)
    assert list(after) == ["id", "status", "createdAt", "output", "log", "typicalRuntimeSeconds"]
    assert (after["status"], after["output"], after["log"]) == ("completed", output, "Hello\n")
    assert agent.poll() is None


def test_nothing_that_was_sent_beside_the_payload_is_lost_but_the_key(broker: Broker) -> None:
    """References to files get all their keys, numbers and preparations are passed on; `apiKey` is empty."""
    capability, client = broker.capability(), broker.client()
    agent = broker.agent(capability)
    client.submit(
        capability,
        None,
        fetchFiles=[{"path": "a/b", "get": "https://example.org/x", "customHeader": {"A": "b"}, "unknown": 1}],
        artifacts=[{"path": "out", "s3File": None}],
        timeoutSecs=3000,
        maxWaitSecs=2000,
        runtimeSecs=1000,
        dataPreparation={"x": "y"},
        outputBucket="camelCase is ignored",
    )
    data = agent.work()["data"]
    (fetched,), (left,) = data["fetchFiles"], data["artifacts"]
    assert list(fetched) == FILE == list(left)
    assert (fetched["path"], fetched["get"], fetched["customHeader"]) == ("a/b", "https://example.org/x", {"A": "b"})
    assert {name: value for name, value in fetched.items() if value is None}.keys() == set(FILE) - {
        *("path", "get", "customHeader")
    }
    assert (data["timeoutSecs"], data["maxWaitSecs"], data["runtimeSecs"]) == (3000, 2000, 1000)
    assert (data["dataPreparation"], data["output_bucket"], data["payload"]) == ({"x": "y"}, None, None)
    assert data["apiKey"] == ""


@pytest.mark.parametrize("name", ["llm.qwen2.5:7b", "llm.hf.co/org/M-GGUF:Q4_K_M", "llm.c++", "shell.Grüße 100%", "a"])
@BOTH_AGENTS
def test_a_capability_may_be_encoded_once_or_twice(broker: Broker, kind: type[OffloadAgent], name: str) -> None:
    """Colons, slashes, plus signs and percent signs come through both generations' paths."""
    client, agent = broker.client(), broker.agent(name, kind=kind)
    task = client.submit(name, {})
    taken = agent.work()
    assert taken["id"] == task
    assert agent.progress(task, logUpdate="x").status_code == 200
    assert agent.resolve(task, 1).status_code == 200
    assert client.standing(task)["output"] == 1


@pytest.mark.parametrize(("submitted", "offered"), [("imggen.flux", "imggen.flux[txt2img;img2img]"), ("a.b[x]", "a.b")])
def test_attributes_only_inform(broker: Broker, submitted: str, offered: str) -> None:
    """Base is compared with base, on both sides."""
    client, agent = broker.client(), broker.agent(offered)
    task = client.submit(submitted, {})
    assert task["cap"] == submitted.partition("[")[0]
    assert agent.work()["id"] == task
    agent.resolve(task)


def test_what_is_online_is_listed_with_and_without_attributes(broker: Broker) -> None:
    """Both lists are filtered by what the key may use, and tell of our own agents too."""
    plain, other = broker.capability("imggen"), broker.capability("tts")
    broker.agent(f"{plain}[txt2img;size:4Gb]", other)
    broker.live.agent()
    client = broker.client(broker.live.issue_key("imggen.*", "embed.*"))
    assert {plain, "embed.nomic-embed-text"} <= set(client.post("/api/capabilities/online").json())
    extended = client.post("/api/capabilities/list/online_ext").json()
    assert {f"{plain}[txt2img;size:4Gb]", "embed.nomic-embed-text"} <= set(extended)
    assert other not in client.post("/api/capabilities/online").json() + extended


def test_the_oldest_task_comes_first_and_an_urgent_one_before_it(broker: Broker) -> None:
    """Regular tasks keep their order; the urgent one, submitted last, is shown first."""
    capability, client = broker.capability(), broker.client()
    agent = broker.agent(capability)
    regular = [client.submit(capability, number) for number in range(3)]
    assert agent.poll(urgent=True) is None
    finish = in_background(lambda: client.blocking(capability, "now"))
    urgent = wait_until(lambda: agent.poll(urgent=True))
    assert agent.poll() == urgent
    agent.take(urgent["id"])
    agent.resolve(urgent["id"], "done")
    assert finish().json()["result"] == "done"
    for task in regular:
        assert agent.work()["id"] == task
        agent.resolve(task)


def test_an_agent_sees_only_what_it_offers_and_a_pinned_task_only_the_named_one(broker: Broker) -> None:
    """`payload.runner` names the one agent that may have it: nobody else sees it or can take it."""
    capability, client = broker.capability(), broker.client()
    first, second, stranger = (broker.agent(name) for name in (capability, capability, broker.capability()))
    task = client.submit(capability, {"runner": second.id})
    assert first.poll() is None
    assert stranger.poll() is None
    assert first.try_take(task).status_code == 409
    assert stranger.try_take(task).status_code == 409
    assert second.work()["id"] == task
    second.resolve(task)


def test_typical_runtimes_are_told_once_two_were_seen(broker: Broker) -> None:
    """Null until then; afterwards whole seconds and the rest in nanoseconds."""
    capability, client = broker.capability(), broker.client()
    agent = broker.agent(capability)
    told: list[Any] = []
    for _ in range(3):
        task = client.submit(capability, {})
        told.append(agent.work()["typicalRuntimeSeconds"])
        agent.resolve(task)
    assert told[:2] == [None, None]
    assert (told[2]["secs"], 0 <= told[2]["nanos"] < 10**9) == (0, True)
    assert client.standing(task)["typicalRuntimeSeconds"].keys() == {"secs", "nanos"}


@pytest.mark.parametrize(
    ("status", "shown"),
    [({"failure": ["It broke.", 5]}, "failed"), ({"notExecuted": "no GPU"}, "failed"), ({"success": 1}, "completed")],
)
@pytest.mark.parametrize("family", ["shell", "llm"])
def test_what_is_no_success_has_failed_and_is_not_tried_again(
    broker: Broker, status: dict[str, Any], shown: str, family: str
) -> None:
    """An agent's failure ends the task, with its output; the same agent is shown no second try."""
    capability, client = broker.capability(family), broker.client()
    agent = broker.agent(capability)
    task = client.submit(capability, "do it")
    agent.work()
    assert agent.resolve(task, {"why": "see log"}, **status).status_code == 200
    assert (client.standing(task)["status"], client.standing(task)["output"]) == (shown, {"why": "see log"})
    assert agent.poll() is None
    assert agent.resolve(task, {"why": "again"}, failure=["", 0]).status_code == 409
    assert client.standing(task)["output"] == {"why": "see log"}


def test_a_failure_without_output_says_why(broker: Broker) -> None:
    """Pollers wait for an output, so a failed task always has one."""
    capability, client = broker.capability(), broker.client()
    agent = broker.agent(capability)
    task = client.submit(capability, {})
    agent.work()
    agent.resolve(task, failure=["No such file.", 0.1])
    assert client.standing(task)["output"] == {"error": "No such file."}


def test_tasks_of_another_key_do_not_exist(broker: Broker) -> None:
    """Poll and cancel answer 404 for another key, for a wrong capability, and for nonsense; nothing is canceled."""
    capability, client, other = broker.capability(), broker.client(), broker.client(OTHER_KEY)
    task = client.submit(capability, {})
    for asked in (task, {**task, "id": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}, {**task, "id": "x"}):
        assert other.poll(asked).status_code == 404
        assert other.cancel(asked).status_code == 404
    assert client.poll({**task, "cap": "another"}).status_code == 404
    refused = other.poll(task).json()["error"]
    assert refused == {"type": "not_found", "message": f"Not found: {capability}[{task['id']}]", "status": 404}
    assert client.standing(task)["status"] == "queued"


def test_the_operator_may_act_in_a_clients_place(broker: Broker) -> None:
    """`X-MGMT-API-KEY` sees every task and may submit anything; a wrong one is 403 even with a good key."""
    capability, client = broker.capability(), broker.client()
    task = client.submit(capability, {})
    operator = broker.client("nobody's key at all")
    operator.http.headers["X-MGMT-API-KEY"] = broker.live.settings.mgmt_token
    assert operator.standing(task)["status"] == "queued"
    own = operator.submit(capability, {})
    assert operator.standing(own)["status"] == "queued"
    assert client.poll(own).status_code == 404
    assert operator.cancel(task).status_code == 200
    client.http.headers["X-MGMT-API-KEY"] = "wrong"
    refused = client.poll(task)
    assert (refused.status_code, refused.json()["error"]["message"]) == (
        403,
        "Authorization failed: Invalid X-MGMT-API-KEY",
    )


def test_an_agent_writes_a_line_for_the_operator(broker: Broker) -> None:
    """The line is kept under the identity of the token, whatever it says; severities are told in any case."""
    agent = broker.agent(broker.capability())
    body = {"severity": "error", "text": "It is hot.", "agentId": "somebody else", "machineFingerprint": "a8"}
    kept = agent.http.post("/private/agent/logs", json=body).json()
    assert list(kept) == ["recordId", "agentId", "agentName", "machineFingerprint", "severity", "text", "timestamp"]
    assert (kept["agentId"], kept["agentName"], kept["severity"], kept["machineFingerprint"]) == (
        *(agent.id, "Xeon 24GB", "ERROR", "a8"),
    )
    wrong = agent.http.post("/private/agent/logs", json={"severity": "loud", "text": "x"})
    assert (wrong.status_code, wrong.json()["error"]["message"]) == (400, "Bad request: invalid severity: loud")


def test_health_stats_version_and_pings(broker: Broker) -> None:
    """Both generations find what they look for, without a key where they send none."""
    agent, nobody = broker.agent(broker.capability()), broker.live.caller()
    health = nobody.get("/health").json()
    assert list(health) == ["status", "agents", "cached_agents", "cached_tokens", "timestamp"]
    assert health["agents"] == health["cached_agents"] > 0
    assert nobody.get("/stats").json().keys() == {"agents", "cache_stats", "storage_paths"}
    assert nobody.get("/version").json().keys() == {"version"}
    assert agent.http.get("/private/agent/ping").json() == {"status": "ok"}
    client = broker.client()
    assert client.http.request("GET", "/api/ping", json={"apiKey": "nonsense"}).status_code == 403
    good = broker.client(in_header=True).http.get("/api/ping")
    assert (good.status_code, good.json()["status"]) == (200, "healthy")


@BOTH_AGENTS
def test_a_pc_is_described_in_both_units(broker: Broker, kind: type[OffloadAgent]) -> None:
    """The seed counts megabytes, its successor gigabytes; the operator is told both."""
    agent = broker.agent(broker.capability(), kind=kind)
    updated = agent.http.post("/private/agent/info/update", json={**agent.description, "tier": 3})
    assert (updated.status_code, updated.json()["message"]) == (200, "Updated")
    listed = broker.live.operator().get("/management/agents/list").json()
    listed = listed.get("items", listed) if isinstance(listed, dict) else listed
    found = next(one for one in listed if one["uid"] == agent.id)
    assert found["systemInfo"]["totalMemoryGb"] == 24
    assert found["systemInfo"]["totalMemoryMb"] == (24105 if kind is SeedAgent else 24 * 1024)
    assert found["tier"] == 3

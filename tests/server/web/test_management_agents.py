"""`/management/agents`: pausing, overruling, details, and taking agents out of the pool."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.factories import MODEL, make_invite
from tests.live_pool import EMBEDDINGS, LivePool
from tests.scripted_agent import ScriptedAgent, offer
from tests.server.web.conftest import Start, Steady, wait_until
from tests.server.web.test_agent_registration import check_envelope

AGENTS = "/management/agents"


def queue(live: LivePool, *texts: str) -> None:
    """Queue work that nobody waits for."""
    answer = live.client().post(f"{EMBEDDINGS}?wait=0", json={"model": MODEL, "input": list(texts)})
    assert answer.status_code == 202, answer.text


def verbs(live: LivePool, subject: str) -> list[str]:
    """What was done to something, oldest first."""
    found = live.operator().get("/management/events?limit=500").json()["items"]
    return [one["verb"] for one in sorted(found, key=lambda one: one["at"]) if one["subject"] == subject]


def test_an_agent_is_told_as_offloadmq_tells_it(steady: Steady) -> None:
    """Every key that OffloadMQ's page reads is there, and no secret is."""
    (agent,) = (one for one in steady.live.operator().get(f"{AGENTS}/list").json() if one["uid"] == steady.agent.id)
    told = {"uid", "uidShort", "personalLoginToken", "registeredAt", "lastContact", "lastCommMethod", "capabilities"}
    told |= {"tier", "capacity", "systemInfo", "appVersion", "displayName", "inFlight", "connected"}
    assert told <= agent.keys()
    assert (agent["uidShort"], agent["personalLoginToken"]) == (steady.agent.id[-6:], "")
    assert (agent["lastCommMethod"], agent["connected"], agent["paused"]) == ("http", True, False)
    assert steady.agent.key not in str(agent)


def test_what_an_agent_computes_is_counted_and_named(start: Start) -> None:
    """`inFlight` in the list; in the details each task, what it offers, and its invite."""
    live = start()
    agent = live.agent()
    queue(live, "a")
    task = agent.claim()
    operator = live.operator()
    assert [one["inFlight"] for one in operator.get(f"{AGENTS}/list").json()] == [1]
    details = operator.get(f"{AGENTS}/{agent.id}").json()
    assert [(one["taskId"], one["capability"]) for one in details["work"]] == [(task["task_id"], f"embed.{MODEL}")]
    assert [(one["capability"], one["inPool"]) for one in details["offers"]] == [(f"embed.{MODEL}", True)]
    assert details["invite"]["name"] == "test"
    check_envelope(operator.get(f"{AGENTS}/nobody"), 404, "not_found", "nobody")


def test_a_paused_agent_gets_no_work_and_reads_why(start: Start) -> None:
    """Its wait ends at once with the message; another agent does the work; resumed, it works again."""
    live = start()
    agent = live.agent()
    operator = live.operator()
    replies: list[dict[str, Any]] = []
    waiting = threading.Thread(target=lambda: replies.append(agent.turn(max_tasks=1, wait=30)))
    waiting.start()
    wait_until(lambda: live.pool.agents.gate.in_use == 1)
    paused = operator.post(f"{AGENTS}/{agent.id}/pause", json={"message": "Your results are odd."})
    assert (paused.json()["paused"], paused.json()["pauseMessage"]) == (True, "Your results are odd.")
    waiting.join(20)
    assert [(reply["tasks"], reply["paused"]) for reply in replies] == [([], "Your results are odd.")]
    queue(live, "a")
    reply = agent.turn(max_tasks=1, wait=30)
    assert (reply["tasks"], reply["paused"], reply["poll_after"] > 0) == ([], "Your results are odd.", True)
    assert operator.get(f"{AGENTS}/list/online").json()[0]["connected"] is True
    resumed = operator.post(f"{AGENTS}/{agent.id}/resume").json()
    assert (resumed["paused"], resumed["pauseMessage"]) == (False, None)
    assert agent.claim()["payload"]["texts"] == ["a"]
    assert verbs(live, agent.id) == ["agent.join", "agent.pause", "agent.resume"]


def test_a_paused_agent_may_finish_what_it_has(start: Start) -> None:
    """Its lease runs on, its heartbeat is heard and its result is taken."""
    live = start()
    agent = live.agent()
    queue(live, "a")
    task = agent.claim()
    live.operator().post(f"{AGENTS}/{agent.id}/pause")
    assert agent.post("heartbeat", {"leases": [task["lease_id"]]}).json()["leases"] == {task["lease_id"]: "held"}
    assert agent.report(agent.result(task))["outcome"] == "accepted"


def test_a_pool_whose_only_agent_is_paused_has_nobody(start: Start) -> None:
    """An SDK is told at once that no agent is there, instead of waiting for one that gets no work."""
    live = start()
    agent = live.agent()
    agent.turn(max_tasks=0)
    live.operator().post(f"{AGENTS}/{agent.id}/pause")
    sdk = live.client(x_stainless_lang="python", x_stainless_read_timeout="60")
    answer = sdk.post(EMBEDDINGS, json={"model": MODEL, "input": "a"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "no_workers_available")


def test_the_operators_word_wins_until_it_is_taken_back(start: Start) -> None:
    """Tier and capacity, each alone or both; a capacity of one gives one task at once."""
    live = start()
    agent: ScriptedAgent = live.agent(tier=5, capacity=64)
    operator = live.operator()
    path = f"{AGENTS}/{agent.id}/override"
    told = operator.post(path, json={"capacity": 1, "tier": 200}).json()
    assert (told["tier"], told["capacity"], told["tierOverride"], told["capacityOverride"]) == (200, 1, 200, 1)
    queue(live, *(f"text {number}" for number in range(70)))
    assert len(agent.turn(max_tasks=8, max_texts=256)["tasks"]) == 1
    agent.post("info/update", {**_said(), "tier": 7, "capacity": 9})
    told = operator.get(f"{AGENTS}/{agent.id}").json()
    assert (told["tier"], told["capacity"]) == (200, 1)
    told = operator.post(path, json={"tier": None}).json()
    assert (told["tier"], told["capacity"], told["tierOverride"]) == (7, 1, None)
    told = operator.post(path, json={"capacity": None}).json()
    assert (told["tier"], told["capacity"]) == (7, 9)
    for body in ({}, {"tier": 256}, {"capacity": 0}, {"tier": "high"}):
        check_envelope(operator.post(path, json=body), 400, "bad_request")
    assert verbs(live, agent.id) == ["agent.join", *["agent.override"] * 3]


def test_a_revoked_key_opens_nothing_from_that_moment_on(start: Start) -> None:
    """Key and token are worthless; its work goes on elsewhere; its record stays until it is deleted."""
    live = start()
    agent, operator = live.agent(), live.operator()
    queue(live, "a", "b")
    agent.claim()
    told = operator.post(f"{AGENTS}/{agent.id}/revoke_key").json()
    assert (told["uid"], told["connected"], told["work"]) == (agent.id, False, [])
    assert told["keyRevokedAt"] is not None
    assert [agent.post(path, {"leases": []}).status_code for path in ("turn", "heartbeat", "leave")] == [403] * 3
    auth = live.caller().post("/agent/auth", json={"agentId": agent.id, "key": agent.key})
    check_envelope(auth, 403, "authorization_error", "Incorrect credentials")
    assert live.agent().claim()["payload"]["texts"] == ["a", "b"]
    assert [one["uid"] == agent.id for one in operator.get(f"{AGENTS}/list").json()] == [True, False]
    for verb in ("revoke_key", "pause", "resume"):
        check_envelope(operator.post(f"{AGENTS}/{agent.id}/{verb}"), 409, "conflict", "key was revoked")
    operator.post(f"{AGENTS}/delete/{agent.id}")
    assert len(operator.get(f"{AGENTS}/list").json()) == 1
    assert verbs(live, agent.id) == ["agent.join", "agent.revoke_key", "agent.delete"]


def test_a_revoked_key_ends_the_turn_that_waits(start: Start) -> None:
    """The agent hears of it at once, not when its wait would be over."""
    live = start()
    agent = live.agent()
    replies: list[Any] = []
    waiting = threading.Thread(target=lambda: replies.append(agent.turn(max_tasks=1, wait=30)))
    waiting.start()
    wait_until(lambda: live.pool.agents.gate.in_use == 1)
    live.operator().post(f"{AGENTS}/{agent.id}/revoke_key")
    waiting.join(20)
    assert [reply["tasks"] for reply in replies] == [[]]


def test_a_revoked_agent_belongs_to_the_pool_no_more(start: Start) -> None:
    """It is not among the volunteers that an invited person is told of, and does not come back with a restart."""
    live = start()
    agent, other = live.agent(), live.agent()
    live.operator().post(f"{AGENTS}/{agent.id}/revoke_key")
    preview = live.caller().post("/agent/invite", json={"code": make_invite(live.pool)})
    assert preview.json()["volunteers"] == 1
    (offered,) = live.operator().get("/management/models").json()
    assert [one["uid"] for one in offered["agents"]] == [other.id]
    live.pool.roster.load(live.pool.clock.now())
    assert [present.agent.id for present in live.pool.roster.online(live.pool.clock.now())] == [other.id]


def test_llmequeues_workers_have_no_key_to_revoke(start: Start) -> None:
    """They all show AUTH_TOKEN: the refusal says what to change."""
    live = start(auth_token="an-auth-token-of-llmequeue")
    worker = live.caller({"Authorization": "Bearer an-auth-token-of-llmequeue"})
    assert worker.post("/worker/next", json={}).status_code in {200, 204}
    (workers,) = live.operator().get(f"{AGENTS}/list").json()
    check_envelope(live.operator().post(f"{AGENTS}/{workers['uid']}/revoke_key"), 409, "conflict", "AUTH_TOKEN")


def _said() -> dict[str, Any]:
    return {
        "capabilities": [f"embed.{MODEL}"],
        "systemInfo": {"os": "Test", "client": "embedpool-agent"},
        "models": [offer()],
    }


@pytest.mark.parametrize("verb", ["pause", "resume", "override", "revoke_key"])
def test_nobody_is_changed_who_is_not_there(steady: Steady, verb: str) -> None:
    """An unknown agent is a 404 in words."""
    answer = steady.live.operator().post(f"{AGENTS}/nobody/{verb}", json={"tier": 1})
    check_envelope(answer, 404, "not_found", "There is no agent nobody")


def test_a_reset_takes_everybody_out(start: Start) -> None:
    """No agent is left, their tokens are worthless, and their work waits for others."""
    live = start()
    gone = [live.agent() for _ in range(3)]
    queue(live, "a")
    gone[0].claim()
    operator = live.operator()
    assert operator.post(f"{AGENTS}/reset").json() == {"result": "Reset successful"}
    assert operator.get(f"{AGENTS}/list").json() == []
    assert [agent.post("turn").status_code for agent in gone] == [403] * 3
    assert live.agent().claim()["payload"]["texts"] == ["a"]
    assert verbs(live, "*") == ["agents.reset"]
    assert verbs(live, gone[0].id) == ["agent.join", "agent.delete"]


def test_a_clean_up_spares_who_was_heard_of(start: Start) -> None:
    """Only agents that were silent for a week go; the answer is OffloadMQ's."""
    live = start()
    silent, present = live.agent(), live.agent()
    present.turn(max_tasks=0)
    long_ago = live.pool.clock.now() - 8 * 24 * 3_600_000
    live.pool.database.write(
        lambda connection: connection.exec_driver_sql("UPDATE agents SET last_seen_at = ?", (long_ago,))
    )
    known = live.pool.roster.get(silent.id)
    assert known is not None
    known.last_seen = long_ago
    operator = live.operator()
    assert operator.post(f"{AGENTS}/cleanup/trigger").json() == {"deleted": 1, "ttl_days": 7}
    assert [one["uid"] for one in operator.get(f"{AGENTS}/list").json()] == [present.id]


def test_capabilities_online(start: Start) -> None:
    """Without attributes, and as they were registered; those of agents that are away or paused are not in it."""
    live = start()
    foreign = live.agent(
        capabilities=["shell.bash", "imggen.flux[txt2img;img2img]"],
        models=[],
        systemInfo={"os": "Linux", "client": "offload-client.py", "runtime": "python", "cpuArch": "x86_64"},
    )
    foreign.post("info/update", {**_foreign(), "tier": 5, "capacity": 1})
    operator = live.operator()
    assert operator.get("/management/capabilities/list/online").json() == ["imggen.flux", "shell.bash"]
    extended = operator.get("/management/capabilities/list/online_ext").json()
    assert extended == ["imggen.flux[txt2img;img2img]", "shell.bash"]
    operator.post(f"{AGENTS}/{foreign.id}/pause")
    assert operator.get("/management/capabilities/list/online").json() == []


def _foreign() -> dict[str, Any]:
    return {
        "capabilities": ["shell.bash", "imggen.flux[txt2img;img2img]"],
        "systemInfo": {"os": "Linux", "client": "offload-client.py", "runtime": "python", "cpuArch": "x86_64"},
    }

"""Trust over HTTP: the operator's words for it, and what clients and agents of each kind notice."""

from __future__ import annotations

import threading
from typing import Any

import httpx
import pytest

from tests.contract.offload.actors import OffloadAgent, OffloadClient
from tests.factories import MODEL
from tests.live_pool import EMBEDDINGS, LivePool
from tests.server.web.conftest import Start, Steady, wait_until
from tests.server.web.test_agent_registration import check_envelope

KEYS, INVITES, AGENTS = ("/management/client_api_keys/update", "/management/invites/create", "/management/agents")
SDK = {"x-stainless-lang": "python", "x-stainless-read-timeout": "30"}
WRONG = ["", "Vetted", "private", 1, True, ["own"], {}]


def make_key(live: LivePool, **terms: Any) -> dict[str, Any]:
    """Make a client key, or change one."""
    made: dict[str, Any] = live.operator().post(KEYS, json=terms).json()
    return made


def client_with(live: LivePool, trust: str) -> httpx.Client:
    """Return a client whose key asks for trust."""
    return live.caller({"Authorization": f"Bearer {make_key(live, trust=trust)['key']}"})


def make_invite(live: LivePool, **terms: Any) -> str:
    """Make an invite and return its code."""
    code: str = live.operator().post(INVITES, json=terms).json()["code"]
    return code


def override(live: LivePool, agent_id: str, trust: str | None) -> httpx.Response:
    """Let the operator trust an agent more or less."""
    return live.operator().post(f"{AGENTS}/{agent_id}/override", json={"trust": trust})


def test_the_operator_reads_back_what_was_said(start: Start) -> None:
    """Of keys, invites and agents, in words; whoever is told nothing is public."""
    live = start()
    operator = live.operator()
    key = make_key(live)
    assert key["trust"] == "public"
    assert make_key(live, id=key["id"], trust="vetted")["trust"] == "vetted"
    assert make_key(live, id=key["id"], name="Ann", trust=None)["trust"] == "vetted"
    assert [one["trust"] for one in operator.get("/management/client_api_keys/list").json()] == ["vetted"]
    agents = [live.agent(invite=make_invite(live, trust=trust)) for trust in (None, "own")]
    assert [one["trust"] for one in operator.get("/management/invites/list").json()] == ["public", "own"]
    assert [one["trust"] for one in operator.get(f"{AGENTS}/list").json()] == ["public", "own"]
    assert override(live, agents[1].id, "vetted").json()["trust"] == "vetted"
    assert operator.get(f"{AGENTS}/{agents[1].id}").json()["trust"] == "vetted"
    assert override(live, agents[1].id, None).json()["trust"] == "own"


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_word_is_refused_and_changes_nothing(steady: Steady, wrong: object) -> None:
    """The error names the field and the words that there are."""
    operator, agent = steady.live.operator(), f"{AGENTS}/{steady.agent.id}"
    before = len(operator.get("/management/invites/list").json())
    for path in (KEYS, INVITES, f"{agent}/override"):
        check_envelope(
            operator.post(path, json={"trust": wrong}), 400, "bad_request", "trust must be one of public, vetted, own"
        )
    assert len(operator.get("/management/invites/list").json()) == before
    assert operator.get(agent).json()["trust"] == "public"


def test_a_strangers_turn_ends_with_nothing_until_it_is_vetted(start: Start) -> None:
    """Its wait ends when the operator vets it, and its next turn brings what waited; it was told why it got nothing."""
    live = start()
    agent = live.agent()
    answer = client_with(live, "vetted").post(f"{EMBEDDINGS}?wait=0", json={"model": MODEL, "input": "secret"})
    assert answer.status_code == 202, answer.text
    wait_until(lambda: live.pool.backlog.by_capability != {})
    assert agent.turn(max_tasks=1)["skipped"] == {"not_trusted": 1}
    replies: list[dict[str, Any]] = []
    waiting = threading.Thread(target=lambda: replies.append(agent.turn(max_tasks=1, wait=30)))
    waiting.start()
    wait_until(lambda: live.pool.agents.gate.in_use == 1)
    assert override(live, agent.id, "vetted").status_code == 200
    waiting.join(20)
    assert [reply["tasks"] for reply in replies] == [[]]
    assert agent.claim()["payload"]["texts"] == ["secret"]


def test_what_a_stranger_computes_is_taken_back_when_its_key_asks_for_more(start: Start) -> None:
    """It hears so with its next word, and what it brings is thrown away."""
    live = start()
    agent = live.agent()
    key = make_key(live)
    client = live.caller({"Authorization": f"Bearer {key['key']}"})
    assert client.post(f"{EMBEDDINGS}?wait=0", json={"model": MODEL, "input": "text"}).status_code == 202
    task = agent.claim()
    make_key(live, id=key["id"], trust="own")
    reply = agent.turn(agent.result(task), max_tasks=1)
    assert (reply["results"][0]["outcome"], reply["tasks"]) == ("stale", [])
    assert live.statuses() == ["queued"]


def test_a_library_is_told_at_once_that_nobody_is_there_for_its_key(steady: Steady) -> None:
    """With 503 and when to come back; its list of models counts no agent, where another key's does."""
    vetted = client_with(steady.live, "vetted")
    refused = vetted.post(EMBEDDINGS, json={"model": MODEL, "input": "text"}, headers=SDK)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "no_workers_available")
    assert "this key's texts" in refused.json()["error"]["message"]
    assert int(refused.headers["retry-after"]) > 0
    assert steady.embed("text", headers=SDK).status_code == 200

    def online(client: httpx.Client) -> list[int]:
        return [
            one["embedpool"]["online_workers"] for one in client.get("/v1/models").json()["data"] if one["id"] == MODEL
        ]

    assert (online(steady.client), online(vetted)) == ([1], [0])


def test_offloadmqs_programs_are_held_to_it(start: Start) -> None:
    """A stranger is shown nothing and cannot take it by name; a blocking client hears that nobody is there."""
    live = start()
    client = OffloadClient(live.url, make_key(live, trust="vetted")["key"])
    agent = OffloadAgent(live.url, make_invite(live), "shell.bash")
    task = client.submit("shell.bash", "ls")
    assert agent.poll() is None
    assert agent.try_take(task).status_code == 409
    assert client.blocking("shell.bash", "ls").status_code == 503
    assert client.post("/api/capabilities/online").json() == []
    assert override(live, agent.id, "vetted").status_code == 200
    shown = agent.poll()
    assert shown is not None and shown["id"] == task
    assert agent.take(task)["data"]["payload"] == "ls"
    assert client.post("/api/capabilities/online").json() == ["shell.bash"]
    client.close()
    agent.close()


def test_llmequeues_workers_are_held_to_it(start: Start) -> None:
    """They are handed public texts only, and the operator cannot raise them."""
    token = "the-token-that-all-of-them-have"
    live = start(auth_token=token)
    worker = live.caller({"Authorization": f"Bearer {token}"})
    assert worker.post("/worker/next").json() == {"task": None}
    (agent,) = live.operator().get(f"{AGENTS}/list").json()
    assert agent["trust"] == "public"
    check_envelope(override(live, agent["uid"], "own"), 409, "conflict", "AUTH_TOKEN")
    asked = worker.post(f"{EMBEDDINGS}?wait=0", json={"model": "any", "input": "first"})
    assert asked.status_code == 202, asked.text
    handed = worker.post("/worker/next").json()["task"]
    assert worker.post(f"/worker/complete/{handed['id']}", json={"result": [1.0, 0.0]}).status_code == 200
    secret = client_with(live, "vetted").post(f"{EMBEDDINGS}?wait=0", json={"model": "any", "input": "secret"})
    assert secret.status_code == 202, secret.text
    assert worker.post("/worker/next").json() == {"task": None}

"""`/admin/agents`: what the operator sees of the agents, and what comes of each act."""

from __future__ import annotations

import re
import threading
from html import unescape
from typing import Any

import pytest

from tests.factories import MODEL, make_invite
from tests.live_pool import EMBEDDINGS, LivePool
from tests.scripted_agent import ScriptedAgent, chat_offer, offer
from tests.server.web.conftest import wait_until
from tests.server.web.pages.conftest import Operator

AGENTS = "/admin/agents"
CARD = {"name": "RTX 4070", "vram_mib": 12_288, "vram_used_mib": 3072, "temperature_c": 61, "load_percent": 85}
HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'"


def said(html: str) -> str:
    """What a page says to its reader, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def tell(agent: ScriptedAgent, **state: Any) -> None:
    """Let an agent say what it does."""
    agent.turn(max_tasks=0, state=state)


def queue(live: LivePool, *texts: str) -> None:
    """Queue work that nobody waits for."""
    answer = live.client().post(f"{EMBEDDINGS}?wait=0", json={"model": MODEL, "input": list(texts)})
    assert answer.status_code == 202, answer.text


def record(live: LivePool, agent: ScriptedAgent) -> dict[str, Any]:
    """The agent as the API has it."""
    told: dict[str, Any] = live.operator().get(f"/management/agents/{agent.id}").json()
    return told


def test_without_agents_the_page_says_how_to_get_some(operator: Operator) -> None:
    """A new pool's operator is led to the invites."""
    page = operator.get(AGENTS).text
    assert "No agents yet" in said(page)
    assert 'href="/admin/invites' in page


def test_an_agent_is_told_on_one_line(operator: Operator) -> None:
    """State and reason, card, engine, models with their class, version, and what it did."""
    agent = operator.live.agent(offer(), displayName="Living room", appVersion="0.0.1")
    tell(agent, status="working", engine="ollama 0.14.2", gpu=CARD)
    other = operator.live.agent(offer(digest="ffffffffffff"), displayName="Kitchen")
    tell(other, status="waiting", reason="You are using this PC.")
    queue(operator.live, "one", "two")
    agent.report(agent.result(agent.claim(), engine_ms=360_000))
    text = said(operator.fragment(AGENTS))
    for part in ("Living room", "Working", "RTX 4070 3 of 12 GiB · 61 °C · 85 % load", "ollama 0.14.2", MODEL):
        assert part in text
    assert "0.0.1 older" in text
    assert "Kitchen" in text
    assert "Waiting You are using this PC." in text
    assert "another class" in text
    # Done, failed, released; texts, tokens; hours.
    assert re.search(r"1 0 failed 0 released 2 4 tokens 0\.1", text)
    assert "All 2 Online 2 Working 1 Paused 1 Offline 0 Key revoked 0" in text


def test_the_list_is_filtered_by_its_address(operator: Operator) -> None:
    """State, model, name; the live part knows them too, and what was asked stays in the form."""
    working = operator.live.agent(displayName="Living room")
    tell(working, status="working")
    operator.live.agent(chat_offer(), displayName="Kitchen")
    for query, names in (
        ("state=working", ["Living room"]),
        ("model=llm.qwen2.5:7b", ["Kitchen"]),
        ("q=KITCH", ["Kitchen"]),
        ("q=living&state=offline", []),
        ("state=nonsense&sort=nonsense&page=nonsense", ["Kitchen", "Living room"]),
    ):
        text = said(operator.fragment(f"{AGENTS}?{query}"))
        assert [name for name in ("Kitchen", "Living room") if name in text] == names, query
    page = operator.get(f"{AGENTS}?q=KITCH&model=llm.qwen2.5:7b&state=online").text
    assert 'value="KITCH"' in page
    assert '<option selected value="llm.qwen2.5:7b">' in page
    assert '<a id="tab-all" href="/admin/agents?q=KITCH&amp;model=llm.qwen2.5:7b">' in page
    assert "No agent is like that" in said(operator.fragment(f"{AGENTS}?q=nobody"))


def test_a_page_has_fifty_agents(operator: Operator) -> None:
    """The others are on the next; the addresses keep what was asked for."""
    invite = make_invite(operator.live.pool)
    for number in range(51):
        operator.live.agent(invite=invite, displayName=f"PC {number:02}").close()
    first = operator.fragment(f"{AGENTS}?q=PC")
    assert ("PC 49" in first, "PC 50" in first, "Page 1 of 2" in first) == (True, False, True)
    assert 'href="/admin/agents?q=PC&amp;page=2"' in first
    assert "PC 50" in operator.fragment(f"{AGENTS}?q=PC&page=2")


def test_one_agent_is_seen_closely(operator: Operator) -> None:
    """What it offers and why it gets no work for some of it, what it computes, what it tried, how its days were."""
    operator.live.agent(offer())
    agent = operator.live.agent(offer("bge-m3"), offer(digest="ffffffffffff"), displayName="Living room")
    tell(agent, status="working", gpu=CARD, engine="ollama 0.14.2", texts_per_minute=840)
    client = operator.live.client()
    for text in ("one", "two"):
        assert client.post(f"{EMBEDDINGS}?wait=0", json={"model": "bge-m3", "input": text}).status_code == 202
    agent.fail(agent.claim(), "out_of_memory")
    task = agent.claim()
    page = operator.get(f"{AGENTS}/{agent.id}").text
    text = said(page)
    for part in (
        "Another build than the pool's: digest ffffffffffff instead of",
        "840 texts per minute",
        "out_of_memory It broke: out_of_memory.",
        "with invite “test”",
        "Computing",
        "tasks per day",
    ):
        assert part in text
    assert f'href="/admin/tasks/{task["task_id"]}"' in page
    assert (page.count("<h1"), "Living room" in said(page.partition("<h1")[2].partition("</h1>")[0])) == (1, True)


def test_what_an_agent_says_of_a_text_is_not_shown(operator: Operator) -> None:
    """An error that is about a text may quote it."""
    agent = operator.live.agent()
    queue(operator.live, "secret")
    task = agent.claim()
    error = {"code": "input_invalid", "message": "cannot embed 'secret'", "input": 0}
    agent.report({"lease_id": task["lease_id"], "error": error})
    page = operator.get(f"{AGENTS}/{agent.id}").text
    assert "input_invalid" in page
    assert "secret" not in page


def test_a_pause_ends_the_agents_wait_with_the_message(operator: Operator) -> None:
    """Its person reads it; the page says so; resumed, the agent works again."""
    agent = operator.live.agent()
    replies: list[dict[str, Any]] = []
    waiting = threading.Thread(target=lambda: replies.append(agent.turn(max_tasks=1, wait=30)))
    waiting.start()
    wait_until(lambda: operator.live.pool.agents.gate.in_use == 1)
    answer = operator.post(f"{AGENTS}/{agent.id}/pause", {"message": " Please update Ollama. "})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{AGENTS}/{agent.id}?done=agent.paused")
    waiting.join(20)
    assert [reply["paused"] for reply in replies] == ["Please update Ollama."]
    text = said(operator.get(answer.headers["location"]).text)
    assert "The agent is paused." in text
    assert "Its person reads: “Please update Ollama.”" in text
    queue(operator.live, "a")
    assert operator.post(f"{AGENTS}/{agent.id}/resume").headers["location"].endswith("?done=agent.resumed")
    assert agent.claim()["payload"]["texts"] == ["a"]


def test_a_message_that_is_too_long_is_kept_and_not_sent(operator: Operator) -> None:
    """The form says so and keeps what was typed."""
    agent = operator.live.agent()
    answer = operator.post(f"{AGENTS}/{agent.id}/pause", {"message": "x" * 501})
    assert answer.status_code == 422
    assert "Write at most 500 characters." in said(answer.text)
    assert "x" * 501 in answer.text
    assert record(operator.live, agent)["paused"] is False


def test_the_operators_word_is_put_over_the_agents_and_taken_back(operator: Operator) -> None:
    """Tier, capacity and trust; empty gives the word back; what is the same is no event."""
    agent = operator.live.agent(tier=5, capacity=64)
    path = f"{AGENTS}/{agent.id}/override"
    assert operator.post(path, {"tier": "9", "capacity": "1", "trust": "1"}).status_code == 303
    told = record(operator.live, agent)
    assert (told["tierOverride"], told["capacityOverride"], told["trust"]) == (9, 1, "vetted")
    text = said(operator.get(f"{AGENTS}/{agent.id}").text)
    assert "9 by you, instead of 5" in text
    assert operator.post(path, {"tier": "9", "capacity": "1", "trust": "1"}).status_code == 303
    assert operator.post(path, {"tier": "", "capacity": "", "trust": "1"}).status_code == 303
    told = record(operator.live, agent)
    assert (told["tierOverride"], told["capacityOverride"], told["trust"]) == (None, None, "vetted")
    events = operator.live.operator().get("/management/events").json()["items"]
    assert [one["verb"] for one in events].count("agent.override") == 2


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"tier": "256", "capacity": "9", "trust": "1"}, "Tier : Give a whole number from 0 to 255."),
        ({"capacity": "0", "trust": "0"}, "Capacity : Give a whole number from 1 to"),
        ({"tier": "high", "trust": "0"}, "Tier : Give a whole number."),
        ({"tier": "1", "trust": "7"}, "Trust : Not a valid choice."),
        ({"tier": "1"}, "Trust : Not a valid choice."),
    ],
)
def test_a_word_that_makes_no_sense_changes_nothing(operator: Operator, form: dict[str, str], words: str) -> None:
    """The field is named, and nothing of the form is done."""
    agent = operator.live.agent()
    answer = operator.post(f"{AGENTS}/{agent.id}/override", form)
    assert (answer.status_code, words in said(answer.text)) == (422, True)
    told = record(operator.live, agent)
    assert (told["tierOverride"], told["capacityOverride"], told["trust"]) == (None, None, "public")


def test_a_revoked_key_ends_the_agent_and_leaves_its_record(operator: Operator) -> None:
    """Its next word is refused; the list and its page say so; it cannot be paused or revoked once more."""
    agent = operator.live.agent(displayName="Living room")
    answer = operator.post(f"{AGENTS}/{agent.id}/revoke_key")
    assert answer.headers["location"].endswith("?done=agent.key_revoked")
    assert agent.post("turn").status_code == 403
    page = operator.get(f"{AGENTS}/{agent.id}").text
    assert "Its key was revoked" in said(page)
    for act in ("pause", "resume", "override", "revoke_key"):
        assert f'action="{AGENTS}/{agent.id}/{act}"' not in page
    assert "Living room" in operator.fragment(f"{AGENTS}?state=revoked")
    again = operator.post(f"{AGENTS}/{agent.id}/revoke_key")
    assert (again.status_code, "was revoked" in said(again.text)) == (409, True)


def test_a_deleted_agent_is_gone(operator: Operator) -> None:
    """Its work goes to others; its page is not there any more."""
    agent = operator.live.agent(displayName="Living room")
    queue(operator.live, "a")
    agent.claim()
    page = operator.get(f"{AGENTS}/{agent.id}").text
    assert "What it computes now (1 task) goes to other agents." in said(page)
    answer = operator.post(f"{AGENTS}/{agent.id}/delete")
    assert answer.headers["location"] == f"{AGENTS}?done=agent.deleted"
    assert "The agent is deleted." in said(operator.get(answer.headers["location"]).text)
    assert agent.post("turn").status_code == 403
    assert operator.get(f"{AGENTS}/{agent.id}").status_code == 404
    assert operator.live.agent().claim()["payload"]["texts"] == ["a"]


@pytest.mark.parametrize("act", ["pause", "resume", "override", "revoke_key"])
def test_nothing_is_done_to_nobody(operator: Operator, act: str) -> None:
    """A page in words, with the right status."""
    answer = operator.post(f"{AGENTS}/nobody%22%3E%3Cscript%3E/{act}", {"trust": "0"})
    assert answer.status_code == 404
    assert "There is no agent nobody" in said(answer.text)
    assert "<script>" not in answer.text


def test_what_agents_say_of_themselves_does_nothing(operator: Operator) -> None:
    """Names, reasons, cards, versions, errors, logs: every one is only text."""
    agent = operator.live.agent(displayName=HOSTILE[:50], appVersion=HOSTILE)
    tell(agent, status="error", reason=HOSTILE, engine=HOSTILE, gpu={"name": HOSTILE, "vram_mib": HOSTILE})
    queue(operator.live, "a")
    error = {"code": HOSTILE[:50], "message": HOSTILE, "input": None}
    agent.report({"lease_id": agent.claim()["lease_id"], "error": error})
    system = {"os": HOSTILE, "client": HOSTILE, "runtime": "x", "cpuArch": HOSTILE}
    gpu = {"vendor": HOSTILE, "model": HOSTILE, "vramGb": 8}
    foreign = operator.live.agent(models=[], capabilities=[HOSTILE], systemInfo={**system, "gpu": gpu})
    log = {"agentName": HOSTILE, "machineName": HOSTILE, "severity": "ERROR", "text": HOSTILE}
    foreign.post("logs", log)
    operator.live.operator().post(f"/management/agents/{agent.id}/pause", json={"message": HOSTILE})
    for path in (AGENTS, f"{AGENTS}/{agent.id}", f"{AGENTS}/{foreign.id}", f"{AGENTS}?q={HOSTILE}&model={HOSTILE}"):
        page = operator.get(path).text
        assert "alert(1)" in page, path
        assert "<script>alert" not in page
        assert "<img src=x" not in page

"""`/management`: usage, model classes, events, agents' logs, version."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from server import __version__
from server.storage import agent_logs, usage
from tests.factories import MODEL
from tests.live_pool import EMBEDDINGS, LivePool
from tests.scripted_agent import chat_offer, offer
from tests.server.web.conftest import Start, Steady, wait_until
from tests.server.web.test_agent_registration import check_envelope

OTHER = {"digest": "ffff00001111"}


def embed(live: LivePool, *texts: str) -> Any:
    """Ask for embeddings with a fresh key, and insist that they come."""
    client = live.client()
    return client, client.post(f"{EMBEDDINGS}?wait=20", json={"model": MODEL, "input": list(texts)})


def write_log(live: LivePool, agent_id: str, severity: str, text: str, at: int) -> None:
    live.pool.database.write(
        lambda connection: agent_logs.add(
            connection, agent_id=agent_id, agent_name="n", machine="m", severity=severity, text=text, now=at
        )
    )


def test_usage_is_summed_up_as_asked(start: Start) -> None:
    """By day, key, agent and model; what the cache answered stands under `cache` and took no task."""
    live = start()
    with live.agent() as agent:
        client, first = embed(live, "one text", "another")
        assert first.status_code == 200
        again = client.post(f"{EMBEDDINGS}?wait=20", json={"model": MODEL, "input": "one text"})
        assert again.headers["x-embedpool-cached"] == "1"
    operator = live.operator()
    query = "/management/usage?by=agent,key,model,day"
    wait_until(lambda: len(operator.get(query).json()["items"]) == 2)
    rows = {row["agent"]: row for row in operator.get(query).json()["items"]}
    computed, cached = rows[agent.id], rows["cache"]
    assert (computed["tasks"], computed["texts"], computed["promptTokens"]) == (
        1,
        2,
        first.json()["usage"]["prompt_tokens"],
    )
    assert (cached["tasks"], cached["texts"], cached["promptTokens"]) == (0, 1, again.json()["usage"]["prompt_tokens"])
    assert {row["model"] for row in rows.values()} == {f"embed.{MODEL}"}
    assert {row["keyName"] for row in rows.values()} == {"client"}
    assert computed["agentName"] == "Scripted"
    today = datetime.now(UTC).date().isoformat()
    report = operator.get("/management/usage").json()
    assert [(row["day"], row["texts"]) for row in report["items"]] == [(today, 3)]
    assert report["truncated"] is False
    assert [row["texts"] for row in operator.get("/management/usage?by=key&agent=cache").json()["items"]] == [1]
    assert operator.get("/management/usage?model=llm.other").json()["items"] == []


def test_usage_of_some_days(start: Start) -> None:
    """`from` and `to` are both included; the newest day comes first; more than `limit` is said to be there."""
    live = start()
    today = datetime.now(UTC).date()
    for back in range(5):
        now = int((datetime.now(UTC) - timedelta(days=back)).timestamp() * 1000)
        hits = {("k", "embed.m"): (back + 1, 1)}
        live.pool.database.write(partial(usage.count_cached, hits=hits, now=now))
    operator = live.operator()
    span = {"from": (today - timedelta(days=3)).isoformat(), "to": (today - timedelta(days=1)).isoformat()}
    report = operator.get("/management/usage", params=span).json()
    assert [row["texts"] for row in report["items"]] == [2, 3, 4]
    assert {name: report[name] for name in ("from", "to")} == span
    cut = operator.get("/management/usage", params={**span, "limit": 2}).json()
    assert ([row["texts"] for row in cut["items"]], cut["truncated"]) == ([2, 3], True)


@pytest.mark.parametrize(
    "wrong",
    [
        "by=hour",
        "by=day,day",
        "by=",
        "from=yesterday",
        "to=2026-02-30",
        "from=2026-01-02&to=2026-01-01",
        "from=2020-01-01&to=2026-01-01",
        "limit=0",
    ],
)
def test_a_wrong_span_is_named(steady: Steady, wrong: str) -> None:
    """400 in the envelope; an empty `by` is the default."""
    answer = steady.live.operator().get(f"/management/usage?{wrong}")
    if wrong == "by=":
        assert answer.status_code == 200
    else:
        check_envelope(answer, 400, "bad_request", wrong.partition("=")[0])


def test_the_first_days_of_the_calendar_are_no_mistake(steady: Steady) -> None:
    """There is no day before the year 1: the report begins there."""
    report = steady.live.operator().get("/management/usage?to=0001-01-05").json()
    assert (report["from"], report["items"]) == ("0001-01-01", [])


def test_models_are_told_with_their_classes_and_agents(start: Start) -> None:
    """Each class with what it is, who offers it, and which one serves the pool; chats have no class to choose."""
    live = start()
    first, second = live.agent(), live.agent(offer(**OTHER))
    live.agent(chat_offer())
    models = {one["model"]: one for one in live.operator().get("/management/models").json()}
    of_text = models[MODEL]
    assert [(one["digest"], one["isPool"]) for one in of_text["classes"]] == [
        (offer()["digest"], True),
        (OTHER["digest"], False),
    ]
    by_class = {one["uid"]: one["classId"] for one in of_text["agents"]}
    assert by_class == {first.id: of_text["classes"][0]["id"], second.id: of_text["classes"][1]["id"]}
    chat = models[chat_offer()["model"]]
    assert (chat["kind"], chat["classes"][0]["dimensions"], chat["agents"][0]["classId"]) == ("chat", None, None)


def test_the_operator_switches_the_pools_class(start: Start) -> None:
    """A waiting agent of the other class computes the next request at once; the header names its digest."""
    live = start()
    live.agent()
    operator = live.operator()
    with live.agent(offer(**OTHER)):
        classes = operator.get("/management/models").json()[0]["classes"]
        other = next(one["id"] for one in classes if not one["isPool"])
        done = operator.post(f"/management/models/{other}/switch").json()
        assert (done["model"], done["now"], done["tasksMoved"], done["jobsEnded"]) == (MODEL, other, 0, 0)
        _, answer = embed(live, "after")
        assert answer.headers["x-embedpool-model-digest"] == f"{MODEL}@{OTHER['digest']}"
    check_envelope(operator.post(f"/management/models/{other}/switch"), 409, "conflict", "already")
    for nothing in ("0", "999", "x", "9" * 30):
        check_envelope(operator.post(f"/management/models/{nothing}/switch"), 404, "not_found")


def test_a_client_of_a_job_that_ended_with_a_switch_is_told_to_come_back(start: Start) -> None:
    """503 `class_switched` with a time to come back, which every SDK obeys."""
    live = start()
    agent = live.agent()
    live.agent(offer(**OTHER))
    operator = live.operator()
    client = live.client()
    body = {"model": MODEL, "input": [f"text {number}" for number in range(40)]}
    job = client.post(f"{EMBEDDINGS}?wait=0", json=body).json()["id"]
    agent.report(agent.result(agent.claim()))
    classes = operator.get("/management/models").json()[0]["classes"]
    other = next(one["id"] for one in classes if not one["isPool"])
    assert operator.post(f"/management/models/{other}/switch").json()["jobsEnded"] == 1
    told = client.get(f"/tasks/{job}").json()
    assert told["status"] == "failed"
    assert "Ask again" in told["error"]


def test_events_say_who_did_what(start: Start) -> None:
    """Keys, invites and agents; newest first, page by page, and never a secret."""
    live = start()
    operator = live.operator()
    key = operator.post("/management/client_api_keys/update", json={"name": "Ann"}).json()
    operator.post(f"/management/client_api_keys/revoke/{key['id']}")
    invite = operator.post("/management/invites/create", json={"name": "Library"}).json()
    agent = live.agent(invite=invite["code"])
    operator.post(f"/management/invites/revoke/{invite['id']}")
    agent.post("leave")
    seen: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = operator.get("/management/events", params={"limit": 2, "cursor": cursor})
        assert key["key"] not in page.text
        assert invite["code"] not in page.text
        seen += page.json()["items"]
        cursor = page.json()["cursor"]
    told = [(one["verb"], one["actor"], one["subject"]) for one in reversed(seen)]
    operators = [("key.create", key["id"]), ("key.revoke", key["id"]), ("invite.create", invite["id"])]
    operators.append(("invite.revoke", invite["id"]))
    assert [(verb, subject) for verb, actor, subject in told if actor == "operator"] == operators
    joined = [(verb, subject) for verb, actor, subject in told if actor == f"agent:{agent.id}"]
    assert joined == [("agent.join", agent.id), ("agent.leave", agent.id)]


def test_agents_logs_are_read_as_offloadmq_reads_them(start: Start) -> None:
    """Newest first, all or by agent or severity; -1 is all that there may be."""
    live = start()
    agent, other = live.agent(), live.agent()
    now = live.pool.clock.now()
    for number in range(4):
        write_log(live, agent.id, "ERROR" if number % 2 else "INFO", f"line {number}", now + number)
    write_log(live, other.id, "CRITICAL", "other", now + 9)
    operator = live.operator()

    def texts(path: str) -> list[str]:
        answer = operator.get(f"/management/agent_logs/{path}").json()
        assert answer["count"] == len(answer["items"])
        return [one["text"] for one in answer["items"]]

    assert texts("latest") == ["other", "line 3", "line 2", "line 1", "line 0"]
    assert texts("latest?limit=-1") == texts("latest")
    assert texts("latest?limit=2") == ["other", "line 3"]
    assert texts(f"by_agent?agent_id={agent.id}&limit=3") == ["line 3", "line 2", "line 1"]
    assert texts("by_severity?severity=error") == ["line 3", "line 1"]
    record = operator.get("/management/agent_logs/by_severity?severity=CRITICAL").json()
    assert (record["severity"], list(record["items"][0])) == (
        "CRITICAL",
        ["recordId", "agentId", "agentName", "machineFingerprint", "severity", "text", "timestamp"],
    )
    check_envelope(
        operator.get("/management/agent_logs/by_severity?severity=x"), 400, "bad_request", "invalid severity"
    )
    check_envelope(operator.get("/management/agent_logs/by_agent"), 400, "bad_request", "agent_id")


def test_old_lines_are_cleaned_up(start: Start) -> None:
    """Two weeks old lines go, younger ones stay; the answer is OffloadMQ's."""
    live = start()
    agent = live.agent()
    now = live.pool.clock.now()
    write_log(live, agent.id, "INFO", "old", now - 15 * 24 * 3_600_000)
    write_log(live, agent.id, "INFO", "young", now - 13 * 24 * 3_600_000)
    operator = live.operator()
    assert operator.post("/management/agent_logs/cleanup/trigger").json() == {"deleted": 1, "max_age_days": 14}
    assert [one["text"] for one in operator.get("/management/agent_logs/latest").json()["items"]] == ["young"]


def test_the_version_is_told(steady: Steady) -> None:
    """As the server's own."""
    assert steady.live.operator().get("/management/version").json() == {"version": __version__}

"""`/private/agent/turn`, `/heartbeat`, `/release`: what an agent may do, and what its wrong results come to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from tests.factories import DIGEST, DIMENSIONS, MODEL, vector_of, vectors_of
from tests.live_pool import EMBEDDINGS, LivePool
from tests.scripted_agent import ScriptedAgent, description, offer, packed
from tests.server.web.conftest import Start, Steady, wait_until
from tests.server.web.test_agent_registration import check_envelope


def submit(live: LivePool, *texts: str, model: str = MODEL, **fields: Any) -> str:
    """Put texts in the queue as one request of a client of its own; returns the place of its task."""
    client = live.client()
    answer = client.post(f"{EMBEDDINGS}?wait=0", json={"model": model, "input": list(texts) or "a", **fields})
    assert answer.status_code == 202, answer.text
    return str(answer.headers["location"])


def record(live: LivePool, agent: ScriptedAgent) -> dict[str, Any]:
    """What the operator sees of an agent."""
    listed = live.operator().get("/management/agents/list").json()
    return next(one for one in listed if one["uid"] == agent.id)


def test_a_task_says_all_that_an_agent_needs(start: Start) -> None:
    """Exactly the fields of the protocol."""
    live = start()
    agent = live.agent(offer("org/model:q8"))
    submit(live, "a", "b", model="org/model:q8", truncate=True)
    reply = agent.turn(max_tasks=4)
    assert list(reply) == ["results", "tasks", "skipped", "poll_after"]
    (task,) = reply["tasks"]
    assert task == {
        "task_id": task["task_id"],
        "lease_id": task["lease_id"],
        "capability": "embed.org/model:q8",
        "kind": "embedding",
        "model": "org/model:q8",
        "payload": {"texts": ["a", "b"], "truncate": True},
        "lease_seconds": 60,
        "deadline_seconds": task["deadline_seconds"],
    }
    assert 60 < task["deadline_seconds"] <= 120
    assert (reply["results"], reply["skipped"], reply["poll_after"]) == ([], {}, 0)


def test_results_and_the_next_tasks_travel_in_one_request(start: Start) -> None:
    """A turn reports what is done and brings what is next."""
    live = start()
    agent = live.agent()
    for text in "ab":
        submit(live, text)
    first = agent.claim()
    reply = agent.turn(agent.result(first), max_tasks=1)
    assert reply["results"] == [{"lease_id": first["lease_id"], "outcome": "accepted"}]
    assert [task["payload"]["texts"] for task in reply["tasks"]] == [["b"]]


def rows(*texts: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Right vectors, to be spoilt."""
    return vectors_of(texts or ["a", "b"])


def spoilt(value: float) -> str:
    """Two vectors of which the second has one wrong number."""
    wrong = rows().copy()
    wrong[1, 3] = value
    return packed(wrong)


#: What is wrong, the fields of the result that make it so, and a word of the reason.
WRONG_RESULTS: list[tuple[str, dict[str, Any], str]] = [
    ("one vector too few", {"vectors": packed(rows("a"))}, "2 texts"),
    ("one vector too many", {"vectors": packed(rows("a", "b", "c"))}, "2 texts"),
    ("a byte too few", {"vectors": "AAAA"}, "bytes"),
    ("nothing", {"vectors": ""}, "bytes"),
    ("NaN", {"vectors": spoilt(float("nan"))}, "not finite"),
    ("infinity", {"vectors": spoilt(float("inf"))}, "not finite"),
    ("zeros", {"vectors": packed(np.zeros((2, DIMENSIONS), np.float32))}, "length 0 instead of 1"),
    ("twice as long", {"vectors": packed(rows() * 2)}, "length 2 instead of 1"),
    ("other dimensions", {"vectors": packed(vectors_of(["a", "b"], 4)), "dimensions": 4}, "dimensions"),
    ("same bytes, other dimensions", {"dimensions": DIMENSIONS * 2}, "length"),
    ("another digest", {"digest": "ffffffffffff"}, "digest"),
    ("no digest", {"digest": None}, "digest"),
    ("not base64", {"vectors": "%%%"}, "bytes"),
    ("base64 with spaces", {"vectors": " " + packed(rows())}, "bytes"),
    ("hexadecimal", {"vectors": rows().tobytes().hex()}, "instead of 1"),
]


@pytest.mark.parametrize(
    ("changes", "reason"), [one[1:] for one in WRONG_RESULTS], ids=[one[0] for one in WRONG_RESULTS]
)
def test_a_wrong_result_is_refused_counted_and_computed_elsewhere(
    start: Start, changes: dict[str, Any], reason: str
) -> None:
    """`refused` with the reason; it counts against the agent; the client gets the right vectors from another."""
    live = start()
    bad, good, client = live.agent(), live.agent(), live.client()
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(client.post, EMBEDDINGS, json={"model": MODEL, "input": ["a", "b"]})
        task = bad.claim()
        outcome = bad.report(bad.result(task, **changes))
        assert outcome["outcome"] == "refused", outcome
        assert reason in outcome["message"]
        assert bad.turn(max_tasks=8)["tasks"] == [], "another agent is here: it gets its turn first"
        assert good.report(good.result(good.claim()))["outcome"] == "accepted"
        data = asked.result().json()["data"]
    assert np.array_equal(np.array([one["embedding"] for one in data], np.float32), rows())
    assert (record(live, bad)["resultsRefused"], record(live, bad)["tasksFailed"]) == (1, 1)
    assert (record(live, good)["tasksCompleted"], record(live, good)["resultsRefused"]) == (1, 0)


def test_another_agents_lease_is_not_ones_own(start: Start) -> None:
    """Whoever learns a lease id can do nothing with it: the holder's result is the one that counts."""
    live = start()
    holder, thief = live.agent(), live.agent()
    submit(live, "a")
    task = holder.claim()
    assert thief.report(thief.result(task))["outcome"] == "stale"
    assert thief.fail(task, "engine_error")["outcome"] == "stale"
    for path in ("heartbeat", "release"):
        assert thief.post(path, {"leases": [task["lease_id"]]}).json() == {"leases": {task["lease_id"]: "lost"}}
    assert holder.report(holder.result(task))["outcome"] == "accepted"
    assert record(live, thief)["tasksCompleted"] == 0


def test_a_result_sent_twice_counts_once(start: Start) -> None:
    """The second time it is `replayed`; other vectors for the same lease are `stale`, and change nothing."""
    live = start()
    agent = live.agent()
    place = submit(live, "a")
    task = agent.claim()
    assert agent.report(agent.result(task))["outcome"] == "accepted"
    assert agent.report(agent.result(task))["outcome"] == "replayed"
    assert agent.report(agent.result(task, vectors=packed(rows("other"))))["outcome"] == "stale"
    assert agent.fail(task, "engine_error")["outcome"] == "stale"
    seen = record(live, agent)
    assert (seen["tasksCompleted"], seen["tasksFailed"], seen["texts"], seen["tokens"]) == (1, 0, 1, 2)
    assert place


def test_a_lease_given_back_is_stale(start: Start) -> None:
    """After a release the work goes to the next agent at once, uncharged, and the late result is thrown away."""
    live = start()
    late, other = live.agent(), live.agent()
    submit(live, "a")
    task = late.claim()
    answer = late.post("release", {"leases": [task["lease_id"], "unknown"], "reason": "user_active"})
    assert answer.json() == {"leases": {task["lease_id"]: "released", "unknown": "lost"}}
    again = other.claim()
    assert again["task_id"] == task["task_id"]
    assert again["lease_id"] != task["lease_id"]
    assert late.report(late.result(task))["outcome"] == "stale"
    assert other.report(other.result(again))["outcome"] == "accepted"
    assert (record(live, late)["tasksReleased"], record(live, late)["tasksFailed"]) == (1, 0)


def test_a_heartbeat_tells_held_from_lost(start: Start) -> None:
    """Each lease gets its word; the state is what the operator sees."""
    live = start()
    agent = live.agent()
    submit(live, "a")
    lease = agent.claim()["lease_id"]
    answer = agent.post("heartbeat", {"leases": [lease, "gone"], "state": {"status": "working"}})
    assert answer.json() == {"leases": {lease: "held", "gone": "lost"}}
    assert record(live, agent)["state"] == {"status": "working"}
    assert agent.post("heartbeat", {"leases": []}).json() == {"leases": {}}


def test_a_lease_that_the_agent_never_got_is_handed_out_again(start: Start) -> None:
    """A reply was lost: the agent does not name the lease among those it holds, and gets the same one once more."""
    live = start()
    agent = live.agent()
    submit(live, "a")
    lost = agent.claim()
    (again,) = agent.turn(max_tasks=1)["tasks"]
    # The time left is whole seconds: one may have passed between the two replies, and none is added.
    assert again.pop("deadline_seconds") <= lost.pop("deadline_seconds")
    assert again == lost
    assert agent.turn(max_tasks=1, holding=[lost["lease_id"]])["tasks"] == []


def test_an_agent_of_another_model_class_is_told_why_it_gets_nothing(start: Start) -> None:
    """The first class of a model is the pool's: an agent with other weights is skipped, with the count."""
    live = start()
    live.agent()
    other = live.agent(offer(digest="ffffffffffff"))
    for text in "ab":
        submit(live, text)
    wait_until(lambda: other.turn(max_tasks=8)["skipped"] == {"model_class_differs": 2})
    assert other.tasks == []


def test_an_agent_that_offers_something_else_is_told_so(start: Start) -> None:
    """`not_offered` counts what waits for other models."""
    live = start()
    live.agent()
    other = live.agent(offer("all-minilm"))
    submit(live, "a")
    wait_until(lambda: other.turn(max_tasks=8)["skipped"] == {"not_offered": 1})


def test_no_more_is_handed_out_than_was_asked_for(start: Start) -> None:
    """`max_tasks`, `max_texts` and the agent's capacity bound a turn."""
    live = start()
    agent = live.agent(capacity=3)
    for n in range(6):
        submit(live, f"{n}-a", f"{n}-b")
    two = agent.turn(max_tasks=2)["tasks"]
    assert len(two) == 2
    held = [task["lease_id"] for task in two]
    one = agent.turn(max_tasks=8, holding=held)["tasks"]
    assert len(one) == 1, "three at once are this agent's capacity"
    held += [task["lease_id"] for task in one]
    assert agent.turn(max_tasks=8, holding=held)["tasks"] == []
    for task in [*two, *one]:
        agent.report(agent.result(task))
    assert len(agent.turn(max_tasks=8, max_texts=4)["tasks"]) == 2, "four texts are two tasks"


def test_a_task_larger_than_the_bound_comes_alone(start: Start) -> None:
    """One task has up to 32 texts; an agent that wants fewer gets it all the same, but nothing beside it."""
    live = start()
    agent = live.agent()
    submit(live, *[f"text {n}" for n in range(33)])
    (task,) = agent.turn(max_tasks=8, max_texts=1)["tasks"]
    assert len(task["payload"]["texts"]) == 32


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"results": {}}, "results"),
        ({"results": ["x"]}, "results"),
        ({"results": [{}] * 257}, "results"),
        ({"results": [{"vectors": ""}]}, "lease_id"),
        ({"results": [{"lease_id": 5}]}, "lease_id"),
        ({"results": [{"lease_id": "x", "vectors": 5, "dimensions": 1}]}, "vectors"),
        ({"results": [{"lease_id": "x", "vectors": "", "dimensions": 0}]}, "dimensions"),
        ({"results": [{"lease_id": "x", "vectors": "", "dimensions": 1, "tokens": -1}]}, "tokens"),
        ({"results": [{"lease_id": "x", "vectors": "", "dimensions": 1, "tokens": 1.5}]}, "tokens"),
        ({"results": [{"lease_id": "x", "vectors": "", "dimensions": 1, "truncated": [-1]}]}, "truncated"),
        ({"results": [{"lease_id": "x", "vectors": "", "dimensions": 1, "truncated": "0"}]}, "truncated"),
        ({"results": [{"lease_id": "x", "vectors": "", "dimensions": 1, "engine_ms": "fast"}]}, "engine_ms"),
        ({"results": [{"lease_id": "x", "error": "broken"}]}, "error"),
        ({"results": [{"lease_id": "x", "error": {"code": 5}}]}, "code"),
        ({"results": [{"lease_id": "x", "error": {"code": "a", "input": "first"}}]}, "input"),
        ({"max_tasks": -1}, "max_tasks"),
        ({"max_tasks": 257}, "max_tasks"),
        ({"max_tasks": "all"}, "max_tasks"),
        ({"max_texts": 0}, "max_texts"),
        ({"max_texts": 257}, "max_texts"),
        ({"wait": 31}, "wait"),
        ({"wait": -1}, "wait"),
        ({"wait": True}, "wait"),
        ({"holding": "x"}, "holding"),
        ({"holding": ["x" * 101]}, "holding"),
        ({"holding": ["x"] * 1025}, "holding"),
        ({"state": "working"}, "state"),
        ({"state": {"a": "b" * 5000}}, "state"),
    ],
)
def test_a_wrong_field_of_a_turn_is_named(steady: Steady, body: dict[str, Any], field: str) -> None:
    """400 in the envelope that names the field; nothing of the turn was done."""
    check_envelope(steady.agent.post("turn", body), 400, "bad_request", "Bad request", field)


@pytest.mark.parametrize("path", ["heartbeat", "release"])
@pytest.mark.parametrize("body", [{}, {"leases": "x"}, {"leases": [1]}, {"leases": ["x"] * 1025}, {"leases": None}])
def test_wrong_leases_are_named(steady: Steady, path: str, body: dict[str, Any]) -> None:
    """400 in the envelope that names the field."""
    check_envelope(steady.agent.post(path, body), 400, "bad_request", "leases")


def test_a_waiting_agent_gets_work_as_soon_as_there_is_some(start: Start) -> None:
    """A poll ends with the task, not with its time."""
    live = start()
    agent = live.agent()
    with ThreadPoolExecutor(1) as threads:
        poll = threads.submit(agent.claim, wait=30)
        wait_until(lambda: live.pool.agents.gate.in_use == 1)
        submit(live, "a")
        assert poll.result()["payload"]["texts"] == ["a"]


def test_a_waiting_agent_is_woken_when_its_offers_change(start: Start) -> None:
    """A poll ends at once, empty, when the agent's models change: it has to ask anew."""
    live = start()
    agent = live.agent()
    with ThreadPoolExecutor(1) as threads:
        poll = threads.submit(agent.turn, max_tasks=1, wait=30)
        wait_until(lambda: live.pool.agents.gate.in_use == 1)
        agent.post("info/update", description(offer("all-minilm")))
        reply = poll.result(timeout=10)
    assert (reply["tasks"], reply["poll_after"]) == ([], 0)


def test_a_poll_too_many_is_told_when_to_come_back(start: Start) -> None:
    """MAX_AGENT_POLLS bounds the agents that wait; one more is answered at once. Reporting goes on all the same."""
    live = start(max_agent_polls=1)
    first, second = live.agent(), live.agent()
    with ThreadPoolExecutor(1) as threads:
        poll = threads.submit(first.turn, max_tasks=1, wait=30)
        wait_until(lambda: live.pool.agents.gate.in_use == 1)
        reply = second.turn(max_tasks=1, wait=30)
        assert reply["tasks"] == []
        assert reply["poll_after"] > 0
        assert second.turn(max_tasks=0, wait=30)["poll_after"] == 0
        submit(live, "a")
        assert len(poll.result()["tasks"]) == 1


def test_an_agent_that_asks_for_nothing_does_not_wait(start: Start) -> None:
    """`max_tasks: 0` only reports, however long `wait` is: no place on the line is taken."""
    live = start(max_agent_polls=1)
    agent = live.agent()
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(agent.turn, max_tasks=0, wait=30).result(timeout=10)["tasks"] == []


def test_the_agents_record_adds_up(start: Start) -> None:
    """The operator sees what an agent did: tasks, texts and tokens."""
    live = start()
    agent = live.agent()
    submit(live, "one two", "three")
    assert agent.report(agent.result(agent.claim()))["outcome"] == "accepted"
    seen = record(live, agent)
    assert (seen["tasksCompleted"], seen["texts"], seen["tokens"]) == (1, 2, 5)
    assert (seen["uid"], seen["uidShort"], seen["connected"]) == (agent.id, agent.id[-6:], True)
    assert seen["systemInfo"] == {"os": "Test", "client": "embedpool-agent"}


def test_an_error_about_the_pc_goes_to_another_and_counts(start: Start) -> None:
    """An engine's error is charged; the client never notices."""
    live = start()
    broken, good, client = live.agent(), live.agent(), live.client()
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(client.post, EMBEDDINGS, json={"model": MODEL, "input": "a"})
        assert broken.fail(broken.claim(), "out_of_memory")["outcome"] == "accepted"
        good.report(good.result(good.claim()))
        assert asked.result().json()["data"][0]["embedding"] == pytest.approx(vector_of("a").tolist())
    assert (record(live, broken)["tasksFailed"], record(live, broken)["resultsRefused"]) == (1, 0)
    assert DIGEST in asked.result().headers["x-embedpool-model-digest"]

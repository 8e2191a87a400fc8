"""`/management/tasks`: pages, details, cancel, run again, and OffloadMQ's lists; never a prompt."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.factories import DIMENSIONS, MODEL
from tests.live_pool import EMBEDDINGS, LivePool
from tests.server.web.conftest import Start, Steady
from tests.server.web.test_agent_registration import check_envelope

TASKS = "/management/tasks"
SECRET = "a text that nobody but its agent may read"


def queue(client: httpx.Client, text: str = SECRET) -> str:
    """Queue a text that nobody waits for; returns the job's id."""
    answer = client.post(f"{EMBEDDINGS}?wait=0", json={"model": MODEL, "input": text})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def submit_foreign(live: LivePool, **changes: Any) -> str:
    """Submit a free task as OffloadMQ's clients do; returns its id."""
    body = {"capability": "debug.echo", "payload": {"say": "hello"}, "apiKey": live.issue_key(), **changes}
    answer = live.caller().post("/api/task/submit", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"]["id"])


def test_a_task_is_told_with_its_attempts_and_without_its_text(start: Start) -> None:
    """The page, the details: who asked, who tried, what became of it; the text stands in neither."""
    live = start()
    agent = live.agent()
    queue(live.client())
    task = agent.claim()
    agent.fail(task, "input_invalid")
    operator = live.operator()
    page = operator.get(TASKS)
    (item,) = page.json()["items"]
    assert page.json()["cursor"] is None
    assert (item["id"], item["status"], item["errorCode"]) == (task["task_id"], "failed", "input_invalid")
    assert (item["kind"], item["capability"], item["key"]["name"]) == ("embedding", f"embed.{MODEL}", "client")
    details = operator.get(f"{TASKS}/{item['id']}")
    assert [(one["agentId"], one["status"]) for one in details.json()["attempts"]] == [(agent.id, "failed")]
    assert details.json()["keptUntil"] is not None
    for answer in (page, details):
        assert SECRET not in answer.text
        assert task["lease_id"] not in answer.text


def test_what_an_agent_says_of_a_text_is_not_repeated(start: Start) -> None:
    """Its message about a text may quote it; its message about itself is shown."""
    live = start()
    agent, operator = live.agent(), live.operator()
    queue(live.client(), "first")
    about_text = agent.claim()
    agent.fail(about_text, "input_invalid")
    queue(live.client(), "second")
    about_pc = agent.claim()
    agent.fail(about_pc, "engine_error")
    assert operator.get(f"{TASKS}/{about_text['task_id']}").json()["attempts"][0]["errorMessage"] is None
    told = operator.get(f"{TASKS}/{about_pc['task_id']}").json()["attempts"][0]
    assert told["errorMessage"] == "It broke: engine_error."


def test_filters_and_pages_by_address(start: Start) -> None:
    """Each parameter narrows; a cursor goes on where the page ended."""
    live = start()
    live.agent()
    client = live.client()
    for number in range(5):
        queue(client, f"text {number}")
    operator = live.operator()
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = operator.get(TASKS, params={"limit": 2, "cursor": cursor}).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["cursor"]
    assert len(seen) == len(set(seen)) == 5
    newest = operator.get(TASKS, params={"limit": 2}).json()
    older = operator.get(TASKS, params={"limit": 2, "cursor": newest["cursor"]}).json()
    assert operator.get(TASKS, params={"limit": 2, "after": older["newer"]}).json() == newest
    item = newest["items"][0]
    key = item["key"]["id"]
    for narrow, count in (
        ({"status": "queued"}, 5),
        ({"status": "failed"}, 0),
        ({"capability": f"embed.{MODEL}"}, 5),
        ({"key": key}, 5),
        ({"key": "other"}, 0),
        ({"agent": "other"}, 0),
        ({"newer_than": "3600"}, 5),
        ({"older_than": "3600"}, 0),
        ({"kind": "embedding"}, 5),
        ({"kind": "chat"}, 0),
        ({"error": "engine_error"}, 0),
        ({"id": item["id"]}, 1),
        ({"id": item["jobId"].lower()}, 1),
        ({"id": f"chatcmpl-{item['jobId']}"}, 1),
        ({"id": f" {item['id'][:18]} "}, 1),
        ({"id": "0"}, 5),
        ({"id": "%"}, 0),
    ):
        assert len(operator.get(TASKS, params=narrow).json()["items"]) == count, narrow


@pytest.mark.parametrize(
    "wrong",
    [
        "kind=image",
        "status=lost",
        "limit=0",
        "limit=501",
        "limit=many",
        "older_than=-1",
        "newer_than=1e3",
        "limit=%D9%A1",
        "key=%00",
    ],
)
def test_a_wrong_parameter_is_named(steady: Steady, wrong: str) -> None:
    """400 in the envelope, with the parameter's name."""
    answer = steady.live.operator().get(f"{TASKS}?{wrong}")
    check_envelope(answer, 400, "bad_request", wrong.partition("=")[0])


@pytest.mark.parametrize("by", ["task", "job"])
def test_the_operator_cancels_anybodys_task(start: Start, by: str) -> None:
    """By its id or its job's: it is canceled, its agent hears `lost`, and once more is a 409."""
    live = start()
    agent, client, operator = live.agent(), live.client(), live.operator()
    job_id = queue(client)
    task = agent.claim()
    named = task["task_id"] if by == "task" else job_id
    answer = operator.post(f"{TASKS}/{named}/cancel").json()
    assert answer == {"id": task["task_id"], "jobId": job_id, "status": "canceled"}
    assert agent.post("heartbeat", {"leases": [task["lease_id"]]}).json()["leases"] == {task["lease_id"]: "lost"}
    assert client.get(f"/tasks/{job_id}").json()["status"] == "failed"
    check_envelope(operator.post(f"{TASKS}/{named}/cancel"), 409, "conflict", "over already")
    check_envelope(operator.post(f"{TASKS}/nothing/cancel"), 404, "not_found", "nothing")
    (event,) = (one for one in operator.get("/management/events").json()["items"] if one["verb"] == "task.cancel")
    assert (event["actor"], event["subject"]) == ("operator", job_id)


def test_a_failed_task_is_run_again(start: Start) -> None:
    """The new task is the client's; the failed one names it, and cannot be run again once more."""
    live = start()
    agent, client, operator = live.agent(), live.client(), live.operator()
    queue(client)
    failed = agent.claim()
    agent.fail(failed, "input_invalid")
    made = operator.post(f"{TASKS}/{failed['task_id']}/run_again").json()
    assert (made["retryOf"], made["status"]) == (failed["task_id"], "queued")
    again = agent.claim()
    assert (again["task_id"], again["payload"]["texts"]) == (made["id"], [SECRET])
    assert agent.report(agent.result(again))["outcome"] == "accepted"
    details = operator.get(f"{TASKS}/{failed['task_id']}").json()
    assert (details["status"], details["retriedAs"], details["keptUntil"]) == ("failed", made["id"], None)
    job = operator.get(f"{TASKS}/{made['id']}").json()["jobId"]
    assert client.get(f"/tasks/{job}").json()["status"] == "completed"
    check_envelope(operator.post(f"{TASKS}/{failed['task_id']}/run_again"), 409, "conflict", made["id"])
    check_envelope(operator.post(f"{TASKS}/nothing/run_again"), 404, "not_found")


def test_several_are_canceled_at_once(start: Start) -> None:
    """Whatever state they are in: what came of each is counted, and an agent that computes one hears of it."""
    live = start()
    agent, client, operator = live.agent(), live.client(), live.operator()
    job_id = queue(client, "computing")
    task = agent.claim()
    waiting = queue(client, "waits")
    named = [task["task_id"], waiting, "nothing"]
    done = operator.post(f"{TASKS}/cancel_many", json={"ids": named})
    assert done.json() == {"done": 2, "refused": {"not_found": 1}}
    assert agent.post("heartbeat", {"leases": [task["lease_id"]]}).json()["leases"] == {task["lease_id"]: "lost"}
    assert {client.get(f"/tasks/{one}").json()["status"] for one in (job_id, waiting)} == {"failed"}
    again = operator.post(f"{TASKS}/cancel_many", json={"ids": named}).json()
    assert again == {"done": 0, "refused": {"over": 2, "not_found": 1}}


def test_several_are_run_again_at_once(start: Start) -> None:
    """Those that failed; the others are counted with the reason."""
    live = start()
    agent, client, operator = live.agent(), live.client(), live.operator()
    queue(client, "first")
    failed = agent.claim()
    agent.fail(failed, "input_invalid")
    waiting = queue(client, "second")
    task_id = operator.get(TASKS, params={"id": waiting}).json()["items"][0]["id"]
    named = [failed["task_id"], task_id, "nothing"]
    done = operator.post(f"{TASKS}/run_again_many", json={"ids": named}).json()
    assert done == {"done": 1, "refused": {"not_failed": 1, "not_found": 1}}
    assert {one["payload"]["texts"][0] for one in agent.turn(max_tasks=4)["tasks"]} == {"first", "second"}


@pytest.mark.parametrize("route", ["cancel_many", "run_again_many"])
@pytest.mark.parametrize("body", [{}, {"ids": "one"}, {"ids": [1]}, {"ids": ["a\0"]}, {"ids": ["x"] * 501}])
def test_wrong_names_of_several_tasks_are_refused(steady: Steady, route: str, body: dict[str, Any]) -> None:
    """400 in the envelope, with the field's name."""
    check_envelope(steady.live.operator().post(f"{TASKS}/{route}", json=body), 400, "bad_request", "ids")


def test_a_task_is_told_with_its_times_and_its_result(start: Start) -> None:
    """Why it waits while it does; then where its time went and how big its result is."""
    live = start()
    agent, operator = live.agent(), live.operator()
    queue(live.client())
    waiting = operator.get(TASKS).json()["items"][0]["id"]
    wait = operator.get(f"{TASKS}/{waiting}").json()["wait"]
    assert wait == {"why": "busy", "ahead": 0, "agents": 1, "until": None}
    task = agent.claim()
    agent.report(agent.result(task, engine_ms=0.0))
    told = operator.get(f"{TASKS}/{waiting}").json()
    assert (told["wait"], told["result"]["agentId"], told["result"]["bytes"]) == (None, agent.id, 4 * DIMENSIONS)
    assert told["timings"]["engine"] == 0
    assert told["timings"]["overhead"] == told["timings"]["held"]
    assert told["timings"]["waited"] + told["timings"]["held"] == told["timings"]["total"]
    assert told["attempts"][0]["agentName"] == "Scripted"


def test_offloadmqs_lists_have_its_shape(start: Start) -> None:
    """Urgent and regular, waiting and not; a free task with its payload, another surface's without."""
    live = start()
    agent, client = live.agent(), live.client()
    free = submit_foreign(live)
    queue(client)
    agent.claim()
    queue(client, "waits")
    listed = live.operator().get(f"{TASKS}/list")
    told = listed.json()
    assert list(told) == ["urgent", "regular"]
    assert told["urgent"] == {"assigned": [], "unassigned": []}
    (assigned,) = told["regular"]["assigned"]
    assert (assigned["status"], assigned["agentId"], assigned["data"]["payload"]) == ("assigned", agent.id, None)
    waiting = {one["id"]["cap"]: one for one in told["regular"]["unassigned"]}
    assert waiting["debug.echo"]["id"]["id"] == free
    assert waiting["debug.echo"]["data"]["payload"] == {"say": "hello"}
    assert waiting["debug.echo"]["data"]["apiKey"] == ""
    assert SECRET not in listed.text


@pytest.mark.parametrize("encoded", ["debug.echo", "debug%2Eecho", "debug%252Eecho"])
def test_offloadmqs_page_cancels_a_task(start: Start, encoded: str) -> None:
    """Its route names capability and id, however they are encoded; another capability is a 404."""
    live = start()
    free = submit_foreign(live)
    operator = live.operator()
    check_envelope(operator.post(f"{TASKS}/cancel/other.cap/{free}"), 404, "not_found")
    answer = operator.post(f"{TASKS}/cancel/{encoded}/{free}").json()
    assert answer == {
        "id": {"cap": "debug.echo", "id": free},
        "status": "canceled",
        "message": "Task cancelled (was queued)",
    }
    check_envelope(operator.post(f"{TASKS}/cancel/{encoded}/{free}"), 409, "conflict")


def test_a_task_under_way_is_asked_to_end(start: Start) -> None:
    """OffloadMQ's page reads `cancelRequested` for a task that an agent has."""
    live = start()
    agent = live.agent()
    queue(live.client())
    task = agent.claim()
    answer = live.operator().post(f"{TASKS}/cancel/embed.{MODEL}/{task['task_id']}").json()
    assert (answer["status"], answer["message"]) == ("cancelRequested", "Cancellation requested")


def test_a_reset_clears_the_queue(start: Start) -> None:
    """Everything under way is canceled and every task deleted; agents hear `lost`, and work goes on afterwards."""
    live = start()
    agent, client, operator = live.agent(), live.client(), live.operator()
    for text in ("a", "b", "c"):
        queue(client, text)
    submit_foreign(live)
    task = agent.claim()
    assert operator.post(f"{TASKS}/reset").json() == {"result": "Reset successful"}
    assert operator.get(TASKS).json() == {"items": [], "cursor": None, "newer": None}
    assert agent.post("heartbeat", {"leases": [task["lease_id"]]}).json()["leases"] == {task["lease_id"]: "lost"}
    assert agent.report(agent.result(task))["outcome"] == "stale"
    queue(client, "after")
    assert agent.claim()["payload"]["texts"] == ["after"]
    assert [one["verb"] for one in operator.get("/management/events").json()["items"]].count("tasks.reset") == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "storage/buckets"),
        ("DELETE", "storage/buckets"),
        ("GET", "storage/quotas"),
        ("GET", "heuristics/records"),
        ("GET", "service_logs"),
        ("GET", "k8s/self/pod"),
        ("GET", "tasks/stream/sse"),
    ],
)
def test_what_is_not_served_is_not_found(steady: Steady, method: str, path: str) -> None:
    """OffloadMQ's routes that this pool does not have answer 404 in the envelope."""
    check_envelope(steady.live.operator().request(method, f"/management/{path}"), 404, "not_found")

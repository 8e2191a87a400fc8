"""The pages of tasks over real HTTP: what they show, each act to its effect in the pool, and never what was asked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.services.operator import task_batches
from server.storage import task_records
from tests.factories import MODEL
from tests.live_pool import EMBEDDINGS, LivePool, live_pool
from tests.scripted_agent import ScriptedAgent, Task
from tests.server.web.pages.conftest import Operator, sign_in

TASKS = "/admin/tasks"
CANARY = "a-canary-that-no-page-may-sing-of"
HOSTILE = "<img src=x onerror=alert(1)>\"'&{{7*7}}"
ROW = re.compile(r'<tr id="task-([0-9A-Z]{26})">')


def queue(client: httpx.Client, *texts: str) -> str:
    """Queue a request that nobody waits for; returns the job's id."""
    answer = client.post(f"{EMBEDDINGS}?wait=0", json={"model": MODEL, "input": list(texts)})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def told(live: LivePool, task_id: str) -> dict[str, Any]:
    """What the management API says of a task."""
    answer: dict[str, Any] = live.operator().get(f"/management/tasks/{task_id}").json()
    return answer


def task_of(live: LivePool, job_id: str) -> str:
    (item,) = live.operator().get("/management/tasks", params={"id": job_id}).json()["items"]
    return str(item["id"])


def rows(operator: Operator, **asked: str) -> list[str]:
    """The tasks that the list shows."""
    answer = operator.get(TASKS, params=asked)
    assert answer.status_code == 200, answer.text
    return ROW.findall(answer.text)


def fail(agent: ScriptedAgent, message: str = "", code: str = "input_invalid") -> Task:
    """Let the agent fail at the next task for good."""
    task = agent.claim()
    error = {"code": code, "message": message or "It broke.", "input": None, "final": True}
    agent.report({"lease_id": task["lease_id"], "error": error})
    return task


def verbs(live: LivePool) -> list[str]:
    items = live.operator().get("/management/events").json()["items"]
    return [item["verb"] for item in items]


def test_an_empty_list_says_what_to_do_next(operator: Operator) -> None:
    """Without tasks the way to the first one; a status that has none is good news; a filter can be cleared."""
    assert "No tasks yet" in operator.get(TASKS).text
    assert "Nothing waits" in operator.get(f"{TASKS}?status=queued").text
    assert "Nothing failed" in operator.get(f"{TASKS}?status=failed").text
    nothing = operator.get(f"{TASKS}?status=failed&q=01ZZ").text
    assert "No task matches" in nothing
    assert f'href="{TASKS}?status=failed">Clear the filter' in nothing


def test_a_task_is_listed_and_described(live: LivePool, operator: Operator) -> None:
    """Its row, its page, the live part of both; the pages say who did it and how long it took."""
    agent, client = live.agent(displayName="Library PC"), live.client()
    queue(client, "a", "b")
    task = agent.claim()
    assert "Computing" in operator.fragment(f"{TASKS}/{task['task_id']}")
    agent.report(agent.result(task))
    assert rows(operator) == [task["task_id"]]
    fragment = operator.fragment(TASKS)
    assert "<html" not in fragment
    assert 'name="csrf-token"' not in fragment
    for word in ("Completed", "Library PC", "client", MODEL):
        assert word in fragment
    page = operator.get(f"{TASKS}/{task['task_id']}").text
    for word in ("Library PC", "In the engine", "64 B", "Waited ", task["task_id"], "What came of it"):
        assert word in page
    assert operator.get(f"{TASKS}/nothing").status_code == 404


def test_what_is_over_stands_still_and_what_is_not_is_live(live: LivePool, operator: Operator) -> None:
    """The details of a task that is over are not in the live part, so nothing asks for them again."""
    agent, client = live.agent(), live.client()
    queue(client, "a")
    task = agent.claim()
    path = f"{TASKS}/{task['task_id']}"
    assert 'id="standing"' in operator.fragment(path)
    agent.report(agent.result(task))
    assert operator.fragment(path).strip() == ""
    assert 'id="standing"' in operator.get(path).text


def test_each_filter_narrows(live: LivePool, operator: Operator) -> None:
    """Each alone and with a status; an id leads to its task at once."""
    agent, client = live.agent(), live.client()
    queue(client, "fails")
    failed = fail(agent)["task_id"]
    job = queue(client, "waits")
    waiting = task_of(live, job)
    key = told(live, failed)["key"]["id"]
    assert rows(operator) == [waiting, failed]
    for asked, found in (
        ({"status": "failed"}, [failed]),
        ({"status": "queued"}, [waiting]),
        ({"status": "nonsense"}, [waiting, failed]),
        ({"model": f"embed.{MODEL}"}, [waiting, failed]),
        ({"model": "embed.other"}, []),
        ({"key": key}, [waiting, failed]),
        ({"key": "x"}, []),
        ({"agent": agent.id}, [failed]),
        ({"kind": "embedding"}, [waiting, failed]),
        ({"kind": "chat"}, []),
        ({"error": "input_invalid"}, [failed]),
        ({"error": "input_invalid", "status": "queued"}, []),
        ({"age": "in-900"}, [waiting, failed]),
        ({"age": "before-3600"}, []),
        ({"q": failed[:20].lower()}, [failed]),
        ({"q": "%"}, []),
        ({"q": "\0"}, [waiting, failed]),
    ):
        assert rows(operator, **asked) == found, asked
    for name in (failed, told(live, failed)["jobId"], f" {failed.lower()} "):
        answer = operator.get(TASKS, params={"q": name})
        assert (answer.status_code, answer.headers["location"]) == (303, f"{TASKS}/{failed}")


def test_a_wrong_filter_is_said_and_kept(live: LivePool, operator: Operator) -> None:
    """What was typed stays, the field says what is wrong, and nothing can be done to all that match it."""
    queue_one(live)
    long = "A" * 600
    answer = operator.get(TASKS, params={"q": long, "age": "in-foo"})
    assert answer.status_code == 200
    assert "That is too long for an id." in answer.text
    assert f'value="{long}"' in answer.text
    refused = operator.post(f"{TASKS}/cancel_matching?status=queued&age=in-foo")
    assert refused.status_code == 400
    assert live.statuses() == ["queued"]


def queue_one(live: LivePool) -> None:
    live.agent()
    queue(live.client(), "a")


def test_pages_go_both_ways(live: LivePool, operator: Operator) -> None:
    """Older and newer; an older page stands still, the newest is live."""
    live.agent()
    client = live.client()
    for number in range(53):
        queue(client, f"text {number}")
    first = operator.get(TASKS).text
    older = re.search(r'href="([^"]+)">Older', first)
    assert older
    assert "Newer" not in first
    second = operator.get(older[1].replace("&amp;", "&")).text
    assert len(ROW.findall(second)) == 3
    assert "stands still" in second
    newer = re.search(r'href="([^"]+)"><svg(?:(?!</svg>).)*</svg> Newer', second, re.DOTALL)
    assert newer
    back = operator.get(newer[1].replace("&amp;", "&")).text
    assert ROW.findall(back) == ROW.findall(first)
    assert operator.fragment(older[1].replace("&amp;", "&")).strip() == ""


def test_a_waiting_and_a_computing_task_are_canceled(live: LivePool, operator: Operator) -> None:
    """Their clients get an error, the agent that computes hears of it, and once more is said to be too late."""
    agent, client = live.agent(), live.client()
    job = queue(client, "computing")
    task = agent.claim()
    assert operator.get(f"{TASKS}/{task['task_id']}").text.count("Cancel this task?") == 1
    answer = operator.post(f"{TASKS}/{task['task_id']}/cancel")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{TASKS}/{task['task_id']}?done=task.canceled")
    assert "The task is canceled" in operator.get(answer.headers["location"]).text
    assert agent.post("heartbeat", {"leases": [task["lease_id"]]}).json()["leases"] == {task["lease_id"]: "lost"}
    assert client.get(f"/tasks/{job}").json()["status"] == "failed"
    waiting = task_of(live, queue(client, "waits"))
    assert operator.post(f"{TASKS}/{waiting}/cancel").status_code == 303
    assert told(live, waiting)["status"] == "canceled"
    again = operator.post(f"{TASKS}/{waiting}/cancel")
    assert again.status_code == 409
    assert "over already" in again.text
    assert "Cancel this task?" not in operator.get(f"{TASKS}/{waiting}").text


def test_a_failed_task_is_run_again_and_computed(live: LivePool, operator: Operator) -> None:
    """The page leads to the new task, an agent computes it, and both name each other."""
    agent, client = live.agent(), live.client()
    queue(client, "again")
    failed = fail(agent)["task_id"]
    page = operator.get(f"{TASKS}/{failed}").text
    assert "Run this task again?" in page
    assert "The engine cannot embed this text." in page
    answer = operator.post(f"{TASKS}/{failed}/run_again")
    made = answer.headers["location"].partition("?")[0].rpartition("/")[2]
    task = agent.claim()
    assert (task["task_id"], task["payload"]["texts"]) == (made, ["again"])
    agent.report(agent.result(task))
    assert told(live, made)["status"] == "completed"
    assert f'href="{TASKS}/{failed}"' in operator.get(f"{TASKS}/{made}").text
    page = operator.get(f"{TASKS}/{failed}").text
    assert f'href="{TASKS}/{made}"' in page
    assert "Run this task again?" not in page


def test_many_in_mixed_states_at_once(live: LivePool, operator: Operator) -> None:
    """Each is judged for itself; the list says how many were done and why others were not, and keeps its filter."""
    agent, client = live.agent(), live.client()
    queue(client, "done")
    done = agent.claim()
    agent.report(agent.result(done))
    queue(client, "fails")
    failed = fail(agent)["task_id"]
    queue(client, "computing")
    task = agent.claim()
    waiting = task_of(live, queue(client, "waits"))
    named = [done["task_id"], failed, task["task_id"], waiting, "nothing"]
    answer = operator.post(f"{TASKS}/cancel_many?kind=embedding", {"ids": named})
    assert answer.headers["location"].startswith(f"{TASKS}?kind=embedding&done=canceled-2")
    said = operator.get(answer.headers["location"]).text
    assert "2 tasks canceled. 2 were over already. 1 is no longer there." in said
    assert agent.post("heartbeat", {"leases": [task["lease_id"]]}).json()["leases"] == {task["lease_id"]: "lost"}
    answer = operator.post(f"{TASKS}/run_again_many", {"ids": named})
    said = operator.get(answer.headers["location"]).text
    assert "1 task queued again. 3 had not failed. 1 is no longer there." in said
    assert agent.claim()["payload"]["texts"] == ["fails"]
    assert verbs(live).count("tasks.cancel_many") == verbs(live).count("tasks.rerun_many") == 1


def test_all_that_match_at_once(live: LivePool, operator: Operator) -> None:
    """Offered only where it can be done, with the number; the filter chooses."""
    agent, client, other = live.agent(), live.client(), live.client()
    for number in range(3):
        queue(client, f"text {number}")
    queue(other, "another's")
    key = told(live, task_of(live, queue(client, "one more")))["key"]["id"]
    assert "that match" not in operator.get(TASKS).text
    assert "Cancel all 4 that match" in operator.get(f"{TASKS}?status=queued&key={key}").text
    answer = operator.post(f"{TASKS}/cancel_matching?status=queued&key={key}")
    assert "4 tasks canceled." in operator.get(answer.headers["location"]).text
    assert sorted(live.statuses()) == ["canceled"] * 4 + ["queued"]
    fail(agent)
    assert "Run all 1 that match again" in operator.get(f"{TASKS}?status=failed").text
    answer = operator.post(f"{TASKS}/run_again_matching?status=failed")
    assert "1 task queued again." in operator.get(answer.headers["location"]).text
    assert agent.claim()["payload"]["texts"] == ["another's"]
    assert operator.post(f"{TASKS}/cancel_matching").status_code == 409
    assert operator.post(f"{TASKS}/run_again_matching?status=queued").status_code == 409


@pytest.mark.parametrize("act", ["cancel_many", "run_again_many"])
def test_an_act_on_nothing_or_too_much_is_refused(operator: Operator, act: str) -> None:
    """The page says what to do instead."""
    assert "No task was selected" in operator.post(f"{TASKS}/{act}").text
    many = operator.post(f"{TASKS}/{act}", {"ids": ["x"] * (task_batches.MOST_NAMED + 1)})
    assert many.status_code == 400
    assert "at most 500" in many.text


@pytest.mark.parametrize("code", ["canceled", "canceled-x", "other-1", "canceled-1-over", "canceled-٣", "rerun-1-x-y"])
def test_a_made_up_result_is_not_said(operator: Operator, code: str) -> None:
    """What stands in the address is counted or ignored, never repeated."""
    page = operator.get(TASKS, params={"done": code})
    assert page.status_code == 200
    assert "data-done" not in page.text


def test_a_change_wants_the_token_of_the_form(live: LivePool, operator: Operator) -> None:
    """A form from elsewhere changes nothing."""
    queue_one(live)
    for path in ("cancel_many", "run_again_many", "cancel_matching?status=queued", "run_again_matching?status=failed"):
        assert operator.client.post(f"{TASKS}/{path}", data={"ids": ["x"]}).status_code == 403
    assert live.statuses() == ["queued"]


def every_page(live: LivePool, operator: Operator, task_ids: list[str]) -> str:
    """All that the operator can look at of tasks, in one text."""
    paths = [TASKS, *(f"{TASKS}?status={status}" for status in ("queued", "leased", "failed"))]
    paths += [f"{TASKS}/{task_id}" for task_id in task_ids]
    paths += ["/admin/", "/admin/health", "/management/events", "/management/tasks"]
    shown = [operator.get(path).text + operator.client.get(path, headers={"X-Fragment": "live"}).text for path in paths]
    api = [live.operator().get(path).text for path in paths if path.startswith("/management")]
    return "".join(shown + api)


def tasks_that_know(live: LivePool) -> list[str]:
    """Tasks in every state whose texts, errors and logs hold the canary."""
    agent, client = live.agent(), live.client()
    queue(client, f"{CANARY} done")
    done = agent.claim()
    agent.report(agent.result(done))
    queue(client, f"{CANARY} fails")
    failed = fail(agent, f"cannot embed {CANARY}")
    free = live.caller().post(
        "/api/task/submit",
        json={"capability": "debug.echo", "payload": {"say": CANARY}, "apiKey": live.issue_key()},
    )
    queue(client, f"{CANARY} computing")
    computing = agent.claim()
    waiting = task_of(live, queue(client, f"{CANARY} waits"))
    return [done["task_id"], failed["task_id"], free.json()["id"]["id"], computing["task_id"], waiting]


def test_no_page_shows_what_was_asked(live: LivePool, operator: Operator) -> None:
    """As the pool comes, neither texts nor what an agent says of them stand in any page."""
    known = tasks_that_know(live)
    shown = every_page(live, operator, known)
    assert all(task_id in shown for task_id in known)
    assert CANARY not in shown
    assert "Show what it asks" not in shown
    for task_id in known:
        refused = operator.get(f"{TASKS}/{task_id}/asked")
        assert refused.status_code == 403
        assert CANARY not in refused.text
    assert "task.prompt_shown" not in verbs(live)


def test_the_operators_setting_shows_it_and_looking_is_written_down(tmp_path: Path) -> None:
    """On its own page only, as plain text; what is over and was not kept is gone."""
    with live_pool(tmp_path, show_prompts=True) as live:
        operator = sign_in(live)
        known = tasks_that_know(live)
        assert CANARY not in every_page(live, operator, known)
        done, failed, free, computing, waiting = known
        for task_id in (failed, free, computing, waiting):
            assert f'href="{TASKS}/{task_id}/asked"' in operator.get(f"{TASKS}/{task_id}").text
            assert CANARY in operator.get(f"{TASKS}/{task_id}/asked").text
        assert f'href="{TASKS}/{done}/asked"' not in operator.get(f"{TASKS}/{done}").text
        assert operator.get(f"{TASKS}/{done}/asked").status_code == 404
        assert verbs(live).count("task.prompt_shown") == 4
        hostile = task_of(live, queue(live.client(), HOSTILE))
        page = operator.get(f"{TASKS}/{hostile}/asked").text
        assert "<img" not in page.partition("<main")[2]
        assert "&lt;img src=x onerror=alert(1)&gt;" in page
        assert "{{7*7}}" in page


def test_hostile_words_are_words(live: LivePool, operator: Operator) -> None:
    """What an agent calls itself, its errors and their codes stand escaped in the list and the page."""
    agent = live.agent(displayName=HOSTILE)
    queue(live.client(), "a")
    task = fail(agent, f"{HOSTILE}\n{HOSTILE}", code="<script>alert(2)</script>")
    for path in (TASKS, f"{TASKS}?agent={HOSTILE}", f"{TASKS}/{task['task_id']}"):
        page = operator.get(path).text.partition("<main")[2]
        assert "<img" not in page
        assert "<script" not in page
    shown = operator.get(f"{TASKS}/{task['task_id']}").text
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown


def test_a_free_task_tells_its_stage_and_how_long_its_log_is(live: LivePool, operator: Operator) -> None:
    """The log itself stays out of the page."""
    answer = live.caller().post(
        "/api/task/submit",
        json={"capability": "debug.echo", "payload": {"say": "hello"}, "apiKey": live.issue_key()},
    )
    task_id = answer.json()["id"]["id"]
    page = operator.fragment(f"{TASKS}/{task_id}")
    assert "0 characters" in page
    assert "No agent online offers this model." in page


def test_a_page_ends_where_too_much_would_be_looked_through(
    live: LivePool, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rare task is not looked for for ever: the page says so, and leads on."""
    monkeypatch.setattr(task_records, "STRETCH", 2)
    live.agent()
    client = live.client()
    for number in range(4):
        queue(client, f"text {number}")
    page = operator.get(f"{TASKS}?kind=chat").text
    assert "Look through older ones" in page

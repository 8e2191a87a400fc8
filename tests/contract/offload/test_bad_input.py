"""What bad input gets on OffloadMQ's routes: its envelope, its statuses, and never a 500."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.offload.conftest import AGENT_KEY, CLIENT_KEY, Broker

ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
TASK = {"cap": "a.b", "id": ULID}
CLIENT_ROUTES: dict[str, dict[str, Any]] = {
    "/api/task/submit": {"capability": "a.b", "payload": {}},
    "/api/task/submit_blocking": {"capability": "a.b", "payload": {}, "urgent": True},
    f"/api/task/poll/a.b/{ULID}": {},
    f"/api/task/cancel/a.b/{ULID}": {},
    "/api/capabilities/online": {},
    "/api/capabilities/list/online_ext": {},
}
AGENT_ROUTES: dict[str, dict[str, Any]] = {
    f"/private/agent/task/progress/a.b/{ULID}": {"id": TASK},
    f"/private/agent/task/resolve/a.b/{ULID}": {"id": TASK, "capability": "a.b", "status": {"success": 1}},
    "/private/agent/logs": {"severity": "INFO", "text": "x"},
}
REGISTRATION: dict[str, Any] = {
    "capabilities": ["a.b"],
    "tier": 5,
    "capacity": 1,
    "systemInfo": {"os": "x", "client": "x", "runtime": "x", "cpuArch": "x", "totalMemoryGb": 8},
}


def check(answer: Any, status: int, kind: str | None = None) -> None:
    """Insist on OffloadMQ's envelope with a status."""
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert list(error) == ["type", "message", "status"]
    assert error["status"] == status
    assert kind in {None, error["type"]}


@pytest.mark.parametrize("path", CLIENT_ROUTES)
def test_wrong_keys_of_clients(broker: Broker, path: str) -> None:
    """403: none, nonsense, an agent's token, the management token; a good body key does not mend a bad header."""
    agent, body = broker.agent(broker.capability()), CLIENT_ROUTES[path]
    nobody = broker.live.caller()
    agents_token = agent.http.headers["Authorization"]
    for headers, key in (
        ({}, {}),
        ({}, {"apiKey": "nonsense"}),
        ({}, {"apiKey": 5}),
        ({"X-API-Key": "nonsense"}, {"apiKey": CLIENT_KEY}),
        ({"Authorization": agents_token}, {}),
        ({"Authorization": f"Bearer {broker.live.settings.mgmt_token}"}, {}),
    ):
        check(nobody.post(path, json={**body, **key}, headers=headers), 403, "authorization_error")
    assert CLIENT_KEY not in nobody.post(path, json={**body, "apiKey": CLIENT_KEY + "x"}).text


@pytest.mark.parametrize("path", AGENT_ROUTES)
def test_wrong_tokens_of_agents(broker: Broker, path: str) -> None:
    """403: none, nonsense, a client's key, the management token."""
    nobody = broker.live.caller()
    for token in (None, "nonsense", CLIENT_KEY, broker.live.settings.mgmt_token):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        check(nobody.post(path, json=AGENT_ROUTES[path], headers=headers), 403, "authorization_error")


@pytest.mark.parametrize("path", [*CLIENT_ROUTES, *AGENT_ROUTES])
def test_bodies_that_are_none(broker: Broker, path: str) -> None:
    """415 for what is not called JSON, 400 for broken JSON, 422 for JSON that is no object, 413 for too much."""
    agent = broker.agent(broker.capability())
    http = agent.http if path in AGENT_ROUTES else broker.client(in_header=True).http
    for raw in (b"{", b'{"a":NaN}', b"\xff\xfe", b"[" * 5000):
        check(http.post(path, content=raw, headers={"Content-Type": "application/json"}), 400, "bad_request")
    for raw in (b"[]", b"5", b"null", b'"x"'):
        check(http.post(path, content=raw, headers={"Content-Type": "application/json"}), 422)
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        check(http.post(path, content=b"{}", headers={"Content-Type": kind}), 415)
    check(http.post(path, content=b'"' + b"x" * 2**20 + b'"', headers={"Content-Type": "application/json"}), 413)
    check(http.get(path), 405)


@pytest.mark.parametrize("raw", [b"{", b"", b"[]", b'{"a": 1}', b'{"apiKey": null}'])
@pytest.mark.parametrize("path", CLIENT_ROUTES)
def test_bodies_that_say_no_key(broker: Broker, path: str, raw: bytes) -> None:
    """OffloadMQ looks for the key first: 403, whatever else is wrong."""
    answer = broker.live.caller().post(path, content=raw, headers={"Content-Type": "application/json"})
    check(answer, 403, "authorization_error")
    assert answer.json()["error"]["message"].startswith("Authorization failed: Failed to parse JSON body: ")


WRONG_SUBMISSIONS: list[dict[str, Any]] = [
    {"capability": None},
    {"capability": 5},
    {"capability": ""},
    {"capability": "[x]"},
    {"capability": "a" * 201},
    {"capability": "a\0b"},
    {"payload": ...},
    {"urgent": "yes"},
    {"urgent": 1},
    {"restartable": "no"},
    {"fetchFiles": None},
    {"fetchFiles": {}},
    {"fetchFiles": ["a"]},
    {"fetchFiles": [{}]},
    {"fetchFiles": [{"path": 5}]},
    {"fetchFiles": [{"path": "a", "get": 5}]},
    {"fetchFiles": [{"path": "a", "customHeader": {"a": 1}}]},
    {"artifacts": None},
    {"artifacts": "a"},
    {"file_bucket": None},
    {"file_bucket": "a"},
    {"file_bucket": [1]},
    {"output_bucket": 5},
    {"timeoutSecs": "1"},
    {"timeoutSecs": 1.5},
    {"timeoutSecs": -1},
    {"timeoutSecs": True},
    {"maxWaitSecs": -1},
    {"runtimeSecs": 10**30},
    {"dataPreparation": []},
    {"dataPreparation": {"a": 1}},
]


@pytest.mark.parametrize("change", WRONG_SUBMISSIONS, ids=str)
def test_wrong_fields_of_a_submission(broker: Broker, change: dict[str, Any]) -> None:
    """422 that names the field, and nothing is queued."""
    body = {"capability": "a.b", "payload": {}, **change}
    body = {name: value for name, value in body.items() if value is not ...}
    before = broker.live.rows()["jobs"]
    answer = broker.client().post("/api/task/submit", body)
    check(answer, 422, "parse_error")
    assert next(iter(change)) in answer.json()["error"]["message"]
    assert broker.live.rows()["jobs"] == before


def test_what_is_null_or_unknown_counts_as_absent(broker: Broker) -> None:
    """Optional scalars may be null; fields that nobody knows are ignored; huge limits are cut."""
    names = ("urgent", "restartable", "output_bucket", "timeoutSecs", "maxWaitSecs", "runtimeSecs", "dataPreparation")
    client = broker.client()
    client.submit("a.b", {}, **dict.fromkeys(names), unknown={"a": [1]})
    client.submit("a.b", {}, timeoutSecs=2**62, maxWaitSecs=2**62)


def test_buckets_are_not_found(broker: Broker) -> None:
    """This server keeps no files, so no bucket of anybody's exists."""
    client = broker.client()
    for change in ({"file_bucket": ["b"]}, {"output_bucket": "b"}):
        check(client.post("/api/task/submit", {"capability": "a.b", "payload": 1, **change}), 404, "not_found")


def test_a_key_may_use_what_its_patterns_cover(broker: Broker) -> None:
    """Exact, prefix and everything; 403 for the rest, also for what is urgent, before anything else is said."""
    client = broker.client(broker.live.issue_key("shell.*", "debug.echo"))
    for allowed in ("shell.bash", "shell.x[y]", "debug.echo"):
        client.submit(allowed, {})
    for forbidden in ("shellcmd.bash", "debug.echo2", "llm.x", "embed.nomic-embed-text"):
        check(client.post("/api/task/submit", {"capability": forbidden, "payload": "x"}), 403, "authorization_error")
        check(client.blocking(forbidden, "x"), 403, "authorization_error")


WRONG_WORDS: list[tuple[dict[str, Any], int]] = [
    ({"id": None}, 422),
    ({"id": "x"}, 422),
    ({"id": {"cap": "a.b"}}, 422),
    ({"id": {"cap": "a.b", "id": 5}}, 422),
    ({"id": {"cap": "a.b", "id": "other"}}, 400),
    ({"id": {"cap": "other", "id": ULID}}, 400),
    ({"stage": 5}, 422),
    ({"logUpdate": ["x"]}, 422),
    ({"status": "nonsense"}, 422),
    ({"status": {"pinned": "x"}}, 422),
    ({"status": "completed"}, 400),
    ({"status": "cancelRequested"}, 400),
    ({"logUpdate": None, "stage": None, "status": None}, 404),
    ({"logUpdate": "a\0b"}, 404),
]


@pytest.mark.parametrize(("change", "status"), WRONG_WORDS, ids=str)
def test_wrong_fields_of_progress(broker: Broker, change: dict[str, Any], status: int) -> None:
    """422 for wrong types and unknown words, 400 for another task's id and a status that is not for this; else 404."""
    path = f"/private/agent/task/progress/a.b/{ULID}"
    answer = broker.agent("a.b").http.post(path, json={**AGENT_ROUTES[path], **change})
    check(answer, status)
    if change.get("status") == "completed":
        said = "Bad request: Status Completed cannot be set via progress update"
        assert answer.json()["error"]["message"] == said


WRONG_RESOLUTIONS: list[tuple[dict[str, Any], int]] = [
    ({"id": None}, 422),
    ({"id": {"cap": "a.b", "id": "other"}}, 400),
    ({"status": None}, 422),
    ({"status": "success"}, 422),
    ({"status": {}}, 422),
    ({"status": {"success": "1"}}, 422),
    ({"status": {"success": True}}, 422),
    ({"status": {"failure": "words"}}, 422),
    ({"status": {"failure": [1, 1]}}, 422),
    ({"status": {"failure": ["words", 1, 2]}}, 422),
    ({"status": {"notExecuted": 1}}, 422),
    ({"status": {"success": 1, "failure": ["", 1]}}, 422),
    ({"status": {"done": 1}}, 422),
    ({"capability": 5}, 422),
    ({"status": {"success": 1}, "output": {"any": [None]}}, 404),
]


@pytest.mark.parametrize(("change", "status"), WRONG_RESOLUTIONS, ids=str)
def test_wrong_fields_of_a_resolution(broker: Broker, change: dict[str, Any], status: int) -> None:
    """422, 400 for another task's id; 404 where nothing is wrong but that there is no such task."""
    path = f"/private/agent/task/resolve/a.b/{ULID}"
    check(broker.agent("a.b").http.post(path, json={**AGENT_ROUTES[path], **change}), status)


@pytest.mark.parametrize("change", [{"severity": None}, {"severity": 5}, {"text": None}, {"text": 5}, {"agentName": 5}])
def test_wrong_fields_of_a_log_line(broker: Broker, change: dict[str, Any]) -> None:
    """422."""
    agent = broker.agent(broker.capability())
    check(agent.http.post("/private/agent/logs", json={**AGENT_ROUTES["/private/agent/logs"], **change}), 422)


WRONG_SYSTEMS: list[dict[str, Any]] = [
    *({name: wrong} for name in ("os", "client", "runtime", "cpuArch") for wrong in (None, 5)),
    *({"totalMemoryGb": wrong} for wrong in ("8", -1, 1.5, True)),
    {"totalMemoryMb": "8"},
    {"gpu": "a GPU"},
    {"gpu": {"vendor": "x"}},
    {"gpu": {"vendor": "x", "model": "y", "vramGb": "z"}},
    {"machineId": 5},
]


@pytest.mark.parametrize("change", WRONG_SYSTEMS, ids=str)
def test_wrong_descriptions_of_a_pc(broker: Broker, change: dict[str, Any]) -> None:
    """422 that names the field, when an agent joins and when it changes."""
    agent = broker.agent(broker.capability())
    wrong = {**REGISTRATION, "systemInfo": {**REGISTRATION["systemInfo"], **change}}
    for path, body in (("/agent/register", {"apiKey": AGENT_KEY, **wrong}), ("/private/agent/info/update", wrong)):
        answer = agent.http.post(path, json=body)
        check(answer, 422, "parse_error")
        assert next(iter(change)) in answer.json()["error"]["message"]


def test_a_long_display_name_is_400(broker: Broker) -> None:
    """In OffloadMQ's words."""
    body = {"apiKey": AGENT_KEY, **REGISTRATION, "displayName": "n" * 51}
    answer = broker.live.caller().post("/agent/register", json=body)
    check(answer, 400, "bad_request")
    assert answer.json()["error"]["message"] == "Bad request: display_name must be 50 characters or fewer"


@pytest.mark.parametrize("path", ["/api/task/watch", "/api/storage/limits", "/private/agent/ws", "/api/nothing"])
def test_what_this_server_does_not_have_is_404(broker: Broker, path: str) -> None:
    """In the envelope."""
    check(broker.live.caller().get(path), 404, "not_found")

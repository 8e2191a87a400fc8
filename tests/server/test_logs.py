"""The log: one line an event, with the request's id, and neither a secret nor anybody's text in it."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import orjson
import pytest

from server import logs
from server.domain import ids
from server.logs import MAX_MESSAGE, JsonFormatter, RedactingFilter, redact, request_id_of_thread
from server.settings import Settings
from tests.factories import MODEL
from tests.scripted_agent import ScriptedAgent
from tests.server.server_process import MANAGEMENT_TOKEN, ServerProcess

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLWNhbmFyeQ"


@pytest.mark.parametrize("make", [ids.new_client_key, ids.new_invite_code, ids.new_agent_key, lambda: JWT])
@pytest.mark.parametrize("around", ["{}", "key={} ok", '"{}"', "https://pool.example/join/{}?x", "Bearer {}", "<{}>"])
def test_every_kind_of_secret_is_taken_out(make: object, around: str) -> None:
    """Wherever one of our secrets stands in a message, it does not reach the log; what is around it does."""
    assert callable(make)
    secret = make()
    line = redact(around.format(secret))
    assert secret not in line
    assert secret[-12:] not in line
    assert "[secret]" in line
    assert ("ok" in around) == ("ok" in line)


@pytest.mark.parametrize("text", ["Bearer sk-abc", "bearer  abc", "BEARER abc", "Authorization: Bearer a.b-c/d+e=="])
def test_a_bearer_token_of_any_kind_is_taken_out(text: str) -> None:
    """Also one that is not ours."""
    assert redact(text).lower().count("[secret]") == 1
    assert "abc" not in redact(text)
    assert "a.b-c" not in redact(text)


def test_control_characters_cannot_forge_a_line() -> None:
    """Line ends, escapes and other unprintable characters are written as codes; text of any script stays."""
    assert redact("a\r\nb\x1b[31mc\x00\x85\u2028d") == "a\\x0d\\x0ab\\x1b[31mc\\x00\\x85\\x2028d"
    assert redact("Grüße, 東京") == "Grüße, 東京"


@pytest.fixture
def _log_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("_log_as_it_was")
def test_a_json_line_is_one_event(capsys: pytest.CaptureFixture[str], settings: Settings) -> None:
    """Time, level, logger, message and the request's id; a trace goes into the same line."""
    logs.set_up(settings.model_copy(update={"log_format": "json"}))
    request_id_of_thread.set("req_of_the_test")
    try:
        raise RuntimeError(f"broken with {JWT}")
    except RuntimeError:
        logging.getLogger("server.test").exception("it %s\nbroke", "really")
    finally:
        request_id_of_thread.set("")
    (line,) = capsys.readouterr().err.splitlines()
    event = orjson.loads(line)
    assert list(event) == ["time", "level", "logger", "message", "request_id", "exception"]
    assert (event["level"], event["logger"], event["message"]) == ("ERROR", "server.test", "it really\\x0abroke")
    assert event["request_id"] == "req_of_the_test"
    assert "RuntimeError" in event["exception"]
    assert JWT not in line


def test_a_message_is_bounded_and_any_arguments_are_fine() -> None:
    """What an outsider can put into a line cannot fill the disk, nor break the line when it holds a %."""
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "%s", ("100%s" + "x" * 10_000,), None)
    assert RedactingFilter().filter(record) is True
    assert record.getMessage().startswith("100%s")
    assert len(record.getMessage()) == MAX_MESSAGE
    assert orjson.loads(JsonFormatter().format(record))["message"] == record.getMessage()


def test_a_running_server_logs_no_secret_and_no_text(tmp_path: Path) -> None:
    """Canaries in every place a caller can write to: none is in the log at its most talkative."""
    with (
        ServerProcess(tmp_path, LOG_LEVEL="DEBUG", LOG_FORMAT="json") as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=30) as http,
    ):
        operator = {"X-Mgmt-Token": MANAGEMENT_TOKEN}
        chosen = "canary-key-of-the-operator"
        key = http.post("/management/client_api_keys/update", headers=operator, json={"name": "k"}).json()["key"]
        http.post("/management/client_api_keys/update", headers=operator, json={"name": "k", "key": chosen})
        invite = http.post("/management/invites/create", headers=operator, json={}).json()["code"]
        agent = ScriptedAgent(server.url, invite)
        bearer = {"Authorization": f"Bearer {key}"}
        for body in (b'{"input":"canary-text"', b'{"model":"%s","input":["canary-text","\\u0000"]}' % MODEL.encode()):
            assert http.post("/v1/embeddings", headers=bearer, content=body).status_code == 400
        wanted = {"model": MODEL, "input": "canary-text", "user": "canary-user"}
        assert http.post("/v1/embeddings?wait=0", headers=bearer, json=wanted).status_code == 202
        agent.fail(agent.claim(), "canary-code")
        agent.post("info/update", {"capabilities": ["canary-capability"], "tier": "canary-tier"})
        http.post("/agent/auth", json={"agentId": agent.id, "key": "canary-agent-key"})
        http.post("/agent/register", json={"apiKey": "canary-invite"})
        for headers in (
            {"Authorization": f"Bearer {JWT}"},
            {"X-API-Key": "canary-client"},
            {"X-Mgmt-Token": "canary-op"},
        ):
            for path in ("/v1/models", "/private/agent/ping", "/management/agents/list"):
                http.get(path, headers=headers)
        http.get("/v1/models", params={"api_key": "canary-query"}, headers={"X-OpenWebUI-User-Email": "canary@mail"})
        http.post(f"/management/client_api_keys/revoke/{chosen}", headers=operator)
        http.post(f"/management/invites/revoke/{invite}", headers=operator)
        with closing(sqlite3.connect(tmp_path / "data" / "embedpool.db")) as broken:
            broken.execute("ALTER TABLE payloads RENAME TO gone")
        answer = http.post("/v1/embeddings?wait=0", headers=bearer, json={**wanted, "input": "canary-in-a-trace"})
        assert answer.status_code == 500
        agent.close()
        assert server.stop() == 0
        events = server.logged()
    failure = next(event for event in events if event["level"] == "ERROR")
    assert failure["request_id"] == answer.headers["x-request-id"]
    assert "payloads" in failure["exception"]
    assert {"server.requests", "server.services.enrolment"} <= {event["logger"] for event in events}
    secrets = {"canary", key, invite, agent.key, agent.token, JWT, MANAGEMENT_TOKEN}
    assert [line for line in server.errors.splitlines() if any(secret in line for secret in secrets)] == []


def test_a_text_line_has_time_level_and_request_id(tmp_path: Path) -> None:
    """The default format is for eyes: one line a request at DEBUG, with the id that the client got."""
    with ServerProcess(tmp_path, LOG_LEVEL="DEBUG") as server:
        answer = httpx.get(f"{server.url}/health", trust_env=False)
        server.stop()
    (line,) = [line for line in server.errors.splitlines() if "GET /health" in line]
    assert f"DEBUG server.requests {answer.headers['x-request-id']} GET /health 200" in line


def test_at_info_requests_are_not_logged(tmp_path: Path) -> None:
    """The default level tells of the server, not of every call."""
    with ServerProcess(tmp_path) as server:
        httpx.get(f"{server.url}/health", trust_env=False)
        server.stop()
    assert "GET /health" not in server.errors
    assert "stopped" in server.errors

"""What holds for every path: shapes of errors, methods, hosts, headers, sizes. No page of HTML is ever answered."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests import raw_http
from tests.factories import MODEL
from tests.live_pool import EMBEDDINGS, LivePool
from tests.raw_http import Answer
from tests.server.web.conftest import Start, Steady

OPENAI, LLMEQUEUE, ENVELOPE = "openai", "llmequeue", "envelope"
#: The limit that the shared server has.
LIMIT = 2**20


def check_shape(shape: str, status: int, body: Any) -> None:
    """Insist on the exact fields of an error on a surface."""
    if shape == LLMEQUEUE:
        assert list(body) == ["detail"]
        return
    assert list(body) == ["error"]
    wanted = {OPENAI: ["message", "type", "param", "code"], ENVELOPE: ["type", "message", "status"]}
    assert list(body["error"]) == wanted[shape]
    if shape == OPENAI:
        assert isinstance(body["error"]["code"], str)
    else:
        assert body["error"]["status"] == status


@pytest.mark.parametrize(
    ("method", "path", "status", "shape"),
    [
        ("GET", "/v1/embeddings", 405, OPENAI),
        ("DELETE", "/v1/models", 405, OPENAI),
        ("PATCH", "/v1/models/a/b", 405, OPENAI),
        ("POST", "/v1/nothing", 404, OPENAI),
        ("GET", "/v1", 404, OPENAI),
        ("POST", "/v1//embeddings", 404, OPENAI),
        ("POST", "//v1/embeddings", 404, ENVELOPE),
        ("POST", "/v1/embeddings/more", 404, OPENAI),
        ("GET", "/v1/models/nobody/has:this", 404, OPENAI),
        ("GET", "/v1/%F0%9F%92%A9/%ff%00%ed%a0%80", 404, OPENAI),
        ("PUT", "/tasks/x", 405, LLMEQUEUE),
        ("GET", "/tasks/x/y/z", 404, LLMEQUEUE),
        ("GET", "/worker/tasks", 404, LLMEQUEUE),
        ("GET", "/nothing", 404, ENVELOPE),
        ("GET", "/favicon.ico", 404, ENVELOPE),
        ("GET", "/static/../../etc/passwd", 404, ENVELOPE),
        ("GET", "/agent/register", 405, ENVELOPE),
        ("GET", "/private/agent/turn", 405, ENVELOPE),
        ("POST", "/private/agent/nothing", 404, ENVELOPE),
        ("POST", "/management/nothing", 404, ENVELOPE),
        ("BREW", "/health", 405, ENVELOPE),
    ],
)
def test_wrong_paths_and_methods_are_answered_in_the_shape_of_the_surface(
    steady: Steady, method: str, path: str, status: int, shape: str
) -> None:
    """JSON with exactly the surface's fields; never a page, never a redirect."""
    answer = steady.client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    check_shape(shape, status, answer.json())


def test_a_wrong_method_is_told_the_right_ones(steady: Steady) -> None:
    """405 has `Allow` and OpenAI's words."""
    answer = steady.client.get(EMBEDDINGS)
    assert "POST" in answer.headers["allow"].split(", ")
    assert answer.json()["error"]["code"] == "method_not_supported"
    assert answer.json()["error"]["message"].startswith("Not allowed to GET on /v1/embeddings.")


@pytest.mark.parametrize("path", ["/v1/embeddings/", "/v1/models/"])
def test_a_slash_at_the_end_does_no_harm(steady: Steady, path: str) -> None:
    """The path is served where it stands: a redirected POST would lose its body."""
    method = "POST" if "embeddings" in path else "GET"
    answer = steady.client.request(method, path, json={"model": MODEL, "input": "a"} if method == "POST" else None)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("OPTIONS", "/ready", 405), ("TRACE", "/v1/models", 405), ("HEAD", "/v1/models", 200)],
)
def test_no_method_brings_a_page(steady: Steady, method: str, path: str, status: int) -> None:
    """What Flask would answer by itself is JSON too."""
    answer = steady.client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LocalHost:8000", 200),
        ("127.0.0.1:1", 200),
        ("192.168.7.9", 200),
        ("[::1]:8000", 200),
        ("pool.example", 421),
        ("localhost.attacker.example", 421),
        ("attacker.example:80", 421),
        ("127.0.0.1.attacker.example", 421),
        ("[::1", 421),
        ("a" * 400, 421),
        ("", 421),
    ],
)
def test_only_our_own_host_names_are_answered(steady: Steady, host: str, status: int) -> None:
    """Addresses and localhost are fine; a foreign name could be a page that points its own name at us."""
    answer = raw_http.exchange(steady.live.url, raw_http.request("GET /v1/health", f"Host: {host}"), "GET")
    if status == 421:
        assert answer.status == 421
        check_shape(OPENAI, 421, json.loads(answer.body))
    else:
        assert answer.status == 404, "the host was accepted: the path is looked up"


@pytest.mark.parametrize(
    ("changes", "host", "status"),
    [
        ({"public_url": "https://pool.example/sub"}, "pool.example", 200),
        ({"public_url": "https://pool.example"}, "other.example", 421),
        ({"allowed_hosts": "a.example, B.example"}, "b.example:8443", 200),
        ({"allowed_hosts": "a.example"}, "c.example", 421),
        ({"allowed_hosts": "*"}, "anything.example", 200),
    ],
)
def test_the_operator_names_more_hosts(start: Start, changes: dict[str, str], host: str, status: int) -> None:
    """PUBLIC_URL and ALLOWED_HOSTS add names, `*` all."""
    assert start(**changes).caller({"Host": host}).get("/health").status_code == status


@pytest.mark.parametrize("path", ["/health", "/v1/models", "/v1/nothing", "/tasks/x", "/private/agent/ping"])
def test_every_answer_is_guarded_and_numbered(steady: Steady, path: str) -> None:
    """Security headers, a request id and the time taken stand on good and bad answers alike."""
    headers = steady.client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert re.fullmatch(r"req_[0-9a-f]{24}", headers["x-request-id"])
    assert headers["openai-processing-ms"].isdigit()
    assert "server" not in headers


def oversize(live: LivePool, path: str, *headers: str, body: bytes = b"") -> Answer:
    """Send a request by hand."""
    lines = ("Host: localhost", f"Authorization: Bearer {live.issue_key()}", *headers)
    return raw_http.exchange(live.url, raw_http.request(f"POST {path}", *lines, body=body))


@pytest.mark.parametrize(("path", "shape"), [(EMBEDDINGS, OPENAI), ("/private/agent/turn", ENVELOPE)])
@pytest.mark.parametrize("as_chunks", [False, True])
def test_a_body_over_the_limit_is_refused_in_the_surfaces_shape(
    steady: Steady, path: str, shape: str, as_chunks: bool
) -> None:
    """413, as JSON, with the request's id, whether the length was told before or not."""
    body = b" " * (LIMIT + 1)
    if as_chunks:
        answer = oversize(
            steady.live, path, "Transfer-Encoding: chunked", body=raw_http.chunked(body + b" " * 2**17, 2**16)
        )
    else:
        answer = oversize(steady.live, path, f"Content-Length: {len(body)}")
    assert answer.status == 413
    assert answer.headers["Content-Type"] == "application/json"
    parsed = json.loads(answer.body)
    check_shape(shape, 413, parsed)
    if shape == OPENAI:
        assert parsed["error"]["code"] == "request_too_large"
        assert parsed["error"]["message"].startswith("Request too large")
    assert answer.headers["x-request-id"]


def test_a_body_of_exactly_the_limit_is_read(steady: Steady) -> None:
    """MAX_BODY_MIB is the largest body that is taken, not the smallest that is not."""
    body = json.dumps({"model": MODEL, "input": "a"}).encode()
    padded = body + b" " * (LIMIT - len(body))
    answer = oversize(steady.live, EMBEDDINGS, f"Content-Length: {LIMIT}", body=padded)
    assert answer.status == 200, answer.body


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"POST /v1/embeddings HTTP/1.1\r\nHost localhost\r\n\r\n", 400),
        (b"POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nContent-Length: many\r\n\r\n", 400),
        (b"POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
    ],
    ids=["header without colon", "length is no number", "unknown transfer encoding", "20 kB of headers", "TLS"],
)
def test_what_is_no_http_is_refused(steady: Steady, request_bytes: bytes, status: int) -> None:
    """The web server itself refuses it, without a page, and goes on."""
    answer = raw_http.exchange(steady.live.url, request_bytes)
    assert answer.status == status
    assert "html" not in answer.headers["Content-Type"]
    assert steady.client.get("/health").status_code == 200


def test_an_unforeseen_error_is_ours_and_says_nothing(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """500 in OpenAI's shape, without a word of what broke; the log has that under the id that went out."""
    live = start()
    with live.agent():
        with closing(sqlite3.connect(live.settings.database_path)) as broken:
            broken.execute("ALTER TABLE jobs RENAME TO jobs_canary")
        answer = live.client().post(EMBEDDINGS, json={"model": MODEL, "input": "a"})
    assert answer.status_code == 500
    check_shape(OPENAI, 500, answer.json())
    assert answer.json()["error"]["type"] == "server_error"
    assert "jobs" not in answer.text + str(answer.headers)
    assert "no such table" in caplog.text

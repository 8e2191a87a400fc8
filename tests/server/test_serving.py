"""Serving with waitress: the end that leaves nobody without an answer, and slow connections that are closed."""

from __future__ import annotations

import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest

from server import serving
from tests import raw_http
from tests.factories import MODEL
from tests.live_pool import live_pool
from tests.scripted_agent import ScriptedAgent
from tests.server.server_process import MANAGEMENT_TOKEN, ServerProcess
from tests.server.web.conftest import wait_until

#: What the server promises for its end (seconds), and what a loaded machine gets on top.
STOP_SECONDS, SLACK_SECONDS = 12, 10
OPERATOR = {"X-Mgmt-Token": MANAGEMENT_TOKEN}
SDK = {"x-stainless-lang": "python", "x-stainless-read-timeout": "600"}


def client_of(server: ServerProcess) -> httpx.Client:
    """A client with a key of its own."""
    made = httpx.post(
        f"{server.url}/management/client_api_keys/update", headers=OPERATOR, json={"name": "k"}, trust_env=False
    )
    headers = {"Authorization": f"Bearer {made.json()['key']}"}
    return httpx.Client(base_url=server.url, headers=headers, timeout=60, trust_env=False)


def agent_of(server: ServerProcess) -> ScriptedAgent:
    """An agent that joined with an invite of its own."""
    made = httpx.post(f"{server.url}/management/invites/create", headers=OPERATOR, json={}, trust_env=False)
    return ScriptedAgent(server.url, made.json()["code"])


def in_use(server: ServerProcess) -> tuple[int, int]:
    """How many agents and clients wait."""
    ready = httpx.get(f"{server.url}/ready", trust_env=False).json()
    return ready["agent_polls"]["in_use"], ready["client_waits"]["in_use"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_at_the_signal_everybody_who_waits_is_answered(tmp_path: Path, number: signal.Signals) -> None:
    """Clients get a 503 with when to come back, polls an empty turn with it; the process ends with 0, in time."""
    with (
        ServerProcess(tmp_path) as server,
        client_of(server) as client,
        ThreadPoolExecutor(4) as threads,
        ExitStack() as opened,
    ):
        busy, idle = (opened.enter_context(closing(agent_of(server))) for _ in range(2))
        wanted = {"model": MODEL, "input": "a"}
        sdk = threads.submit(client.post, "/v1/embeddings", json=wanted, headers=SDK)
        other = threads.submit(client.post, "/v1/embeddings?wait=30", json={**wanted, "input": "b"})
        for _ in range(2):
            busy.claim(holding=[task["lease_id"] for task in busy.tasks])
        poll = threads.submit(idle.turn, max_tasks=1, wait=30)
        wait_until(lambda: in_use(server) == (1, 2))
        began = time.monotonic()
        server.process.send_signal(number)
        for answer in (sdk.result(), other.result()):
            assert answer.status_code == 503
            assert 0 < float(answer.headers["retry-after"]) <= 60
            assert answer.json()["error"]["code"] == "shutting_down"
        assert poll.result()["tasks"] == []
        assert poll.result()["poll_after"] > 0
        assert server.process.wait(60) == 0
        assert time.monotonic() - began < STOP_SECONDS + SLACK_SECONDS


def test_after_a_restart_the_agent_completes_what_it_held(tmp_path: Path) -> None:
    """Job and lease outlive the process: the result of the same lease is accepted, and the client's retry gets it."""
    with ServerProcess(tmp_path) as server, client_of(server) as client, closing(agent_of(server)) as agent:
        place = client.post("/v1/embeddings?wait=0", json={"model": MODEL, "input": "a"}).headers["location"]
        task, port = agent.claim(), server.port
        assert server.stop() == 0
        with ServerProcess(tmp_path, SERVER_ADDRESS=f"127.0.0.1:{port}"):
            assert agent.post("heartbeat", {"leases": [task["lease_id"]]}).json() == {
                "leases": {task["lease_id"]: "held"}
            }
            assert agent.report(agent.result(task))["outcome"] == "accepted"
            assert client.get(place).json()["status"] == "completed"


def test_a_second_signal_does_not_wait(tmp_path: Path) -> None:
    """An impatient operator is obeyed: a request that does not end is left behind."""
    with ServerProcess(tmp_path) as server, raw_http.connect(server.url) as slow:
        slow.sendall(raw_http.request("POST /v1/embeddings", "Host: localhost", "Content-Length: 5"))
        wait_until(lambda: in_use(server) == (0, 0))
        for _ in range(2):
            server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(60) in {0, -signal.SIGTERM}


def drip(connection: socket.socket, text: bytes) -> bytes:
    """Send byte by byte until the other end closes the connection; returns what it said."""
    connection.settimeout(0.05)
    for byte in text:
        try:
            connection.sendall(bytes([byte]))
            received = connection.recv(65536)
        except TimeoutError:
            continue
        except OSError:
            return b""
        return received
    pytest.fail("the connection was still open after all bytes were sent")


@pytest.mark.parametrize(
    "beginning",
    [
        b"GET /health HTTP/1.1\r\nX-Slow: ",
        b"POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000\r\n\r\n",
    ],
    ids=["headers", "body"],
)
def test_who_drips_a_request_byte_by_byte_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, beginning: bytes
) -> None:
    """Headers and body each have a deadline; every byte that comes does not start it anew. Others are not disturbed."""
    monkeypatch.setattr(serving, "HEADER_DEADLINE", 0.3)
    monkeypatch.setattr(serving, "BODY_DEADLINE", 0.3)
    monkeypatch.setattr(serving, "LOOK_EVERY", 0.1)
    with live_pool(tmp_path) as live, raw_http.connect(live.url) as slow:
        slow.sendall(beginning)
        assert drip(slow, b"a" * 1000) == b""
        assert live.caller().get("/health").status_code == 200


def test_a_connection_may_carry_many_slow_but_whole_requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline is for one request, not for the connection: a client that keeps it open and polls is let be."""
    monkeypatch.setattr(serving, "HEADER_DEADLINE", 0.3)
    monkeypatch.setattr(serving, "LOOK_EVERY", 0.1)
    with live_pool(tmp_path) as live, raw_http.connect(live.url) as connection:
        agent = live.agent()
        until = time.monotonic() + 1.5
        lines = ("Host: localhost", f"Authorization: Bearer {agent.token}", "Content-Length: 30")
        while time.monotonic() < until:
            body = b'{"max_tasks": 1, "wait": 0.4 }'
            connection.sendall(raw_http.request("POST /private/agent/turn", *lines, body=body))
            assert raw_http.read_answer(connection).status == 200


def test_what_waits_behind_a_trusted_proxy_is_believed(tmp_path: Path) -> None:
    """TRUSTED_PROXY's X-Forwarded headers are read, nobody else's; the server answers either way."""
    with live_pool(tmp_path, trusted_proxy="127.0.0.1") as live:
        answer = live.caller({"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}).get("/health")
        assert answer.status_code == 200

"""Wrong keys, tokens and invites over HTTP: a 429 in the surface's shape, and who is spared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.factories import make_invite
from tests.live_pool import LivePool
from tests.scripted_agent import description
from tests.server.web.conftest import Start

TRIES = 3
Try = Callable[[httpx.Client, int], httpx.Response]


def with_key(path: str) -> Try:
    return lambda http, number: http.get(path, headers={"X-API-Key": f"a-wrong-key-{number}"})


def with_token(path: str) -> Try:
    return lambda http, number: http.get(path, headers={"X-Mgmt-Token": f"wrong-{number}"})


def register(http: httpx.Client, number: int) -> httpx.Response:
    return http.post("/agent/register", json=description(apiKey=f"wrong-{number}"))


def look_at_invite(http: httpx.Client, number: int) -> httpx.Response:
    return http.post("/agent/invite", json={"code": f"wrong-{number}"})


def authenticate(http: httpx.Client, number: int) -> httpx.Response:
    return http.post("/agent/auth", json={"agentId": "01M80BR2P7MGEZ79NB14NP39QZ", "key": f"wrong-{number}"})


def next_task(http: httpx.Client, number: int) -> httpx.Response:
    return http.post("/worker/next", headers={"Authorization": f"Bearer wrong-{number}"})


def in_body(http: httpx.Client, number: int) -> httpx.Response:
    return http.post("/api/capabilities/online", json={"apiKey": f"a-wrong-key-{number}"})


def override(http: httpx.Client, number: int) -> httpx.Response:
    return http.post("/api/capabilities/online", json={}, headers={"X-MGMT-API-KEY": f"wrong-{number}"})


#: What is tried, with the status of a wrong one and the shape of the refusal.
SURFACES: dict[str, tuple[Try, int, str]] = {
    "v1": (with_key("/v1/models"), 401, "openai"),
    "tasks": (with_key("/tasks/x"), 401, "detail"),
    "worker": (next_task, 401, "detail"),
    "api": (with_key("/api/ping"), 403, "envelope"),
    "api, key in the body": (in_body, 403, "envelope"),
    "api, operator's header": (override, 403, "envelope"),
    "management": (with_token("/management/agents/list"), 403, "envelope"),
    "metrics": (with_token("/metrics"), 403, "envelope"),
    "register": (register, 403, "envelope"),
    "invite": (look_at_invite, 403, "envelope"),
    "auth": (authenticate, 403, "envelope"),
}


def check_refusal(answer: httpx.Response, shape: str) -> None:
    """Insist on a 429 in a shape, with when to come back."""
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert 0 < int(answer.headers["retry-after-ms"]) <= 60_000
    error: Any = answer.json()
    words = "Too many wrong keys or tokens came from your address. Please try again in "
    if shape == "openai":
        assert list(error["error"]) == ["message", "type", "param", "code"]
        assert (error["error"]["type"], error["error"]["code"]) == ("requests", "rate_limit_exceeded")
        assert error["error"]["message"].startswith(words)
    elif shape == "detail":
        assert error["detail"].startswith(words)
    else:
        assert (error["error"]["type"], error["error"]["status"]) == ("too_many_requests", 429)
        assert error["error"]["message"].startswith(f"Too many requests: {words}")


@pytest.mark.parametrize("surface", SURFACES)
def test_after_some_wrong_ones_an_address_is_refused(start: Start, surface: str) -> None:
    """Unlooked at: also on every other surface, and with a right key that was never seen from there."""
    attempt, status, shape = SURFACES[surface]
    live = start(max_wrong_keys=TRIES, auth_token="the-token-of-llmequeue's-workers")
    http = live.caller()
    assert [attempt(http, number).status_code for number in range(TRIES)] == [status] * TRIES
    check_refusal(attempt(http, TRIES), shape)
    for other, _, its_shape in SURFACES.values():
        check_refusal(other(http, TRIES + 1), its_shape)
    check_refusal(live.client().get("/v1/models"), "openai")


def at_work(live: LivePool) -> list[Callable[[], int]]:
    """Whoever used the pool before: a client, the operator, an agent that knows its key."""
    client, operator, invite = live.client(), live.operator(), make_invite(live.pool)
    joined = client.post("/agent/register", json=description(apiKey=invite)).json()
    proof = {"agentId": joined["agentId"], "key": joined["key"]}
    return [
        lambda: client.get("/v1/models").status_code,
        lambda: operator.get("/management/agents/list").status_code,
        lambda: client.post("/agent/auth", json=proof).status_code,
        lambda: client.post("/agent/register", json=description(apiKey=invite)).status_code,
    ]


def test_who_is_at_work_goes_on(start: Start) -> None:
    """From the same address: what was right before is looked at, and is right."""
    live = start(max_wrong_keys=TRIES)
    them = at_work(live)
    assert [one() for one in them] == [200] * 4
    http = live.caller()
    while with_key("/v1/models")(http, 0).status_code != 429:
        pass
    assert [one() for one in them] == [200] * 4


def test_a_request_without_a_key_is_no_try(start: Start) -> None:
    """It guesses nothing: any number of them gets the usual answer."""
    live = start(max_wrong_keys=TRIES)
    http = live.caller()
    for _ in range(TRIES * 3):
        assert http.get("/v1/models").status_code == 401
        assert http.get("/management/agents/list").status_code == 403
        assert http.get("/metrics").status_code == 403
    assert live.client().get("/v1/models").status_code == 200


def test_a_wrong_body_is_no_try(start: Start) -> None:
    """A registration with a field that is wrong is told so, and costs nothing."""
    live = start(max_wrong_keys=TRIES)
    wanted = description(apiKey=make_invite(live.pool), capacity=0)
    for _ in range(TRIES * 2):
        assert live.caller().post("/agent/register", json=wanted).status_code in {400, 422}


def test_behind_a_proxy_the_address_is_the_forwarded_one(start: Start) -> None:
    """Only what the trusted proxy says counts: one caller's tries are not another's."""
    live = start(max_wrong_keys=TRIES, trusted_proxy="127.0.0.1")
    first, second = (live.caller({"X-Forwarded-For": f"203.0.113.{number}"}) for number in (1, 2))
    for number in range(TRIES):
        with_key("/v1/models")(first, number)
    check_refusal(with_key("/v1/models")(first, 9), "openai")
    assert with_key("/v1/models")(second, 9).status_code == 401


def test_without_a_trusted_proxy_nobody_chooses_an_address(start: Start) -> None:
    """A guesser would have as many as it can write."""
    live = start(max_wrong_keys=TRIES)
    for number in range(TRIES):
        http = live.caller({"X-Forwarded-For": f"203.0.113.{number}"})
        assert with_key("/v1/models")(http, number).status_code == 401
    http = live.caller({"X-Forwarded-For": "203.0.113.77"})
    check_refusal(with_key("/v1/models")(http, 9), "openai")

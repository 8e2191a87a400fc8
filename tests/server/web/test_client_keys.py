"""Who may ask: client keys on `/v1` and `/tasks`."""

from __future__ import annotations

import time

import pytest

from server.services import access
from tests.factories import MODEL
from tests.live_pool import EMBEDDINGS
from tests.server.web.conftest import Start, Steady

WANTED = {"model": MODEL, "input": "a"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Authorization": "Bearer sk-somebody-elses-key"},
        {"Authorization": "Bearer ep_live_abcdefgh_mistyped_00000000"},
        {"Authorization": "Bearer " + "k" * 4000},
        {"Authorization": b"Bearer \xc3\xa9\xff"},
        {"X-API-Key": "wrong"},
    ],
)
@pytest.mark.parametrize("path", [EMBEDDINGS, "/v1/models", "/v1/models/x"])
def test_without_a_key_of_this_pool_nothing_is_answered(
    steady: Steady, headers: dict[str, str | bytes], path: str
) -> None:
    """401 with the words that LiteLLM looks for, and how to do better."""
    method = "POST" if path == EMBEDDINGS else "GET"
    request = steady.live.caller().build_request(method, path, json=WANTED if method == "POST" else None)
    for name, value in headers.items():
        request.headers.raw.append((name.encode(), value if isinstance(value, bytes) else value.encode()))
    answer = steady.live.caller().send(request)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    error = answer.json()["error"]
    assert error["message"].startswith("Incorrect API key provided: ")
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", None, "invalid_api_key")


def test_a_refused_key_is_not_shown_whole(steady: Steady) -> None:
    """The message may land in a log: it shows the beginning and the end only."""
    key = "sk-1234567890-secret-part-abcdef"
    answer = steady.live.caller({"Authorization": f"Bearer {key}"}).post(EMBEDDINGS, json=WANTED)
    assert "secret-part" not in answer.text
    assert "sk" in answer.json()["error"]["message"]


@pytest.mark.parametrize("header", ["Authorization", "authorization", "X-API-Key"])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_key_is_taken_from_both_headers(steady: Steady, header: str, scheme: str) -> None:
    """`Authorization: Bearer` in any case of letters, and `X-API-Key`, as LLMeQueue's clients send it."""
    key = steady.live.issue_key()
    value = key if header == "X-API-Key" else f"{scheme} {key}"
    assert steady.live.caller({header: value}).get("/v1/models").status_code == 200


def test_a_key_in_the_address_is_worth_nothing(steady: Steady) -> None:
    """Addresses stand in logs: keys are read from headers only."""
    key = steady.live.issue_key()
    assert steady.live.caller().get("/v1/models", params={"api_key": key, "key": key}).status_code == 401


def test_an_expired_key_is_refused(start: Start) -> None:
    """401 that says so, with its own code, although the key was good a moment ago."""
    live = start()
    now = live.pool.clock.now()
    issued = access.issue_key(live.pool, name="short", capabilities=["*"], expires_at=now + 300, now=now)
    client = live.caller({"Authorization": f"Bearer {issued.key}"})
    while client.get("/v1/models").status_code == 200:
        time.sleep(0.02)
    error = client.get("/v1/models").json()["error"]
    assert error["code"] == "key_expired"
    assert error["message"].startswith("Incorrect API key provided: ")
    assert "expired" in error["message"]


def test_a_revoked_key_is_refused_at_once(start: Start) -> None:
    """The next request after the revocation is a 401 that says so."""
    live = start()
    key = live.issue_key()
    client = live.caller({"Authorization": f"Bearer {key}"})
    assert client.get("/v1/models").status_code == 200
    access.revoke_key(live.pool, key, live.pool.clock.now())
    answer = client.get("/v1/models")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "key_disabled"
    assert "revoked" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("capabilities", "status"),
    [
        (["*"], 200),
        (["embed.*"], 200),
        ([f"embed.{MODEL}"], 200),
        (["embed.nomic*"], 200),
        (["embed.other"], 403),
        (["llm.*"], 403),
    ],
)
def test_a_key_reaches_what_it_was_given(steady: Steady, capabilities: list[str], status: int) -> None:
    """A model outside the key's capabilities is a 403 that names the model."""
    answer = steady.live.client(*capabilities).post(EMBEDDINGS, json=WANTED)
    assert answer.status_code == status, answer.text
    if status == 403:
        error = answer.json()["error"]
        assert (error["type"], error["code"]) == ("permission_error", "insufficient_permissions")
        assert MODEL in error["message"]


def test_keys_from_the_environment_work(start: Start) -> None:
    """CLIENT_API_KEYS and AUTH_TOKEN are client keys as they stand."""
    live = start(
        client_api_keys="first-key-of-the-operator, second-key-of-the-operator", auth_token="third-of-llmequeue"
    )
    for key in ("first-key-of-the-operator", "second-key-of-the-operator", "third-of-llmequeue"):
        assert live.caller({"X-API-Key": key}).get("/v1/models").status_code == 200
    assert (
        live.caller({"X-API-Key": "first-key-of-the-operator, second-key-of-the-operator"})
        .get("/v1/models")
        .status_code
        == 401
    )

"""`/management`: the operator's API, and that no secret can be read back from it or from the disk."""

from __future__ import annotations

import re
import time
from typing import Any

import httpx
import pytest

from tests.factories import MODEL
from tests.live_pool import EMBEDDINGS, LivePool
from tests.scripted_agent import description
from tests.server.web.conftest import Start, Steady
from tests.server.web.test_agent_registration import check_envelope

KEYS, INVITES, AGENTS = "/management/client_api_keys", "/management/invites", "/management/agents"
UNLIMITED = dict.fromkeys(("requestsPerMinute", "tokensPerDay", "maxInFlight", "maxStoredBytes"))
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def works(live: LivePool, key: str) -> bool:
    """Whether a client key is accepted."""
    return live.caller({"Authorization": f"Bearer {key}"}).get("/v1/models").status_code == 200


@pytest.mark.parametrize("header", ["X-Mgmt-Token", "Authorization"])
def test_the_operators_token_is_taken_from_both_headers(steady: Steady, header: str) -> None:
    """As OffloadMQ sends it, and as everybody else does."""
    token = steady.live.settings.mgmt_token
    value = token if header == "X-Mgmt-Token" else f"Bearer {token}"
    assert steady.live.caller({header: value}).get(f"{KEYS}/list").status_code == 200


@pytest.mark.parametrize(
    "headers", [{}, {"X-Mgmt-Token": "wrong"}, {"Authorization": "Bearer wrong"}, {"X-Mgmt-Token": ""}]
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{KEYS}/list"),
        ("POST", f"{KEYS}/update"),
        ("POST", f"{KEYS}/revoke/x"),
        ("GET", f"{INVITES}/list"),
        ("POST", f"{INVITES}/create"),
        ("POST", f"{INVITES}/revoke/x"),
        ("GET", f"{AGENTS}/list"),
        ("GET", f"{AGENTS}/list/online"),
        ("POST", f"{AGENTS}/delete/x"),
    ],
)
def test_nobody_else_gets_in(steady: Steady, headers: dict[str, str], method: str, path: str) -> None:
    """403 in the envelope on every route, and nothing was done."""
    check_envelope(
        steady.live.caller(headers).request(method, path, json={}), 403, "authorization_error", "Unauthorized"
    )


def test_a_client_key_and_an_agents_token_are_no_operators(steady: Steady) -> None:
    """Other secrets of the same pool open nothing here."""
    for token in (steady.live.issue_key(), steady.agent.token, steady.agent.key):
        assert steady.live.caller({"Authorization": f"Bearer {token}"}).get(f"{KEYS}/list").status_code == 403


def test_a_key_is_shown_once_masked_in_lists_and_hashed_on_disk(start: Start) -> None:
    """The plain key is in the first answer and nowhere else: not in a list, not in any byte of the data folder."""
    live = start()
    operator = live.operator()
    made = operator.post(f"{KEYS}/update", json={"name": "Ann", "capabilities": ["embed.*"]}).json()
    key = made["key"]
    assert works(live, key)
    told = ["id", "key", "name", "capabilities", "isPredefined", "created", "expiresAt", "isRevoked", "disabled"]
    assert list(made) == [*told, "trust", *UNLIMITED, "used"]
    assert (made["disabled"], made["used"]) == (False, UNLIMITED)
    assert (made["name"], made["capabilities"], made["isPredefined"]) == ("Ann", ["embed.*"], False)
    assert (made["expiresAt"], made["isRevoked"]) == (None, False)
    assert re.fullmatch(TIME, made["created"])
    listing = operator.get(f"{KEYS}/list")
    (listed,) = listing.json()
    assert {**listed, "key": key} == made
    assert key not in listing.text
    assert listed["key"].startswith("ep_live_")
    on_disk = live.on_disk()
    assert made["id"].encode() in on_disk
    assert key.encode() not in on_disk
    assert key.rpartition("_")[0].encode() not in on_disk


@pytest.mark.parametrize("by", ["id", "key"])
def test_a_key_is_revoked_by_its_id_or_itself(start: Start, by: str) -> None:
    """It is worthless at once and in no list; once more is a 404 that does not repeat it."""
    live = start()
    operator = live.operator()
    made = operator.post(f"{KEYS}/update", json={"name": "Ann"}).json()
    revoked = operator.post(f"{KEYS}/revoke/{made[by]}").json()
    assert (revoked["id"], revoked["isRevoked"]) == (made["id"], True)
    assert made["key"] not in str(revoked)
    assert not works(live, made["key"])
    assert operator.get(f"{KEYS}/list").json() == []
    again = operator.post(f"{KEYS}/revoke/{made[by]}")
    check_envelope(again, 404, "not_found", "no active client key")
    assert made["key"] not in again.text


def test_a_key_of_the_operators_choice_can_be_made_and_changed(start: Start) -> None:
    """`key` in the body makes that one, or changes what it may do if it is there already."""
    live = start()
    operator, key = live.operator(), "a-key-that-the-operator-chose"
    made = operator.post(f"{KEYS}/update", json={"key": key, "name": "first"}).json()
    assert works(live, key)
    changed = operator.post(f"{KEYS}/update", json={"key": key, "name": "second", "capabilities": ["llm.*"]}).json()
    assert (changed["id"], changed["name"], changed["capabilities"]) == (made["id"], "second", ["llm.*"])
    assert len(operator.get(f"{KEYS}/list").json()) == 1
    live.agent()
    client = live.caller({"Authorization": f"Bearer {key}"})
    assert client.post(EMBEDDINGS, json={"model": MODEL, "input": "a"}).status_code == 403


def test_a_revoked_key_that_is_made_again_works_again(start: Start) -> None:
    """The operator names it once more: it is as good as new, and the answer and the list agree on that."""
    live = start()
    operator, key = live.operator(), "a-key-that-the-operator-chose"
    operator.post(f"{KEYS}/update", json={"key": key, "name": "first"})
    operator.post(f"{KEYS}/revoke/{key}")
    assert operator.post(f"{KEYS}/update", json={"key": key, "name": "again"}).json()["isRevoked"] is False
    assert works(live, key)
    assert [one["name"] for one in operator.get(f"{KEYS}/list").json()] == ["again"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"expiresAt": 1}, "expiresAt"),
        ({"expiresAt": -5}, "expiresAt"),
        ({"expiresAt": "tomorrow"}, "expiresAt"),
        ({"expiresAt": 1e10}, "expiresAt"),
        ({"expiresAt": 10**15}, "expiresAt"),
        ({"expiresAt": True}, "expiresAt"),
        ({"name": ""}, "name"),
        ({"name": "n" * 101}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": 5}, "name"),
        ({"capabilities": []}, "capabilities"),
        ({"capabilities": "embed.*"}, "capabilities"),
        ({"capabilities": [""]}, "capabilities"),
        ({"capabilities": [None]}, "capabilities"),
        ({"capabilities": ["x"] * 101}, "capabilities"),
    ],
)
@pytest.mark.parametrize("path", [f"{KEYS}/update", f"{INVITES}/create"])
def test_a_wrong_field_is_named(steady: Steady, path: str, body: dict[str, Any], field: str) -> None:
    """400 in the envelope that names the field; nothing is made."""
    operator = steady.live.operator()
    before = len(operator.get(f"{KEYS}/list").json()), len(operator.get(f"{INVITES}/list").json())
    check_envelope(operator.post(path, json={"name": "x", **body}), 400, "bad_request", "Bad request", field)
    assert before == (len(operator.get(f"{KEYS}/list").json()), len(operator.get(f"{INVITES}/list").json()))


@pytest.mark.parametrize(
    "body", [{"uses": 0}, {"uses": 10_001}, {"uses": "1"}, {"tier": -1}, {"tier": 256}, {"tier": 1.5}]
)
def test_a_wrong_field_of_an_invite_is_named(steady: Steady, body: dict[str, Any]) -> None:
    """400 in the envelope that names the field."""
    answer = steady.live.operator().post(f"{INVITES}/create", json=body)
    check_envelope(answer, 400, "bad_request", next(iter(body)))


@pytest.mark.parametrize("raw", [b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(steady: Steady, raw: bytes) -> None:
    """400 in the envelope."""
    check_envelope(steady.live.operator().post(f"{KEYS}/update", content=raw), 400, "bad_request", "JSON")


def test_expiry_travels_in_seconds(start: Start) -> None:
    """`expiresAt` comes back as it was given."""
    expires_at = int(time.time()) + 3600
    operator = start().operator()
    for path in (f"{KEYS}/update", f"{INVITES}/create"):
        assert operator.post(path, json={"name": "x", "expiresAt": expires_at}).json()["expiresAt"] == expires_at


def test_an_invite_is_shown_once_with_its_link(start: Start) -> None:
    """Code and link are in the first answer only; the list counts who used it; a revoked one is in no list."""
    live = start(public_url="https://pool.example")
    operator = live.caller({"X-Mgmt-Token": live.settings.mgmt_token})
    made = operator.post(f"{INVITES}/create", json={"name": "Library", "uses": 3, "tier": 7}).json()
    assert made["link"] == f"https://pool.example/join/{made['code']}"
    assert (made["uses"], made["maxUses"], made["tier"], made["capabilities"]) == (0, 3, 7, ["*"])
    live.agent(invite=made["code"])
    listing = operator.get(f"{INVITES}/list")
    (listed,) = listing.json()
    assert (listed["id"], listed["uses"]) == (made["id"], 1)
    assert made["code"] not in listing.text
    assert made["code"].encode() not in live.on_disk()
    assert operator.post(f"{INVITES}/revoke/{made['code']}").json()["isRevoked"] is True
    assert operator.get(f"{INVITES}/list").json() == []
    check_envelope(operator.post(f"{INVITES}/revoke/{made['id']}"), 404, "not_found", "no active invite")


def test_a_deleted_agent_is_out_at_once(start: Start) -> None:
    """Its token and key are worthless, its lease goes to another; it is in no list; once more is no mistake."""
    live = start()
    gone, other = live.agent(), live.agent()
    operator = live.operator()
    live.client().post(f"{EMBEDDINGS}?wait=0", json={"model": MODEL, "input": "a"})
    gone.claim()
    assert operator.post(f"{AGENTS}/delete/{gone.id}").json() == "Agent deleted"
    assert gone.post("turn").status_code == 403
    assert [one["uid"] for one in operator.get(f"{AGENTS}/list").json()] == [other.id]
    assert other.claim()["payload"]["texts"] == ["a"]
    assert operator.post(f"{AGENTS}/delete/{gone.id}").json() == "Agent deleted"


def test_agents_online_are_those_heard_of_lately(start: Start) -> None:
    """An agent that only registered, and one that left, are not online; the list of all says when each was heard of."""
    live = start()
    present, silent = live.agent(), live.agent()
    present.turn(max_tasks=0)
    operator = live.operator()
    online = [one["uid"] for one in operator.get(f"{AGENTS}/list/online").json()]
    every = {one["uid"]: one for one in operator.get(f"{AGENTS}/list").json()}
    assert online == [uid for uid, one in every.items() if one["connected"]]
    assert present.id in online
    assert re.fullmatch(TIME, every[present.id]["lastContact"])
    assert set(every) == {present.id, silent.id}


def test_a_name_may_be_any_text_that_is_printable(start: Start) -> None:
    """Names come back as they were given, in any script; what could break a line is refused elsewhere."""
    operator: httpx.Client = start().operator()
    name = "Bücherei <b>&\"' 東京"
    operator.post(f"{KEYS}/update", json={"name": name})
    assert operator.get(f"{KEYS}/list").json()[0]["name"] == name


def test_a_description_cannot_carry_a_secret_into_lists(start: Start) -> None:
    """The operator's list has exactly the documented fields: nothing that opens the pool."""
    live = start()
    agent = live.agent(**{"apiKeyCopy": "canary", **description()})
    listing = live.operator().get(f"{AGENTS}/list").text
    assert agent.key not in listing
    assert agent.token not in listing
    assert "canary" not in listing

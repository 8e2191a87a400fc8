"""Joining and leaving: `/agent/register`, `/agent/auth`, tokens, `/info/update`, `/leave`."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest

from server.services import invitations
from server.services.tokens import ALGORITHM, AUDIENCE
from tests.factories import MODEL, make_invite
from tests.live_pool import EMBEDDINGS, LivePool
from tests.scripted_agent import description, offer
from tests.server.web.conftest import Start, Steady, wait_until

NATIVE_SECONDS, FOREIGN_SECONDS = 3600, 7 * 24 * 3600


def check_envelope(answer: Any, status: int, kind: str, *words: str) -> None:
    """Insist on the shape of an error on agents' paths, and on words in its message."""
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert list(error) == ["type", "message", "status"]
    assert (error["type"], error["status"]) == (kind, status)
    assert [word for word in words if word not in error["message"]] == [], error["message"]


def test_a_pc_joins_with_an_invite_and_gets_an_identity(start: Start) -> None:
    """The answer has id, key and the pool's name; the key opens the pool and stands in no file."""
    live = start(pool_name="The library's pool")
    body = {"apiKey": make_invite(live.pool), **description()}
    joined = live.caller().post("/agent/register", json=body).json()
    assert list(joined) == ["agentId", "key", "message", "pool"]
    assert (joined["message"], joined["pool"]) == ("Registered", "The library's pool")
    proof = {"agentId": joined["agentId"], "key": joined["key"]}
    token = live.caller().post("/agent/auth", json=proof).json()["token"]
    bearer = live.caller({"Authorization": f"Bearer {token}"})
    assert bearer.get("/private/agent/ping").json() == {"status": "ok"}
    on_disk = live.on_disk()
    assert joined["agentId"].encode() in on_disk
    assert joined["key"].encode() not in on_disk
    assert body["apiKey"].encode() not in on_disk


@pytest.mark.parametrize(("client", "seconds"), [("embedpool-agent", NATIVE_SECONDS), ("offloadmq", FOREIGN_SECONDS)])
def test_a_token_lives_as_long_as_its_kind_of_agent_needs(start: Start, client: str, seconds: int) -> None:
    """An hour for ours, a week for OffloadMQ's, which never authenticates again; `expiresIn` is when it ends."""
    live = start()
    agent = live.agent(systemInfo={"os": "Test", "client": client, "runtime": "python", "cpuArch": "x86_64"})
    answer = live.caller().post("/agent/auth", json={"agentId": agent.id, "key": agent.key}).json()
    claims = jwt.decode(answer["token"], options={"verify_signature": False})
    assert answer["expiresIn"] == claims["exp"]
    assert 0 <= claims["exp"] - live.pool.clock.now() // 1000 - seconds + 30 <= 30


def test_an_invite_lets_in_as_many_pcs_as_it_says(start: Start) -> None:
    """The one too many is told that it has been used."""
    live = start()
    code = make_invite(live.pool, max_uses=2)
    for _ in range(2):
        live.agent(invite=code)
    refused = live.caller().post("/agent/register", json={"apiKey": code, **description()})
    check_envelope(refused, 403, "authorization_error", "Authorization failed: Incorrect API key", "has been used")


def test_why_an_invite_is_worth_nothing_is_said(start: Start) -> None:
    """Unknown, revoked and expired each have their words."""
    live = start()
    revoked = make_invite(live.pool)
    invitations.revoke_invite(live.pool, revoked, live.pool.clock.now())
    expires_at = live.pool.clock.now() + 50
    expired = make_invite(live.pool, expires_at=expires_at)
    wait_until(lambda: live.pool.clock.now() > expires_at)
    for code, words in (("nonsense", "not one of this pool"), (revoked, "was revoked"), (expired, "has run out")):
        refused = live.caller().post("/agent/register", json={"apiKey": code, **description()})
        check_envelope(refused, 403, "authorization_error", "Incorrect API key", words)
    assert live.operator().get("/management/agents/list").json() == []


def test_an_invite_rules_over_what_the_agent_says(start: Start) -> None:
    """Its tier and its capabilities win; what it does not allow is not offered, also not after an update."""
    live = start()
    code = make_invite(live.pool, tier=9, capabilities=["embed.nomic*"])
    agent = live.agent(offer(), offer("all-minilm"), invite=code, tier=200)
    for _ in range(2):
        (listed,) = live.operator().get("/management/agents/list").json()
        assert listed["tier"] == 9
        assert [one["id"] for one in live.client().get("/v1/models").json()["data"]] == [MODEL]
        agent.post("info/update", description(offer(), offer("all-minilm"), tier=200))


WRONG_FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"capabilities": None}, "capabilities"),
    ({"capabilities": "embed.x"}, "capabilities"),
    ({"capabilities": [1]}, "capabilities"),
    ({"capabilities": [" x"]}, "capabilities"),
    ({"capabilities": ["a\0"]}, "capabilities"),
    ({"capabilities": ["x"] * 501}, "capabilities"),
    ({"tier": None}, "tier"),
    ({"tier": "5"}, "tier"),
    ({"tier": True}, "tier"),
    ({"tier": 5.0}, "tier"),
    ({"tier": -1}, "tier"),
    ({"tier": 256}, "tier"),
    ({"capacity": 0}, "capacity"),
    ({"capacity": 2**32}, "capacity"),
    ({"capacity": 10**30}, "capacity"),
    ({"systemInfo": []}, "systemInfo"),
    ({"systemInfo": {"a": "b" * 5000}}, "systemInfo"),
    ({"displayName": "n" * 51}, "display_name"),
    ({"displayName": 5}, "displayName"),
    ({"appVersion": "v" * 201}, "appVersion"),
    ({"models": {}}, "models"),
    ({"models": [1]}, "models[0]"),
    ({"models": [offer()] * 2}, "models[1].model"),
    ({"models": [offer(f"m{n}") for n in range(201)]}, "models"),
    ({"models": [offer("a model [with brackets]")]}, "models[0].model"),
    ({"models": [offer(), offer("gpt-oss:120b-cloud")]}, "models[1].model"),
    ({"models": [offer(kind="image")]}, "models[0].kind"),
    ({"models": [offer(digest="")]}, "models[0].digest"),
    ({"models": [offer(digest="x" * 129)]}, "models[0].digest"),
    ({"models": [offer(dimensions=0)]}, "models[0].dimensions"),
    ({"models": [offer(dimensions=True)]}, "models[0].dimensions"),
    ({"models": [offer(dimensions=65_537)]}, "models[0].dimensions"),
    ({"models": [offer(contextLength="512")]}, "models[0].contextLength"),
    ({"models": [offer(engine="a\nb")]}, "models[0].engine"),
    ({"models": [offer(engine=None)]}, "models[0].engine"),
]


@pytest.mark.parametrize(
    ("changes", "field"), WRONG_FIELDS, ids=[f"{n}-{one[1]}" for n, one in enumerate(WRONG_FIELDS)]
)
def test_a_wrong_field_of_a_description_is_named(steady: Steady, changes: dict[str, Any], field: str) -> None:
    """422 that names the field, for a PC that joins and for one that is here; the invite is not used up by it."""
    code = make_invite(steady.live.pool, max_uses=1)
    refused = steady.live.caller().post("/agent/register", json={"apiKey": code, **description(**changes)})
    # OffloadMQ's exception: a name that is too long is its 400.
    status, kind = (400, "bad_request") if field == "display_name" else (422, "parse_error")
    check_envelope(refused, status, kind, field)
    check_envelope(steady.agent.post("info/update", description(**changes)), status, kind, field)
    assert steady.live.agent(invite=code).post("leave").status_code == 200


@pytest.mark.parametrize("path", ["/agent/register", "/agent/auth"])
@pytest.mark.parametrize("raw", [b"{", b"[]", b"null", b'"x"', b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(steady: Steady, path: str, raw: bytes) -> None:
    """400 in the envelope, whatever it is."""
    check_envelope(steady.live.caller().post(path, content=raw), 400, "bad_request", "Bad request")


@pytest.mark.parametrize("path", ["/agent/register", "/agent/auth"])
@pytest.mark.parametrize("raw", [b"", b"{}", b'{"apiKey": 5, "agentId": 5}'])
def test_an_object_without_what_is_needed_is_refused(steady: Steady, path: str, raw: bytes) -> None:
    """422 in the envelope, as OffloadMQ has it."""
    check_envelope(steady.live.caller().post(path, content=raw), 422, "parse_error", "Parse error")


@pytest.mark.parametrize("change", [{"key": "ep_agent_wrong"}, {"agentId": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}, {"key": ""}])
def test_wrong_credentials_are_refused_alike(steady: Steady, change: dict[str, str]) -> None:
    """403 in the same words whether the agent or the key is wrong."""
    proof = {"agentId": steady.agent.id, "key": steady.agent.key, **change}
    refused = steady.live.caller().post("/agent/auth", json=proof)
    check_envelope(refused, 403, "authorization_error", "Incorrect credentials")


def forged(live: LivePool, agent_id: str, **changes: Any) -> list[str]:
    """Tokens that are wrong in one thing each."""
    secret, good = live.settings.jwt_secret, {"sub": agent_id, "aud": AUDIENCE, "exp": int(time.time()) + 600}
    without = [{name: value for name, value in good.items() if name != missing} for missing in good]
    return [
        jwt.encode(good, "another secret of at least 32 bytes!", algorithm=ALGORITHM),
        jwt.encode({**good, "exp": int(time.time()) - 1}, secret, algorithm=ALGORITHM),
        jwt.encode({**good, "aud": "somebody else"}, secret, algorithm=ALGORITHM),
        jwt.encode({**good, "sub": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}, secret, algorithm=ALGORITHM),
        jwt.encode(good, secret, algorithm="HS384"),
        jwt.encode(good, None, algorithm="none"),  # type: ignore[arg-type]
        *[jwt.encode(claims, secret, algorithm=ALGORITHM) for claims in without],
        "not.a.token",
        "x" * 5000,
    ]


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")  # HS384 wants a longer one than ours
@pytest.mark.parametrize("number", range(11))
def test_a_forged_or_expired_token_is_refused(steady: Steady, number: int) -> None:
    """403 in the envelope, for each way in which a token can be wrong."""
    token = forged(steady.live, steady.agent.id)[number]
    answer = steady.live.caller({"Authorization": f"Bearer {token}"}).get("/private/agent/ping")
    check_envelope(answer, 403, "authorization_error")


@pytest.mark.parametrize("path", ["turn", "heartbeat", "release", "info/update", "leave"])
def test_without_a_token_nothing_is_done(steady: Steady, path: str) -> None:
    """403 in the envelope on every private route, whatever the body holds."""
    for content in (b"{}", b"nonsense"):
        answer = steady.live.caller().post(f"/private/agent/{path}", content=content)
        check_envelope(answer, 403, "authorization_error", "Unauthorized")


def test_a_client_key_is_no_agents_token(steady: Steady) -> None:
    """Neither opens the other's door."""
    assert steady.client.get("/private/agent/ping").status_code == 403
    bearer = steady.live.caller({"Authorization": f"Bearer {steady.agent.token}"})
    assert bearer.get("/v1/models").status_code == 401


def test_who_left_is_refused_at_once_and_its_work_goes_on(start: Start) -> None:
    """Leaving releases the leases; token and key are worthless from the next request on."""
    live = start()
    leaver, other = live.agent(), live.agent()
    live.client().post(f"{EMBEDDINGS}?wait=0", json={"model": MODEL, "input": "a"})
    lease = leaver.claim()["lease_id"]
    assert leaver.post("leave").json() == {"message": "Left"}
    for path in ("turn", "heartbeat", "release", "leave", "info/update"):
        check_envelope(leaver.post(path, {"leases": [lease]}), 403, "authorization_error")
    proof = {"agentId": leaver.id, "key": leaver.key}
    check_envelope(live.caller().post("/agent/auth", json=proof), 403, "authorization_error", "Incorrect credentials")
    assert other.report(other.result(other.claim()))["outcome"] == "accepted"


def test_an_update_replaces_what_the_agent_offers(start: Start) -> None:
    """A model that went is no longer given to it; one that came is."""
    live = start()
    agent = live.agent()
    answer = agent.post("info/update", description(offer("all-minilm"), displayName="Attic", capacity=3))
    assert answer.json() == {"agentId": agent.id, "key": "", "message": "Updated"}
    (listed,) = live.operator().get("/management/agents/list").json()
    assert (listed["displayName"], listed["capacity"], listed["capabilities"]) == ("Attic", 3, ["embed.all-minilm"])
    client = live.client()
    for model in (MODEL, "all-minilm"):
        assert client.post(f"{EMBEDDINGS}?wait=0", json={"model": model, "input": "a"}).status_code == 202
    assert [task["model"] for task in agent.turn(max_tasks=8)["tasks"]] == ["all-minilm"]


def test_an_invite_from_the_environment_lets_any_number_in(start: Start) -> None:
    """AGENT_API_KEYS are permanent invites."""
    live = start(agent_api_keys="permanent-invite-of-the-operator")
    for _ in range(3):
        live.agent(invite="permanent-invite-of-the-operator")
    assert len(live.operator().get("/management/agents/list").json()) == 3

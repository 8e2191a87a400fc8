"""What an agent shows its volunteer: the pool behind an invite, how the pool stands, and the version it has."""

from __future__ import annotations

import httpx
import pytest

from server import __version__
from server.services import invitations
from server.services.backlog import TEXTS_GOOD_FOR_MS, Backlog
from tests.factories import MODEL, make_invite
from tests.live_pool import EMBEDDINGS, LivePool
from tests.scripted_agent import description
from tests.server.web.conftest import Start, wait_until


def ask(live: LivePool, code: str) -> httpx.Response:
    return live.caller().post("/agent/invite", json={"code": code})


def register(live: LivePool, code: str) -> httpx.Response:
    return live.caller().post("/agent/register", json=description(apiKey=code))


def test_an_invite_tells_of_its_pool_and_stays_whole(start: Start) -> None:
    """Name and number of PCs, those that left not counted; however often it was looked at, it still lets its PC in."""
    live = start(pool_name="Riverside Library Search")
    live.agent()
    live.agent().post("leave", {})
    code = make_invite(live.pool, max_uses=1)
    for _ in range(3):
        assert ask(live, code).json() == {"pool": "Riverside Library Search", "volunteers": 1}
    assert register(live, code).status_code == 200
    assert ask(live, make_invite(live.pool)).json()["volunteers"] == 2


def test_a_worthless_invite_is_refused_as_by_register(start: Start) -> None:
    """Unknown, used, expired and revoked: the same status and the same words in both places."""
    live = start()
    used = make_invite(live.pool, max_uses=1)
    assert register(live, used).status_code == 200
    revoked = make_invite(live.pool)
    invitations.revoke_invite(live.pool, revoked, live.pool.clock.now())
    expires_at = live.pool.clock.now() + 50
    expired = make_invite(live.pool, expires_at=expires_at)
    wait_until(lambda: live.pool.clock.now() > expires_at)
    reasons = {
        "nonsense": "not one of this pool",
        used: "has been used",
        revoked: "was revoked",
        expired: "has run out",
    }
    for code, words in reasons.items():
        looked, joined = ask(live, code), register(live, code)
        assert (looked.status_code, looked.json()) == (joined.status_code, joined.json())
        assert looked.status_code == 403
        assert words in looked.json()["error"]["message"]


@pytest.mark.parametrize("body", [{}, {"code": 5}, {"code": "x" * 513}, {"code": None}])
def test_a_body_without_a_code_is_told_so(start: Start, body: dict[str, object]) -> None:
    """The field is named; nothing was guessed, so nothing is counted as a wrong try."""
    live = start(max_wrong_keys=1)
    for _ in range(3):
        answer = live.caller().post("/agent/invite", json=body)
        assert (answer.status_code, "code" in answer.json()["error"]["message"]) == (422, True)


def test_how_the_pool_stands_and_what_this_agent_did(start: Start) -> None:
    """Who is online, the texts that wait, and this agent's own texts and tasks, not another's."""
    live = start(pool_name="Garden")
    worker, idle, client = live.agent(), live.agent(), live.client()
    client.post(f"{EMBEDDINGS}?wait=0", json={"model": MODEL, "input": ["a", "b", "c"]})
    before = worker.get("pool").json()
    nothing = {"texts": 0, "tasks": 0}
    assert before == {"pool": "Garden", "agentsOnline": 2, "textsWaiting": 3, "mine": nothing}
    (task,) = worker.turn()["tasks"]
    worker.report(worker.result(task))
    assert worker.get("pool").json()["mine"] == {"texts": 3, "tasks": 1}
    assert idle.get("pool").json()["mine"] == nothing


def test_looking_is_no_sign_of_life(start: Start) -> None:
    """An agent that only looks is not taken to be here for work; a ping is."""
    live = start()
    agent = live.agent()
    present = live.pool.roster.get(agent.id)
    assert present is not None
    present.last_seen = 0
    assert agent.get("pool").json()["agentsOnline"] == 0
    assert agent.get("ping").status_code == 200
    assert agent.get("pool").json()["agentsOnline"] == 1


def test_texts_are_counted_now_and_then_only() -> None:
    """However many agents ask: one look at the queue in ten seconds."""
    backlog, counts = Backlog(), iter([5, 7])
    asked = [backlog.texts(lambda: next(counts), now) for now in (0, 1, TEXTS_GOOD_FOR_MS - 1, TEXTS_GOOD_FOR_MS)]
    assert asked == [5, 5, 5, 7]


def test_everybody_may_know_the_version(start: Start) -> None:
    """An agent that belongs to no pool yet, too."""
    assert start().caller().get("/agent/version").json() == {"version": __version__}

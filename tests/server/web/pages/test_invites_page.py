"""The pages of invites: what is made lets a PC join as it says, who joined is shown, and a link is shown once."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest
import segno
from sqlalchemy import update

from server.domain.trust import Trust
from server.services import enrolment, invitations, invite_records
from server.services.invite_records import InviteRecord
from server.services.operator import sessions
from server.storage.models import Agent, OperatorSession
from server.web.pages.qr import QUIET_ZONE, qr_code
from tests.live_pool import LivePool
from tests.scripted_agent import description
from tests.server.web.conftest import Start
from tests.server.web.pages.conftest import Operator, sign_in
from tests.server.web.pages.reading import error_of, text_of, value_of
from tests.server.web.pages.test_keys_page import ODD_NAME

LEAST = {"name": "Club", "trust": "public"}
TERMS = {
    "name": "Club",
    "pcs": "2",
    "expiry": "7",
    "trust": "vetted",
    "models": "embed.*\nllm.gemma3",
    "tier": "3",
}
DAY_MS = 86_400_000


def make(operator: Operator, **form: str) -> httpx.Response:
    """Make an invite through its form; it has to be made."""
    made = operator.post("/admin/invites/new", {**LEAST, **form})
    assert made.status_code == 201, made.text
    return made


def id_of(made: httpx.Response) -> str:
    found = re.search(r'data-once="/admin/invites/(\w+)"', made.text)
    assert found
    return found[1]


def record(live: LivePool, made: httpx.Response) -> InviteRecord:
    return invite_records.find_invite(live.pool, id_of(made), live.pool.clock.now())


def join(live: LivePool, code: str, name: str = "PC") -> httpx.Response:
    """Ask to join, as an agent does."""
    return live.caller().post("/agent/register", json={"apiKey": code, **description(displayName=name)})


def test_an_agent_joins_with_the_code_that_is_shown(operator: Operator) -> None:
    """On the terms of the form, as often as it says, and then no more."""
    live = operator.live
    before = live.pool.clock.wall()
    made = make(operator, **TERMS)
    code = text_of(made.text, "code")
    first = live.agent(invite=code, displayName="First PC")
    invite = record(live, made)
    assert invite.stored.capabilities == '["embed.*","llm.gemma3"]'
    assert (invite.stored.name, invite.stored.max_uses, invite.stored.tier) == ("Club", 2, 3)
    assert invite.stored.expires_at is not None
    assert 7 * DAY_MS <= invite.stored.expires_at - before < 7 * DAY_MS + 60_000
    present = live.pool.roster.get(first.id)
    assert present is not None
    assert (present.agent.tier, present.agent.trust) == (3, Trust.VETTED)
    assert join(live, code).status_code == 200
    assert join(live, code).status_code == 403
    assert "used up" in operator.fragment("/admin/invites")


def test_an_invite_without_terms_is_for_everything_and_any_number(operator: Operator) -> None:
    stored = record(operator.live, make(operator, expiry="0", pcs="")).stored
    assert (stored.max_uses, stored.tier, stored.capabilities, stored.expires_at) == (None, None, '["*"]', None)
    assert stored.trust == Trust.PUBLIC


def test_a_link_is_shown_once_and_nowhere_later(operator: Operator, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    made = make(operator)
    code = text_of(made.text, "code")
    assert text_of(made.text, "link") == f"{operator.live.settings.url}/join/{code}"
    assert made.headers["cache-control"] == "no-store"
    assert join(operator.live, code).status_code == 200
    for path in ("/admin/invites", f"/admin/invites/{id_of(made)}", "/admin/health", "/admin/"):
        assert code not in operator.get(path).text
    assert code.encode() not in operator.live.on_disk()
    assert code not in caplog.text


def test_the_message_says_how_to_join_and_can_be_mailed(start: Start) -> None:
    live = start(public_url="https://pool.example", pool_name='Books & "Bytes"')
    made = make(sign_in(live), **TERMS)
    message = text_of(made.text, "message")
    assert text_of(made.text, "link") in message
    assert 'Books & "Bytes"' in message
    assert re.search(r"for 2 PCs until \d+ \w+ \d{4}, \d\d:\d\d UTC\.", message)
    found = re.search(r'href="(mailto:[^"]*)"', made.text)
    assert found
    mail = parse_qs(urlsplit(found[1].replace("&amp;", "&")).query)
    assert mail["body"] == [message.replace("\n", "\r\n")]
    assert unquote(mail["subject"][0]) == 'Would you lend your PC to Books & "Bytes"?'


def test_the_qr_code_is_the_link(operator: Operator) -> None:
    """Module by module what the standard's library makes of it, dark on light, with four modules of white around."""
    made = make(operator)
    drawing = re.search(
        r'<svg class="qr" viewBox="0 0 (\d+) \1" role="img" aria-label="[^"]+"[^>]*>\s*'
        r'<rect width="\1" height="\1" fill="#ffffff"></rect>\s*<path d="([^"]*)" fill="#000000"></path>\s*</svg>',
        made.text,
    )
    assert drawing
    assert dark_modules(drawing[2]) == modules_of(text_of(made.text, "link"))
    assert int(drawing[1]) == qr_code(text_of(made.text, "link")).size


def dark_modules(path: str) -> set[tuple[int, int]]:
    """Read a path of bars back into modules."""
    bars = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path)
    assert "".join(f"M{x} {y}h{width}v1h-{back}z" for x, y, width, back in bars) == path
    assert all(width == back for _, _, width, back in bars)
    return {(int(x) + step, int(y)) for x, y, width, _ in bars for step in range(int(width))}


def modules_of(text: str) -> set[tuple[int, int]]:
    matrix = segno.make(text, error="m", micro=False).matrix
    return {(x + QUIET_ZONE, y + QUIET_ZONE) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}


@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        ("name", " ", "Give it a name"),
        ("name", "x" * 101, "At most 100 characters"),
        ("name", "bell \x07", "printable"),
        ("pcs", "0", "from 1 to 10,000"),
        ("pcs", "10001", "from 1 to 10,000"),
        ("pcs", "two", "whole number"),
        ("tier", "256", "from 0 to 255"),
        ("tier", "-1", "from 0 to 255"),
        ("models", "embed.* \x01", "is none"),
        ("expiry", "8", "valid choice"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_typed_is_lost(operator: Operator, field: str, typed: str, why: str) -> None:
    wrong = {**TERMS, field: typed}
    answer = operator.post("/admin/invites/new", wrong)
    assert answer.status_code == 422
    assert why in error_of(answer.text, field)
    assert f'<a href="#{field}">' in answer.text
    kept = {name: value_of(answer.text, name) for name in TERMS}
    if field == "expiry":
        # What cannot be chosen is not offered.
        del kept[field], wrong[field]
    assert kept == wrong
    assert invitations.list_invites(operator.live.pool) == []


def test_making_an_invite_wants_the_token_again_after_a_while(operator: Operator) -> None:
    long_ago = operator.live.pool.clock.now() - sessions.CONFIRMED_MS
    confirmed = update(OperatorSession).values(confirmed_at=long_ago)
    operator.live.pool.database.write(lambda connection: connection.execute(confirmed))
    assert operator.post("/admin/invites/new", TERMS).status_code == 422
    assert invitations.list_invites(operator.live.pool) == []
    make(operator, management_token=operator.live.settings.mgmt_token)


def test_a_revoked_invite_lets_nobody_join_and_its_agents_stay(operator: Operator) -> None:
    live = operator.live
    made = make(operator, pcs="5")
    code, path = text_of(made.text, "code"), f"/admin/invites/{id_of(made)}"
    agent = live.agent(invite=code)
    answer = operator.post(f"{path}/revoke")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?done=invite.revoked")
    assert join(live, code).status_code == 403
    assert agent.turn(max_tasks=0)["results"] == []
    assert "revoked" in operator.fragment(path)
    assert f'action="{path}' not in operator.get(path).text
    assert operator.post(f"{path}/revoke").status_code == 404


def test_who_joined_is_shown_with_how_many_more(operator: Operator) -> None:
    """Names are links and only text; the list names three, its own page all; who left is counted."""
    live = operator.live
    made = make(operator, pcs="9")
    code = text_of(made.text, "code")
    agents = [live.agent(invite=code, displayName=name) for name in ("One", "Two", "Three", ODD_NAME)]
    enrolment.leave(live.pool, agents[0].id, live.pool.clock.now())
    listed, page = operator.fragment("/admin/invites"), operator.fragment(f"/admin/invites/{id_of(made)}")
    assert "4 of 9" in listed
    assert "and 1 who left" in listed
    for text in (listed, page):
        assert "<b onclick" not in text
        assert "One" not in text
        assert re.findall(r'href="/admin/agents/(\w+)"', text) == [agent.id for agent in reversed(agents[1:])]
    assert "1 agent that joined with it left or was deleted." in page
    more = live.agent(invite=code, displayName="Five")
    assert "and 1 more" in operator.fragment("/admin/invites")
    assert more.id in operator.fragment("/admin/invites")


def test_an_agent_without_a_name_can_be_opened_too(operator: Operator) -> None:
    made = make(operator)
    agent = operator.live.agent(invite=text_of(made.text, "code"))
    nameless = update(Agent).where(Agent.id == agent.id).values(display_name=None)
    operator.live.pool.database.write(lambda connection: connection.execute(nameless))
    assert re.search(rf'href="/admin/agents/{agent.id}">[^<]+</a>', operator.fragment("/admin/invites"))


@pytest.mark.parametrize(
    ("changes", "word"),
    [({}, "open"), ({"expires_at": -1}, "expired"), ({"max_uses": 1}, "used up")],
)
def test_each_state_has_its_word(operator: Operator, changes: dict[str, int], word: str) -> None:
    live = operator.live
    now = live.pool.clock.now()
    terms: dict[str, Any] = {"tier": None, "max_uses": None, "expires_at": None, **changes}
    if terms["expires_at"] is not None:
        terms["expires_at"] = now + terms["expires_at"]
    issued = invitations.issue_invite(live.pool, name="x", capabilities=["*"], now=now - 10, **terms)
    if terms["max_uses"]:
        assert join(live, issued.code).status_code == 200
    for path in ("/admin/invites", f"/admin/invites/{issued.stored.id}"):
        assert re.search(rf'class="state state-\w+">{word}</span>', operator.fragment(path))


def test_invites_of_the_environment_are_marked_and_come_back(start: Start) -> None:
    live = start(agent_api_keys="an-invite-of-the-environment-1")
    operator = sign_in(live)
    invite = invitations.list_invites(live.pool)[0]
    assert "environment" in operator.fragment("/admin/invites")
    assert "when the server starts again, it works again" in operator.get(f"/admin/invites/{invite.id}").text
    operator.post(f"/admin/invites/{invite.id}/revoke")
    assert join(live, "an-invite-of-the-environment-1").status_code == 403
    invitations.take_invites_from_environment(live.pool, live.settings.invite_codes, live.pool.clock.now())
    assert join(live, "an-invite-of-the-environment-1").status_code == 200


def test_an_empty_list_says_what_to_do(operator: Operator) -> None:
    assert "Make the first invite" in operator.fragment("/admin/invites")
    assert operator.get("/admin/invites/01M00000000000000000000000").status_code == 404

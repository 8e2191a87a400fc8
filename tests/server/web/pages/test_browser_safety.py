"""Hostile texts that are stored do nothing on any page, in a real browser.

A window (see `tests.browser`) fails its test for a dialog, for whatever the policy of a page forbids, and for a request
that leaves this PC; what is on a page is looked at besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.browser import Window
from tests.factories import make_invite
from tests.live_pool import LivePool, live_pool
from tests.server.web.pages.hostile import PAYLOADS, UNPRINTABLE, Planted, plant
from tests.server.web.pages.looking import STRANGERS, Text, let_it_look_again, look, look_again


@pytest.fixture(scope="module")
def hostile_pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LivePool, Planted]]:
    """Give a pool whose every text is hostile, its own name included."""
    name = '<img src=x onerror=alert(70)>"><script>alert(71)</script>'
    with live_pool(tmp_path_factory.mktemp("hostile"), pool_name=name, show_prompts=True) as started:
        yield started, plant(started)


@pytest.fixture
def live(hostile_pool: tuple[LivePool, Planted]) -> LivePool:
    """Let the windows open on that pool."""
    return hostile_pool[0]


@pytest.fixture
def planted(hostile_pool: tuple[LivePool, Planted]) -> Planted:
    """Give the ids of what is in it."""
    return hostile_pool[1]


def test_there_are_enough_of_them() -> None:
    """Sixty and more, no two alike, each short enough for the shortest field."""
    every = PAYLOADS + UNPRINTABLE
    assert len(set(every)) == len(every) >= 60
    assert max(map(len, every)) <= 50
    assert all(text.isprintable() for text in PAYLOADS)
    assert not any(text.isprintable() for text in UNPRINTABLE)


def test_the_look_finds_what_is_foreign(visitor: Window) -> None:
    """The measure measures: each of these is found in a page that it is put into."""
    for html in (
        '<p onclick="x">',
        '<p style="x">',
        "<iframe>",
        '<a href="//x">',
        '<a href="javascript:x">',
        "<base>",
        '<i id="main">',
    ):
        visitor.go("/admin/sign-in")
        visitor.expect_trouble("forbidden by the policy", "Refused", "Content Security Policy")
        visitor.page.evaluate("(html) => document.body.insertAdjacentHTML('afterbegin', html)", html)
        assert visitor.page.evaluate(STRANGERS) != [], html


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/admin/models",
        "/admin/try",
        "/admin/health",
        "/admin/health/settings",
        "/admin/health/events",
        "/admin/health/backups",
    ],
)
def test_pages_of_the_whole_pool_are_text(operator_page: Window, path: str) -> None:
    """Overview, models, and what happened: what others wrote is text, also after the page has looked again."""
    look(operator_page, path)
    if operator_page.page.locator("[data-live] > *").count():
        let_it_look_again(operator_page)
        look_again(operator_page, path)


@pytest.mark.parametrize("path", ["/admin/agents", "/admin/tasks", "/admin/keys", "/admin/invites"])
def test_lists_are_text(operator_page: Window, path: str) -> None:
    """Every page of each list, also after it has looked again, says the texts as they were written."""
    said, here = "", path
    for _ in range(20):
        look(operator_page, here)
        if operator_page.page.locator("[data-live] > *").count():
            let_it_look_again(operator_page)
        said += look_again(operator_page, here).words
        older = operator_page.page.locator(".pager a", has_text=re.compile("Older|Next"))
        if not older.count():
            break
        here = older.get_attribute("href") or ""
    missing = [text for text in PAYLOADS if not Text(said).has(text)]
    assert missing == []


def test_agents_are_text(operator_page: Window, planted: Planted) -> None:
    """The pages of agents: name, version, system, card, reason, message, models, logs.

    Each text stands in two agents, ours and OffloadMQ's. Every other text is opened, in the one and the other in turns;
    the list shows all of them.
    """
    texts = [text for text in PAYLOADS + UNPRINTABLE for _ in range(2)]
    every = list(zip(planted.agents, texts, strict=True))
    for agent_id, text in every[::8] + every[5::8]:
        assert look(operator_page, f"/admin/agents/{agent_id}").has(text), text


@pytest.mark.parametrize(
    ("kind", "path", "first"),
    [
        ("tasks", "/admin/tasks/{}", 0),
        ("tasks", "/admin/tasks/{}/asked", 1),
        ("keys", "/admin/keys/{}", 0),
        ("invites", "/admin/invites/{}", 1),
    ],
)
def test_details_are_text(operator_page: Window, planted: Planted, kind: str, path: str, first: int) -> None:
    """The pages of failed tasks with their errors, of keys, of invites: every other text, as the lists show all."""
    ids: list[str] = getattr(planted, kind)
    for one, text in list(zip(ids, PAYLOADS + UNPRINTABLE, strict=True))[first::2]:
        said = look(operator_page, path.format(one))
        assert said.has(text) or (kind != "tasks" and not text.isprintable()), text


def test_a_volunteers_page_is_text(live: LivePool, visitor: Window) -> None:
    """The pool's own name, too, is only text on the pages that everybody can open."""
    code = make_invite(live.pool)
    assert look(visitor, f"/join/{code}").has(live.settings.pool_name)
    assert look(visitor, "/admin/sign-in").has(live.settings.pool_name)


def test_browsers_that_signed_in_are_text(live: LivePool, operator_page: Window) -> None:
    """What a browser calls itself is text in the list of those that are signed in."""
    for text in filter(str.isascii, PAYLOADS):
        browser = live.caller({"Sec-Fetch-Site": "same-origin", "User-Agent": text})
        answer = browser.post("/admin/sign-in", data={"token": live.settings.mgmt_token})
        assert answer.status_code == 303, answer.text
    look(operator_page, "/admin/health/sessions")

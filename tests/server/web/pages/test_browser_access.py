"""Everybody can use the pages: axe-core finds nothing serious, the keyboard is enough, and nothing moves or hides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.browser import CALM, DARK, DARK_PHONE, LIGHT, NARROW, PHONE, Look, Window, axe_findings
from tests.factories import make_invite
from tests.live_pool import LivePool, live_pool
from tests.scripted_agent import chat_offer, offer
from tests.server.web.pages.conftest import OpenWindow, sign_in

#: Every page that the operator opens; `{}` stands for an id.
PAGES = (
    "/admin/",
    "/admin/agents",
    "/admin/agents/{agent}",
    "/admin/tasks",
    "/admin/tasks/{task}",
    "/admin/tasks/{task}/asked",
    "/admin/tasks?status=failed",
    "/admin/keys",
    "/admin/keys/new",
    "/admin/keys/{key}",
    "/admin/invites",
    "/admin/invites/new",
    "/admin/invites/{invite}",
    "/admin/models",
    "/admin/models/{other_class}/switch",
    "/admin/try",
    "/admin/health",
    "/admin/health/settings",
    "/admin/health/events",
    "/admin/health/backups",
    "/admin/health/sessions",
    "/admin/nothing",
)
#: What is under the focus: its outline is what a keyboard's user sees of it.
_FOCUSED = """() => {
  const one = document.activeElement;
  const seen = one.matches(":focus-visible") ? getComputedStyle(one) : null;
  const label = one.type === "radio" ? getComputedStyle(one.nextElementSibling ?? one) : seen;
  const outlined = (style) => style && (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1
    || style.boxShadow !== "none");
  return [one.textContent.trim() || one.name || one.id, Boolean(outlined(seen) || outlined(label))];
}"""


@dataclass(frozen=True, slots=True)
class Busy:
    """A pool in which every page has something to show."""

    live: LivePool
    ids: dict[str, str]
    code: str


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Busy]:
    """Give a pool with agents of two classes, clients, invites, and tasks that wait, failed and were done."""
    with live_pool(tmp_path_factory.mktemp("busy"), show_prompts=True) as live:
        operator, code = live.operator(), make_invite(live.pool)
        agent = live.agent(offer(), chat_offer(), invite=code, displayName="Reading room 3")
        other = live.agent(offer(digest="another"), displayName="Office")
        other.turn(max_tasks=0, state={"status": "waiting", "reason": "You are using this PC."})
        client = live.client()
        for text in ("done", "failed", "waits"):
            asked = client.post("/v1/embeddings?wait=0", json={"model": "nomic-embed-text", "input": text})
            assert asked.status_code == 202, asked.text
        agent.report(agent.result(agent.claim()))
        failed = agent.claim()
        agent.fail(failed, "input_too_long", 0)
        key = operator.get("/management/client_api_keys/list").json()[0]["id"]
        invite = operator.get("/management/invites/list").json()[0]["id"]
        ids = {"agent": agent.id, "task": failed["task_id"], "key": key, "invite": invite}
        switch = re.search(r"/admin/models/(\d+)/switch", sign_in(live).get("/admin/models").text)
        assert switch, "no other class can be switched to"
        yield Busy(live, {**ids, "other_class": switch[1]}, code)


@pytest.fixture
def live(busy: Busy) -> LivePool:
    """Let the windows open on that pool."""
    return busy.live


def focused(page: Page) -> str:
    """Return what has the focus, which has to be seen."""
    name, is_seen = page.evaluate(_FOCUSED)
    assert is_seen, f"the focus on {name!r} cannot be seen"
    return str(name)


def tab_to(page: Page, name: str, most: int = 60) -> None:
    """Press the tabulator until something of this name has the focus; everything on the way shows that it has."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if name in focused(page):
            return
    raise AssertionError(f"the keyboard does not reach {name!r}")


@pytest.mark.parametrize("look", [LIGHT, DARK_PHONE], ids=lambda look: look.name)
def test_axe_finds_nothing_serious(busy: Busy, open_window: OpenWindow, look: Look) -> None:
    """Contrast, names, roles, order of headings: on every page, in light and dark, wide and narrow."""
    window, found = open_window(look), {}
    for path in PAGES:
        assert window.go(path.format(**busy.ids)) == (404 if path == "/admin/nothing" else 200), path
        if findings := axe_findings(window.page):
            found[path] = findings
    assert found == {}


@pytest.mark.parametrize("look", [DARK, PHONE], ids=lambda look: look.name)
def test_axe_finds_nothing_serious_before_the_sign_in(busy: Busy, open_window: OpenWindow, look: Look) -> None:
    """The same of what everybody can open: sign-in with and without an error, invites good and bad."""
    window = open_window(look, signed_in=False)
    for path in ("/admin/sign-in", f"/join/{busy.code}", "/join/none"):
        window.go(path)
        assert axe_findings(window.page) == [], path
    window.go("/admin/sign-in")
    window.page.get_by_role("button", name="Sign in").click()
    expect(window.page.get_by_role("alert")).to_be_focused()
    assert axe_findings(window.page) == []


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=lambda look: look.name)
def test_axe_finds_nothing_serious_in_dialogs(busy: Busy, open_window: OpenWindow, look: Look) -> None:
    """A dialog that asks whether something shall be done, open."""
    window = open_window(look)
    for path in ("/admin/agents/{agent}", "/admin/keys/{key}", "/admin/invites/{invite}"):
        window.go(path.format(**busy.ids))
        dialog = window.page.locator("dialog").last
        window.page.locator(f"[commandfor={dialog.get_attribute('id')}]").first.click()
        expect(dialog).to_be_visible()
        assert axe_findings(window.page) == [], path


@pytest.mark.parametrize("look", [NARROW], ids=lambda look: look.name)
def test_no_page_is_wider_than_a_phone(busy: Busy, open_window: OpenWindow, look: Look) -> None:
    """Nobody has to push a page sideways: what is wide, such as a table, moves by itself."""
    window = open_window(look)
    wide = []
    for path in (*(path.format(**busy.ids) for path in PAGES), f"/join/{busy.code}"):
        window.go(path)
        over = window.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            wide.append((path, over))
    assert wide == []


def test_nothing_moves_where_that_is_asked_for(busy: Busy, open_window: OpenWindow) -> None:
    """With reduced motion no element has an animation or a transition, and the page does not glide."""
    window = open_window(CALM)
    for path in ("/admin/", "/admin/agents", "/admin/invites/new"):
        window.go(path)
        moving = window.page.evaluate(
            """() => [...document.querySelectorAll("*")]
              .map((one) => [one.outerHTML.slice(0, 80), getComputedStyle(one)])
              .filter(([, style]) => style.animationName !== "none" || style.transitionDuration.split(", ")
                .some((time) => parseFloat(time) > 0 && style.transitionProperty !== "none")
                || style.scrollBehavior === "smooth")
              .map(([html]) => html)"""
        )
        assert moving == [], path


def test_the_keyboard_is_enough(live: LivePool, visitor: Window) -> None:
    """Sign in, skip, walk through the navigation, ask and think better of it, make an invite, sign out."""
    page = visitor.page
    visitor.go("/admin/")
    expect(page.get_by_label("Management token")).to_be_focused()
    page.keyboard.type(live.settings.mgmt_token)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")

    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()

    visitor.go("/admin/")
    tab_to(page, "Invites")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Invites")
    tab_to(page, "New invite")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/invites/new")
    expect(page.get_by_label("Name")).to_be_visible()
    tab_to(page, "name")
    page.keyboard.type("For the reading room")
    page.keyboard.press("Enter")
    expect(page.get_by_text("/join/ep_inv_").first).to_be_visible()
    made = live.operator().get("/management/invites/list").json()
    assert [one["name"] for one in made].count("For the reading room") == 1

    tab_to(page, "Sign out")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/sign-in*")


def test_a_dialog_is_left_with_escape(busy: Busy, operator_page: Window) -> None:
    """Opened by keyboard, a dialog takes the focus and keeps it; Escape does nothing else, and the focus is back."""
    page = operator_page.page
    operator_page.go(f"/admin/agents/{busy.ids['agent']}")
    tab_to(page, "Delete")
    page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    for _ in range(6):
        page.keyboard.press("Tab")
        inside = page.evaluate(
            "document.activeElement === document.body || Boolean(document.activeElement.closest('dialog'))"
        )
        assert inside, "the focus left the dialog"
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert focused(page).startswith("Delete")
    assert busy.live.operator().get(f"/management/agents/{busy.ids['agent']}").status_code == 200

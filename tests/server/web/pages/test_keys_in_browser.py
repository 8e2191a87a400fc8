"""Keys and invites in a real browser: made with the keyboard, copied with a button, shown once, seen by everybody."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from server.services import access
from tests.browser import NARROW, WITHOUT_SCRIPTS, Look, Window, axe_findings
from tests.live_pool import LivePool
from tests.server.web.pages.conftest import OpenWindow
from tests.server.web.pages.test_invites_page import modules_of

CLIPBOARD = ["clipboard-read", "clipboard-write"]


def fill(page: Page, name: str) -> None:
    """Fill in the least of a form and send it with the keyboard."""
    page.get_by_label("Name", exact=True).fill(name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def made_key(window: Window, name: str = "Reading group") -> str:
    """Make a key and return it as it is shown."""
    window.go("/admin/keys/new")
    fill(window.page, name)
    return window.page.locator("#key").inner_text()


def copied(page: Page) -> str:
    """Return what is on the clipboard, when the button says that it is."""
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))


def keys(live: LivePool) -> list[str]:
    return [one.stored.name for one in access.list_keys(live.pool, live.pool.clock.now())]


def test_a_key_is_made_and_copied(live: LivePool, open_window: OpenWindow) -> None:
    """What the button copies opens the pool; so does what the button of a program copies."""
    window = open_window(permissions=CLIPBOARD)
    key = made_key(window)
    window.page.get_by_role("button", name="Copy the key").click()
    assert copied(window.page) == key
    assert live.caller({"Authorization": f"Bearer {key}"}).get("/v1/models").status_code == 200
    window.page.get_by_role("tab", name="Python").click()
    window.page.get_by_role("tabpanel", name="Python").get_by_role("button").click()
    expect(window.page.get_by_role("tabpanel", name="Python").get_by_role("button", name="Copied")).to_be_visible()
    assert f'api_key="{key}"' in str(window.page.evaluate("navigator.clipboard.readText()"))


def test_loading_the_page_again_makes_no_second_key_and_shows_none(live: LivePool, operator_page: Window) -> None:
    """The address is the key's own from then on; going back and on again does not bring the key back either."""
    key = made_key(operator_page)
    page = operator_page.page
    page.wait_for_url(re.compile(r"/admin/keys/01\w{24}$"))
    page.reload()
    expect(page.get_by_role("heading", name="Reading group", exact=True)).to_be_visible()
    assert key not in page.content()
    page.go_back()
    page.go_forward()
    expect(page.get_by_role("heading", name="Reading group", exact=True)).to_be_visible()
    assert key not in page.content()
    assert keys(live) == ["Reading group"]


def test_the_programs_are_tabs_for_the_keyboard(operator_page: Window) -> None:
    """One is seen at a time; arrows go around, Home and End to the ends, and Tab leaves the row."""
    made_key(operator_page)
    page = operator_page.page
    page.get_by_role("tab", name="curl").focus()
    for pressed, name in (
        ("ArrowRight", "Python"),
        ("ArrowRight", "LangChain"),
        ("End", "JavaScript"),
        ("ArrowRight", "curl"),
        ("ArrowLeft", "JavaScript"),
        ("Home", "curl"),
    ):
        page.keyboard.press(pressed)
        expect(page.get_by_role("tab", name=name)).to_be_focused()
        expect(page.get_by_role("tab", selected=True)).to_have_text(name)
        expect(page.get_by_role("tabpanel")).to_have_count(1)
        expect(page.get_by_role("tabpanel", name=name)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("#text-curl")).to_be_focused()


def test_without_scripts_all_programs_stand_below_each_other(open_window: OpenWindow) -> None:
    window = open_window(WITHOUT_SCRIPTS)
    made_key(window)
    for name in ("curl", "python", "langchain", "javascript"):
        expect(window.page.locator(f"#text-{name}")).to_be_visible()
    expect(window.page.get_by_role("button", name=re.compile("Copy"))).to_have_count(0)


def test_known_models_are_added_once_with_a_button(live: LivePool, operator_page: Window) -> None:
    with live.agent():
        operator_page.go("/admin/keys/new")
    page = operator_page.page
    field = page.get_by_label("Models")
    field.fill("task.x,")
    for _ in range(2):
        page.get_by_role("button", name="embed.nomic-embed-text").click()
    expect(field).to_have_value("task.x\nembed.nomic-embed-text")


def test_a_wrong_form_takes_the_reader_to_what_is_wrong(operator_page: Window) -> None:
    """The summary has the focus, and its links lead to the fields."""
    operator_page.go("/admin/keys/new")
    page = operator_page.page
    page.get_by_label("Tokens per day").fill("a lot")
    fill(page, "Typed")
    expect(page.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#tokens_per_day")
    expect(page.get_by_label("Tokens per day")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Typed")


def test_revoking_is_asked_back_and_done_with_the_keyboard(live: LivePool, operator_page: Window) -> None:
    """Escape leaves everything as it is; the dialog says what will happen."""
    key, page = made_key(operator_page), operator_page.page
    client = live.caller({"Authorization": f"Bearer {key}"})
    page.get_by_role("link", name="I saved it").click()
    page.get_by_role("button", name="Revoke").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("From now on its requests get 401.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert client.get("/v1/models").status_code == 200
    page.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke it").click()
    expect(page.get_by_text("The key is revoked: its requests get 401 from now on.")).to_be_visible()
    assert client.get("/v1/models").status_code == 401


def test_who_joins_appears_by_itself(live: LivePool, operator_page: Window) -> None:
    """While the operator looks at the invite, whose link was copied before."""
    page = operator_page.page
    operator_page.go("/admin/invites/new")
    fill(page, "Club")
    code = page.locator("#code").inner_text()
    page.get_by_role("link", name="I have it").click()
    expect(page.get_by_text("Nobody yet")).to_be_visible()
    agent = live.agent(invite=code, displayName="<img src=x onerror=alert(1)>")
    expect(page.get_by_role("link", name="<img src=x onerror=alert(1)>")).to_be_visible()
    assert page.locator(f"#agent-{agent.id}").count() == 1


@pytest.mark.parametrize("look", [NARROW], ids=lambda look: look.name)
def test_the_qr_code_is_dark_on_light_in_every_look(open_window: OpenWindow, look: Look) -> None:
    """Asked of the browser for the middle of each module; none is smaller than a camera likes."""
    window = open_window(look)
    window.go("/admin/invites/new")
    fill(window.page, "Club")
    window.page.locator(".qr").scroll_into_view_if_needed()
    drawn = window.page.evaluate("""() => {
        const svg = document.querySelector(".qr"), size = svg.viewBox.baseVal.width;
        svg.scrollIntoView({block: "center"});
        const box = svg.getBoundingClientRect(), step = svg.clientWidth / size, dark = [], fills = new Set();
        for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) {
            const [left, top] = [box.left + svg.clientLeft, box.top + svg.clientTop];
            const at = document.elementFromPoint(left + (x + 0.5) * step, top + (y + 0.5) * step);
            fills.add(`${at.tagName} ${getComputedStyle(at).fill}`);
            if (at.tagName === "path") dark.push(`${x} ${y}`);
        }
        return {dark, fills: [...fills].sort(), step};
    }""")
    assert drawn["fills"] == ["path rgb(0, 0, 0)", "rect rgb(255, 255, 255)"]
    assert drawn["step"] >= 4
    wanted = modules_of(window.page.locator("#link").inner_text())
    assert set(drawn["dark"]) == {f"{x} {y}" for x, y in wanted}


@pytest.mark.parametrize("look", [NARROW], ids=lambda look: look.name)
def test_everybody_can_use_these_pages(live: LivePool, open_window: OpenWindow, look: Look) -> None:
    """No finding of axe-core, no page wider than its window: lists, forms, wrong forms, what is shown once, details."""
    window = open_window(look)
    page = window.page
    now = live.pool.clock.now()
    access.issue_key(live.pool, now=now, name="x" * 100, requests_per_minute=5, tokens_per_day=10**9, max_in_flight=1)
    live.agent(displayName="Scripted")
    made_key(window)
    seen = [look_at(page)]
    page.get_by_role("link", name="I saved it").click()
    page.get_by_text("Change what it may do").click()
    seen.append(look_at(page))
    window.go("/admin/invites/new")
    fill(page, "Club")
    seen.append(look_at(page))
    for path in ("/admin/keys", "/admin/keys/new", "/admin/invites", "/admin/invites/new"):
        window.go(path)
        seen.append(look_at(page))
    page.get_by_label("Tier").fill("many")
    fill(page, "")
    seen.append(look_at(page))
    assert seen == [([], 0)] * 8


def look_at(page: Page) -> tuple[list[str], int]:
    """Return what axe-core finds, and by how many pixels the page is too wide."""
    too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return axe_findings(page), max(0, too_wide)

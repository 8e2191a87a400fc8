"""A page that keeps itself current, in a browser whose clock the tests turn; the server comes and goes."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Request, expect

from server.services.operator import sessions
from tests.browser import PHONE, Window, window
from tests.live_pool import LivePool, live_pool
from tests.server.web.pages.conftest import OpenWindow

#: Milliseconds between two looks of a page, and a little more.
A_LOOK = 2_100
PAGE = "/admin/agents"


@pytest.fixture
def page(operator_page: Window) -> Window:
    """Give a window of the operator whose clock stands until the test turns it."""
    operator_page.page.clock.install()
    assert operator_page.go(PAGE) == 200
    expect(operator_page.page.locator("[data-liveness]")).to_have_text("Live")
    return operator_page


def looks_of(page: Window) -> list[Request]:
    """Return a list that grows with every look of the page from now on."""
    looks: list[Request] = []
    page.page.on("request", lambda request: looks.append(request) if "x-fragment" in request.headers else None)
    return looks


def look_again(page: Window) -> None:
    """Let the page look once, and wait until it has the answer."""
    with page.page.expect_event("requestfinished", lambda request: "x-fragment" in request.headers):
        page.page.clock.run_for(A_LOOK)


def be_refused(page: Window) -> None:
    """Let the page look once, and wait until it is refused: it does not read what is said then."""
    with page.page.expect_response(lambda response: "x-fragment" in response.request.headers):
        page.page.clock.run_for(A_LOOK)


def hide(page: Window, state: str) -> None:
    """Let the window be hidden behind another, or be seen again."""
    page.page.evaluate(
        """state => {
          Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        state,
    )


def test_what_happens_appears_by_itself(page: Window, live: LivePool) -> None:
    agent = live.agent(displayName="The first of all")
    look_again(page)
    expect(page.page.get_by_role("link", name="The first of all")).to_be_visible()
    agent.close()


def test_it_goes_on_looking(page: Window, live: LivePool) -> None:
    looks = looks_of(page)
    for _ in range(3):
        look_again(page)
    assert len(looks) == 3


def test_the_focus_stays_where_it_is(page: Window, live: LivePool) -> None:
    live.agent(displayName="Somebody")
    look_again(page)
    link = page.page.get_by_role("link", name="Somebody")
    link.focus()
    live.agent(displayName="Another one")
    look_again(page)
    expect(page.page.get_by_role("link", name="Another one")).to_be_visible()
    expect(link).to_be_focused()


def test_nobody_is_asked_for_a_page_that_nobody_sees(page: Window) -> None:
    looks = looks_of(page)
    hide(page, "hidden")
    page.page.clock.run_for(60_000)
    assert looks == []
    with page.page.expect_response(lambda response: "x-fragment" in response.request.headers):
        hide(page, "visible")
    expect(page.page.locator("[data-liveness]")).to_have_text("Live")


def test_only_a_person_keeps_the_session_alive(page: Window) -> None:
    looks = looks_of(page)
    look_again(page)
    page.page.keyboard.press("Shift")
    look_again(page)
    look_again(page)
    assert ["x-person-active" in request.headers for request in looks[-3:]] == [False, True, False]


def test_who_is_signed_out_is_told_and_led_back(page: Window, live: LivePool) -> None:
    page.expect_trouble("answered 401")
    sessions.close_all(live.pool, live.pool.clock.now())
    be_refused(page)
    expect(page.page.get_by_role("alert")).to_contain_text("You are signed out")
    page.page.get_by_role("link", name="Sign in again").click()
    page.page.get_by_label("Management token").fill(live.settings.mgmt_token)
    page.page.keyboard.press("Enter")
    expect(page.page.get_by_role("heading", name="Agents")).to_be_visible()
    assert page.path() == PAGE


def test_a_page_whose_subject_is_gone_says_so(operator_page: Window, live: LivePool) -> None:
    agent = live.agent(displayName="Goes away")
    operator_page.expect_trouble("answered 404")
    operator_page.page.clock.install()
    assert operator_page.go(f"{PAGE}/{agent.id}") == 200
    assert agent.post("leave").status_code == 200
    be_refused(operator_page)
    expect(operator_page.page.get_by_role("alert")).to_contain_text("no longer there")


@pytest.fixture
def port() -> int:
    """Give a port that is free now."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def stranger(browser: Browser, port: int) -> Iterator[Window]:
    """Give a window for a server that is started and stopped at this port."""
    with window(browser, f"http://127.0.0.1:{port}") as opened:
        yield opened


def test_a_lost_server_is_said_and_found_again(stranger: Window, port: int, tmp_path: Path) -> None:
    stranger.expect_trouble("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE")
    address = f"127.0.0.1:{port}"
    with live_pool(tmp_path, server_address=address) as live:
        stranger.sign_in(live.settings.mgmt_token)
        stranger.page.clock.install()
        stranger.go(PAGE)
        expect(stranger.page.locator("[data-liveness]")).to_have_text("Live")
    with stranger.page.expect_event("requestfailed"):
        stranger.page.clock.run_for(A_LOOK)
    expect(stranger.page.get_by_role("alert")).to_contain_text("The server does not answer since")
    expect(stranger.page.locator("[data-liveness]")).to_have_text("Not connected")
    with live_pool(tmp_path, server_address=address) as live:
        live.agent(displayName="After the break")
        look_again(stranger)
        expect(stranger.page.get_by_role("link", name="After the break")).to_be_visible()
        expect(stranger.page.get_by_role("alert")).to_have_count(0)
        expect(stranger.page.locator("[data-liveness]")).to_have_text("Live")


def test_the_colours_are_chosen_and_kept(operator_page: Window) -> None:
    operator_page.go(PAGE)
    root = operator_page.page.locator("html")
    expect(root).to_have_attribute("data-bs-theme", "light")
    operator_page.page.get_by_role("radio", name="Dark").check(force=True)
    expect(root).to_have_attribute("data-bs-theme", "dark")
    operator_page.go("/admin/health")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    expect(operator_page.page.get_by_role("radio", name="Dark")).to_be_checked()
    operator_page.page.get_by_role("radio", name="As the system has it").check(force=True)
    expect(root).to_have_attribute("data-bs-theme", "light")


def test_a_narrow_window_shows_where_one_is(open_window: OpenWindow) -> None:
    shown = open_window(PHONE)
    shown.go("/admin/health")
    expect(shown.page.get_by_role("link", name="Health", exact=True).first).to_be_in_viewport(ratio=1)


def test_what_was_done_is_said_once(operator_page: Window) -> None:
    operator_page.go(f"{PAGE}?done=agent.paused&state=online")
    expect(operator_page.page.get_by_role("status").filter(has_text=re.compile("paused"))).to_be_visible()
    assert operator_page.path() == f"{PAGE}?state=online"

"""`/join/<code>`: the page that greets a volunteer, in a browser and in a terminal."""

from __future__ import annotations

import hashlib
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from desktop_agent.core.pool.links import Invite, parse_invite
from server.services import invitations
from server.web.pages.join import Visitor, visitor_of
from tests.browser import WITHOUT_SCRIPTS, Window
from tests.factories import make_invite
from tests.live_pool import LivePool, live_pool
from tests.server.web.conftest import wait_until
from tests.server.web.pages.conftest import OpenWindow

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19 Safari/605"
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"
ANDROID = "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Mobile Safari"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile Safari/604.1"


def put_installers(live: LivePool, *names: str) -> None:
    """Put files into the server's folder, and wait until their sums are there."""
    live.settings.installers_folder.mkdir()
    for name in names:
        (live.settings.installers_folder / name).write_bytes(name.encode())
    wait_until(lambda: all(one.sha256 for one in live.pool.installers.listed()))


def used(live: LivePool) -> str:
    code = make_invite(live.pool, max_uses=1)
    live.agent(invite=code)
    return code


def run_out(live: LivePool) -> str:
    # Made in the past, as far as its maker knows: nobody can make one that has run out.
    issued = invitations.issue_invite(
        live.pool, name="test", tier=None, capabilities=["*"], max_uses=None, expires_at=2, now=1
    )
    return issued.code


def revoked(live: LivePool) -> str:
    code = make_invite(live.pool)
    invitations.revoke_invite(live.pool, code, live.pool.clock.now())
    return code


@pytest.mark.parametrize(
    ("platform", "user_agent", "visitor"),
    [
        ("", WINDOWS, Visitor("windows", is_phone=False)),
        ("", MAC, Visitor("macos", is_phone=False)),
        ("", LINUX, Visitor("linux", is_phone=False)),
        ("", ANDROID, Visitor(None, is_phone=True)),
        ("", IPHONE, Visitor(None, is_phone=True)),
        ("", "Mozilla/5.0 (X11; FreeBSD amd64) Firefox/150", Visitor("linux", is_phone=False)),
        ("", "", Visitor(None, is_phone=False)),
        ('"Windows"', LINUX, Visitor("windows", is_phone=False)),
        ('"macOS"', "", Visitor("macos", is_phone=False)),
        ('"Android"', LINUX, Visitor(None, is_phone=True)),
        ('"Chrome OS"', LINUX, Visitor(None, is_phone=False)),
    ],
)
def test_the_visitors_system_is_guessed(platform: str, user_agent: str, visitor: Visitor) -> None:
    """The hint counts before the long name, and a phone is no PC, whatever else it calls itself."""
    assert visitor_of(platform, user_agent) == visitor


def test_a_volunteer_is_greeted(live: LivePool, visitor: Window) -> None:
    """Whose pool, how many help, what to do, what happens and what never does: all of it without signing in."""
    code = make_invite(live.pool)
    live.agent(invite=code)
    assert visitor.go(f"/join/{code}") == 200
    page = visitor.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Lend EmbedPool your PC while you do not need it")
    expect(page.get_by_text("1 PC helps already.")).to_be_visible()
    for heading in ("What runs", "What never happens", "What reaches your PC", "What leaves your PC"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    assert visitor.context.cookies() == []


def test_the_links_are_understood_by_the_agent(live: LivePool, visitor: Window) -> None:
    """The button's link and the one to copy lead the agent to this server, with this code."""
    code = make_invite(live.pool)
    visitor.go(f"/join/{code}")
    button = visitor.page.get_by_role("link", name="Open this invite in EmbedPool").get_attribute("href")
    copied = visitor.page.locator("#link").text_content()
    assert button is not None
    assert button.startswith("embedpool://join?")
    assert copied is not None
    assert parse_invite(button) == parse_invite(copied) == Invite(live.url, code)


def test_the_address_that_people_use_wins(tmp_path: Path) -> None:
    """Behind a proxy the links name PUBLIC_URL, not what the proxy asked."""
    with live_pool(tmp_path, public_url="https://pool.example/at") as live:
        code = make_invite(live.pool)
        page = live.caller(BROWSER).get(f"/join/{code}").text
        assert f"https://pool.example/at/join/{code}" in page
        assert f"embedpool://join?server=https%3A%2F%2Fpool.example%2Fat&amp;code={code}" in page
        assert "127.0.0.1" not in page


def test_the_link_can_be_copied(live: LivePool, open_window: OpenWindow) -> None:
    """The button copies the very link, and says so."""
    code = make_invite(live.pool)
    window = open_window(signed_in=False, permissions=["clipboard-read", "clipboard-write"])
    window.go(f"/join/{code}")
    window.page.get_by_role("button", name="Copy the link").click()
    expect(window.page.get_by_role("button", name="Copied")).to_be_visible()
    assert window.page.evaluate("navigator.clipboard.readText()") == f"{live.url}/join/{code}"


def test_the_installers_of_the_visitors_system_come_first(live: LivePool, open_window: OpenWindow) -> None:
    """Those for the visitor's PC are there to press, the others a click away, each with its sum; one comes whole."""
    put_installers(live, "EmbedPool-amd64.msi", "EmbedPool-arm64.dmg", "embedpool_arm64.deb")
    window = open_window(signed_in=False, user_agent=WINDOWS)
    window.go(f"/join/{make_invite(live.pool)}")
    page = window.page
    expect(page.get_by_role("link", name="Windows x86-64 .msi")).to_be_visible()
    expect(page.get_by_role("link", name="macOS ARM64 .dmg")).to_be_hidden()
    page.get_by_text("For macOS and Linux").click()
    expect(page.get_by_role("link", name="macOS ARM64 .dmg")).to_be_visible()
    page.get_by_text("SHA-256").first.click()
    expect(page.get_by_text(hashlib.sha256(b"EmbedPool-amd64.msi").hexdigest())).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Windows x86-64 .msi").click()
    assert downloading.value.suggested_filename == "EmbedPool-amd64.msi"
    assert downloading.value.path().read_bytes() == b"EmbedPool-amd64.msi"


def test_without_installers_it_says_what_to_do(live: LivePool, open_window: OpenWindow) -> None:
    """With none at all, or none for this system, the three lines to run stand there, as this system writes them."""
    code = make_invite(live.pool)
    on_windows = open_window(signed_in=False, user_agent=WINDOWS)
    on_windows.go(f"/join/{code}")
    expect(on_windows.page.get_by_text("This pool has no installer to download.")).to_be_visible()
    expect(on_windows.page.locator("#by-hand")).to_contain_text(".venv\\Scripts\\python -m desktop_agent")
    put_installers(live, "EmbedPool-amd64.msi")
    on_linux = open_window(signed_in=False, user_agent=LINUX)
    on_linux.go(f"/join/{code}")
    expect(on_linux.page.get_by_text("This pool has no installer for Linux.")).to_be_visible()
    expect(on_linux.page.locator("#by-hand")).to_contain_text(".venv/bin/python -m desktop_agent")


def test_a_phone_is_told_where_to_go(live: LivePool, open_window: OpenWindow) -> None:
    """Whoever reads the link on a phone is told to open it on the PC."""
    window = open_window(signed_in=False, user_agent=ANDROID)
    window.go(f"/join/{make_invite(live.pool)}")
    expect(window.page.get_by_text("Open this link on the PC that is to help.")).to_be_visible()


def test_it_needs_no_script(live: LivePool, open_window: OpenWindow) -> None:
    """Without JavaScript everything can be read and opened; buttons that would do nothing are not there."""
    put_installers(live, "EmbedPool-arm64.dmg")
    window = open_window(WITHOUT_SCRIPTS, signed_in=False)
    window.go(f"/join/{make_invite(live.pool)}")
    expect(window.page.get_by_role("link", name="Open this invite in EmbedPool")).to_be_visible()
    window.page.get_by_text("For macOS").click()
    expect(window.page.get_by_role("link", name="macOS ARM64 .dmg")).to_be_visible()
    expect(window.page.get_by_role("button", name="Copy")).to_have_count(0)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (used, "This invite has been used."),
        (run_out, "This invite has run out."),
        (revoked, "This invite was revoked."),
    ],
)
def test_an_invite_that_is_over_says_so(live: LivePool, visitor: Window, make: object, why: str) -> None:
    """It is gone, for that reason; whom to ask stands there, and nothing to join with."""
    assert callable(make)
    code = make(live)
    assert visitor.go(f"/join/{code}") == 410
    expect(visitor.page.get_by_text(why)).to_be_visible()
    expect(visitor.page.get_by_text("Ask whoever sent you the link for a new one.")).to_be_visible()
    assert code not in visitor.page.content()


@pytest.mark.parametrize(
    "code", ["ep_inv_wrong", "<svg onload=alert(1)>", "%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E", "x" * 4000]
)
def test_a_wrong_code_says_so(visitor: Window, code: str) -> None:
    """What is no invite of this pool is not there, and is not repeated."""
    assert visitor.go(f"/join/{code}") == 404
    expect(visitor.page.get_by_text("This invite is not one of this pool.")).to_be_visible()
    assert "alert(1)" not in visitor.page.content()


def test_looking_uses_nothing_up(live: LivePool) -> None:
    """However often the link is opened, the PC that it was made for can still join."""
    code = make_invite(live.pool, max_uses=1)
    for _ in range(3):
        assert live.caller(BROWSER).get(f"/join/{code}").status_code == 200
    live.agent(invite=code)


def test_guessing_is_slowed_down(tmp_path: Path) -> None:
    """After so many wrong codes the address waits, right codes included, and a page says so."""
    with live_pool(tmp_path, max_wrong_keys=3) as live:
        guesser, code = live.caller(BROWSER), make_invite(live.pool)
        assert [guesser.get(f"/join/guess{number}").status_code for number in range(4)] == [404, 404, 404, 429]
        answer = guesser.get(f"/join/{code}")
        assert answer.status_code == 429
        assert answer.headers["content-type"].startswith("text/html")
        assert int(answer.headers["retry-after"]) > 0


def test_old_invites_are_no_guesses(tmp_path: Path) -> None:
    """Who opens a real link again and again, used or not, is not slowed down."""
    with live_pool(tmp_path, max_wrong_keys=2) as live:
        code = revoked(live)
        assert {live.caller(BROWSER).get(f"/join/{code}").status_code for _ in range(5)} == {410}


@pytest.mark.parametrize("accept", ["*/*", "text/plain", "application/json"])
def test_a_terminal_gets_plain_text(live: LivePool, accept: str) -> None:
    """Programs such as curl are told in a few lines what to run, or why it would be in vain."""
    client, code = live.caller({"Accept": accept}), make_invite(live.pool)
    answers = {path: client.get(f"/join/{path}") for path in (code, "wrong", revoked(live))}
    assert [answer.status_code for answer in answers.values()] == [200, 404, 410]
    assert all(answer.headers["content-type"].startswith("text/plain") for answer in answers.values())
    assert f"python -m desktop_agent join {live.url}/join/{code}" in answers[code].text
    assert "Ask whoever sent you the link" in answers["wrong"].text


def test_nobody_keeps_the_page_or_learns_of_it(live: LivePool) -> None:
    """The code stands in the address: no cache keeps the page, no other site hears of it, no search engine lists it."""
    answer: httpx.Response = live.caller(BROWSER).get(f"/join/{make_invite(live.pool)}")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert '<meta name="robots" content="noindex">' in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_an_address_without_encryption_is_told(tmp_path: Path) -> None:
    """Over plain http the page says what that means, as the agent does; to this PC itself it does not matter."""
    with live_pool(tmp_path, public_url="http://pool.lan:8000") as live:
        assert "anybody on the way could read" in live.caller(BROWSER).get(f"/join/{make_invite(live.pool)}").text
    with live_pool(tmp_path / "local") as live:
        assert "anybody on the way" not in live.caller(BROWSER).get(f"/join/{make_invite(live.pool)}").text

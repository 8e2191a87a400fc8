"""A real browser for the tests of the pages: Chromium without a screen, and windows that notice everything amiss.

The fixture is taken into a folder by its conftest.py (`from tests.browser import browser`). Playwright keeps an event
loop in the thread that uses it, so that `asyncio.run` cannot be called there meanwhile: the browser lives as long as
the tests of one file, and no longer. A test that has a browser must run its asyncio in another thread.
"""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

#: Where packaging/dev/setup.sh puts what the tests take from npm.
PACKAGES = Path(__file__).resolve().parents[1] / ".venv" / "clients" / "node_modules"
#: Milliseconds that anything awaited in a page may take, on a busy machine.
PATIENCE_MS = 20_000
#: Names of this PC: a request to any other leaves it.
HERE = frozenset({"127.0.0.1", "localhost"})

#: Tells what the policy of a page forbade, also where the browser would not write it down.
_TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`forbidden by the policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
});
"""
#: What Chromium writes of every answer that is an error: the answers themselves are looked at instead.
_OF_AN_ANSWER = "Failed to load resource: the server responded with"


@dataclass(frozen=True, slots=True)
class Look:
    """How a visitor sees pages."""

    name: str
    width: int = 1280
    height: int = 800
    scheme: Literal["light", "dark"] = "light"
    motion: Literal["no-preference", "reduce"] = "no-preference"
    javascript: bool = True

    def as_context(self) -> dict[str, Any]:
        """Return it as Playwright's options of a context."""
        return {
            "viewport": {"width": self.width, "height": self.height},
            "color_scheme": self.scheme,
            "reduced_motion": self.motion,
            "java_script_enabled": self.javascript,
            "has_touch": self.width < 600,
        }


LIGHT, DARK = Look("light"), Look("dark", scheme="dark")
PHONE, DARK_PHONE = Look("phone", 390, 844), Look("dark-phone", 390, 844, scheme="dark")
#: The narrowest window that WCAG asks for.
NARROW = Look("narrow", 320, 640)
CALM = Look("calm", motion="reduce")
WITHOUT_SCRIPTS = Look("without-scripts", javascript=False)


# Without slots: Playwright writes into the object whose methods it is to call.
@dataclass
class Window:
    """A visitor's browser window with one page and no cookies to begin with; it notes whatever goes wrong in it."""

    url: str
    context: BrowserContext
    page: Page
    #: What went wrong, in words, in order.
    troubles: list[str] = field(default_factory=list)
    #: Words of troubles that the test brings about; the others fail it.
    expected: list[str] = field(default_factory=list)

    def expect_trouble(self, *words: str) -> None:
        """Say which troubles belong to the test, by words that stand in them."""
        self.expected += words

    def go(self, path: str) -> int:
        """Open a page of the server and return its HTTP status."""
        answer = self.page.goto(f"{self.url}{path}")
        assert answer is not None
        return answer.status

    def sign_in(self, token: str) -> None:
        """Sign in through the form."""
        assert self.go("/admin/sign-in") == 200
        self.page.get_by_label("Management token").fill(token)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def path(self) -> str:
        """Return where the window is, with its query."""
        parts = urlsplit(self.page.url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def unexpected(self) -> list[str]:
        """Return the troubles that no test foresaw."""
        return [one for one in self.troubles if not any(words in one for words in self.expected)]

    def watch(self, page: Page) -> None:
        """Note what goes wrong in a page from now on."""
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.troubles.append(f"script error: {error}"))
        page.on("dialog", self._on_dialog)
        page.on("request", self._on_request)
        page.on("requestfailed", self._on_failure)
        page.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_OF_AN_ANSWER):
            self.troubles.append(f"console: {message.text}")

    def _on_dialog(self, dialog: Dialog) -> None:
        self.troubles.append(f"dialog: {dialog.type} {dialog.message}")
        dialog.dismiss()

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"} and parts.hostname not in HERE:
            self.troubles.append(f"asked elsewhere: {request.url}")

    def _on_failure(self, request: Request) -> None:
        # Leaving a page gives up what it was loading.
        if request.failure != "net::ERR_ABORTED":
            self.troubles.append(f"failed: {request.method} {urlsplit(request.url).path} {request.failure}")

    def _on_response(self, response: Response) -> None:
        # Which status a page has is for its test to say; an error of the server is never meant.
        if response.status >= (500 if response.request.is_navigation_request() else 400):
            path = urlsplit(response.url).path
            self.troubles.append(f"answered {response.status}: {response.request.method} {path}")


@contextmanager
def window(browser: Browser, url: str, look: Look = LIGHT, **options: Any) -> Iterator[Window]:
    """Open a window of a visitor whom the server has never seen; the block fails when something goes wrong in it.

    Args:
        browser: the running browser.
        url: the server's address, for `Window.go`.
        look: how the visitor sees pages.
        options: more of Playwright's options of a context, such as `user_agent`.
    """
    context = browser.new_context(base_url=url, locale="en-GB", timezone_id="UTC", **look.as_context(), **options)
    try:
        context.add_init_script(_TELL_VIOLATIONS)
        opened = Window(url, context, context.new_page())
        opened.watch(opened.page)
        yield opened
    finally:
        context.close()
    assert not opened.unexpected(), "\n".join(opened.unexpected())


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Run Chromium without a screen until the block ends; it asks no proxy."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    expect.set_options(timeout=PATIENCE_MS)
    arguments = ["--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=arguments, timeout=4 * PATIENCE_MS)
        try:
            yield started
        finally:
            started.close()


def axe_findings(page: Page) -> list[str]:
    """Return what axe-core finds serious or critical in a page, in words.

    The program is put into the page by the browser's own door, so that the page's policy stays as it is.
    """
    page.evaluate((PACKAGES / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser that the tests of a file share; what they do in it stays apart, in windows of their own."""
    with running_browser() as started:
        yield started
    # Playwright leaves suspended greenlets behind. Python's parser trips over one that is thrown away while it works
    # (a SystemError of the module ast), so they go now.
    gc.collect()

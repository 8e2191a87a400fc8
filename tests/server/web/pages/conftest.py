"""Fixtures of the pages' tests: an operator who is signed in, over real HTTP and in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest
from playwright.sync_api import Browser

from tests.browser import LIGHT, Look, Window, browser, window
from tests.live_pool import LivePool, live_pool

__all__ = ["browser"]

#: What a browser says of a request that comes from a page of the same server.
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
TOKEN = re.compile(r'<meta name="csrf-token" content="([0-9a-f]{64})">')


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator's browser without its screen: it has the cookie, and sends forms as the pages do."""

    live: LivePool
    client: httpx.Client

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Open a page."""
        return self.client.get(path, **more)

    def fragment(self, path: str) -> str:
        """Return the live part of a page, as the page itself asks for it."""
        answer = self.client.get(path, headers={"X-Fragment": "live"})
        assert answer.status_code == 200, answer.text
        return answer.text

    def csrf_token(self) -> str:
        """Return the token that this session's changes carry."""
        found = TOKEN.search(self.client.get("/admin/health").text)
        assert found, "the page has no token"
        return found[1]

    def post(self, path: str, form: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        """Send a form from a page."""
        return self.client.post(path, data={"csrf_token": self.csrf_token(), **(form or {})}, **more)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process run all tests of a file that share a browser: each process would start one of its own."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def sign_in(live: LivePool) -> Operator:
    """Sign in to a server through its form; redirects are not followed."""
    client = live.caller(dict(OWN_PAGE))
    answer = client.post("/admin/sign-in", data={"token": live.settings.mgmt_token})
    assert answer.status_code == 303, answer.text
    return Operator(live, client)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LivePool]:
    """Give a server of the test's own."""
    with live_pool(tmp_path) as started:
        yield started


@pytest.fixture
def operator(live: LivePool) -> Operator:
    """Give the operator of the test's own server, signed in."""
    return sign_in(live)


class OpenWindow(Protocol):
    """Opens a window of the browser on the test's own server."""

    def __call__(self, look: Look = LIGHT, *, signed_in: bool = True, **options: Any) -> Window:
        """Open a window that knows no other's cookies; `options` are Playwright's of a context."""


@pytest.fixture
def open_window(live: LivePool, browser: Browser) -> Iterator[OpenWindow]:
    """Give what opens windows. When the test is over they are closed, and whatever went wrong in one fails it."""
    with ExitStack() as opened:

        def open_one(look: Look = LIGHT, *, signed_in: bool = True, **options: Any) -> Window:
            made = opened.enter_context(window(browser, live.url, look, **options))
            if signed_in:
                made.sign_in(live.settings.mgmt_token)
            return made

        yield open_one


@pytest.fixture
def visitor(open_window: OpenWindow) -> Window:
    """Give a window of somebody who is not signed in."""
    return open_window(signed_in=False)


@pytest.fixture
def operator_page(open_window: OpenWindow) -> Window:
    """Give a window of the operator, who has signed in through the form; `operator_page.page` is Playwright's page."""
    return open_window()

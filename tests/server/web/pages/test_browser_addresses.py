"""Hostile texts in addresses do nothing on any page, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.browser import Window
from tests.live_pool import LivePool, live_pool
from tests.server.web.pages.conftest import OpenWindow
from tests.server.web.pages.hostile import PAYLOADS, UNPRINTABLE
from tests.server.web.pages.looking import look_again

EVERY = PAYLOADS + UNPRINTABLE
#: Most characters of a word in an address.
LONGEST = 500
#: Pages, and every word that they read from their address.
ASKED = {
    "/admin/sign-in": ("next", "done"),
    "/admin/agents": ("q", "state", "model", "sort", "page", "done"),
    "/admin/tasks": (
        "q",
        "status",
        "model",
        "agent",
        "key",
        "job",
        "kind",
        "error",
        "cursor",
        "before",
        "since",
        "done",
    ),
    "/admin/keys": ("show", "done"),
    "/admin/try": ("model", "one", "other", "message", "done"),
    "/admin/health/events": ("before", "done"),
}
#: Where an id, or the name of a page, stands in the address; and pages that read nothing but what was done.
PLACES = (
    "/admin/agents/{}",
    "/admin/tasks/{}",
    "/admin/keys/{}",
    "/admin/invites/{}",
    "/join/{}",
    "/admin/{}",
    "/{}",
    "/admin/?done={}",
    "/admin/models?done={}",
    "/admin/invites?done={}",
    "/admin/health?done={}",
)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePool]:
    """Give an empty pool that all tests here share: they only look."""
    with live_pool(tmp_path_factory.mktemp("addresses")) as started:
        yield started


def together() -> list[str]:
    """Return all texts, as many behind each other as one word of an address may hold."""
    groups = [""]
    for text in EVERY:
        if len(groups[-1]) + len(text) >= LONGEST:
            groups.append("")
        groups[-1] = f"{groups[-1]} {text}".lstrip(" ")
    return groups


@pytest.mark.parametrize("path", ASKED)
def test_addresses_are_text(open_window: OpenWindow, path: str) -> None:
    """Each text in every word of a page's address: a page of ours answers, whatever it makes of it."""
    is_way_in = path == "/admin/sign-in"
    window = open_window(signed_in=not is_way_in)
    # What may become the address to go to is dangerous by its beginning: there such texts stand alone.
    alone = [text for text in EVERY if text[:1] in "/jdvhJ\\"] if is_way_in else []
    for text in (*together(), *alone):
        asked = "&".join(f"{name}={quote(text, safe='')}" for name in ASKED[path])
        assert window.go(f"{path}?{asked}") in {200, 400, 404, 422}, text
        look_again(window, path)


def test_places_are_text(operator_page: Window) -> None:
    """Each text in a place of its own, a dozen in each place: what answers is a page of ours, or no page at all."""
    for number, text in enumerate(EVERY):
        place = PLACES[number % len(PLACES)]
        assert operator_page.go(place.format(quote(text, safe=""))) in {200, 400, 404, 405}, (place, text)
        if place != "/{}":
            look_again(operator_page, place)
        assert operator_page.unexpected() == [], (place, text)

"""An invite is looked at before it is used."""

from __future__ import annotations

import pytest

from desktop_agent.core.errors import InsecureServer, InviteLinkInvalid, RequestRefused, ServerUnreachable
from desktop_agent.core.pool.invite_preview import InvitePreview, preview
from desktop_agent.core.pool.server_api import ServerApi
from tests.desktop_agent.parts import run
from tests.fakes.pool import INVITE, FakePool

LINK = f"https://pool.example.org/join/{INVITE}"


def look(pool: FakePool, link: str = LINK, server: str | None = None) -> InvitePreview:
    def connect(server: str, insecure: bool) -> ServerApi:
        return ServerApi(server, allow_insecure=insecure, transport=pool.transport())

    return run(preview(link, connect, server=server))


def test_a_good_invite_tells_of_its_pool() -> None:
    """Name and number of PCs, and nothing is registered."""
    pool = FakePool()
    expected = InvitePreview("https://pool.example.org", "pool.example.org", "Test pool", 37)
    assert look(pool) == expected
    assert look(pool, INVITE, "pool.example.org") == expected
    assert pool.registrations == []


@pytest.mark.parametrize("status", [404, 405])
def test_an_older_server_tells_its_address_only(status: int) -> None:
    """It has no such question; joining works all the same."""
    pool = FakePool()
    pool.instead["/agent/invite"] = [(status, {"error": {"message": "Not found"}})]
    assert look(pool) == InvitePreview("https://pool.example.org", "pool.example.org")


def test_why_an_invite_is_worth_nothing_is_said() -> None:
    """In the server's words, as when joining."""
    with pytest.raises(RequestRefused, match="has run out"):
        look(FakePool(), "https://pool.example.org/join/another-code")


def test_a_link_that_is_none_is_not_asked_about() -> None:
    """Nothing is sent anywhere, nor in the clear."""
    with pytest.raises(InviteLinkInvalid):
        look(FakePool(), "hello")
    with pytest.raises(InsecureServer):
        look(FakePool(), LINK.replace("https", "http"))


def test_a_server_that_is_not_there_is_told_as_such() -> None:
    """A broken connection is no broken invite."""
    pool = FakePool()
    pool.instead["/agent/invite"] = [(0, {})]
    with pytest.raises(ServerUnreachable):
        look(pool)


@pytest.mark.parametrize("answer", [{}, {"pool": "x", "volunteers": -1}, {"pool": "x", "volunteers": "37"}])
def test_odd_numbers_are_not_shown(answer: dict[str, object]) -> None:
    """What makes no sense is an error in words."""
    pool = FakePool()
    pool.instead["/agent/invite"] = [(200, answer)]
    with pytest.raises(Exception, match="volunteers"):
        look(pool)

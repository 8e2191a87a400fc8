"""The agent's own code against a real server: looking at an invite, at the pool, and for a newer version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_agent.core.errors import RequestRefused, ServerBusy
from desktop_agent.core.pool.invite_preview import InvitePreview, preview
from desktop_agent.core.pool.links import host_of
from desktop_agent.core.pool.server_api import ServerApi
from desktop_agent.core.state import PoolStatus
from server import __version__
from server.services import invitations
from tests.desktop_agent.parts import run
from tests.factories import MODEL, make_invite
from tests.live_pool import EMBEDDINGS, LivePool, live_pool


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LivePool]:
    with live_pool(tmp_path / "server", pool_name="Riverside “Library” Search", max_wrong_keys=3) as opened:
        yield opened


def connect(server: str, allow_insecure: bool) -> ServerApi:
    return ServerApi(server, allow_insecure=allow_insecure)


def look(live: LivePool, code: str) -> InvitePreview:
    return run(preview(f"{live.url}/join/{code}", connect))


def test_an_invite_is_looked_at_and_still_good(live: LivePool) -> None:
    """Host, pool and number of PCs; the one place of the invite is still there."""
    live.agent()
    code = make_invite(live.pool, max_uses=1)
    expected = InvitePreview(live.url, host_of(live.url), "Riverside “Library” Search", 1)
    assert [look(live, code) for _ in range(2)] == [expected, expected]
    live.agent(invite=code)
    with pytest.raises(RequestRefused, match="has been used"):
        look(live, code)


def test_a_revoked_invite_is_told_as_such(live: LivePool) -> None:
    """In the words that joining would give."""
    code = make_invite(live.pool)
    invitations.revoke_invite(live.pool, code, live.pool.clock.now())
    with pytest.raises(RequestRefused, match="was revoked"):
        look(live, code)


def test_who_guesses_codes_is_slowed_down(live: LivePool) -> None:
    """After some wrong ones the server says when to come back."""
    for number in range(3):
        with pytest.raises(RequestRefused):
            look(live, f"guess-{number}")
    with pytest.raises(ServerBusy) as caught:
        look(live, "guess-again")
    assert caught.value.retry_after >= 1


def test_the_pools_numbers_and_its_version(live: LivePool) -> None:
    """What waits, who is here, and that the clocks agree."""
    scripted = live.agent()
    live.client().post(f"{EMBEDDINGS}?wait=0", json={"model": MODEL, "input": ["a", "b"]})

    async def ask() -> tuple[PoolStatus, str, float | None]:
        async with ServerApi(live.url) as api:
            api.sign_in_as(scripted.id, scripted.key)
            return await api.pool_status(), await api.agent_version(), api.clock_skew

    status, version, skew = run(ask())
    assert (status, version) == (PoolStatus(1, 2, 0, 0), __version__)
    assert skew is not None
    assert abs(skew) < 60

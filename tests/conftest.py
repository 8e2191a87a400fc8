"""Fixtures that several folders of tests share: a pool over a real file, and a real server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from server.app import create_app, pool_of
from server.services.pool import Pool
from server.serving import Serving
from server.settings import Settings
from tests.factories import SetClock, issue_client_key, make_invite, make_settings, open_test_pool

#: The same examples in every run, so that a build does not fail for what nobody changed.
hypothesis_settings.register_profile("default", derandomize=True, deadline=None)
#: `pytest --hypothesis-profile thorough`: many more.
hypothesis_settings.register_profile("thorough", max_examples=2000, deadline=None)
hypothesis_settings.load_profile("default")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the server's settings out of the environment, so that a developer's own do not change what is tested."""
    names = {name.upper() for name in Settings.model_fields}
    for name in [name for name in os.environ if name.upper() in names]:
        monkeypatch.delenv(name)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give settings over a data folder of the test's own."""
    return make_settings(tmp_path)


@pytest.fixture
def clock() -> SetClock:
    """Give the clock of the `pool` fixture: it stands still until it is told to go on."""
    return SetClock()


@pytest.fixture
def pool(settings: Settings, clock: SetClock) -> Iterator[Pool]:
    """Give an open pool over a real SQLite file: its writer runs; there is no web and no sweeper's thread."""
    opened = open_test_pool(settings, clock)
    yield opened
    opened.database.close()


@dataclass(frozen=True, slots=True)
class LiveServer:
    """A real server that answers on a free port."""

    url: str
    management_token: str
    pool: Pool

    def issue_key(self, *capabilities: str) -> str:
        """Issue a client key; without capabilities it may use everything."""
        return issue_client_key(self.pool, capabilities=capabilities or ("*",)).key

    def issue_invite(self, max_uses: int | None = None) -> str:
        """Issue an invite and return its code."""
        return make_invite(self.pool, max_uses=max_uses)


@pytest.fixture
def live_server(settings: Settings) -> Iterator[LiveServer]:
    """Serve the app with waitress and the sweeper, each in its thread, on a free port of this computer."""
    app = create_app(settings)
    serving = Serving(app, settings)
    serving.start()
    yield LiveServer(f"http://127.0.0.1:{serving.port}", settings.mgmt_token, pool_of(app))
    serving.stop()

"""The whole agent beside a real server and a faithful Ollama, for tests of what clients get."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from desktop_agent.core.data_folder import DataFolder
from desktop_agent.core.engines.catalogue import Catalogue
from desktop_agent.core.engines.ollama import OllamaEngine
from desktop_agent.core.pool.membership import Membership
from desktop_agent.core.pool.server_api import ServerApi
from tests.desktop_agent.hosting import belong, make_host
from tests.desktop_agent.parts import until
from tests.desktop_agent.real_pool import told
from tests.factories import make_invite
from tests.fakes.ollama import OllamaThread, running_ollama
from tests.fakes.ollama_models import FakeModel
from tests.live_pool import LivePool


@dataclass(slots=True)
class AtWork:
    """An agent that runs beside its server and its Ollama."""

    live: LivePool
    ollama: OllamaThread
    folder: DataFolder
    stop: asyncio.Event
    task: asyncio.Task[None]


W = TypeVar("W", bound=AtWork)


@asynccontextmanager
async def running_agent(
    kind: type[W], live: LivePool, tmp_path: Path, models: Sequence[FakeModel], **speed: float
) -> AsyncIterator[W]:
    """Run an agent with an Ollama of some models until the block ends; `kind` says what a test can do with it."""
    folder = DataFolder.open(tmp_path / "agent")
    with running_ollama(*models, **speed) as ollama:
        async with ServerApi(live.url) as api:
            joined = await api.register(make_invite(live.pool), told())
        belong(folder, Membership(live.url, joined.agent_id, joined.pool, "My PC"), joined.key)
        host = make_host(folder, lambda *_: ServerApi(live.url), lambda _: Catalogue([OllamaEngine(ollama.url)]))
        stop = asyncio.Event()
        running = asyncio.create_task(host.run(stop))
        try:
            await until(lambda: live.pool.agents.gate.in_use == 1)
            yield kind(live, ollama, folder, stop, running)
        finally:
            stop.set()
            await asyncio.gather(running, return_exceptions=True)

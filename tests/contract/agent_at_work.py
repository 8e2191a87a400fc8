"""The whole agent beside a real server and a faithful Ollama, for tests of what clients get."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from desktop_agent.core.agent import Agent
from desktop_agent.core.data_folder import DataFolder
from desktop_agent.core.engines.catalogue import Catalogue
from desktop_agent.core.engines.ollama import OllamaEngine
from desktop_agent.core.server_api import ServerApi
from desktop_agent.core.settings import Membership, save_membership
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
            api.sign_in_as(joined.agent_id, joined.key)
            member = Membership(live.url, joined.agent_id, joined.pool, "My PC")
            save_membership(folder.membership, member)
            agent, stop = Agent(folder, member, api, Catalogue([OllamaEngine(ollama.url)]), "0.1.0"), asyncio.Event()
            running = asyncio.create_task(agent.run(stop))
            try:
                await until(lambda: live.pool.agents.gate.in_use == 1)
                yield kind(live, ollama, folder, stop, running)
            finally:
                stop.set()
                await asyncio.gather(running, return_exceptions=True)

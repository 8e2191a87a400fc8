"""An agent that chats, beside a real server and a faithful Ollama, for tests of what clients get."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

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
from tests.fakes.ollama_models import FakeModel, chat_model
from tests.live_pool import LivePool

NAME = "qwen2.5:7b"
BOTH = FakeModel("both:1b", dimensions=8, capabilities=("embedding", "completion"))
MODELS = (chat_model(NAME, "tools", "vision"), chat_model("qwen3:4b", "thinking"), BOTH)
COMPLETIONS = "/v1/chat/completions"


@dataclass(slots=True)
class AtWork:
    """An agent that runs beside its server and its Ollama."""

    live: LivePool
    ollama: OllamaThread
    folder: DataFolder
    stop: asyncio.Event
    task: asyncio.Task[None]

    async def ask(self, text: str, **fields: Any) -> httpx.Response:
        """Ask as a program does, without a stream."""
        client = self.live.client(x_stainless_lang="python")
        return await asyncio.to_thread(client.post, COMPLETIONS, json=asking(text, **fields))


def asking(text: str, **fields: Any) -> dict[str, Any]:
    """Make a request of OpenAI's form with one message."""
    return {"model": NAME, "messages": [{"role": "user", "content": text}], **fields}


@asynccontextmanager
async def at_work(live: LivePool, tmp_path: Path, **speed: float) -> AsyncIterator[AtWork]:
    """Run an agent until the block ends."""
    folder = DataFolder.open(tmp_path / "agent")
    with running_ollama(*MODELS, **speed) as ollama:
        async with ServerApi(live.url) as api:
            joined = await api.register(make_invite(live.pool), told())
            api.sign_in_as(joined.agent_id, joined.key)
            member = Membership(live.url, joined.agent_id, joined.pool, "My PC")
            save_membership(folder.membership, member)
            agent, stop = Agent(folder, member, api, Catalogue([OllamaEngine(ollama.url)]), "0.1.0"), asyncio.Event()
            running = asyncio.create_task(agent.run(stop))
            try:
                await until(lambda: live.pool.agents.gate.in_use == 1)
                yield AtWork(live, ollama, folder, stop, running)
            finally:
                stop.set()
                await asyncio.gather(running, return_exceptions=True)

"""An agent that chats, beside a real server and a faithful Ollama, for tests of what clients get."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.contract.agent_at_work import AtWork, running_agent
from tests.fakes.ollama_models import FakeModel, chat_model
from tests.live_pool import LivePool

NAME = "qwen2.5:7b"
BOTH = FakeModel("both:1b", dimensions=8, capabilities=("embedding", "completion"))
MODELS = (chat_model(NAME, "tools", "vision"), chat_model("qwen3:4b", "thinking"), BOTH)
COMPLETIONS = "/v1/chat/completions"


@dataclass(slots=True)
class ChattingAgent(AtWork):
    """An agent at work, and its clients."""

    async def ask(self, text: str, **fields: Any) -> httpx.Response:
        """Ask as a program does, without a stream."""
        client = self.live.client(x_stainless_lang="python")
        return await asyncio.to_thread(client.post, COMPLETIONS, json=asking(text, **fields))


def asking(text: str, **fields: Any) -> dict[str, Any]:
    """Make a request of OpenAI's form with one message."""
    return {"model": NAME, "messages": [{"role": "user", "content": text}], **fields}


def at_work(live: LivePool, tmp_path: Path, **speed: float) -> AbstractAsyncContextManager[ChattingAgent]:
    """Run an agent until the block ends."""
    return running_agent(ChattingAgent, live, tmp_path, MODELS, **speed)

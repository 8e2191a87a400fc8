"""A pool whose operator takes LLMeQueue's workers and clients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.contract.llmequeue.programs import Client, Task, Worker
from tests.factories import vector_of
from tests.live_pool import LivePool, live_pool

TOKEN = "one-token-for-clients-and-workers"


def embed(text: str, _model: str) -> list[float]:
    """The right vector of a text, twice as long as we keep it: this worker's Ollama is an old one."""
    vector: list[float] = (vector_of(text) * 2).tolist()
    return vector


def chat(payload: Task) -> dict[str, str]:
    """An answer that tells what was asked."""
    return {"content": f"You said: {payload['messages'][-1]['content']}", "finish_reason": "stop"}


@dataclass(frozen=True, slots=True)
class Queue:
    """A server that speaks LLMeQueue's language, and the programs that a test starts beside it."""

    live: LivePool
    _open: ExitStack

    def worker(self, token: str = TOKEN) -> Worker:
        """Make a worker; it runs inside `with`."""
        made = Worker(self.live.url, token, embed, chat)
        self._open.callback(made.close)
        return made

    def client(self, token: str = TOKEN) -> Client:
        """Make a client."""
        made = Client(self.live.url, token)
        self._open.callback(made.close)
        return made


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    """Give a server with AUTH_TOKEN set; nobody works for it yet."""
    with live_pool(tmp_path, auth_token=TOKEN) as live, ExitStack() as opened:
        yield Queue(live, opened)

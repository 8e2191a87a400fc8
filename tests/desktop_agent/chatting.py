"""Chats of the worker's tests: an engine that can do both kinds of work, and a chat that it is at."""

from __future__ import annotations

from typing import Any

from tests.desktop_agent.parts import Bench, GatedEngine, chat_offer, offer, until
from tests.fakes.pool import PoolTask

ASKING = {"messages": [{"role": "user", "content": "Why?"}], "stream": True}


def engine_of_both() -> GatedEngine:
    """Make an engine that embeds and chats."""
    return GatedEngine(offer(), chat_offer())


async def chatting(b: Bench, payload: object = ASKING, **options: Any) -> PoolTask:
    """Have the engine at a chat."""
    known = len(b.engine.chats)
    chat = b.pool.submit_chat(payload, **options)
    await until(lambda: len(b.engine.chats) > known)
    return chat

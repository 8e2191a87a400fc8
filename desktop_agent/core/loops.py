"""Event loops that end without waiting for threads, and several jobs in one of which the first to end ends all.

A thread may hang in a driver, or at a prompt for a password.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run_without_waiting(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end as `asyncio.run` does, but leave hanging threads behind."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        close(loop)


def close(loop: asyncio.AbstractEventLoop) -> None:
    """End what still runs in a loop that was stopped, and close it."""
    try:
        loop.run_until_complete(_end_all())
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


async def _end_all() -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def first_of(*work: Coroutine[Any, Any, Any]) -> None:
    """Run all until the first ends, and give or raise what came of it; the others are cancelled."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until_set(event: asyncio.Event) -> None:
    """Wait for the event."""
    await event.wait()


async def set_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for the event, or so many seconds; tell whether it came."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True

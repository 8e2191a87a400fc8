"""The worker's requests on their way to the server: at most one that asks for work, and one that only tells."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from ..pool.wire import Outcome, TurnAnswer


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """A turn on its way."""

    task: asyncio.Task[TurnAnswer]
    #: The outcomes that it carries.
    sent: tuple[Outcome, ...]
    #: It asks for work, too.
    asks: bool


class RequestsOut:
    """Starts requests, and gives those that have come back."""

    def __init__(self) -> None:
        self._requests: list[Request] = []

    @property
    def tasks(self) -> list[asyncio.Task[TurnAnswer]]:
        """One for each request."""
        return [request.task for request in self._requests]

    def is_out(self, *, asks: bool) -> bool:
        """Tell whether one of this sort is on its way."""
        return any(request.asks == asks for request in self._requests)

    def start(self, turn: Coroutine[Any, Any, TurnAnswer], sent: tuple[Outcome, ...], *, asks: bool) -> None:
        """Send a request."""
        self._requests.append(Request(asyncio.create_task(turn), sent, asks))

    def take_finished(self) -> list[Request]:
        """Give those that ended since the last time."""
        ended = [request for request in self._requests if request.task.done()]
        self._requests = [request for request in self._requests if not request.task.done()]
        return ended

    def cancel(self) -> None:
        """Cancel them all; they are still to be taken in."""
        for request in self._requests:
            request.task.cancel()

    def take_all_canceled(self) -> list[Request]:
        """Cancel them all and forget them; gives them."""
        self.cancel()
        requests, self._requests = self._requests, []
        return requests


async def end_all(tasks: Iterable[asyncio.Future[Any]]) -> None:
    """Cancel the tasks, and wait until they have ended."""
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

"""Reading along: a client gets a chat's answer piece by piece, while an agent writes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from server.domain.errors import ShuttingDown
from server.services import answers
from server.services.answers import SHUTDOWN_RETRY, Collection
from server.services.assembling import Output
from server.services.giving_up import give_up
from server.services.known_keys import Client
from server.services.pool import Pool
from server.services.waiting import Chunk, Gone, Woken
from server.storage import line

#: Most seconds without a sign that the server is there: proxies and clients give up silent connections after 30 or 60.
SIGN_EVERY = 10.0


@dataclass(frozen=True, slots=True)
class Sign:
    """Nothing new, but the server is there."""

    #: Where the chat stands in the queue, 1 for the next; None when it is no longer in it.
    position: int | None


Piece = Sign | Chunk | Output


@dataclass(slots=True)
class Reading:
    """One client that reads along. Iterate over its pieces, and close it whatever happens.

    The pieces are signs, then chunks and signs, then one output, the whole answer. There is none when the client hangs
    up first. What the chat fails of is raised: ShuttingDown when the server goes down first.
    """

    pool: Pool
    client: Client
    collection: Collection
    gone: Gone
    #: Seconds between signs.
    sign_every: float
    _closed: bool = field(default=False, init=False)

    def __iter__(self) -> Iterator[Piece]:
        """Give the pieces as they come."""
        waiter = self.collection.waiter
        yield self._sign()
        while True:
            woken = self.pool.jobs.wait(waiter, self.sign_every, self.pool.settings.poll_interval, self.gone)
            waiter.event.clear()
            # Looked at before the chunks: when it is over, all of them are there.
            is_over = waiter.over
            while waiter.chunks:
                yield waiter.chunks.popleft()
            if is_over:
                yield from self._end()
                return
            if woken is Woken.DRAINING:
                raise ShuttingDown("The server is being restarted. Send it again.", retry_after=SHUTDOWN_RETRY)
            if woken is Woken.GONE:
                return
            if woken is Woken.TIMEOUT:
                yield self._sign()

    def close(self) -> None:
        """Give the client's place back; a chat that is not over is wanted no more."""
        if self._closed:
            return
        self._closed = True
        waiter = self.collection.waiter
        self.pool.jobs.leave(waiter)
        if not waiter.over:
            give_up(self.pool, self.client.id, waiter.job_id)

    def _sign(self) -> Sign:
        with self.pool.database.read() as connection:
            before = line.position(connection, self.collection.waiter.job_id)
        return Sign(None if before is None else before + 1)

    def _end(self) -> Iterator[Piece]:
        answer = answers.take(self.pool, self.client, self.collection)
        if isinstance(answer, Output):
            yield answer

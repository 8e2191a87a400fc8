"""Turns what the ledger knows of a task that has left this PC into the line that its owner gets to read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from ..engines.base import CHAT, EMBEDDING
from ..pool.wire import Answered, Completed, Failed, Outcome, Task
from ..ran import HowEnded, TaskEnd
from .ledger import Lease, Ledger

#: What the server says about a result that it takes.
TAKEN = ("accepted", "replayed")
#: Seconds after which a result that is under way counts as delivered, in its owner's eyes.
DELIVERED_SECONDS = 2.0


class Endings:
    """Tells of every task that ended here, once."""

    def __init__(self, on_ended: Callable[[TaskEnd], None], clock: Callable[[], float]) -> None:
        """`clock` is the one of the leases, in seconds."""
        self._on_ended = on_ended
        self._clock = clock
        #: Lease → when its outcome was there (seconds since 1970), until its end was told.
        self._computed_at: dict[str, float] = {}
        #: Leases of which was told before the server's word on their outcome came.
        self._told: set[str] = set()
        #: When the last task ended, in seconds since 1970; None when none did yet.
        self.last_at: float | None = None

    def computed(self, ledger: Ledger, outcomes: list[Outcome]) -> None:
        """Note that outcomes are there. Their ends are told when the server has judged them, or soon."""
        leases = [outcome.lease_id for outcome in outcomes]
        now = time.time()
        for lease_id in leases:
            self._computed_at[lease_id] = self.last_at = now
        # The request that carries them may wait for new work much longer than their owner wants to wait.
        asyncio.get_running_loop().call_later(DELIVERED_SECONDS, self._tell_delivered, ledger, leases)

    def _tell_delivered(self, ledger: Ledger, leases: list[str]) -> None:
        for lease, outcome in ledger.on_their_way(leases):
            self.note(lease, outcome, TAKEN[0])
            self._told.add(lease.task.lease_id)

    def note(self, lease: Lease, outcome: Outcome | None, word: str) -> None:
        """Note the end of a lease: what came of it, None if nothing, and the server's word on that."""
        lease_id = lease.task.lease_id
        finished_at = self._computed_at.pop(lease_id, time.time())
        if lease_id in self._told or not lease.task.model:
            self._told.discard(lease_id)  # told already; or it could not even be read
            return
        self.last_at = finished_at
        self._on_ended(
            TaskEnd(
                finished_at=finished_at,
                model=lease.task.model,
                kind=EMBEDDING if isinstance(lease.task, Task) else CHAT,
                texts=len(lease.task.texts) if isinstance(lease.task, Task) else 0,
                tokens=_tokens(outcome),
                seconds=round(self._seconds(lease, outcome), 3),
                outcome=_how(outcome, word),
            )
        )

    def _seconds(self, lease: Lease, outcome: Outcome | None) -> float:
        """Give the engine's own time; where there is none, the time since the task came."""
        if isinstance(outcome, Completed | Answered):
            return outcome.engine_ms / 1000.0
        return max(0.0, self._clock() - lease.claimed_at)


def _tokens(outcome: Outcome | None) -> int:
    if isinstance(outcome, Completed):
        return outcome.tokens
    if isinstance(outcome, Answered):
        counts = (outcome.output.get(name) for name in ("prompt_eval_count", "eval_count"))
        return sum(count for count in counts if isinstance(count, int))
    return 0


def _how(outcome: Outcome | None, word: str) -> HowEnded:
    if outcome is None:
        return HowEnded.RELEASED
    if isinstance(outcome, Failed):
        return HowEnded.FAILED
    return HowEnded.DONE if word in TAKEN else HowEnded.REFUSED

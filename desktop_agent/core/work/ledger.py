"""What this agent holds: leases under way, and outcomes that the server has not taken yet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from ..pool.wire import AnyTask, Failed, Outcome, Task
from ..state import Counters

#: Most results in one turn, and most bytes in them (base64 makes vectors a third larger; the server reads 16 MiB).
MAX_RESULTS = 256
MAX_RESULT_BYTES = 8 * 1024 * 1024
#: Seconds for which the news that a task cannot even be begun is worth delivering.
HOPELESS_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Lease:
    """A task of ours. Times are in seconds of the monotonic clock."""

    task: AnyTask
    claimed_at: float
    #: When nobody wants its result any more.
    expires_at: float


def _ignore(_lease: Lease, _outcome: Outcome | None, _word: str) -> None:
    """Tell nobody."""


class Ledger:
    """Bookkeeping only: it sends nothing and knows no clock."""

    def __init__(self, on_end: Callable[[Lease, Outcome | None, str], None] = _ignore) -> None:
        """`on_end` hears of every lease that ends: with its outcome, None if there is none, and the server's word."""
        self._on_end = on_end
        self._leases: dict[str, Lease] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._sending: set[str] = set()
        self._most_results = MAX_RESULTS
        self.tasks_done = self.texts_done = self.chats_done = 0
        self.tasks_failed = self.tasks_released = self.results_unwanted = 0

    @property
    def holding(self) -> tuple[str, ...]:
        """Every lease that we believe is ours."""
        return tuple(self._leases)

    @property
    def at_risk(self) -> tuple[str, ...]:
        """Leases that heartbeats must keep; those whose outcome is on its way are about to end."""
        return tuple(lease for lease in self._leases if lease not in self._sending)

    @property
    def unfinished(self) -> tuple[str, ...]:
        """Leases without an outcome."""
        return tuple(lease for lease in self._leases if lease not in self._outcomes)

    @property
    def has_unsent(self) -> bool:
        """Whether an outcome waits that no request is carrying."""
        return len(self._outcomes) > len(self._sending)

    def on_their_way(self, leases: Iterable[str]) -> list[tuple[Lease, Outcome]]:
        """Give those of the leases whose outcomes a request is carrying now."""
        return [(self._leases[one], self._outcomes[one]) for one in leases if one in self._sending]

    @property
    def counters(self) -> Counters:
        """What was done since the start."""
        return Counters(
            tasks_done=self.tasks_done,
            texts_done=self.texts_done,
            chats_done=self.chats_done,
            tasks_failed=self.tasks_failed,
            tasks_released=self.tasks_released,
            results_unwanted=self.results_unwanted,
        )

    def claim(self, tasks: Iterable[AnyTask], now: float) -> list[Lease]:
        """Note what was handed out; a lease that we have already (our answer crossed theirs) is not begun again."""
        fresh = [Lease(task, now, now + task.deadline_seconds) for task in tasks if task.lease_id not in self._leases]
        self._leases.update((lease.task.lease_id, lease) for lease in fresh)
        return fresh

    def finish(self, outcomes: Iterable[Outcome]) -> None:
        """Keep the outcomes of leases that are still ours until the server takes them."""
        for outcome in outcomes:
            lease = self._leases.get(outcome.lease_id)
            if lease is not None:
                self._outcomes[outcome.lease_id] = outcome
                self._count(outcome, lease)

    def claim_hopeless(self, outcomes: Iterable[Failed], now: float) -> None:
        """Note tasks that cannot even be begun, with their outcomes."""
        for outcome in outcomes:
            task = Task(outcome.lease_id, "", (), truncate=False, deadline_seconds=HOPELESS_SECONDS)
            self.claim([task], now)
            self.finish([outcome])

    def take_for_sending(self) -> tuple[Outcome, ...]:
        """Give outcomes that no request carries yet, as many as one request may carry."""
        taken: list[Outcome] = []
        size = 0
        for lease_id, outcome in self._outcomes.items():
            if lease_id in self._sending:
                continue
            size += outcome.size_bytes
            if taken and (len(taken) >= self._most_results or size > MAX_RESULT_BYTES):
                break
            taken.append(outcome)
        self._sending.update(outcome.lease_id for outcome in taken)
        return tuple(taken)

    def sent_in_vain(self, outcomes: Iterable[Outcome]) -> None:
        """Take back outcomes whose request failed: nobody knows whether they arrived, so they are sent again."""
        self._sending.difference_update(outcome.lease_id for outcome in outcomes)

    def refused(self, outcomes: Collection[Outcome]) -> int:
        """Note that the server took none of these; give the number that is given up.

        One that is refused alone would be refused again, and stand in the way of everything behind it. Several may be
        too much at once, or suffer for one of them: they are sent again in halves.
        """
        self.sent_in_vain(outcomes)
        self._most_results = max(1, len(outcomes) // 2)
        if len(outcomes) > 1:
            return 0
        self.drop(outcome.lease_id for outcome in outcomes)
        return len(outcomes)

    def settle(self, sent: Iterable[Outcome], words: Mapping[str, str]) -> bool:
        """Close what the server has judged; tell whether it judged everything that was sent."""
        complete = True
        for outcome in sent:
            self._most_results = MAX_RESULTS
            self._sending.discard(outcome.lease_id)
            word = words.get(outcome.lease_id)
            if word is None:
                complete = False
                continue
            self.results_unwanted += word not in ("accepted", "replayed")
            self._end(outcome.lease_id, word)
        return complete

    def drop(self, leases: Iterable[str]) -> None:
        """Forget leases that are no longer ours, with their outcomes."""
        for lease_id in list(leases):
            self._sending.discard(lease_id)
            self._end(lease_id, "")

    def release(self, leases: Iterable[str]) -> None:
        """Forget leases that we give back."""
        leases = [lease_id for lease_id in leases if lease_id in self._leases]
        self.tasks_released += len(leases)
        self.drop(leases)

    def expire(self, now: float) -> int:
        """Forget outcomes that nobody can want any more; give their number."""
        late = [lease_id for lease_id in self._outcomes if self._is_late(lease_id, now)]
        self.results_unwanted += len(late)
        self.drop(late)
        return len(late)

    def _end(self, lease_id: str, word: str) -> None:
        outcome, lease = self._outcomes.pop(lease_id, None), self._leases.pop(lease_id, None)
        if lease is not None:
            self._on_end(lease, outcome, word)

    def _is_late(self, lease_id: str, now: float) -> bool:
        return lease_id not in self._sending and self._leases[lease_id].expires_at <= now

    def _count(self, outcome: Outcome, lease: Lease) -> None:
        if isinstance(outcome, Failed):
            self.tasks_failed += 1
            return
        self.tasks_done += 1
        if isinstance(lease.task, Task):
            self.texts_done += len(lease.task.texts)
        else:
            self.chats_done += 1

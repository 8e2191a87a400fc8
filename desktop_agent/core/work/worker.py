"""The agent's loop: ask for work, compute it, deliver the results with the next question.

Two batches are in hand at most, so that the engine never waits for the network; nothing is asked for beside a chat.
Results travel with the next request for work; when that one is already out and waiting, they go at once in a request of
their own.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from .. import messages
from ..engines.catalogue import Catalogue
from ..errors import KeyRefused, RequestRefused, ServerAnswerOdd, ServerError
from ..pool.contact import Contact
from ..pool.wire import Outcome, Report, Task, Turn, TurnAnswer
from ..ran import TaskEnd
from . import returns
from .at_engine import AtEngine, Chatting
from .compute import Computed
from .endings import Endings
from .ledger import Lease, Ledger
from .progress import Progress
from .progress import Server as ProgressServer
from .requests_out import Request, RequestsOut, end_all

log = logging.getLogger(__name__)

#: Seconds a batch computes before the next is asked for; the result of a shorter one travels with that request.
PREFETCH_AFTER_SECONDS = 0.010
#: How much one request asks for: what one call to the engine takes.
MAX_TASKS = MAX_TEXTS = 32
#: Seconds that the server may keep a request for work.
WAIT_SECONDS = 25
#: Seconds between two signs of life while no work is wanted.
PRESENCE_SECONDS = 60.0
#: Seconds without asking for work after an engine failed: it is looked at, and the server told, before more comes.
LOOK_SECONDS = 1.0
#: Seconds for the last words to the server when the agent stops.
FAREWELL_SECONDS = 1.8


class Server(returns.Server, ProgressServer, Protocol):
    """What the worker needs of the server."""

    async def turn(self, turn: Turn) -> TurnAnswer:
        """Deliver results and ask for work."""


def _tell_nobody(_end: TaskEnd) -> None:
    """Let a task end unheard."""


class Worker:
    """Keeps the engines busy with the pool's work, as long as it is allowed to."""

    def __init__(
        self,
        server: Server,
        catalogue: Catalogue,
        contact: Contact,
        report: Callable[[], Report],
        clock: Callable[[], float] = time.monotonic,
        on_ended: Callable[[TaskEnd], None] = _tell_nobody,
        on_begun: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_begun` hears when an engine gets something to do; `on_ended` of every task that ended, however it did."""
        self._endings = Endings(on_ended, clock)
        self.ledger = Ledger(self._endings.note)
        #: Why waiting tasks were not for us, as the server last said.
        self.skipped: tuple[tuple[str, int], ...] = ()
        #: Why the pool's operator lets us have no work, as the server last said; None while we may have some.
        self.paused_by_pool: str | None = None
        #: Set when the engines are not as the last look found them.
        self.look_again = asyncio.Event()
        self.allowed = False
        #: The model that embeds now, or embedded last.
        self.last_model = ""
        self._server = server
        self._returns = returns.Returns(server, self.ledger)
        #: Tells the server what comes of chats; its loop runs beside this one.
        self.progress = Progress(server, self.lose, clock)
        self._at_engine = AtEngine(catalogue, self.progress, on_begun)
        self._contact = contact
        self._report = report
        self._clock = clock
        self._requests = RequestsOut()
        self._claim_from = 0.0
        self._told_at = 0.0
        self._owes_word = False
        self._waiter: asyncio.Future[None] | None = None

    @property
    def is_computing(self) -> bool:
        """Whether an engine is at it."""
        return len(self._at_engine) > 0

    @property
    def is_idle(self) -> bool:
        """Whether nothing is left to compute or to deliver."""
        # What a request for work carries, the server has had since that request was sent.
        is_delivering = self.ledger.has_unsent or self._requests.is_out(asks=False)
        return not (self._at_engine or self.ledger.unfinished or is_delivering)

    @property
    def last_task_at(self) -> float | None:
        """When the last task ended here (seconds since 1970); None when none did since the start."""
        return self._endings.last_at

    @property
    def chat(self) -> Chatting | None:
        """The chat that is answered now."""
        return self._at_engine.chat

    async def run_forever(self) -> None:
        """Work until cancelled; raises KeyRefused when the pool no longer wants us."""
        while True:
            await self.run_once()

    async def run_once(self) -> None:
        """Send what is to be sent, wait until something happens, take it in."""
        self._send_what_is_due()
        await self._something_happens()
        for computed in self._at_engine.take_finished():
            self._take_computed(computed)
        for request in self._requests.take_finished():
            self._take_answer(request)

    def allow(self) -> None:
        """Take work from now on."""
        if not self.allowed:
            self.allowed = True
            self._owes_word = False
            self._wake()

    def finish(self) -> None:
        """Take no more work, but compute and deliver what is held; then `is_idle`. `rest` gives even that back."""
        if self.allowed:
            self.allowed = False
            self._owes_word = True
            self._wake()

    def rest(self, reason: str) -> None:
        """Take no more work, stop what computes and give it back; finished results are still delivered.

        A request for work that is out stays out: cancelled, a task that just then comes with its answer would be lost
        until its lease lapses. What it brings is given back at once.
        """
        if self.allowed or self.ledger.unfinished:
            self.allowed = False
            self._owes_word = True
            self._at_engine.stop()
            self._returns.give_back(self.ledger.unfinished, reason)
            self._wake()

    def lose(self, leases: Iterable[str]) -> None:
        """Stop computing what is no longer ours. What is finished already is for the server to judge."""
        lost = set(leases).intersection(self.ledger.unfinished)
        self.ledger.drop(lost)
        self._at_engine.lose(lost)

    def reconnect(self) -> None:
        """Drop what is on its way: after a sleep of this PC its connection is dead, and nothing says so."""
        self._requests.cancel()

    async def stop(self, reason: str) -> None:
        """Stop computing, deliver what is finished, give back the rest; within two seconds."""
        self.allowed = False
        self._at_engine.stop()
        requests = self._requests.take_all_canceled()
        for request in requests:
            self.ledger.sent_in_vain(request.sent)
        self._returns.give_back(self.ledger.unfinished, reason)
        with contextlib.suppress(TimeoutError, ServerError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                if self.ledger.has_unsent:
                    sent = self.ledger.take_for_sending()
                    self.ledger.settle(sent, (await self._server.turn(self._turn(sent, asks=False))).outcomes)
                await self._returns.wait()
        await end_all([*self._returns.tasks, *self._at_engine.tasks, *(request.task for request in requests)])

    def _send_what_is_due(self) -> None:
        now = self._clock()
        if now < self._contact.quiet_until:
            return
        if self._wants_work(now):
            self._start(asks=True)
        elif not self._requests.is_out(asks=False) and (self.ledger.has_unsent or self._presence_is_due(now)):
            self._start(asks=False)

    def _wants_work(self, now: float) -> bool:
        if not self.allowed or self._requests.is_out(asks=True) or self._at_engine.is_full or now < self._claim_from:
            return False
        return not self._at_engine or self.ledger.has_unsent or now >= self._prefetch_at()

    def _prefetch_at(self) -> float:
        return self._at_engine.first_started_at + PREFETCH_AFTER_SECONDS

    def _presence_is_due(self, now: float) -> bool:
        return not self.allowed and (self._owes_word or now >= self._told_at + PRESENCE_SECONDS)

    def _start(self, *, asks: bool) -> None:
        sent = self.ledger.take_for_sending()
        self._owes_word = False
        self._told_at = self._clock()
        self._requests.start(self._server.turn(self._turn(sent, asks=asks)), sent, asks=asks)

    def _turn(self, sent: tuple[Outcome, ...], *, asks: bool) -> Turn:
        # After a failure the first request does not wait: its answer is what tells that all is well again.
        waits = asks and not self._contact.problem
        return Turn(
            results=sent,
            max_tasks=MAX_TASKS if asks else 0,
            max_texts=MAX_TEXTS,
            wait_seconds=WAIT_SECONDS if waits else 0,
            holding=self.ledger.holding,
            report=self._report(),
        )

    async def _something_happens(self) -> None:
        """Wait for an answer, a result, a change of mind, or the next moment at which something is due."""
        self._waiter = asyncio.get_running_loop().create_future()
        pending: list[asyncio.Future[Any]] = [self._waiter]
        pending += self._at_engine.tasks
        pending += self._requests.tasks
        await asyncio.wait(pending, timeout=self._nap(), return_when=asyncio.FIRST_COMPLETED)

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def _nap(self) -> float | None:
        now = self._clock()
        due = self._next_due() if now >= self._contact.quiet_until else self._contact.quiet_until
        return None if due is None else max(0.0, due - now)

    def _next_due(self) -> float | None:
        if not self.allowed:
            return None if self._requests.is_out(asks=False) else self._told_at + PRESENCE_SECONDS
        if self._requests.is_out(asks=True) or self._at_engine.is_full:
            return None
        return max(self._claim_from, self._prefetch_at() if self._at_engine else 0.0)

    def _take_computed(self, computed: Computed) -> None:
        self.ledger.finish(computed.outcomes)
        self._endings.computed(self.ledger, computed.outcomes)
        if computed.give_back:
            self._returns.give_back(computed.give_back, "engine_unavailable")
        if computed.look_again:
            self.look_again.set()
            self._claim_from = max(self._claim_from, self._clock() + LOOK_SECONDS)

    def _take_answer(self, request: Request) -> None:
        now = self._clock()
        try:
            answer = request.task.result()
        except asyncio.CancelledError:
            self.ledger.sent_in_vain(request.sent)
        except KeyRefused:
            raise
        except ServerError as error:
            self._take_failure(request, error, now)
        else:
            self._apply(request, answer, now)

    def _take_failure(self, request: Request, error: ServerError, now: float) -> None:
        if request.sent and isinstance(error, RequestRefused) and error.status in (400, 413):
            given_up = self.ledger.refused(request.sent)
            log.error("The server refused %d results, %d for good: %s", len(request.sent), given_up, error.message)
        else:
            self.ledger.sent_in_vain(request.sent)
        self._contact.failed(error, now)
        late = self.ledger.expire(now)
        if late:
            log.warning("%d results could not be delivered in time", late)

    def _apply(self, request: Request, answer: TurnAnswer, now: float) -> None:
        self.ledger.claim_hopeless(answer.hopeless, now)
        leases = self.ledger.claim(answer.tasks, now)
        if leases and self.allowed:
            self._compute(leases, now)
        elif leases:
            self._returns.give_back((lease.task.lease_id for lease in leases), "paused")
        if request.asks:
            self.skipped, self.paused_by_pool = answer.skipped, answer.paused
            self._claim_from = max(self._claim_from, now + answer.poll_after_seconds)
        if self.ledger.settle(request.sent, answer.outcomes):
            self._contact.succeeded()
        else:
            self._contact.failed(ServerAnswerOdd(messages.server.RESULTS_NOT_JUDGED), now)

    def _compute(self, leases: list[Lease], now: float) -> None:
        tasks = [lease.task for lease in leases]
        self._at_engine.start(tasks, now)
        self.last_model = next((task.model for task in tasks if isinstance(task, Task)), self.last_model)

"""May this PC work now? A pure function from a snapshot of everything that matters to a decision with its reason."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from .. import messages
from ..control import Control
from ..settings import Settings
from ..state import AgentState, Remedy
from .dwell import NOT_LOOKED, Settled
from .latch import Obstacle
from .rules import Situation, obstacles

#: Seconds until the next look, where a wait should have ended by now.
SOON_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class PolicySnapshot:
    """Everything the decision depends on, at one moment."""

    #: Seconds since 1970.
    now: float
    joined: bool = True
    #: The engines were not looked at yet, or the server was not told yet what they have.
    starting: bool = False
    #: What keeps the agent from running, such as a refused key; empty while it runs. And what its owner can do.
    error: str = ""
    error_remedy: Remedy = Remedy.NONE
    #: What the owner last asked for: pause, snooze, work now.
    control: Control = field(default_factory=Control)
    #: Tasks are at an engine. With `control.finish_first` they are finished before the pause.
    under_way: bool = False
    #: Why no engine offers any model; empty when one does. And what its owner can do, with which model.
    engine_problem: str = ""
    engine_remedy: Remedy = Remedy.NONE
    remedy_model: str = ""
    #: How the owner uses the engine for themselves, as a whole sentence; empty while they do not.
    owner_uses_engine: str = ""
    #: Why the last contact failed; empty when it succeeded or there was none yet.
    connection_problem: str = ""
    #: Seconds since 1970 of the next try; None when nothing is being waited for.
    retry_at: float | None = None
    #: The owner's rules, and the facts that they are about.
    settings: Settings = field(default_factory=Settings)
    settled: Settled = NOT_LOOKED
    #: The model that answers a chat now, empty when none does; and for how many seconds.
    chatting_with: str = ""
    chatting_seconds: float = 0.0
    #: The model that embeds now; empty when none does.
    working_on: str = ""
    texts_per_minute: int = 0
    #: Why the server's waiting tasks were not for us: reason → how many.
    skipped: tuple[tuple[str, int], ...] = ()
    #: Why the pool's operator lets this PC have no work, in words; None while it may have some.
    paused_by_pool: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the agent does, why, until when, and whether it takes work."""

    state: AgentState
    reason: str
    #: Seconds since 1970 at which this ends by itself; None when it does not.
    until: float | None = None
    #: New work may be taken. What is under way when it may not is given back, unless `finishing`.
    may_work: bool = False
    #: What would end this state, and the model to download where that is it.
    remedy: Remedy = Remedy.NONE
    remedy_model: str = ""
    #: While waiting: seconds since 1970 at which the wait may end if nothing changes; None when that cannot be said.
    next_check_at: float | None = None
    #: Nothing new is taken, but what is under way is finished.
    finishing: bool = False


def decide(snapshot: PolicySnapshot) -> Decision:
    """Decide; the states are tried in the order of their weight for the owner.

    Being offline is no reason not to work: what is under way goes on, and what is finished is delivered later.
    """
    stopped = _stopped(snapshot)
    if stopped is not None:
        return stopped
    waiting = _waiting(snapshot)
    if snapshot.connection_problem:
        may_work = waiting is None and not snapshot.starting
        return Decision(AgentState.OFFLINE, _offline(snapshot), snapshot.retry_at, may_work=may_work)
    if snapshot.starting:
        return Decision(AgentState.READY, messages.states.STARTING)
    return waiting or _at_work(snapshot)


def _stopped(snapshot: PolicySnapshot) -> Decision | None:
    """Give what is no matter of the rules: something is missing, or the owner said so."""
    if not snapshot.joined:
        return Decision(AgentState.SETUP, messages.states.NOT_JOINED, remedy=Remedy.JOIN)
    if snapshot.error:
        return Decision(AgentState.ERROR, snapshot.error, remedy=snapshot.error_remedy)
    if snapshot.engine_problem:
        return _engine_error(snapshot)
    return _resting(snapshot) if snapshot.control.is_resting(snapshot.now) else None


def _engine_error(snapshot: PolicySnapshot) -> Decision:
    return Decision(
        AgentState.ERROR, snapshot.engine_problem, remedy=snapshot.engine_remedy, remedy_model=snapshot.remedy_model
    )


def _resting(snapshot: PolicySnapshot) -> Decision:
    control = snapshot.control
    if control.finish_first and snapshot.under_way:
        return Decision(AgentState.PAUSED, messages.states.FINISHING, finishing=True)
    until = control.snoozed_until
    if control.paused or until is None:
        return Decision(AgentState.PAUSED, messages.states.PAUSED)
    return Decision(AgentState.PAUSED, messages.states.snoozed(until), until)


def _waiting(snapshot: PolicySnapshot) -> Decision | None:
    """Give the wait for what stands in the way by the owner's rules; "work now" is offered where it would end it."""
    situation = _situation(snapshot)
    first = next(obstacles(situation), None)
    if first is None:
        return None
    would_work = next(obstacles(replace(situation, work_now=True)), None) is None
    return Decision(
        AgentState.WAITING,
        first.reason,
        remedy=Remedy.WORK_NOW if would_work else Remedy.NONE,
        next_check_at=_next_check(first, snapshot.now),
    )


def _situation(snapshot: PolicySnapshot) -> Situation:
    work_now_until = snapshot.control.work_now_until
    return Situation(
        now=snapshot.now,
        settings=snapshot.settings,
        settled=snapshot.settled,
        owner_uses_engine=snapshot.owner_uses_engine,
        work_now=work_now_until is not None and snapshot.now < work_now_until,
    )


def _next_check(obstacle: Obstacle, now: float) -> float | None:
    """Give the obstacle's end in whole seconds: whoever draws it need not draw every tick anew."""
    return None if obstacle.ends_at is None else float(math.ceil(max(obstacle.ends_at, now + SOON_SECONDS)))


def _offline(snapshot: PolicySnapshot) -> str:
    wait = None if snapshot.retry_at is None else max(0.0, snapshot.retry_at - snapshot.now)
    return messages.states.offline(snapshot.connection_problem, wait)


def _at_work(snapshot: PolicySnapshot) -> Decision:
    if snapshot.chatting_with:
        reason = messages.states.chatting(snapshot.chatting_with, snapshot.chatting_seconds)
        return Decision(AgentState.WORKING, reason, may_work=True)
    if snapshot.working_on:
        reason = messages.states.working(snapshot.working_on, snapshot.texts_per_minute)
        return Decision(AgentState.WORKING, reason, may_work=True)
    if snapshot.paused_by_pool is not None:
        # Still asking: that is how this PC hears that the pause is over.
        return Decision(AgentState.READY, messages.states.paused_by_pool(snapshot.paused_by_pool), may_work=True)
    return Decision(AgentState.READY, messages.states.ready(snapshot.skipped), may_work=True)

"""May this PC work now? A pure function from a snapshot of everything that matters to a decision with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from . import messages
from .state import AgentState


@dataclass(frozen=True, slots=True)
class PolicySnapshot:
    """Everything the decision depends on, at one moment."""

    #: Seconds since 1970.
    now: float
    joined: bool = True
    #: The engines were not looked at yet, or the server was not told yet what they have.
    starting: bool = False
    #: What ended the agent, such as a refused key; empty while it runs.
    error: str = ""
    paused: bool = False
    snoozed_until: float | None = None
    #: Why no engine offers any model; empty when one does.
    engine_problem: str = ""
    #: Why the last contact failed; empty when it succeeded or there was none yet.
    connection_problem: str = ""
    #: Seconds since 1970 of the next try; None when nothing is being waited for.
    retry_at: float | None = None
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
    may_work: bool = False


def decide(snapshot: PolicySnapshot) -> Decision:
    """Decide; the states are tried in the order of their weight for the owner.

    Being offline is no reason not to work: what is under way goes on, and what is finished is delivered later.
    """
    if not snapshot.joined:
        return Decision(AgentState.SETUP, messages.NOT_JOINED)
    if snapshot.error:
        return Decision(AgentState.ERROR, snapshot.error)
    resting = _resting(snapshot)
    if snapshot.engine_problem:
        return Decision(AgentState.ERROR, snapshot.engine_problem)
    if snapshot.connection_problem and resting is None:
        return Decision(AgentState.OFFLINE, _offline(snapshot), snapshot.retry_at, may_work=True)
    if resting is None and snapshot.starting:
        return Decision(AgentState.READY, messages.STARTING)
    return resting or _at_work(snapshot)


def _resting(snapshot: PolicySnapshot) -> Decision | None:
    if snapshot.paused:
        return Decision(AgentState.PAUSED, messages.PAUSED)
    until = snapshot.snoozed_until
    if until is not None and snapshot.now < until:
        return Decision(AgentState.PAUSED, messages.snoozed(until), until)
    return None


def _offline(snapshot: PolicySnapshot) -> str:
    wait = None if snapshot.retry_at is None else max(0.0, snapshot.retry_at - snapshot.now)
    return messages.offline(snapshot.connection_problem, wait)


def _at_work(snapshot: PolicySnapshot) -> Decision:
    if snapshot.chatting_with:
        reason = messages.chatting(snapshot.chatting_with, snapshot.chatting_seconds)
        return Decision(AgentState.WORKING, reason, may_work=True)
    if snapshot.working_on:
        reason = messages.working(snapshot.working_on, snapshot.texts_per_minute)
        return Decision(AgentState.WORKING, reason, may_work=True)
    if snapshot.paused_by_pool is not None:
        # Still asking: that is how this PC hears that the pause is over.
        return Decision(AgentState.READY, messages.paused_by_pool(snapshot.paused_by_pool), may_work=True)
    return Decision(AgentState.READY, messages.ready(snapshot.skipped), may_work=True)

"""What `status` says: the running agent's own words, or what can be known without one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from . import links, messages
from .data_folder import DataFolder
from .policy import PolicySnapshot, decide
from .settings import load_control, load_membership
from .state import AgentState, EngineStatus, StateSnapshot, read_state


def present_state(folder: DataFolder, now: float) -> tuple[bool, StateSnapshot]:
    """Tell whether an agent runs with this folder, and how it stands; `now` in seconds since 1970."""
    written = read_state(folder.state)
    if folder.in_use():
        return True, written or StateSnapshot(AgentState.READY, messages.STARTING)
    return False, _without_agent(folder, written, now)


def _without_agent(folder: DataFolder, written: StateSnapshot | None, now: float) -> StateSnapshot:
    member, control = load_membership(folder.membership), load_control(folder.control)
    decision = decide(
        PolicySnapshot(now, joined=member is not None, paused=control.paused, snoozed_until=control.snoozed_until)
    )
    if member is None:
        return StateSnapshot(decision.state, decision.reason)
    base = StateSnapshot(
        decision.state,
        decision.reason,
        until=decision.until,
        server=member.server,
        pool=member.pool,
        agent_id=member.agent_id,
        display_name=member.display_name,
    )
    if written is None or written.agent_id != member.agent_id:
        return replace(base, state=AgentState.OFFLINE, reason=messages.NOT_RUNNING)
    if written.state is AgentState.ERROR:
        return replace(written, pid=0)
    reason = decision.reason if decision.state is AgentState.PAUSED else ""
    state = decision.state if reason else AgentState.OFFLINE
    return replace(
        base,
        state=state,
        reason=" ".join(filter(None, (reason, messages.NOT_RUNNING))),
        texts_today=written.texts_today if _same_day(written.written_at, now) else 0,
        written_at=written.written_at,
    )


def _same_day(one: float, other: float) -> bool:
    return _day(one) == _day(other)


def _day(moment: float) -> dt.date:
    return dt.datetime.fromtimestamp(moment).astimezone().date()


def describe(snapshot: StateSnapshot, *, running: bool) -> str:
    """Give the state in a few lines for a person."""
    lines = [f"Error: {snapshot.reason}" if snapshot.state is AgentState.ERROR else snapshot.reason]
    if snapshot.server:
        lines.append(
            f"Pool:    {snapshot.pool or '?'} at {links.host_of(snapshot.server)}, as “{snapshot.display_name}”"
        )
    if running:
        lines += [_engine_line(engine) for engine in snapshot.engines]
        lines.append(f"Models:  {', '.join(snapshot.models) or 'none'}")
        lines.append(_work_line(snapshot))
    if snapshot.server:
        lines.append(f"Today:   {snapshot.texts_today} texts")
    return "\n".join(lines)


def _engine_line(engine: EngineStatus) -> str:
    return f"Engine:  {engine.name} {engine.version}".rstrip() + (f" – {engine.reason}" if engine.reason else "")


def _work_line(snapshot: StateSnapshot) -> str:
    counters = snapshot.counters
    return (
        f"Work:    {counters.tasks_done} tasks with {counters.texts_done} texts done, {counters.tasks_failed} failed, "
        f"{counters.tasks_released} given back since the start"
    )

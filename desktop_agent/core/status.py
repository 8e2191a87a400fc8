"""What `status` says: the running agent's own words, or what can be known without one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from . import links, messages
from .data_folder import DataFolder
from .errors import AgentError
from .history import History
from .policy import PolicySnapshot, decide
from .settings import load_control, load_membership
from .state import AgentState, EngineStatus, StateSnapshot, read_state, write_state


def present_state(folder: DataFolder, now: float) -> tuple[bool, StateSnapshot]:
    """Tell whether an agent runs with this folder, and how it stands; `now` in seconds since 1970."""
    written = read_state(folder.state)
    if not folder.in_use():
        return False, _without_agent(folder, written, now)
    if written is not None and written.pid:
        return True, written
    return True, replace(_base(folder, now), state=AgentState.READY, reason=messages.STARTING)


def record_start(folder: DataFolder) -> None:
    """Put away what the last agent of this folder wrote: from now on it is not the present."""
    folder.state.unlink(missing_ok=True)


def record_failed_start(folder: DataFolder, error: AgentError, now: float) -> None:
    """Write why the agent ended before it could work, for `status`."""
    ended = replace(_base(folder, now), state=AgentState.ERROR, reason=error.message, written_at=now)
    write_state(folder.state, ended)


def _without_agent(folder: DataFolder, written: StateSnapshot | None, now: float) -> StateSnapshot:
    base = _base(folder, now)
    if base.state is AgentState.SETUP:
        return base
    # With a process in it, it was written by one that was killed: whatever was wrong then is not known to be so now.
    ended_in_order = written is not None and written.agent_id == base.agent_id and not written.pid
    if written is not None and ended_in_order and written.state is AgentState.ERROR:
        return replace(written, texts_today=base.texts_today, chats_today=base.chats_today)
    if base.state is AgentState.PAUSED:
        return replace(base, reason=f"{base.reason} {messages.NOT_RUNNING}")
    return replace(base, state=AgentState.OFFLINE, reason=messages.NOT_RUNNING)


def _base(folder: DataFolder, now: float) -> StateSnapshot:
    """Give what the folder tells without an agent: the pool, the owner's last wish, what was done today."""
    member, control = load_membership(folder.membership), load_control(folder.control)
    decision = decide(
        PolicySnapshot(now, joined=member is not None, paused=control.paused, snoozed_until=control.snoozed_until)
    )
    if member is None:
        return StateSnapshot(decision.state, decision.reason)
    history, today = History.load(folder.history), dt.datetime.fromtimestamp(now).astimezone().date()
    return StateSnapshot(
        decision.state,
        decision.reason,
        until=decision.until,
        server=member.server,
        pool=member.pool,
        agent_id=member.agent_id,
        display_name=member.display_name,
        texts_today=history.texts_on(today),
        chats_today=history.chats_on(today),
    )


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
        lines.append(f"Today:   {snapshot.texts_today} texts, {snapshot.chats_today} chats")
    return "\n".join(lines)


def _engine_line(engine: EngineStatus) -> str:
    return f"Engine:  {engine.name} {engine.version}".rstrip() + (f" – {engine.reason}" if engine.reason else "")


def _work_line(snapshot: StateSnapshot) -> str:
    counters = snapshot.counters
    return (
        f"Work:    {counters.tasks_done} tasks with {counters.texts_done} texts and {counters.chats_done} chats done, "
        f"{counters.tasks_failed} failed, {counters.tasks_released} given back since the start"
    )

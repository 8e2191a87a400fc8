"""What `status` says: the running agent's own words, or what can be known without one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from . import messages
from .control import load_control
from .data_folder import DataFolder
from .history import History
from .pool import links
from .pool.membership import load_membership
from .rules.policy import PolicySnapshot, decide
from .sensors.base import GpuStatus
from .state import AgentState, EngineStatus, LoadedModel, StateSnapshot, read_state


def present_state(folder: DataFolder, now: float) -> tuple[bool, StateSnapshot]:
    """Tell whether an agent runs with this folder, and how it stands; `now` in seconds since 1970."""
    written = read_state(folder.state)
    if not folder.in_use():
        return False, _without_agent(folder, written, now)
    if written is not None and written.pid:
        return True, written
    return True, replace(_base(folder, now), state=AgentState.READY, reason=messages.states.STARTING)


def record_start(folder: DataFolder) -> None:
    """Put away what the last agent of this folder wrote: from now on it is not the present."""
    folder.state.unlink(missing_ok=True)


def _without_agent(folder: DataFolder, written: StateSnapshot | None, now: float) -> StateSnapshot:
    base = _base(folder, now)
    if base.state is AgentState.SETUP:
        return base
    # With a process in it, it was written by one that was killed: whatever was wrong then is not known to be so now.
    ended_in_order = written is not None and written.agent_id == base.agent_id and not written.pid
    if written is not None and ended_in_order and written.state is AgentState.ERROR:
        return replace(written, texts_today=base.texts_today, chats_today=base.chats_today)
    if base.state is AgentState.PAUSED:
        return replace(base, reason=f"{base.reason} {messages.states.NOT_RUNNING}")
    return replace(base, state=AgentState.OFFLINE, reason=messages.states.NOT_RUNNING)


def _base(folder: DataFolder, now: float) -> StateSnapshot:
    """Give what the folder tells without an agent: the pool, the owner's last wish, what was done today."""
    member, control = load_membership(folder.membership), load_control(folder.control)
    decision = decide(PolicySnapshot(now, joined=member is not None, control=control))
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


def describe(snapshot: StateSnapshot, *, running: bool, now: float | None = None) -> str:
    """Give the state in a few lines for a person; `now` in seconds since 1970."""
    lines = [f"Error: {snapshot.reason}" if snapshot.state is AgentState.ERROR else snapshot.reason]
    if running and now is not None:
        lines += _time_lines(snapshot, now)
    if snapshot.server:
        lines.append(
            f"Pool:    {snapshot.pool or '?'} at {links.host_of(snapshot.server)}, as “{snapshot.display_name}”"
        )
    if running:
        lines += [f"Warning: {warning}" for warning in (snapshot.engine_warning, snapshot.clock_problem) if warning]
        lines += _running_lines(snapshot)
    if snapshot.server:
        lines.append(f"Today:   {snapshot.texts_today} texts, {snapshot.chats_today} chats")
    return "\n".join(lines)


def _time_lines(snapshot: StateSnapshot, now: float) -> list[str]:
    lines = []
    if snapshot.next_check_at is not None and snapshot.next_check_at > now:
        lines.append(f"Next:    looks again in {round(snapshot.next_check_at - now)} s")
    if snapshot.work_now_until is not None and snapshot.work_now_until > now:
        lines.append(f"Now:     works for {round((snapshot.work_now_until - now) / 60)} min more, whoever is there")
    return lines


def _running_lines(snapshot: StateSnapshot) -> list[str]:
    lines = _pool_lines(snapshot) + [_engine_line(engine) for engine in snapshot.engines]
    lines.append(f"Models:  {', '.join(snapshot.models) or 'none'}")
    lines += [_loaded_line(model) for model in snapshot.loaded] + [_card_line(card) for card in snapshot.pc.gpus]
    if snapshot.pc.idle_seconds is not None:
        source = f" ({snapshot.pc.idle_source})" if snapshot.pc.idle_source else ""
        lines.append(f"This PC: not touched for {round(snapshot.pc.idle_seconds)} s{source}")
    return [*lines, _work_line(snapshot)]


def _pool_lines(snapshot: StateSnapshot) -> list[str]:
    pool = snapshot.pool_status
    if pool is None:
        return []
    return [
        f"         {pool.texts_waiting} texts wait, {pool.agents_online} PCs online, {pool.texts_total} texts are ours"
    ]


def _loaded_line(model: LoadedModel) -> str:
    where = "on the graphics card" if model.vram_bytes >= model.size_bytes else "partly on the processor"
    where = "on the processor" if not model.vram_bytes else where
    return f"Loaded:  {model.name}, {where}{'' if model.ours else ', by somebody else'}"


def _card_line(card: GpuStatus) -> str:
    if card.asleep:
        return f"Card:    {card.name}, asleep"
    parts = [card.name]
    if card.memory_total and card.memory_used is not None:
        parts.append(f"{card.memory_used / 1e9:.1f} of {card.memory_total / 1e9:.1f} GB in use")
    parts += [
        f"{value:.0f}{unit}"
        for value, unit in ((card.load_percent, " % busy"), (card.temperature, " °C"), (card.power_watts, " W"))
        if value is not None
    ]
    return f"Card:    {', '.join(parts)}"


def _engine_line(engine: EngineStatus) -> str:
    return f"Engine:  {engine.name} {engine.version}".rstrip() + (f" – {engine.reason}" if engine.reason else "")


def _work_line(snapshot: StateSnapshot) -> str:
    counters = snapshot.counters
    return (
        f"Work:    {counters.tasks_done} tasks with {counters.texts_done} texts and {counters.chats_done} chats done, "
        f"{counters.tasks_failed} failed, {counters.tasks_released} given back since the start"
    )

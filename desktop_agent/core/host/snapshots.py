"""Putting together what may be shown: one frozen value from all the parts of the running agent."""

from __future__ import annotations

import datetime as dt
import os
import time
from dataclasses import dataclass, replace

from ..history import History
from ..pool.clock_check import clock_problem
from ..pool.membership import Membership
from ..rules.policy import Decision
from ..sensors.base import Reading, Surroundings, T, Unknown
from ..state import PcStatus, StateSnapshot
from .agent import Agent
from .belonging import Belonging
from .engine_room import EngineRoom
from .steering import Steering


@dataclass(frozen=True, slots=True)
class Parts:
    """What a snapshot is made of."""

    decision: Decision
    steering: Steering
    engines: EngineRoom
    history: History
    belonging: Belonging
    #: A newer version of the agent; empty when there is none.
    update: str


def snapshot_of(parts: Parts) -> StateSnapshot:
    """Draw the present."""
    shown = replace(
        _decided(parts.decision, parts.steering),
        pc=pc_status(parts.steering.surroundings),
        update=parts.update,
        pid=os.getpid(),
    )
    shown = _with_engines(shown, parts.engines)
    shown = _with_history(shown, parts.history)
    if parts.belonging.member is not None:
        shown = _with_member(shown, parts.belonging.member)
    return shown if parts.belonging.agent is None else _with_agent(shown, parts.belonging.agent)


def _decided(decision: Decision, steering: Steering) -> StateSnapshot:
    until = steering.control.work_now_until
    return StateSnapshot(
        decision.state,
        decision.reason,
        until=decision.until,
        remedy=decision.remedy,
        remedy_model=decision.remedy_model,
        next_check_at=decision.next_check_at,
        work_now_until=until if until is not None and time.time() < until else None,
    )


def _with_engines(shown: StateSnapshot, engines: EngineRoom) -> StateSnapshot:
    catalogue, watch = engines.catalogue, engines.watch
    return replace(
        shown,
        engines=catalogue.statuses,
        models=tuple(dict.fromkeys(offer.model for offer in catalogue.offers)),
        loaded=watch.loaded,
        engine_warning=watch.warning,
        vram_held_bytes=watch.vram_held_bytes,
        download=engines.downloads.current,
    )


def _with_history(shown: StateSnapshot, history: History) -> StateSnapshot:
    today = dt.datetime.now().astimezone().date()
    return replace(
        shown,
        texts_today=history.texts_on(today),
        chats_today=history.chats_on(today),
        texts_all_time=history.all_time.texts,
    )


def _with_member(shown: StateSnapshot, member: Membership) -> StateSnapshot:
    return replace(
        shown, server=member.server, pool=member.pool, agent_id=member.agent_id, display_name=member.display_name
    )


def _with_agent(shown: StateSnapshot, agent: Agent) -> StateSnapshot:
    worker, chat = agent.worker, agent.worker.chat
    return replace(
        shown,
        model=chat.model if chat else agent.working_on,
        chatting_since=round(time.time() - time.monotonic() + chat.started_at, 1) if chat else None,
        texts_per_minute=agent.texts_per_minute,
        counters=worker.ledger.counters,
        last_task_at=worker.last_task_at,
        skipped=worker.skipped,
        connected=agent.announcer.told_once and not agent.contact.problem,
        clock_problem=clock_problem(agent.api.clock_skew) or "",
        pool_status=agent.pool_look.status,
    )


def pc_status(seen: Surroundings | None) -> PcStatus:
    """Draw what the sensors said."""
    if seen is None:
        return PcStatus()
    power, session = _known(seen.power), _known(seen.session)
    idle = _known(seen.idle_seconds)
    return PcStatus(
        gpus=_known(seen.gpus) or (),
        gpu_problem=_why(seen.gpus),
        idle_seconds=None if idle is None else _roughly(idle),
        idle_problem=_why(seen.idle_seconds),
        idle_source=seen.idle_source,
        on_battery=power.on_battery if power else None,
        full_screen=_known(seen.full_screen),
        inhibitors=_known(seen.inhibitors) or (),
        locked=session is not None and session.locked,
        metered=_known(seen.metered),
    )


def _roughly(seconds: float) -> float:
    """Give a time as its owner reads it: whoever is away for minutes is shown no seconds, and nothing is drawn anew."""
    return round(seconds, 1) if seconds < 60 else float(round(seconds, -1))


def _known(reading: Reading[T]) -> T | None:
    return None if isinstance(reading, Unknown) else reading


def _why(reading: Reading[T]) -> str:
    return reading.reason if isinstance(reading, Unknown) else ""

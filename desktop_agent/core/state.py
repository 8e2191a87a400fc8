"""What the agent does, as one frozen value: drawn by the user interface, printed by `status`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from .files import read_json, write_json

STATE_VERSION = 1


class AgentState(StrEnum):
    """What the owner sees at one glance, the weightiest first."""

    SETUP = "setup"  # belongs to no pool
    ERROR = "error"  # cannot work until somebody does something
    OFFLINE = "offline"  # no connection to the server; tries again by itself
    PAUSED = "paused"  # the owner said so
    WAITING = "waiting"  # a rule of the owner says not now
    READY = "ready"  # would work, but there is nothing to do
    WORKING = "working"  # computes


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """How one engine is."""

    name: str
    version: str = ""
    available: bool = False
    #: Why it is not available; empty when it is.
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Counters:
    """What was done since the agent started."""

    tasks_done: int = 0
    texts_done: int = 0
    #: Chats answered; they are among the tasks.
    chats_done: int = 0
    #: Tasks that this PC could not do.
    tasks_failed: int = 0
    #: Tasks given back unfinished.
    tasks_released: int = 0
    #: Results that came too late or were refused.
    results_unwanted: int = 0


@dataclass(frozen=True, slots=True)
class StateSnapshot:
    """Everything that may be shown about the agent at one moment."""

    state: AgentState
    reason: str
    #: Seconds since 1970 at which the state ends by itself; None when it does not.
    until: float | None = None
    server: str = ""
    pool: str = ""
    agent_id: str = ""
    display_name: str = ""
    engines: tuple[EngineStatus, ...] = ()
    #: Models on offer.
    models: tuple[str, ...] = ()
    #: The model that computes now; empty when none does. `chatting_since` tells whether it answers a chat.
    model: str = ""
    #: Seconds since 1970 since when it answers a chat; None while it does not.
    chatting_since: float | None = None
    texts_per_minute: int = 0
    texts_today: int = 0
    chats_today: int = 0
    counters: Counters = Counters()
    #: Process that is in this state, 0 when it ended so; and when it was written (seconds since 1970).
    pid: int = 0
    written_at: float = 0.0


def write_state(path: Path, snapshot: StateSnapshot) -> None:
    """Write the snapshot for `status`, in one step."""
    write_json(path, {"version": STATE_VERSION, **asdict(snapshot)}, durable=False)


def read_state(path: Path) -> StateSnapshot | None:
    """Read the last snapshot that an agent wrote; None when there is none that makes sense."""
    stored = read_json(path, STATE_VERSION)
    if stored is None:
        return None
    names = {field.name for field in fields(StateSnapshot)}
    try:
        return _snapshot_from({name: value for name, value in stored.items() if name in names})
    except (TypeError, ValueError):
        return None


def _snapshot_from(stored: dict[str, Any]) -> StateSnapshot:
    stored["state"] = AgentState(stored["state"])
    stored["engines"] = tuple(EngineStatus(**engine) for engine in stored.get("engines", ()))
    stored["models"] = tuple(stored.get("models", ()))
    stored["counters"] = Counters(**stored.get("counters", {}))
    return StateSnapshot(**stored)

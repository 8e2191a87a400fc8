"""What the agent does, as one frozen value: drawn by the user interface, printed by `status`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from .files import read_json, write_json
from .sensors.base import GpuStatus

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


class Remedy(StrEnum):
    """What would end an error or a wait: the user interface offers it as a button."""

    NONE = ""
    JOIN = "join"
    JOIN_AGAIN = "join-again"  # leave what is left of the old membership, then join
    UNLOCK = "unlock"  # try the key store again, which asks for its password
    START_OLLAMA = "start-ollama"
    DOWNLOAD_MODEL = "download-model"
    WORK_NOW = "work-now"


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model that Ollama has in memory now."""

    name: str
    #: Bytes in memory, and bytes of them on the graphics card.
    size_bytes: int
    vram_bytes: int
    #: It is there only because of us.
    ours: bool


@dataclass(frozen=True, slots=True)
class Download:
    """A model that is being downloaded."""

    model: str
    #: Bytes; 0 until Ollama told them.
    total_bytes: int = 0
    done_bytes: int = 0
    #: Why it stopped; empty while it goes on.
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PoolStatus:
    """What the pool says about itself and about us."""

    agents_online: int
    texts_waiting: int
    #: Ours, since we joined, as the server counted.
    texts_total: int
    tasks_total: int


@dataclass(frozen=True, slots=True)
class PcStatus:
    """What the sensors say, for its owner to see. A reason stands where a value is not known."""

    gpus: tuple[GpuStatus, ...] = ()
    gpu_problem: str = ""
    #: Seconds since the last input; None when it cannot be told, for the reason beside it.
    idle_seconds: float | None = None
    idle_problem: str = ""
    #: How the idle time is found out.
    idle_source: str = ""
    on_battery: bool | None = None
    full_screen: bool | None = None
    #: Programs that keep the screen on.
    inhibitors: tuple[str, ...] = ()
    locked: bool = False
    metered: bool | None = None


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
    remedy: Remedy = Remedy.NONE
    #: The model to download, where that is the remedy.
    remedy_model: str = ""
    #: Seconds since 1970 at which the rules are looked at again, while they say wait; None when nothing is waited for.
    next_check_at: float | None = None
    #: Seconds since 1970 until which "work now" holds; None when it does not.
    work_now_until: float | None = None
    #: The connection to the pool works.
    connected: bool = False
    #: By how much this PC's clock is wrong, in words; empty when it is not.
    clock_problem: str = ""
    #: Why the queue has no work for us: reason → how many tasks.
    skipped: tuple[tuple[str, int], ...] = ()
    pool_status: PoolStatus | None = None
    pc: PcStatus = PcStatus()
    loaded: tuple[LoadedModel, ...] = ()
    #: What the owner had better know about the engine, though work goes on; empty when there is nothing.
    engine_warning: str = ""
    download: Download | None = None
    #: Bytes of graphics memory held by models that we loaded.
    vram_held_bytes: int = 0
    #: Seconds since 1970; None when nothing was finished since the start.
    last_task_at: float | None = None
    texts_all_time: int = 0
    #: A newer version of the agent; empty when there is none.
    update: str = ""
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
    stored["remedy"] = Remedy(stored.get("remedy", ""))
    stored["skipped"] = tuple((reason, count) for reason, count in stored.get("skipped", ()))
    stored["pool_status"] = PoolStatus(**stored["pool_status"]) if stored.get("pool_status") else None
    stored["pc"] = _pc_from(stored.get("pc", {}))
    stored["loaded"] = tuple(LoadedModel(**model) for model in stored.get("loaded", ()))
    stored["download"] = Download(**stored["download"]) if stored.get("download") else None
    return StateSnapshot(**stored)


def _pc_from(stored: dict[str, Any]) -> PcStatus:
    gpus = tuple(GpuStatus(**gpu) for gpu in stored.get("gpus", ()))
    return PcStatus(**{**stored, "gpus": gpus, "inhibitors": tuple(stored.get("inhibitors", ()))})

"""An agent as the operator looks at it: what it does, why not, and on what PC.

What agents say of themselves is JSON of any shape. It is read here, once, into values that are safe to show; nothing in
it raises.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from server import __version__
from server.services.overview import AgentReport
from server.storage.agent_lists import AgentBrief
from server.storage.agent_records import AgentRecord
from server.storage.agents import NATIVE

#: Longest texts that are shown: of a name or version, and of a reason (characters).
MAX_WORD, MAX_REASON = 80, 300
#: What is believed of a card: memory (MiB), temperature (°C), load (percent), and of the PC's memory (GiB).
VRAM, TEMPERATURE, LOAD, MEMORY = (1, 2**24), (-50, 200), (0, 100), (1, 2**16)
MIB_OF_GIB, PER_MINUTE = 1024, (0, 10_000_000)


class Doing(StrEnum):
    """What an agent does; the first that is true is what counts."""

    REVOKED = "revoked"  # the operator made its key worthless
    OFFLINE = "offline"  # not heard of lately
    HELD = "held"  # the operator lets it have no work
    TROUBLE = "trouble"  # cannot work until somebody does something at the PC
    PAUSED = "paused"  # its person said so
    WAITING = "waiting"  # a rule of its person says not now
    WORKING = "working"  # computes
    IDLE = "idle"  # would work, but there is nothing to do

    @property
    def online(self) -> bool:
        """Whether an agent that does this is here."""
        return self not in (Doing.REVOKED, Doing.OFFLINE)

    @property
    def is_pause(self) -> bool:
        """Whether such an agent is here and takes no work."""
        return self in (Doing.HELD, Doing.TROUBLE, Doing.PAUSED, Doing.WAITING)


#: What our own agent calls its states.
_TOLD = {
    "error": Doing.TROUBLE,
    "setup": Doing.TROUBLE,
    "paused": Doing.PAUSED,
    "waiting": Doing.WAITING,
    "working": Doing.WORKING,
}


@dataclass(frozen=True, slots=True)
class Card:
    """A graphics card, as an agent tells of it; None is unknown."""

    name: str
    #: MiB.
    vram_mib: int | None = None
    vram_used_mib: int | None = None
    #: Degrees Celsius.
    temperature_c: int | None = None
    load_percent: int | None = None


@dataclass(frozen=True, slots=True)
class AgentLook:
    """What an agent says of itself, made safe; what it does not say is empty or None."""

    doing: Doing
    #: Why it takes no work: the operator's message, or its own words.
    reason: str
    card: Card | None
    #: Its engines with their versions: `ollama 0.14.2`.
    engine: str
    app_version: str
    #: It is our own agent, and older than the one that goes with this server.
    outdated: bool
    texts_per_minute: int | None
    #: Its system and processor: `Linux · x86_64`; and its program, where that is not ours.
    system: str
    client: str
    memory_gib: int | None


def look_of(report: AgentReport) -> AgentLook:
    """Read what an agent said of itself; never raises."""
    record = report.record
    state, system = _mapping(report.state), _mapping(record.system_info)
    doing = _doing(record, report.online, state, report.in_flight)
    version = _text(record.app_version)
    return AgentLook(
        doing=doing,
        reason=_reason(report, doing, state),
        card=_card(state.get("gpu"), now=doing.online) or _described_card(system.get("gpu")),
        engine=_text(state.get("engine")),
        app_version=version,
        outdated=record.protocol == NATIVE and is_older(version, __version__),
        texts_per_minute=_whole(state.get("texts_per_minute"), PER_MINUTE) if doing is Doing.WORKING else None,
        system=" · ".join(filter(None, (_text(system.get("os")), _text(system.get("cpuArch"))))),
        client="" if record.protocol == NATIVE else _text(system.get("client")),
        memory_gib=_memory(system),
    )


def doing_of(agent: AgentRecord | AgentBrief, *, online: bool, state: str, in_flight: int) -> Doing:
    """Say what an agent does; `state` is the JSON that it says of itself. Never raises."""
    return _doing(agent, online, _mapping(state), in_flight)


def reason_of(state: str) -> str:
    """Return why an agent says that it does not work, as a line that is safe to show. Never raises."""
    return _text(_mapping(state).get("reason"), MAX_REASON)


def _doing(agent: AgentRecord | AgentBrief, online: bool, state: Mapping[str, Any], in_flight: int) -> Doing:
    if agent.revoked_at is not None:
        return Doing.REVOKED
    if not online:
        return Doing.OFFLINE
    if agent.paused_at is not None:
        return Doing.HELD
    told = state.get("status")
    known = _TOLD.get(told) if isinstance(told, str) else None
    return known or (Doing.WORKING if in_flight else Doing.IDLE)


def shown(text: str | None, longest: int = MAX_WORD) -> str:
    """Return what an agent wrote as one line of printable characters, cut where it is too long."""
    line = " ".join("".join(one if one.isprintable() else " " for one in text or "").split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _reason(report: AgentReport, doing: Doing, state: Mapping[str, Any]) -> str:
    if doing is Doing.HELD:
        return shown(report.record.pause_message, MAX_REASON)
    return _text(state.get("reason"), MAX_REASON) if doing.is_pause else ""


def _card(told: object, *, now: bool) -> Card | None:
    """Read what our own agent says of its card; where it is not here now, only what does not change."""
    name = _text(told.get("name")) if isinstance(told, dict) else ""
    if not isinstance(told, dict) or not name:
        return None
    vram = _whole(told.get("vram_mib"), VRAM)
    if not now:
        return Card(name, vram)
    return Card(
        name,
        vram,
        _whole(told.get("vram_used_mib"), (0, VRAM[1])),
        _whole(told.get("temperature_c"), TEMPERATURE),
        _whole(told.get("load_percent"), LOAD),
    )


def _described_card(told: object) -> Card | None:
    """Read what OffloadMQ's agents say of their card when they join."""
    if not isinstance(told, dict):
        return None
    vendor, model = _text(told.get("vendor")), _text(told.get("model"))
    name = model if model.casefold().startswith(vendor.casefold()) else f"{vendor} {model}".strip()
    vram = _whole(told.get("vramMb"), VRAM)
    if vram is None and (gib := _whole(told.get("vramGb"), (1, VRAM[1] // MIB_OF_GIB))) is not None:
        vram = gib * MIB_OF_GIB
    return Card(name, vram) if name else None


def _memory(system: Mapping[str, Any]) -> int | None:
    gib = _whole(system.get("totalMemoryGb"), MEMORY)
    mib = _whole(system.get("totalMemoryMb"), (1, MEMORY[1] * MIB_OF_GIB))
    return gib if gib is not None or mib is None else max(1, round(mib / MIB_OF_GIB))


def is_older(version: str, than: str) -> bool:
    """Tell whether a version is an older one; not of what is no version of three numbers."""
    one, other = (_numbers(text) for text in (version, than))
    return one is not None and other is not None and one < other


def _numbers(version: str) -> tuple[int, ...] | None:
    found = re.match(r"([0-9]{1,6})\.([0-9]{1,6})\.([0-9]{1,6})", version)
    return tuple(int(part) for part in found.groups()) if found else None


def _mapping(text: str) -> Mapping[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _text(value: object, longest: int = MAX_WORD) -> str:
    return shown(value, longest) if isinstance(value, str) else ""


def _whole(value: object, bounds: tuple[int, int]) -> int | None:
    """Return a number rounded; None for what is none, or out of bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return round(value) if bounds[0] <= value <= bounds[1] else None

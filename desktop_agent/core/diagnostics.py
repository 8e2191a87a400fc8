"""What helps others to help: versions, state, sensors, settings and the last lines of the log, without any secret."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from .data_folder import DataFolder
from .logs import last_lines, redact
from .sensors.base import GpuStatus
from .settings import Settings
from .state import PcStatus, StateSnapshot

#: Lines of the log that are copied.
LOG_LINES = 100
#: What nobody needs to know to help.
_PRIVATE_SETTINGS = ("installation_id",)


def diagnostics(
    folder: DataFolder, settings: Settings, snapshot: StateSnapshot | None, versions: Mapping[str, str]
) -> str:
    """Write it all down; `versions` are those of the agent and of what it is made with, by name."""
    lines = [
        *(f"{name} {version}" for name, version in versions.items()),
        f"Python {platform.python_version()}, {platform.platform()}, {platform.machine()}",
        f"Packed: {'yes' if getattr(sys, 'frozen', False) else 'no'}; data folder: {folder.root}",
        "",
        *(_state(snapshot) if snapshot else ["State: not known yet"]),
        "",
        "Settings",
        *(f"  {name} = {value}" for name, value in asdict(settings).items() if name not in _PRIVATE_SETTINGS),
        "",
        f"Last {LOG_LINES} lines of the log",
        *(f"  {line}" for line in last_lines(folder.logs, LOG_LINES)),
    ]
    return redact("\n".join(lines)) + "\n"


def _state(snapshot: StateSnapshot) -> Iterator[str]:
    yield f"State: {snapshot.state} ({snapshot.reason})"
    yield f"Pool: {snapshot.server or 'none'}, connected: {_yes_no(snapshot.connected)}"
    for engine in snapshot.engines:
        how = engine.version if engine.available else f"not available: {engine.reason}"
        yield f"Engine: {engine.name} {how}"
    yield f"Models: {', '.join(snapshot.models) or 'none'}"
    for model in snapshot.loaded:
        whose = "ours" if model.ours else "the owner's"
        yield f"Loaded: {model.name}, {model.vram_bytes} of {model.size_bytes} bytes on the card, {whose}"
    counters = asdict(snapshot.counters)
    yield "Counters: " + ", ".join(f"{name} {value}" for name, value in counters.items())
    yield from _sensors(snapshot.pc)


def _sensors(pc: PcStatus) -> Iterator[str]:
    idle = pc.idle_problem if pc.idle_seconds is None else f"{pc.idle_seconds:.0f} s"
    yield f"Idle: {idle or 'not known'} (source: {pc.idle_source or 'none'})"
    yield f"On battery: {_yes_no(pc.on_battery)}; full screen: {_yes_no(pc.full_screen)}; locked: {_yes_no(pc.locked)}"
    yield f"Metered: {_yes_no(pc.metered)}; screen kept on by: {', '.join(pc.inhibitors) or 'nobody'}"
    if pc.gpu_problem:
        yield f"Graphics cards: {pc.gpu_problem}"
    for card in pc.gpus:
        yield f"Graphics card: {_card(card)}"


def _card(card: GpuStatus) -> str:
    told = {
        "load": card.load_percent,
        "by others": card.others_percent,
        "memory used": card.memory_used,
        "memory": card.memory_total,
        "temperature": card.temperature,
        "watts": card.power_watts,
    }
    known = ", ".join(f"{name} {value:g}" for name, value in told.items() if value is not None)
    return f"{card.vendor} {card.name}, {'asleep' if card.asleep else known or 'tells nothing'}"


def _yes_no(value: bool | None) -> str:
    return "not known" if value is None else ("yes" if value else "no")

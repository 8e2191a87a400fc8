"""What the four cards of the window say about a snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..core import messages
from ..core.rules.card import chosen_card
from ..core.sensors.base import GpuStatus
from ..core.state import AgentState, Download, EngineStatus, LoadedModel, PcStatus, PoolStatus, StateSnapshot
from ..core.text import Text
from . import texts
from .amounts import MB, MINUTE, away_for, gib
from .theme import Tone
from .wording import host_of

#: Names of models that fit into a card; more are only counted.
NAMED_MODELS = 2


@dataclass(frozen=True, slots=True)
class Bar:
    """A share of something."""

    name: Text
    #: 0 to 1: of the whole, and how much of it is ours.
    filled: float
    ours: float


@dataclass(frozen=True, slots=True)
class CardView:
    """What one card shows."""

    value: str
    lines: tuple[str, ...] = ()
    tone: Tone = Tone.NEUTRAL
    bar: Bar | None = None
    #: The card's button; empty where there is none.
    button: str = ""


def gpu_view(snapshot: StateSnapshot, wanted: str = "") -> CardView:
    """Tell about the graphics card that matters; `wanted` is the id that its owner chose."""
    pc = snapshot.pc
    card = chosen_card(pc.gpus, wanted)
    if card is None:
        if pc.gpu_problem:
            return CardView(texts.NO_GPU, (pc.gpu_problem,))
        return CardView(texts.NO_GPU, (texts.NO_GPU_HINT,))
    if card.asleep:
        return CardView(card.name, (texts.GPU_ASLEEP,))
    lines = [line for line in (_memory(card, snapshot.vram_held_bytes), _vitals(card)) if line]
    others = len(pc.gpus) - 1
    if others:
        lines.append(Text.counted("{n} other card is not used", "{n} other cards are not used", others))
    return CardView(card.name, tuple(lines) or (texts.GPU_SILENT,), bar=_memory_bar(card, snapshot.vram_held_bytes))


def _memory(card: GpuStatus, held: int) -> Text | None:
    if card.memory_used is None:
        return None
    used = gib(card.memory_used)
    if card.shared_memory or not card.memory_total:
        return Text("{used} GB of this PC's memory in use", used=used)
    total = gib(card.memory_total)
    if not held:
        return Text("{used} of {total} GB in use, none by EmbedPool", used=used, total=total)
    return Text("{used} of {total} GB in use, {held} by EmbedPool", used=used, total=total, held=gib(held))


def _vitals(card: GpuStatus) -> Text | None:
    parts = []
    if card.load_percent is not None:
        parts.append(Text("{percent} % busy", percent=round(card.load_percent)))
    if card.temperature is not None:
        parts.append(Text("{degrees} °C", degrees=round(card.temperature)))
    if card.power_watts is not None:
        parts.append(Text("{watts} W", watts=round(card.power_watts)))
    return Text.joined(" · ", parts) if parts else None


def _memory_bar(card: GpuStatus, held: int) -> Bar | None:
    if card.shared_memory or not card.memory_total or card.memory_used is None:
        return None
    return Bar(texts.MEMORY_BAR, card.memory_used / card.memory_total, held / card.memory_total)


def ollama_view(snapshot: StateSnapshot) -> CardView:
    """Tell about Ollama, its models and a download."""
    if snapshot.download is not None:
        return _download_view(snapshot.download)
    ollama = next((engine for engine in snapshot.engines if engine.name == "ollama"), None)
    if ollama is None:
        if snapshot.engines:
            return CardView(texts.NOT_USED, (texts.EMBEDDED_ONLY,))
        return CardView(texts.NOT_LOOKED_YET)
    if not ollama.available:
        return _ollama_missing(ollama, snapshot)
    version = Text("Running {version}", version=ollama.version) if ollama.version else texts.RUNNING
    lines = (*_loaded_lines(snapshot.loaded), *_offered_lines(snapshot.models))
    if snapshot.engine_warning:
        return CardView(version, (snapshot.engine_warning, *lines), Tone.CAUTION)
    return CardView(version, lines, Tone.GOOD)


def _ollama_missing(ollama: EngineStatus, snapshot: StateSnapshot) -> CardView:
    """Tell why Ollama is not there; that is no problem while something else computes."""
    lines = [ollama.reason] if ollama.reason else []
    if any(engine.available for engine in snapshot.engines):
        lines.append(texts.EMBEDDED_ONLY)
    return CardView(texts.NOT_RUNNING, tuple(lines), Tone.BAD if snapshot.state is AgentState.ERROR else Tone.NEUTRAL)


def _loaded_lines(loaded: tuple[LoadedModel, ...]) -> Iterator[Text]:
    if not loaded:
        yield texts.NO_MODEL_LOADED
    for model in loaded:
        if not model.ours:
            yield Text("{model} is loaded, by you", model=model.name)
        elif not model.vram_bytes:
            yield Text("{model} is loaded on the processor", model=model.name)
        elif model.vram_bytes < model.size_bytes:
            yield Text("{model} is loaded, only in part on the graphics card", model=model.name)
        else:
            yield Text("{model} is loaded on the graphics card", model=model.name)


def _offered_lines(models: tuple[str, ...]) -> Iterator[Text]:
    if len(models) > NAMED_MODELS:
        yield Text.counted("{n} model for the pool", "{n} models for the pool", len(models))
    elif models:
        yield Text("For the pool: {models}", models=", ".join(models))


def _download_view(download: Download) -> CardView:
    title = Text("Downloading {model}", model=download.model)
    if download.problem:
        return CardView(title, (download.problem,), Tone.BAD)
    if not download.total_bytes:
        return CardView(title, (texts.HAVING_A_LOOK,), bar=Bar(texts.DOWNLOAD_BAR, 0, 0), button=texts.CANCEL_DOWNLOAD)
    share = download.done_bytes / download.total_bytes
    done, total = download.done_bytes // MB, download.total_bytes // MB
    line = Text("{done} of {total} MB, {percent} %", done=done, total=total, percent=int(share * 100))
    return CardView(title, (line,), bar=Bar(texts.DOWNLOAD_BAR, share, share), button=texts.CANCEL_DOWNLOAD)


def pool_view(snapshot: StateSnapshot) -> CardView:
    """Tell about the pool, the way to it and its queue."""
    if snapshot.state is AgentState.SETUP or not snapshot.server:
        return CardView(texts.NOT_JOINED, (texts.NOT_JOINED_HINT,))
    host = host_of(snapshot)
    name = snapshot.pool or host
    if not snapshot.connected:
        resting = snapshot.state in (AgentState.PAUSED, AgentState.WAITING)
        line = Text("Not connected to {host}", host=host)
        return CardView(name, (line,), Tone.NEUTRAL if resting else Tone.CAUTION)
    lines = [Text("Connected to {host}", host=host), *_queue_lines(snapshot.pool_status)]
    if snapshot.skipped:
        lines.append(Text("No work for this PC: {why}.", why=messages.states.why_not_ours(snapshot.skipped)))
    if snapshot.clock_problem:
        return CardView(name, (snapshot.clock_problem, *lines), Tone.CAUTION)
    return CardView(name, tuple(lines), Tone.GOOD)


def _queue_lines(pool: PoolStatus | None) -> Iterator[Text]:
    if pool is None:
        return
    waiting = Text.counted("{n} text in the queue", "{n} texts in the queue", pool.texts_waiting)
    online = Text.counted("{n} PC online", "{n} PCs online", pool.agents_online)
    yield Text("{waiting} · {online}", waiting=waiting, online=online)


def pc_view(snapshot: StateSnapshot) -> CardView:
    """Tell whether somebody uses this PC, and what else matters here."""
    pc = snapshot.pc
    return CardView(*_presence(pc), _tone(pc)) if not pc.inhibitors else _with_films(pc)


def _presence(pc: PcStatus) -> tuple[Text, tuple[str, ...]]:
    if pc.idle_seconds is None:
        reason = (pc.idle_problem,) if pc.idle_problem else ()
        return (texts.IDLE_UNKNOWN, (*reason, *_around(pc))) if reason else (texts.HAVING_A_LOOK, _around(pc))
    if pc.idle_seconds >= MINUTE:
        return away_for(pc.idle_seconds), _around(pc)
    return (texts.LOCKED if pc.locked else texts.IN_USE), _around(pc)


def _tone(pc: PcStatus) -> Tone:
    return Tone.CAUTION if pc.idle_seconds is None and pc.idle_problem else Tone.NEUTRAL


def _with_films(pc: PcStatus) -> CardView:
    value, lines = _presence(pc)
    names = ", ".join(pc.inhibitors)
    return CardView(value, (*lines, Text("{programs} keeps the screen on", programs=names)), _tone(pc))


def _around(pc: PcStatus) -> tuple[str, ...]:
    known = []
    if pc.on_battery is not None:
        known.append(texts.ON_BATTERY if pc.on_battery else texts.ON_MAINS)
    if pc.full_screen is not None:
        known.append(texts.FULL_SCREEN if pc.full_screen else texts.NO_FULL_SCREEN)
    lines: list[str] = [Text.joined(" · ", known)] if known else []
    return (*lines, texts.METERED) if pc.metered else tuple(lines)

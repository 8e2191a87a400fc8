"""What stands in each line of the second step: pure functions of what the agent says about this PC."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ...core import messages
from ...core.engines.download import RECOMMENDED_BYTES, RECOMMENDED_MODEL
from ...core.engines.embedded import MODEL as BUILT_IN_MODEL
from ...core.engines.speed_test import SpeedResult
from ...core.sensors.base import GpuStatus
from ...core.settings import EngineChoice
from ...core.state import Download, EngineStatus, Remedy, StateSnapshot
from ...core.text import Text
from ..marks import Sign
from . import texts

MEGABYTE, GIBIBYTE = 1_000_000, 1 << 30
#: Steps of a progress bar; below 0 it only says that something is under way.
FULL, INDEFINITE = 1000, -1
#: Names of the engines in a snapshot.
OLLAMA, EMBEDDED = "ollama", "embedded"
#: Ollama itself is in order when it says so.
_ONLY_A_MODEL_MISSING = (messages.engine.NO_MODEL, messages.engine.NO_EMBEDDING_MODEL)


class Action(Enum):
    """What a button of a line does."""

    INSTALL = texts.INSTALL_OLLAMA
    START_OLLAMA = texts.START_OLLAMA
    CHECK_AGAIN = texts.CHECK_AGAIN
    DOWNLOAD = texts.DOWNLOAD
    CANCEL_DOWNLOAD = texts.CANCEL_DOWNLOAD
    TEST = texts.TEST_SPEED
    USE_PROCESSOR = texts.USE_PROCESSOR
    USE_OLLAMA = texts.USE_OLLAMA


@dataclass(frozen=True, slots=True)
class Button:
    """One button of a line; its words may say more than the action's usual ones."""

    action: Action
    words: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One line: how it stands, and what can be done."""

    sign: Sign
    value: str
    detail: str = ""
    buttons: tuple[Button, ...] = ()
    #: 0 to FULL, or INDEFINITE; None for no bar.
    progress: int | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What the page itself knows beside the snapshot: what was chosen and tried here."""

    engine: EngineChoice = EngineChoice.AUTO
    #: Ollama is on this PC, whether or not it runs.
    installed: bool = True
    #: Ollama is being started.
    starting: bool = False
    #: Why Ollama could not be started, and the download not begun; empty when nobody tried or it went well.
    start_problem: str = ""
    download_problem: str = ""


@dataclass(frozen=True, slots=True)
class SpeedTest:
    """How the speed test stands: not begun, `share` of it done, or ended with a result or a problem."""

    share: float | None = None
    result: SpeedResult | None = None
    problem: str = ""


def check_card(snapshot: StateSnapshot | None) -> Check:
    """Say which graphics card there is."""
    if snapshot is None:
        return Check(Sign.BUSY, texts.CARD_LOOKING)
    if snapshot.pc.gpus:
        card = max(snapshot.pc.gpus, key=lambda gpu: gpu.memory_total or 0)
        return Check(Sign.GOOD, card.name, _card_detail(card))
    if snapshot.pc.gpu_problem:
        detail = Text("{problem} {comfort}", problem=snapshot.pc.gpu_problem, comfort=texts.CARD_NONE_DETAIL)
        return Check(Sign.ATTENTION, texts.CARD_NONE, detail)
    return Check(Sign.ATTENTION, texts.CARD_NONE, texts.CARD_NONE_DETAIL)


def _card_detail(card: GpuStatus) -> str:
    if card.asleep:
        return texts.CARD_ASLEEP
    if card.shared_memory or not card.memory_total:
        return texts.CARD_SHARED if card.shared_memory else ""
    return texts.memory(card.memory_total / GIBIBYTE)


def check_ollama(snapshot: StateSnapshot | None, tried: Tried) -> Check:
    """Say whether Ollama runs, and how to get there."""
    if tried.engine is EngineChoice.EMBEDDED:
        return Check(Sign.OPEN, texts.OLLAMA_OFF, texts.OLLAMA_OFF_DETAIL, (Button(Action.USE_OLLAMA),))
    if tried.starting:
        return Check(Sign.BUSY, texts.OLLAMA_STARTING)
    engine = _engine(snapshot, OLLAMA)
    if engine is None:
        return Check(Sign.BUSY, texts.OLLAMA_LOOKING)
    if engine.available or engine.reason in _ONLY_A_MODEL_MISSING:
        return Check(Sign.GOOD, texts.ollama_running(engine.version))
    return _ollama_away(engine, tried)


def has_ollama(snapshot: StateSnapshot | None) -> bool:
    """Tell whether Ollama runs here and has a model."""
    engine = _engine(snapshot, OLLAMA)
    return engine is not None and engine.available


def _ollama_away(engine: EngineStatus, tried: Tried) -> Check:
    install, again = Button(Action.INSTALL), Button(Action.CHECK_AGAIN)
    if engine.version:  # it answers, but is not good enough
        return Check(Sign.ATTENTION, texts.ollama_running(engine.version), engine.reason, (install, again))
    if not tried.installed:
        return Check(Sign.ATTENTION, texts.OLLAMA_NOT_FOUND, texts.OLLAMA_NOT_FOUND_DETAIL, (install, again))
    detail = tried.start_problem or texts.OLLAMA_NOT_RUNNING_DETAIL
    return Check(Sign.ATTENTION, texts.OLLAMA_NOT_RUNNING, detail, (Button(Action.START_OLLAMA), again))


def check_model(snapshot: StateSnapshot | None, tried: Tried, bytes_per_second: float | None) -> Check:
    """Say which models can help, and how to get one."""
    if snapshot is None:
        return Check(Sign.OPEN, texts.MODEL_WAITS, texts.MODEL_WAITS_DETAIL)
    download = snapshot.download
    if download is not None and not download.problem:
        return _downloading(download, bytes_per_second)
    engine = _engine(snapshot, OLLAMA)
    runs = engine is not None and (engine.available or engine.reason in _ONLY_A_MODEL_MISSING)
    if not runs or tried.engine is EngineChoice.EMBEDDED:
        return _without_ollama(snapshot)
    problem = tried.download_problem or (download.problem if download is not None else "")
    if problem:
        return Check(Sign.BAD, texts.MODEL_STOPPED, problem, (Button(Action.DOWNLOAD, texts.RESUME_DOWNLOAD),))
    models = [model for model in snapshot.models if model != BUILT_IN_MODEL]
    if models and snapshot.remedy is not Remedy.DOWNLOAD_MODEL:
        return Check(Sign.GOOD, texts.models_ready(len(models)), ", ".join(models))
    wanted = wanted_model(snapshot)
    return Check(Sign.ATTENTION, texts.model_missing(wanted), texts.MODEL_MISSING_DETAIL, (_download_button(wanted),))


def wanted_model(snapshot: StateSnapshot | None) -> str:
    """Give the model to download: the one that the agent misses, or the usual one."""
    return (snapshot.remedy_model if snapshot is not None else "") or RECOMMENDED_MODEL


def _download_button(model: str) -> Button:
    known = model == RECOMMENDED_MODEL
    return Button(Action.DOWNLOAD, texts.download_size(round(RECOMMENDED_BYTES / MEGABYTE)) if known else "")


def _downloading(download: Download, bytes_per_second: float | None) -> Check:
    buttons = (Button(Action.CANCEL_DOWNLOAD),)
    if not download.total_bytes:
        detail: str = texts.DOWNLOAD_STARTING
        return Check(Sign.BUSY, texts.downloading(download.model), detail, buttons, INDEFINITE)
    done, total = round(download.done_bytes / MEGABYTE), round(download.total_bytes / MEGABYTE)
    detail = texts.downloaded(done, total)
    if bytes_per_second:
        remaining = texts.remaining((download.total_bytes - download.done_bytes) / bytes_per_second)
        detail = texts.downloaded_at_speed(done, total, bytes_per_second / MEGABYTE, remaining)
    progress = min(FULL, FULL * download.done_bytes // download.total_bytes)
    return Check(Sign.BUSY, texts.downloading(download.model), detail, buttons, progress)


def _without_ollama(snapshot: StateSnapshot) -> Check:
    built_in = _engine(snapshot, EMBEDDED)
    if built_in is not None and built_in.available:
        return Check(Sign.GOOD, texts.MODEL_BUILT_IN, texts.model_built_in(BUILT_IN_MODEL))
    return Check(Sign.OPEN, texts.MODEL_WAITS, texts.MODEL_WAITS_DETAIL, (Button(Action.USE_PROCESSOR),))


def check_speed(snapshot: StateSnapshot | None, test: SpeedTest) -> Check:
    """Say how fast this PC is, once it was measured."""
    if test.share is not None:
        return Check(Sign.BUSY, texts.SPEED_TESTING, progress=round(FULL * test.share))
    if test.result is not None:
        return _measured(test.result)
    if test.problem:
        return Check(Sign.ATTENTION, texts.SPEED_FAILED, test.problem, (Button(Action.TEST, texts.TEST_AGAIN),))
    if snapshot is None or not snapshot.models:
        return Check(Sign.OPEN, texts.SPEED_UNTESTED, texts.SPEED_WAITS_DETAIL)
    return Check(Sign.OPEN, texts.SPEED_UNTESTED, texts.SPEED_UNTESTED_DETAIL, (Button(Action.TEST),))


def _measured(result: SpeedResult) -> Check:
    if result.on_gpu is None:
        detail = texts.speed_plain(result.model)
    else:
        detail = texts.speed_on_card(result.model) if result.on_gpu else texts.speed_on_processor(result.model)
    sign = Sign.ATTENTION if result.on_gpu is False and result.model != BUILT_IN_MODEL else Sign.GOOD
    return Check(sign, texts.speed(result.texts_per_minute), detail, (Button(Action.TEST, texts.TEST_AGAIN),))


def _engine(snapshot: StateSnapshot | None, name: str) -> EngineStatus | None:
    engines = () if snapshot is None else snapshot.engines
    return next((engine for engine in engines if engine.name == name), None)

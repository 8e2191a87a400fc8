"""A snapshot in words: what the state is called, why it is so, and what its owner can do about it."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlsplit

from ..core import messages
from ..core.state import AgentState, Remedy, StateSnapshot
from ..core.text import Moment, Text
from . import texts
from .language import shown

#: Windows cuts tooltips of the tray after so many characters.
TOOLTIP_LENGTH = 127
#: A menu wider than this many characters looks like a mistake.
MENU_LINE_LENGTH = 72


class MainAction(StrEnum):
    """What the window's one main button does."""

    JOIN = "join"
    JOIN_AGAIN = "join-again"
    UNLOCK = "unlock"
    START_OLLAMA = "start-ollama"
    DOWNLOAD_MODEL = "download-model"
    WORK_NOW = "work-now"
    TRY_AGAIN = "try-again"
    RESUME = "resume"
    PAUSE = "pause"


_STATE_ACTIONS = {
    AgentState.SETUP: MainAction.JOIN,
    AgentState.ERROR: MainAction.TRY_AGAIN,
    AgentState.OFFLINE: MainAction.TRY_AGAIN,
    AgentState.PAUSED: MainAction.RESUME,
    AgentState.WAITING: MainAction.PAUSE,
    AgentState.READY: MainAction.PAUSE,
    AgentState.WORKING: MainAction.PAUSE,
}
_LABELS = {
    MainAction.JOIN: texts.JOIN,
    MainAction.JOIN_AGAIN: texts.JOIN_AGAIN,
    MainAction.UNLOCK: texts.UNLOCK,
    MainAction.START_OLLAMA: texts.START_OLLAMA,
    MainAction.WORK_NOW: texts.WORK_NOW,
    MainAction.TRY_AGAIN: texts.TRY_AGAIN,
    MainAction.RESUME: texts.RESUME,
    MainAction.PAUSE: texts.PAUSE,
}
_HEADLINES = {
    AgentState.SETUP: texts.JOIN_TO_START,
    AgentState.OFFLINE: texts.NO_CONNECTION,
    AgentState.WAITING: texts.WAITING,
    AgentState.READY: texts.READY,
    AgentState.WORKING: texts.WORKING,
}
_ERRORS = {
    Remedy.START_OLLAMA: texts.OLLAMA_NOT_RUNNING,
    Remedy.DOWNLOAD_MODEL: texts.MODEL_MISSING,
    Remedy.JOIN_AGAIN: texts.KEY_REFUSED,
    Remedy.UNLOCK: texts.STORE_LOCKED,
}


def main_action(snapshot: StateSnapshot) -> MainAction:
    """Choose what helps most: the remedy, where there is one; else what fits the state."""
    if is_downloading(snapshot):
        return MainAction.PAUSE
    if snapshot.state is AgentState.PAUSED or snapshot.remedy is Remedy.NONE:
        return _STATE_ACTIONS[snapshot.state]
    return MainAction(snapshot.remedy.value)


def main_label(snapshot: StateSnapshot) -> Text:
    """Name the main action."""
    action = main_action(snapshot)
    return texts.download_model(snapshot.remedy_model) if action is MainAction.DOWNLOAD_MODEL else _LABELS[action]


def headline(snapshot: StateSnapshot) -> Text:
    """Give the state in a few words."""
    match snapshot.state:
        case AgentState.ERROR:
            return texts.MODEL_COMES if is_downloading(snapshot) else _ERRORS.get(snapshot.remedy, texts.CANNOT_WORK)
        case AgentState.PAUSED:
            return _paused(snapshot)
        case AgentState.READY if _says(snapshot, messages.states.STARTING):
            return texts.STARTING
        case state:
            return _HEADLINES[state]


def _paused(snapshot: StateSnapshot) -> Text:
    if _says(snapshot, messages.states.FINISHING):
        return texts.PAUSING
    if snapshot.until is not None:
        return Text("Paused until {time}", time=Moment(snapshot.until))
    return texts.PAUSED


def detail(snapshot: StateSnapshot) -> str:
    """Give the reason, or what there is to say beyond the headline."""
    short = ""
    match snapshot.state:
        case AgentState.SETUP if _says(snapshot, messages.states.NOT_JOINED):
            short = texts.JOIN_HOW
        case AgentState.ERROR if is_downloading(snapshot):
            short = texts.MODEL_COMES_WHY
        case AgentState.ERROR if snapshot.remedy is Remedy.START_OLLAMA:
            short = texts.OLLAMA_START_IT
        case AgentState.PAUSED if not _says(snapshot, messages.states.FINISHING):
            short = texts.TAKES_NO_WORK
        case AgentState.READY if _says(snapshot, messages.states.STARTING):
            short = texts.HAVING_A_LOOK
        case AgentState.READY if snapshot.skipped:
            short = texts.NOT_FOR_THIS_PC
        case AgentState.READY if _says(snapshot, messages.states.READY):
            short = texts.QUEUE_EMPTY
        case AgentState.WORKING:
            short = _work(snapshot)
    return short or snapshot.reason


def _work(snapshot: StateSnapshot) -> str:
    if not snapshot.model:
        return snapshot.reason
    if snapshot.chatting_since is not None:
        return Text("{model} answers a chat", model=snapshot.model)
    if not snapshot.texts_per_minute:
        return Text("{model}", model=snapshot.model)
    return Text.counted(
        "{model} · {n} text per minute",
        "{model} · {n} texts per minute",
        snapshot.texts_per_minute,
        model=snapshot.model,
    )


def status_line(snapshot: StateSnapshot) -> Text:
    """Give state and reason in one line."""
    why = detail(snapshot)
    if not why:
        return headline(snapshot)
    return Text("{state}: {why}", state=headline(snapshot), why=why)


def tooltip(snapshot: StateSnapshot) -> str:
    """Give the tray icon's tooltip in the reader's language, short enough for every system."""
    return shortened(shown(texts.tooltip(status_line(snapshot))), TOOLTIP_LENGTH)


def menu_line(snapshot: StateSnapshot) -> str:
    """Give the menu's first line in the reader's language."""
    return shortened(shown(status_line(snapshot)), MENU_LINE_LENGTH)


def shortened(line: str, length: int) -> str:
    """Cut a line that is too long at a word's end."""
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    return cut[: cut.rfind(" ")].rstrip(" ,.;:–") + "…" if " " in cut else cut + "…"


def is_downloading(snapshot: StateSnapshot) -> bool:
    """Tell whether the model that is missing is on its way."""
    wanted = snapshot.remedy is Remedy.DOWNLOAD_MODEL
    return wanted and snapshot.download is not None and not snapshot.download.problem


def drawn_state(snapshot: StateSnapshot) -> AgentState:
    """Choose the icon: a model on its way is nothing to be alarmed at."""
    return AgentState.WAITING if is_downloading(snapshot) else snapshot.state


def host_of(snapshot: StateSnapshot) -> str:
    """Give the name of the pool's server."""
    return urlsplit(snapshot.server).hostname or ""


def _says(snapshot: StateSnapshot, sentence: Text) -> bool:
    """Tell whether the reason is this sentence."""
    return snapshot.reason == sentence

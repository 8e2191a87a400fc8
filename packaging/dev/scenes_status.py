"""Scenes of the main window and the tray's menu, with an invented pool, PC and history."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QMenu, QTabWidget, QWidget

from desktop_agent.core import messages
from desktop_agent.core.engines.base import CHAT, EMBEDDING
from desktop_agent.core.history import Day
from desktop_agent.core.ran import HowEnded, TaskEnd
from desktop_agent.core.sensors.base import GpuStatus
from desktop_agent.core.state import (
    AgentState,
    Download,
    EngineStatus,
    LoadedModel,
    PcStatus,
    PoolStatus,
    Remedy,
    StateSnapshot,
)
from desktop_agent.core.text import Text
from desktop_agent.ui.status_window import StatusWindow
from desktop_agent.ui.tray_menu import TrayMenu

GIB = 1024**3
MODEL = "nomic-embed-text"
CARD = GpuStatus(
    id="GPU-1",
    vendor="nvidia",
    name="NVIDIA GeForce RTX 4070",
    memory_total=12 * GIB,
    memory_used=int(3.1 * GIB),
    load_percent=87,
    others_percent=2,
    temperature=54,
    power_watts=61,
)
PC = PcStatus(gpus=(CARD,), idle_seconds=12 * 60, idle_source="X11 screen saver", on_battery=False, full_screen=False)
OLLAMA = EngineStatus("ollama", "0.14.2", available=True)
LOADED = (LoadedModel(MODEL, 600_000_000, 600_000_000, ours=True),)
JOINED = StateSnapshot(
    AgentState.WORKING,
    messages.states.working(MODEL, 412),
    server="https://pool.example.org",
    pool="Riverside Library Search",
    display_name="Kitchen PC",
    engines=(OLLAMA,),
    models=(MODEL, "llama3.2"),
    texts_today=8412,
    texts_all_time=1_204_118,
    connected=True,
    pool_status=PoolStatus(agents_online=37, texts_waiting=1280, texts_total=1_204_118, tasks_total=40_312),
    pc=PC,
)


def working() -> StateSnapshot:
    """Texts are computed."""
    return replace(
        JOINED,
        model=MODEL,
        texts_per_minute=412,
        loaded=LOADED,
        vram_held_bytes=600_000_000,
        last_task_at=time.time() - 20,
    )


def waiting() -> StateSnapshot:
    """Its owner is here, and watches a film."""
    return replace(
        JOINED,
        state=AgentState.WAITING,
        reason=messages.rules.starts_after(5, 3),
        remedy=Remedy.WORK_NOW,
        pc=replace(PC, idle_seconds=4, inhibitors=("Firefox",), gpus=(replace(CARD, load_percent=14, power_watts=24),)),
        last_task_at=time.time() - 47 * 60,
    )


def paused() -> StateSnapshot:
    """For some hours."""
    until = dt.datetime.now().astimezone().replace(hour=18, minute=0, second=0).timestamp()
    idle = replace(CARD, memory_used=int(1.2 * GIB), load_percent=3, temperature=41, power_watts=14)
    return replace(
        JOINED,
        state=AgentState.PAUSED,
        reason=messages.states.snoozed(until),
        until=until,
        pc=replace(PC, idle_seconds=3, gpus=(idle,)),
        last_task_at=time.time() - 3 * 3600,
    )


def ready() -> StateSnapshot:
    """The queue has nothing for this PC."""
    skipped = (("model_class_differs", 12),)
    idle = replace(PC, gpus=(replace(CARD, load_percent=1, power_watts=14, temperature=42),))
    return replace(
        JOINED, state=AgentState.READY, reason=messages.states.ready(skipped), skipped=skipped, loaded=LOADED, pc=idle
    )


def error() -> StateSnapshot:
    """Ollama is not there."""
    url = "http://127.0.0.1:11434"
    missing = messages.engine.ollama_not_running(url)
    return replace(
        JOINED,
        state=AgentState.ERROR,
        reason=missing,
        remedy=Remedy.START_OLLAMA,
        engines=(EngineStatus("ollama", available=False, reason=Text("Tried {url}", url=url)),),
        models=(),
    )


def offline() -> StateSnapshot:
    """The way to the pool is broken, on a notebook without a graphics card of its own."""
    problem = messages.server.unreachable("pool.example.org", "the name is not known")
    return replace(
        JOINED,
        state=AgentState.OFFLINE,
        reason=messages.states.offline(problem, 30),
        connected=False,
        pool_status=None,
        pc=replace(PC, gpus=(), idle_seconds=None, idle_problem="Your desktop tells nobody when you are away."),
    )


def downloading() -> StateSnapshot:
    """A missing model is on its way."""
    return replace(
        JOINED,
        state=AgentState.ERROR,
        reason=messages.engine.model_missing(MODEL),
        remedy=Remedy.DOWNLOAD_MODEL,
        remedy_model=MODEL,
        models=(),
        download=Download(MODEL, 274_000_000, 118_000_000),
    )


def setup() -> StateSnapshot:
    """The very first look."""
    return StateSnapshot(AgentState.SETUP, messages.states.NOT_JOINED, remedy=Remedy.JOIN, engines=(OLLAMA,), pc=PC)


def days() -> tuple[Day, ...]:
    """Give a month, the same one every time."""
    chance = random.Random(4)  # noqa: S311 - for a picture
    today = dt.datetime.now().astimezone().date()
    month = []
    for back in range(29, -1, -1):
        count = 0 if chance.random() < 0.12 else chance.randint(1500, 12000)
        count = count if back else 8412
        month.append(Day(today - dt.timedelta(days=back), count, count // 900, count / 6.9, count / 6.9 / 3600 * 95))
    return tuple(month)


def ended() -> tuple[TaskEnd, ...]:
    """Give some tasks that ran here, the latest first."""
    chance = random.Random(7)  # noqa: S311 - for a picture
    outcomes = (*(HowEnded.DONE,) * 9, HowEnded.RELEASED)
    at, ends = time.time() - 20, []
    for _ in range(40):
        chat = chance.random() < 0.15
        texts = 0 if chat else chance.randint(4, 32)
        ends.append(
            TaskEnd(
                finished_at=at,
                model="llama3.2" if chat else MODEL,
                kind=CHAT if chat else EMBEDDING,
                texts=texts,
                tokens=chance.randint(200, 900) if chat else texts * chance.randint(90, 240),
                seconds=chance.uniform(8, 40) if chat else chance.uniform(0.8, 5),
                outcome=chance.choice(outcomes),
            )
        )
        at -= chance.uniform(4, 90)
    return tuple(ends)


def window(snapshot: StateSnapshot, *, tab: int = 0) -> QWidget:
    """Make the main window in this state."""
    made = StatusWindow()
    if snapshot.state is not AgentState.SETUP:
        made.show_history(days(), snapshot.texts_all_time)
        made.show_ran(ended())
    made.show_snapshot(snapshot)
    for tabs in made.findChildren(QTabWidget):
        tabs.setCurrentIndex(tab)
    return made


def menu(snapshot: StateSnapshot) -> QMenu:
    """Make the tray's menu in this state."""
    made = TrayMenu()
    made.show_snapshot(snapshot)
    return made


STATUS_SCENES: dict[str, Callable[[], QWidget]] = {
    "status": lambda: window(working()),
    "status-waiting": lambda: window(waiting()),
    "status-paused": lambda: window(paused()),
    "status-ready": lambda: window(ready()),
    "status-error": lambda: window(error()),
    "status-offline": lambda: window(offline()),
    "status-downloading": lambda: window(downloading()),
    "status-setup": lambda: window(setup()),
    "ran": lambda: window(working(), tab=1),
    "menu": lambda: menu(replace(working(), update="0.3.0")),
    "menu-waiting": lambda: menu(waiting()),
    "menu-paused": lambda: menu(paused()),
}

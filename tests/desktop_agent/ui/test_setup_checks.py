"""The second step: what each of its lines says for what the agent says about this PC, and what its buttons do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from desktop_agent.core import messages
from desktop_agent.core.engines.speed_test import SpeedResult
from desktop_agent.core.errors import EngineUnavailable
from desktop_agent.core.sensors.base import GpuStatus
from desktop_agent.core.settings import EngineChoice
from desktop_agent.core.state import Download, EngineStatus, PcStatus, Remedy, StateSnapshot
from desktop_agent.ui.marks import Sign
from desktop_agent.ui.settings.store import SettingsStore
from desktop_agent.ui.setup import texts
from desktop_agent.ui.setup.checks import (
    INDEFINITE,
    Action,
    Button,
    SpeedTest,
    Tried,
    check_card,
    check_model,
    check_ollama,
    check_speed,
)
from desktop_agent.ui.setup.pace import Pace
from desktop_agent.ui.setup.pc_page import OLLAMA_DOWNLOAD_PAGE, PcPage
from tests.desktop_agent.ui.hosts import Asking
from tests.desktop_agent.ui.snapshots import CARD, MODEL, joined

AWAY = EngineStatus("ollama", reason=messages.engine.ollama_not_running("http://127.0.0.1:11434"))
OLD = EngineStatus("ollama", "0.5.1", reason="Too old.")
EMBEDDED = EngineStatus("embedded", "0.4", available=True)


def with_engines(*engines: EngineStatus, **values: object) -> StateSnapshot:
    """Give a joined PC with these engines."""
    return replace(joined(), engines=engines, **values)  # type: ignore[arg-type]


def actions(buttons: tuple[Button, ...]) -> list[Action]:
    return [button.action for button in buttons]


def test_the_card() -> None:
    """The card with the most memory is named; none is said as calmly, with the sensor's reason where it has one."""
    small = GpuStatus("2", "intel", "UHD", shared_memory=True)
    both = replace(joined(), pc=PcStatus(gpus=(small, CARD)))
    assert (check_card(both).value, check_card(both).detail) == ("RTX 4070", "12.0 GB of memory")
    assert check_card(replace(joined(), pc=PcStatus(gpus=(small,)))).detail == texts.CARD_SHARED
    none = check_card(replace(joined(), pc=PcStatus(gpu_problem="No driver.")))
    assert (none.sign, none.value) == (Sign.ATTENTION, texts.CARD_NONE)
    assert none.detail == f"No driver. {texts.CARD_NONE_DETAIL}"
    assert check_card(None).sign is Sign.BUSY


@pytest.mark.parametrize(
    ("engine", "tried", "sign", "wanted"),
    [
        (EngineStatus("ollama", "0.14.2", available=True), Tried(), Sign.GOOD, []),
        (EngineStatus("ollama", "0.14.2", reason=messages.engine.NO_MODEL), Tried(), Sign.GOOD, []),
        (AWAY, Tried(), Sign.ATTENTION, [Action.START_OLLAMA, Action.CHECK_AGAIN]),
        (AWAY, Tried(installed=False), Sign.ATTENTION, [Action.INSTALL, Action.CHECK_AGAIN]),
        (AWAY, Tried(starting=True), Sign.BUSY, []),
        (
            EngineStatus("ollama", "0.5.1", reason="too old"),
            Tried(),
            Sign.ATTENTION,
            [Action.INSTALL, Action.CHECK_AGAIN],
        ),
        (AWAY, Tried(engine=EngineChoice.EMBEDDED), Sign.OPEN, [Action.USE_OLLAMA]),
    ],
)
def test_ollama(engine: EngineStatus, tried: Tried, sign: Sign, wanted: list[Action]) -> None:
    """What is missing decides which buttons there are: install, start, or nothing."""
    check = check_ollama(with_engines(engine), tried)
    assert (check.sign, actions(check.buttons)) == (sign, wanted)


def test_why_ollama_did_not_start() -> None:
    """A start that failed leaves its reason in the line."""
    assert check_ollama(with_engines(AWAY), Tried(start_problem="Port in use.")).detail == "Port in use."


def test_the_model() -> None:
    """A model is there, is missing, comes, or has stopped coming."""
    good = check_model(joined(), Tried(), None)
    assert (good.sign, good.value, good.detail) == (Sign.GOOD, "1 model is ready", MODEL)
    no_model = EngineStatus("ollama", "0.14.2", reason=messages.engine.NO_MODEL)
    missing = check_model(with_engines(no_model, models=()), Tried(), None)
    assert missing.value == "nomic-embed-text is missing"
    assert missing.buttons == (Button(Action.DOWNLOAD, "&Download 274 MB"),)
    other = check_model(replace(joined(), remedy=Remedy.DOWNLOAD_MODEL, remedy_model="bge-m3"), Tried(), None)
    assert (other.value, other.buttons) == ("bge-m3 is missing", (Button(Action.DOWNLOAD),))
    stopped = check_model(replace(joined(), download=Download(MODEL, 10, 5, problem="Disk full.")), Tried(), None)
    assert (stopped.sign, stopped.detail) == (Sign.BAD, "Disk full.")


def test_the_download() -> None:
    """Size, speed and the time that is left stand beside the bar, and it can be stopped."""
    begun = check_model(replace(joined(), download=Download(MODEL)), Tried(), None)
    assert (begun.progress, actions(begun.buttons)) == (INDEFINITE, [Action.CANCEL_DOWNLOAD])
    half = replace(joined(), download=Download(MODEL, 274_000_000, 137_000_000))
    assert check_model(half, Tried(), None).detail == "137 of 274 MB"
    check = check_model(half, Tried(), 13_700_000.0)
    assert (check.progress, check.detail) == (500, "137 of 274 MB · 13.7 MB/s · 10 seconds left")
    assert check_model(half, Tried(), 137_000.0).detail.endswith("17 minutes left")


def test_without_ollama_the_processor_helps() -> None:
    """Nothing has to be installed to go on: the built-in model is said to be ready, or is offered."""
    check = check_model(with_engines(AWAY, EMBEDDED), Tried(), None)
    assert (check.sign, check.value) == (Sign.GOOD, texts.MODEL_BUILT_IN)
    assert actions(check_model(with_engines(AWAY), Tried(), None).buttons) == [Action.USE_PROCESSOR]


def test_the_speed() -> None:
    """The test is offered once there is a model; its result says where it was computed."""
    assert check_speed(replace(joined(), models=()), SpeedTest()).buttons == ()
    assert actions(check_speed(joined(), SpeedTest()).buttons) == [Action.TEST]
    assert check_speed(joined(), SpeedTest(share=0.25)).progress == 250
    good = check_speed(joined(), SpeedTest(result=SpeedResult(MODEL, 1412, on_gpu=True)))
    assert (good.sign, good.value) == (Sign.GOOD, "about 1,412 texts per minute")
    slow = check_speed(joined(), SpeedTest(result=SpeedResult(MODEL, 40, on_gpu=False)))
    assert (slow.sign, slow.detail) == (Sign.ATTENTION, "Computed on the processor, with nomic-embed-text.")
    assert check_speed(joined(), SpeedTest(problem="No model.")).detail == "No model."


def test_the_pace_of_a_download() -> None:
    """The last seconds count; a download that begins anew, or stands still, has no speed."""
    pace = Pace()
    assert pace.bytes_per_second() is None
    for second in range(20):
        pace.saw("m", second * 100 if second < 10 else 1000 + (second - 10) * 10, float(second))
    assert pace.bytes_per_second() == pytest.approx(10)
    pace.saw("m", 0, 20.0)
    assert pace.bytes_per_second() is None
    pace.saw("m", 0, 25.0)
    assert pace.bytes_per_second() is None


@pytest.fixture
def asks() -> Asking:
    return Asking()


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path, asks: Asking) -> PcPage:
    made = PcPage(asks, SettingsStore(tmp_path / "settings.json"))
    qtbot.addWidget(made)
    return made


def test_starting_ollama(page: PcPage, asks: Asking) -> None:
    """The button starts Ollama; what goes wrong stands in its line."""
    page.show_snapshot(with_engines(AWAY))
    asks.host.answers["start_ollama"] = EngineUnavailable("Ollama ended at once.")
    page.ollama.pressed.emit(Action.START_OLLAMA)
    assert asks.host.verbs() == ["start_ollama"]
    assert page._tried.start_problem == "Ollama ended at once."
    page.ollama.pressed.emit(Action.CHECK_AGAIN)
    assert asks.host.verbs() == ["start_ollama", "try_again"]


def test_downloading(page: PcPage, asks: Asking) -> None:
    """Download and Stop reach the host, with the model that is wanted."""
    page.show_snapshot(replace(joined(), remedy=Remedy.DOWNLOAD_MODEL, remedy_model="bge-m3"))
    page.model.pressed.emit(Action.DOWNLOAD)
    page.model.pressed.emit(Action.CANCEL_DOWNLOAD)
    assert asks.host.asked == [("download", "bge-m3"), ("cancel_download",)]


def test_measuring(page: PcPage, asks: Asking) -> None:
    """The test runs in the host and ends with its result."""
    page.show_snapshot(joined())
    page.speed.pressed.emit(Action.TEST)
    assert page.speed._value.text() == "about 412 texts per minute"


def test_the_browser_opens_only_by_its_button(page: PcPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ollama's page is opened by the person's press, at the address that is written in the program."""
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    page.show_snapshot(with_engines(AWAY))
    assert opened == []
    page.ollama.pressed.emit(Action.INSTALL)
    assert opened == [QUrl(OLLAMA_DOWNLOAD_PAGE)]


def test_choosing_the_processor(page: PcPage) -> None:
    """Whoever wants no Ollama chooses the processor, and can go back."""
    page.show_snapshot(with_engines(AWAY))
    page.model.pressed.emit(Action.USE_PROCESSOR)
    chosen = [page._store.settings.engine]
    assert page.ollama._value.text() == texts.OLLAMA_OFF
    page.ollama.pressed.emit(Action.USE_OLLAMA)
    chosen.append(page._store.settings.engine)
    assert chosen == [EngineChoice.EMBEDDED, EngineChoice.AUTO]

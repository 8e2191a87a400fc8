"""The settings: every change is on disk at once, and every field shows what is there."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QRadioButton, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from desktop_agent.core import messages
from desktop_agent.core.data_folder import DataFolder
from desktop_agent.core.engines.ollama_look import OllamaLook
from desktop_agent.core.errors import EngineUnavailable
from desktop_agent.core.pool.membership import save_membership
from desktop_agent.core.settings import (
    DEFAULT_OLLAMA_URL,
    EngineChoice,
    Settings,
    WorkWhen,
    load_settings,
    save_settings,
)
from desktop_agent.core.state import Download
from desktop_agent.ui.settings import ollama as page_module
from desktop_agent.ui.settings import texts
from desktop_agent.ui.settings.broken import tell_broken_settings
from desktop_agent.ui.settings.exclusive import ExclusivePrograms
from desktop_agent.ui.settings.store import SettingsStore
from desktop_agent.ui.settings.window import SettingsWindow
from tests.desktop_agent.ui.hosts import MEMBER, Asking, AtLogin
from tests.desktop_agent.ui.snapshots import CARD, joined


class Open:
    """An open settings window over a data folder of its own."""

    def __init__(self, qtbot: QtBot, root: Path) -> None:
        self.folder, self.asks, self.login = DataFolder.open(root), Asking(), AtLogin()
        self.store = SettingsStore(self.folder.settings)
        self.window = SettingsWindow(self.asks, self.folder, self.store, self.login)
        qtbot.addWidget(self.window)
        self.window.show_page()
        qtbot.waitExposed(self.window)

    def stored(self) -> Settings:
        """Give what a program that starts now would read."""
        return load_settings(self.folder.settings)

    def box(self, page: QWidget, words: str) -> QCheckBox:
        return next(box for box in page.findChildren(QCheckBox) if box.text() == words)

    def number(self, words: str) -> QSpinBox:
        name = words.replace("&", "")
        return next(spin for spin in self.window.findChildren(QSpinBox) if spin.accessibleName() == name)


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Open:
    return Open(qtbot, tmp_path / "data")


BOXES = {
    texts.STOP_BATTERY: "stop_on_battery",
    texts.STOP_FULL_SCREEN: "stop_full_screen",
    texts.STOP_FILMS: "stop_films",
    texts.STOP_GPU: "stop_gpu_busy",
    texts.STOP_HOT: "stop_hot",
    texts.STOP_CPU: "stop_cpu_busy",
    texts.STOP_METERED: "stop_metered",
    texts.KEEP_AWAKE: "keep_awake",
    texts.UNLOAD: "unload_when_back",
    texts.ONLY_HOURS: "only_hours",
    texts.CHAT: "chat",
    texts.PROBLEMS: "notify_problems",
    texts.MILESTONES: "notify_milestones",
    texts.PAUSES: "notify_pauses",
    texts.NEW_VERSIONS: "notify_updates",
    texts.LOOK: "look_for_updates",
}
NUMBERS = {
    texts.AWAY_MEANS: "away_minutes",
    texts.STOP_GPU: "gpu_busy_percent",
    texts.STOP_HOT: "hot_celsius",
    texts.STOP_CPU: "cpu_busy_percent",
}
#: Settings with tests of their own below, and the one that nobody chooses.
OTHERS = {
    "engine",
    "ollama_url",
    "models",
    "work_when",
    "hours",
    "exclusive_programs",
    "max_vram_gb",
    "gpu",
    "installation_id",
}


def test_every_setting_has_its_field() -> None:
    """A setting without a field in the window would be one that nobody finds."""
    assert {field.name for field in fields(Settings)} == {*BOXES.values(), *NUMBERS.values(), *OTHERS}


@pytest.mark.parametrize(("words", "name"), BOXES.items(), ids=BOXES.values())
def test_a_box_is_stored_at_once(opened: Open, words: str, name: str) -> None:
    """One click, and the file says the opposite; a change from elsewhere shows in the box."""
    box = opened.box(opened.window, words)
    before = getattr(Settings(), name)
    assert box.isChecked() is before
    box.click()
    assert getattr(opened.stored(), name) is not before
    opened.store.change(**{name: before})
    assert box.isChecked() is before


@pytest.mark.parametrize(("words", "name"), NUMBERS.items(), ids=NUMBERS.values())
def test_a_number_is_stored_when_it_settles(opened: Open, qtbot: QtBot, words: str, name: str) -> None:
    """Turning through ten numbers writes once; closing the window does not lose the last."""
    spin = opened.number(words)
    usual = round(getattr(Settings(), name))
    assert spin.value() == usual
    for value in range(usual + 1, usual + 5):
        spin.setValue(value)
    assert getattr(opened.stored(), name) == usual
    opened.window.close()
    assert getattr(opened.stored(), name) == usual + 4


def test_a_number_is_stored_by_itself(opened: Open, qtbot: QtBot) -> None:
    """Nothing has to be closed or pressed."""
    opened.number(texts.AWAY_MEANS).setValue(12)
    qtbot.waitUntil(lambda: opened.stored().away_minutes == 12)


def test_a_number_between_two_is_left_as_it_is(qtbot: QtBot, tmp_path: Path) -> None:
    """Half a minute, chosen by a program, does not become a whole one because somebody looked at it."""
    folder = DataFolder.open(tmp_path / "data")
    save_settings(folder.settings, replace(load_settings(folder.settings), away_minutes=2.5))
    opened = Open(qtbot, tmp_path / "data")
    opened.box(opened.window, texts.KEEP_AWAKE).click()
    assert opened.stored().away_minutes == 2.5
    opened.store.change(away_minutes=7.25)
    opened.store.flush()
    assert opened.number(texts.AWAY_MEANS).value() == 7
    assert opened.stored().away_minutes == 7.25


def test_numbers_keep_their_bounds_and_units(opened: Open) -> None:
    """A number that makes no sense cannot be typed, and the unit is in the right plural."""
    minutes = opened.number(texts.AWAY_MEANS)
    assert (minutes.minimum(), minutes.maximum(), minutes.text()) == (1, 120, "5 minutes")
    minutes.setValue(1)
    assert minutes.text() == "1 minute"
    assert opened.number(texts.STOP_HOT).text() == "80 °C"


def test_a_number_follows_its_box(opened: Open) -> None:
    """What does not count cannot be changed."""
    spin = opened.number(texts.STOP_HOT)
    assert not spin.isEnabled()
    opened.box(opened.window, texts.STOP_HOT).click()
    assert spin.isEnabled()


def test_when_to_work(opened: Open) -> None:
    """The minutes belong to "away"; what the command line chose is said."""
    general = opened.window.general
    minutes = opened.number(texts.AWAY_MEANS)
    buttons = {button.text(): button for button in general.findChildren(QRadioButton)}
    buttons[texts.WHEN_ON_DEMAND].click()
    assert opened.stored().work_when is WorkWhen.ON_DEMAND
    assert not minutes.isEnabled()
    buttons[texts.WHEN_AWAY].click()
    assert opened.stored().work_when is WorkWhen.AWAY
    assert minutes.isEnabled()


def test_start_at_login_is_what_the_system_says(opened: Open) -> None:
    """The box asks the system, not a file of ours, and shows what the system did."""
    box = opened.window.general.login
    assert not box.isChecked()
    opened.login.on = True
    opened.window.hide()
    opened.window.show()
    assert box.isChecked()
    opened.login.error = PermissionError(13, "Permission denied")
    box.click()
    assert box.isChecked()
    words = opened.window.general._login_problem.words
    assert words == "The start at log-in could not be changed: Permission denied."


def test_exclusive_programs(opened: Open) -> None:
    """Programs are added as they are looked for, and removed again."""
    programs = opened.window.general.findChild(ExclusivePrograms)
    assert programs is not None
    programs.add("Blender.exe")
    programs.add("dota2")
    assert opened.stored().exclusive_programs == ("blender", "dota2")
    programs.list.setCurrentRow(0)
    programs.remove.click()
    assert opened.stored().exclusive_programs == ("dota2",)


def test_which_card(opened: Open) -> None:
    """The cards that are there can be chosen; one that has gone is still named."""
    card = opened.window.card
    opened.window.show_snapshot(joined())
    assert [card.cards.itemText(i) for i in range(card.cards.count())] == [texts.CARD_WITH_MOST_MEMORY, CARD.name]
    card.cards.setCurrentIndex(1)
    card.cards.activated.emit(1)
    assert opened.stored().gpu == CARD.id
    opened.window.show_snapshot(replace(joined(), pc=replace(joined().pc, gpus=())))
    assert card.cards.currentText() == "GPU-1 (not there now)"


def test_the_limit_of_memory(opened: Open) -> None:
    """Ticked it is the card's own memory at first; unticked there is no limit."""
    opened.window.show_snapshot(joined())
    card = opened.window.card
    assert not card.limit.isEnabled()
    card.limited.click()
    assert opened.stored().max_vram_gb == card.limit.value() > 0
    card.limited.click()
    assert opened.stored().max_vram_gb == 0


def test_closing_with_escape(opened: Open, qtbot: QtBot) -> None:
    """There is nothing to take back, so Escape and Close are the same."""
    opened.box(opened.window, texts.KEEP_AWAKE).click()
    QTest.keyClick(opened.window, Qt.Key.Key_Escape)
    assert not opened.window.isVisible()
    assert opened.stored().keep_awake


def test_pages_by_keyboard(opened: Open, qtbot: QtBot) -> None:
    """The arrow keys in the list go through all pages."""
    opened.window.names.setFocus()
    for row in range(1, opened.window.names.count()):
        QTest.keyClick(opened.window.names, Qt.Key.Key_Down)
        assert opened.window._pages.currentIndex() == row


def test_the_account(opened: Open) -> None:
    """Pool, name and the end of the key are shown, never the key; without a pool there is the way to one."""
    account = opened.window.account
    opened.window.show_page(account)
    assert account.join.isVisible()
    assert not account.leave.isVisible()
    key = "epk_0123456789abcdef9f3c"
    save_membership(opened.folder.membership, replace(MEMBER, key_in_file=True))
    opened.folder.key_file.write_text(key)
    opened.folder.key_file.chmod(0o600)
    account.look()
    opened.window.show_snapshot(joined())
    assert account.pool.text() == "Riverside Library Search"
    assert account.key.text() == "…9f3c, in a file that only you can read"
    assert key not in account.key.text()
    assert account.leave.isVisible()
    assert not account.join.isVisible()


def test_a_change_that_cannot_be_written_is_said(opened: Open) -> None:
    """A full or read-only disk is no secret."""
    opened.folder.settings.unlink()
    opened.folder.settings.mkdir()
    opened.box(opened.window, texts.KEEP_AWAKE).click()
    assert opened.window._problem.words.startswith("The settings could not be saved. The folder ")


def test_the_usual_settings_again(opened: Open) -> None:
    """Everything is as at first, but for what tells this installation apart."""
    ours = opened.store.settings.installation_id
    opened.store.change(away_minutes=99, engine=EngineChoice.OLLAMA, only_hours=True)
    opened.window.advanced._reset()
    assert opened.stored() == Settings(installation_id=ours)


def test_what_another_program_wrote_is_shown(opened: Open) -> None:
    """Settings written while the window was closed are not overwritten by its old view."""
    opened.window.close()
    save_settings(opened.folder.settings, replace(opened.stored(), keep_awake=True, away_minutes=42))
    opened.window.show_page()
    assert opened.box(opened.window, texts.KEEP_AWAKE).isChecked()
    opened.box(opened.window, texts.CHAT).click()
    assert opened.stored().away_minutes == 42


def test_broken_settings_are_told_once(qtbot: QtBot, tmp_path: Path) -> None:
    """The person hears that the usual settings apply and where the old file is; not again at the next start."""
    path = tmp_path / "settings.json"
    assert tell_broken_settings(path) is None
    path.write_text("{")
    load_settings(path)
    box = tell_broken_settings(path)
    assert box is not None
    assert str(tmp_path / "settings.json.bad") in box.informativeText()
    box.close()
    assert tell_broken_settings(path) is None
    path.write_text("[]")
    load_settings(path)
    again = tell_broken_settings(path)
    assert again is not None
    again.close()
    assert json.loads((tmp_path / "settings.json").read_text())["away_minutes"] == 5


def test_ollama_is_looked_at_when_its_page_is_opened(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there is listed; what is unticked is not offered, and the last tick stays."""
    monkeypatch.setattr(page_module, "look_at_ollama", found)
    opened.window.show_page(opened.window.ollama)
    page = opened.window.ollama
    assert page.notice.words == "Ollama 0.14.2 answers, with 2 models."
    assert page.models.ticked() == ("nomic-embed-text", "llama3.2")
    page.models.item(1).setCheckState(Qt.CheckState.Unchecked)
    assert opened.stored().models == ("nomic-embed-text",)
    page.models.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert opened.stored().models == ("nomic-embed-text",)
    page.models.item(1).setCheckState(Qt.CheckState.Checked)
    assert opened.stored().models == ()


async def found(url: str) -> OllamaLook:
    if url != DEFAULT_OLLAMA_URL:
        raise EngineUnavailable(messages.engine.ollama_not_running(url))
    return OllamaLook("0.14.2", ("nomic-embed-text", "llama3.2"))


def test_the_address_of_ollama(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no address is refused in words; another one is stored and tried at once."""
    monkeypatch.setattr(page_module, "look_at_ollama", found)
    page = opened.window.ollama
    opened.window.show_page(page)
    page.address.setText("not an address")
    page.check.click()
    assert page.notice.words == texts.ADDRESS_WRONG
    assert opened.stored().ollama_url == DEFAULT_OLLAMA_URL
    page.address.setText("127.0.0.1:9999")
    page.check.click()
    assert opened.stored().ollama_url == "http://127.0.0.1:9999"
    assert "nothing answers at http://127.0.0.1:9999" in page.notice.words


def test_what_computes(opened: Open) -> None:
    """Without Ollama there is nothing to say about it."""
    page = opened.window.ollama
    next(b for b in page.findChildren(QRadioButton) if b.text() == texts.ENGINE_EMBEDDED).click()
    assert opened.stored().engine is EngineChoice.EMBEDDED
    assert not page.address.isEnabled()
    assert not page.models.isEnabled()


def test_getting_another_model(opened: Open) -> None:
    """A name starts a download, the same button stops it, and its end is said, good or bad."""
    get = opened.window.ollama.get
    get.name.setText(" bge-m3 ")
    get.button.click()
    assert opened.asks.host.asked == [("download", "bge-m3")]
    opened.window.show_snapshot(replace(joined(), download=Download("bge-m3", 1_000_000_000, 250_000_000)))
    assert get.notice.words == "Downloading bge-m3: 250 of 1,000 MB"
    get.button.click()
    assert opened.asks.host.verbs() == ["download", "cancel_download"]
    opened.window.show_snapshot(replace(joined(), download=Download("bge-m3", problem="Stopped.")))
    assert (get.notice.words, get.button.text()) == ("Stopped.", texts.DOWNLOAD)
    opened.window.show_snapshot(replace(joined(), download=Download("bge-m3")))
    opened.window.show_snapshot(joined())
    assert get.notice.words == "bge-m3 is here now."

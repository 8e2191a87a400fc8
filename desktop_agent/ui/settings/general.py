"""The page General: when to work, when to stop, how it starts."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QWidget

from ...core.settings import WorkWhen
from ...core.text import Text
from ..asking import Autostart
from ..autostart_switch import switch_autostart
from ..labels import SecondaryLabel, field_label, heading
from ..language import shown
from ..marks import Sign
from ..notice import Notice
from . import texts
from .choices import WhenChoices
from .exclusive import ExclusivePrograms
from .fields import Fields, fill, group, indented, line
from .store import SettingsStore


class GeneralPage(QWidget):
    """What matters most stands first."""

    def __init__(self, store: SettingsStore, autostart: Autostart) -> None:
        super().__init__()
        self._store, self._autostart = store, autostart
        self._fields = Fields(store, self)
        self.login, self._login_problem = QCheckBox(shown(texts.START_AT_LOGIN)), Notice()
        self.login.clicked.connect(self._switch_login)
        fill(
            self,
            heading(texts.WHEN),
            group(self._when(), self._always_note()),
            heading(texts.STOP_WHEN),
            self._stops(),
            heading(texts.START),
            self._start(),
        )
        self.look_at_login()

    def look_at_login(self) -> None:
        """Show whether the system starts us; its owner may have changed that elsewhere."""
        self.login.setChecked(self._autostart.is_on())

    def _when(self) -> WhenChoices:
        minutes = self._fields.spin_box("away_minutes", texts.minutes, says=texts.AWAY_MEANS)
        away = QWidget()
        row = line(field_label(texts.AWAY_MEANS, minutes), minutes)
        row.setContentsMargins(0, 0, 0, 0)
        away.setLayout(row)
        choices = WhenChoices(away)
        choices.chosen.connect(lambda when: self._store.change(work_when=when))
        self._fields.follow(lambda: choices.put(self._store.settings.work_when))
        return choices

    def _always_note(self) -> SecondaryLabel:
        note = SecondaryLabel(texts.ALWAYS_CHOSEN)
        self._fields.follow(lambda: note.setVisible(self._store.settings.work_when is WorkWhen.ALWAYS))
        return note

    def _stops(self) -> QWidget:
        fields = self._fields
        return group(
            fields.check_box(texts.STOP_BATTERY, "stop_on_battery"),
            fields.check_box(texts.STOP_FULL_SCREEN, "stop_full_screen"),
            fields.check_box(texts.STOP_FILMS, "stop_films"),
            fields.check_and_spin(texts.STOP_GPU, "stop_gpu_busy", "gpu_busy_percent", _percent),
            fields.check_and_spin(texts.STOP_HOT, "stop_hot", "hot_celsius", _celsius),
            fields.check_and_spin(texts.STOP_CPU, "stop_cpu_busy", "cpu_busy_percent", _percent),
            fields.check_box(texts.STOP_METERED, "stop_metered"),
            ExclusivePrograms(self._store, fields),
        )

    def _start(self) -> QWidget:
        return group(
            self.login,
            indented(self._login_problem),
            self._fields.check_box(texts.KEEP_AWAKE, "keep_awake"),
        )

    def _switch_login(self, on: bool) -> None:
        problem = switch_autostart(self._autostart, on=on)
        self.look_at_login()
        self._login_problem.say(Sign.ATTENTION if problem else Sign.NONE, problem)


def _percent(value: int) -> Text:
    return Text("{value} %", value=value)


def _celsius(value: int) -> Text:
    return Text("{value} °C", value=value)

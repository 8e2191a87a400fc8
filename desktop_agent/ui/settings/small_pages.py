"""The pages that are a box or two: Notifications and Updates."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from ... import __version__
from ...core.state import StateSnapshot
from ..labels import Label, SecondaryLabel, heading
from ..language import shown
from . import texts
from .fields import Fields, fill, group, hint, line
from .store import SettingsStore


class NotificationsPage(QWidget):
    """What may be said while its owner does something else."""

    def __init__(self, store: SettingsStore) -> None:
        super().__init__()
        fields = Fields(store, self)
        fill(
            self,
            heading(texts.TELL_ME),
            group(
                fields.check_box(texts.PROBLEMS, "notify_problems"),
                fields.check_box(texts.MILESTONES, "notify_milestones"),
                fields.check_box(texts.PAUSES, "notify_pauses"),
                fields.check_box(texts.NEW_VERSIONS, "notify_updates"),
            ),
            SecondaryLabel(texts.QUIET),
        )


class UpdatesPage(QWidget):
    """Whether there is a newer version, and whether to look."""

    #: Show where the newer version is to be had.
    update_requested = Signal()

    def __init__(self, store: SettingsStore) -> None:
        super().__init__()
        self._words, self.show_it = Label(texts.CURRENT), QPushButton(shown(texts.SHOW_UPDATE))
        self.show_it.setAutoDefault(False)
        self.show_it.hide()
        self.show_it.clicked.connect(self.update_requested)
        fill(
            self,
            heading(texts.UPDATES),
            group(SecondaryLabel(texts.version(__version__)), self._words, line(self.show_it)),
            group(Fields(store, self).check_box(texts.LOOK, "look_for_updates"), hint(texts.LOOK_HINT)),
        )

    def show_snapshot(self, snapshot: StateSnapshot) -> None:
        """Take over whether there is a newer version."""
        self._words.say(texts.update_there(snapshot.update) if snapshot.update else texts.CURRENT)
        self.show_it.setVisible(bool(snapshot.update))

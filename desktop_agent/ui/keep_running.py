"""The question before the window goes away on a desktop without a tray."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractButton, QMessageBox, QWidget

from . import texts
from .language import shown


class KeepRunningQuestion(QMessageBox):
    """Keep running, quit, or stay."""

    keep_chosen = Signal()
    quit_chosen = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setIcon(QMessageBox.Icon.Question)
        self.setWindowTitle(shown(texts.APP_NAME))
        self.setText(shown(texts.KEEP_RUNNING))
        self.setInformativeText(shown(texts.KEEP_RUNNING_WHY))
        self.keep_button = self.addButton(shown(texts.KEEP), QMessageBox.ButtonRole.AcceptRole)
        self.quit_button = self.addButton(shown(texts.QUIT), QMessageBox.ButtonRole.DestructiveRole)
        self.addButton(QMessageBox.StandardButton.Cancel)
        self.setDefaultButton(self.keep_button)
        self.buttonClicked.connect(self._chosen)

    def _chosen(self, button: QAbstractButton) -> None:
        if button is self.keep_button:
            self.keep_chosen.emit()
        elif button is self.quit_button:
            self.quit_chosen.emit()

"""Telling, once, that the settings could not be read and where the old file is."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from ..language import shown
from . import texts


def tell_broken_settings(path: Path, parent: QWidget | None = None) -> QMessageBox | None:
    """Open a message if settings were set aside since the last time; gives it, or None.

    The copy lies beside the settings as `<name>.bad`; a file `<name>.bad.told` remembers which copy was told of.
    """
    copy = path.with_name(f"{path.name}.bad")
    told = path.with_name(f"{copy.name}.told")
    try:
        when = str(copy.stat().st_mtime_ns)
        if told.exists() and told.read_text("ascii", "replace") == when:
            return None
        told.write_text(when, "ascii")
    except OSError:
        return None
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Information)
    box.setWindowTitle(shown(texts.WINDOW_TITLE))
    box.setText(shown(texts.SETTINGS_WERE_BROKEN))
    box.setInformativeText(shown(texts.copy_of_settings(str(copy))))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.addButton(QMessageBox.StandardButton.Close)
    box.open()
    return box

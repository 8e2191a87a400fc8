"""The settings as the windows change them: each change is on disk, and with that in force, at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from ...core import messages
from ...core.errors import DataFolderUnusable
from ...core.settings import Settings, load_settings, save_settings

#: Milliseconds to wait for the next turn of a wheel or a spin box before the settings are written.
SETTLE_MS = 300


class SettingsStore(QObject):
    """Keeps the settings that the windows show; the running agent sees the file change."""

    #: Settings: they are others now.
    changed = Signal(object)
    #: AgentError: they could not be written.
    failed = Signal(object)

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._settings = load_settings(path)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.save_now)

    @property
    def settings(self) -> Settings:
        """Give what is in force."""
        return self._settings

    def reload(self) -> None:
        """Take over what another program of ours may have written, unless something of ours is to be written yet."""
        if not self._settle.isActive():
            self._become(load_settings(self._path))

    def change(self, *, settles: bool = False, **values: Any) -> None:
        """Put values in the place of others; `settles` waits a moment for the next change before it writes."""
        if not self._become(replace(self._settings, **values)):
            return
        if settles:
            self._settle.start()
        else:
            self.save_now()

    def replace(self, settings: Settings) -> None:
        """Put other settings in the place of all."""
        if self._become(settings):
            self.save_now()

    def flush(self) -> None:
        """Write what waits, if something does."""
        if self._settle.isActive():
            self.save_now()

    def save_now(self) -> None:
        """Write what has not been written yet."""
        self._settle.stop()
        try:
            save_settings(self._path, self._settings)
        except OSError as error:
            self.failed.emit(DataFolderUnusable(messages.joining.data_folder_unusable(self._path.parent, error)))

    def _become(self, settings: Settings) -> bool:
        if settings == self._settings:
            return False
        self._settings = settings
        self.changed.emit(settings)
        return True

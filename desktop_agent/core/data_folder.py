"""Where the agent keeps everything but its key, and the lock that keeps a second agent out of it."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path

import filelock
import platformdirs

from . import messages
from .errors import AlreadyRunning, DataFolderUnusable

#: How long a starting agent waits for the lock, in seconds: `status` holds it for an instant while it looks.
LOCK_WAIT_SECONDS = 0.5
#: How long `status` waits for the lock, in seconds: another `status` may look at the same instant.
LOOK_WAIT_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The folder of one agent; two agents on one PC have two."""

    root: Path

    @classmethod
    def open(cls, root: Path | None) -> DataFolder:
        """Give the folder, made if need be and readable by this user only; None means the system's usual place."""
        folder = cls((root or platformdirs.user_data_path("EmbedPool Agent", appauthor=False)).absolute())
        try:
            folder.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.logs.mkdir(exist_ok=True, mode=0o700)
            _require_access(folder.root)
        except OSError as error:
            raise DataFolderUnusable(messages.joining.data_folder_unusable(folder.root, error)) from error
        return folder

    @property
    def settings(self) -> Path:
        """What this PC's owner chose."""
        return self.root / "settings.json"

    @property
    def membership(self) -> Path:
        """Which pool this PC belongs to."""
        return self.root / "membership.json"

    @property
    def control(self) -> Path:
        """Pause and snooze: written by commands, read by the running agent."""
        return self.root / "control.json"

    @property
    def state(self) -> Path:
        """What the agent does: written by the running agent, read by `status`."""
        return self.root / "state.json"

    @property
    def history(self) -> Path:
        """How much was computed on each day."""
        return self.root / "history.json"

    @property
    def ran(self) -> Path:
        """Which tasks ended last, and how; never a text."""
        return self.root / "ran.json"

    @property
    def notices(self) -> Path:
        """On which day the owner was last told what."""
        return self.root / "notices.json"

    @property
    def key_file(self) -> Path:
        """The key, where its owner chose a file over a key store."""
        return self.root / "agent-key"

    @property
    def logs(self) -> Path:
        """The folder of log files."""
        return self.root / "logs"

    def lock(self) -> filelock.BaseFileLock:
        """Take the folder for this process; raises AlreadyRunning when another agent has it."""
        lock = filelock.FileLock(self.root / "agent.lock", timeout=LOCK_WAIT_SECONDS)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise AlreadyRunning(messages.joining.already_running(self.root)) from None
        except OSError as error:
            raise DataFolderUnusable(messages.joining.data_folder_unusable(self.root, error)) from error
        return lock

    def in_use(self) -> bool:
        """Tell whether an agent runs with this folder."""
        lock = filelock.FileLock(self.root / "agent.lock", timeout=LOOK_WAIT_SECONDS)
        try:
            with lock.acquire(poll_interval=LOOK_WAIT_SECONDS / 10):
                return False
        except filelock.Timeout:
            return True


def _require_access(folder: Path) -> None:
    """Raise PermissionError where this user may not read and write; such as after a run as another user."""
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))

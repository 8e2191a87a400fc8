"""What this PC's owner chose and asked for, what the sensors say, and what follows: the facts behind every decision."""

from __future__ import annotations

from collections.abc import Callable

from ..control import Control, load_control
from ..data_folder import DataFolder
from ..files import stamp
from ..rules.dwell import NOT_LOOKED, Dwell, Settled
from ..rules.signals import OurUse
from ..sensors.base import Surroundings
from ..settings import Settings, load_settings

#: Replaces single settings for one run.
Override = Callable[[Settings], Settings]


class Steering:
    """Follows the owner's files and the sensors."""

    def __init__(self, folder: DataFolder, override: Override) -> None:
        self._folder = folder
        self._override = override
        self._dwell = Dwell()
        self._control_stamp, self._settings_stamp = stamp(folder.control), stamp(folder.settings)
        self.settings = override(load_settings(folder.settings))
        self.control = load_control(folder.control)
        #: What the sensors said last; None before the first time.
        self.surroundings: Surroundings | None = None
        #: What follows from it.
        self.settled: Settled = NOT_LOOKED

    def reread(self) -> bool:
        """Take in what the owner wrote since the last time, from whichever program; tell whether it is new."""
        control_stamp, settings_stamp = stamp(self._folder.control), stamp(self._folder.settings)
        if (control_stamp, settings_stamp) == (self._control_stamp, self._settings_stamp):
            return False
        self._control_stamp, self._settings_stamp = control_stamp, settings_stamp
        before: tuple[Control, Settings] = self.control, self.settings
        self.control = load_control(self._folder.control)
        self.settings = self._override(load_settings(self._folder.settings))
        return before != (self.control, self.settings)

    def hear(self, seen: Surroundings, ours: OurUse, now: float) -> None:
        """Take in what the sensors said; `now` in seconds since 1970."""
        self.surroundings = seen
        self.settled = self._dwell.settle(seen, self.settings, ours, now)

    def forget(self) -> None:
        """Take nothing for known any more: this PC slept."""
        self.settled = NOT_LOOKED

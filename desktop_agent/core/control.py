"""What the owner last asked for: pause, snooze, work now.

A small file, so that every program of ours may ask, with or without an agent that runs; it survives a restart.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .files import read_json, write_json

CONTROL_VERSION = 1
#: Seconds that "work now" holds.
WORK_NOW_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Control:
    """The owner's last wish."""

    paused: bool = False
    #: Seconds since 1970 until which the agent takes no work; None when not snoozed.
    snoozed_until: float | None = None
    #: Seconds since 1970 until which the rules about the owner being away do not count; None when they do.
    work_now_until: float | None = None
    #: Finish what is computing before the pause begins, instead of giving it back.
    finish_first: bool = False

    def is_resting(self, now: float) -> bool:
        """Tell whether the owner wants no work now (seconds since 1970)."""
        return self.paused or (self.snoozed_until is not None and now < self.snoozed_until)


def pause(*, finish_first: bool = False) -> Control:
    """No work until it is resumed."""
    return Control(paused=True, finish_first=finish_first)


def resume() -> Control:
    """Work again, as the rules allow."""
    return Control()


def snooze(until: float) -> Control:
    """No work until then (seconds since 1970)."""
    return Control(snoozed_until=until)


def work_now(now: float) -> Control:
    """Work for an hour, whether or not the owner is away."""
    return Control(work_now_until=now + WORK_NOW_SECONDS)


def load_control(path: Path) -> Control:
    """Read the last wish; nothing is paused where there is none."""
    stored = read_json(path, CONTROL_VERSION) or {}
    return Control(
        paused=stored.get("paused") is True,
        snoozed_until=_moment(stored.get("snoozed_until")),
        work_now_until=_moment(stored.get("work_now_until")),
        finish_first=stored.get("finish_first") is True,
    )


def save_control(path: Path, control: Control) -> None:
    """Write the wish in one step; a running agent sees it within half a second."""
    write_json(path, {"version": CONTROL_VERSION, **asdict(control)})


def _moment(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

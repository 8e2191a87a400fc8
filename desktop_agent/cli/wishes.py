"""What the owner wants: pause, resume, work now. A file, for the agent that runs and for the next one."""

from __future__ import annotations

import datetime as dt
import re
import time
from pathlib import Path

import click

from ..core import control, messages
from ..core.control import Control, load_control, save_control
from ..core.data_folder import DataFolder
from .group import Command, data_dir_option

#: Longest pause with an end: a week.
MAX_PAUSE_SECONDS = 7 * 24 * 3600.0
_UNIT_SECONDS = {"d": 86_400.0, "h": 3600.0, "m": 60.0, "min": 60.0, "s": 1.0}
_PIECE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(d|h|min|m|s)\s*")
_CLOCK = re.compile(r"(?:until\s+)?(\d{1,2})[:.](\d{2})")


class PauseEnd(click.ParamType[float]):
    """How long a pause is: `2h`, `1h 30m`, `90m`, or until when: `18:00`, `until 18:00`."""

    name = "TIME"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Give the end of the pause, in seconds since 1970."""
        if isinstance(value, float):
            return value
        now = time.time()
        end = _end_of(str(value).strip().lower(), now)
        if end is None or not 0 < end - now <= MAX_PAUSE_SECONDS:
            self.fail(f"“{value}” is no time. Say for example 2h, 90m or “until 18:00”; at most 7 days.", param, ctx)
        return end


def _end_of(words: str, now: float) -> float | None:
    if clock := _CLOCK.fullmatch(words):
        return _next(int(clock[1]), int(clock[2]), now)
    pieces = _PIECE.findall(words)
    if not pieces or _PIECE.sub("", words):
        return None
    return now + sum(float(number.replace(",", ".")) * _UNIT_SECONDS[unit] for number, unit in pieces)


def _next(hour: int, minute: int, now: float) -> float | None:
    """Give the next moment at which this PC's clock says so; None for a time that no clock says."""
    if hour > 23 or minute > 59:
        return None
    here = dt.datetime.fromtimestamp(now).astimezone()
    then = here.replace(hour=hour, minute=minute, second=0, microsecond=0)
    # The offset of tomorrow may be another one, so the day is added to the clock's time.
    return (then if then > here else (then.replace(tzinfo=None) + dt.timedelta(days=1)).astimezone()).timestamp()


@click.command(cls=Command)
@click.option("--for", "end", type=PauseEnd(), help="How long, or until when: 2h, 90m, “until 18:00”.")
@click.option("--finish", is_flag=True, help="Finish what is computing first, instead of giving it back.")
@data_dir_option
def pause(end: float | None, finish: bool, data_dir: Path | None) -> None:
    """Take no work until “resume”, or for a while."""
    wish = control.pause(finish_first=finish) if end is None else Control(snoozed_until=end, finish_first=finish)
    _wish(data_dir, wish)


@click.command(cls=Command)
@data_dir_option
def resume(data_dir: Path | None) -> None:
    """Take work again."""
    _wish(data_dir, control.resume())


@click.command(cls=Command)
@click.argument("minutes", type=click.FloatRange(min=0, max=MAX_PAUSE_SECONDS / 60, min_open=True))
@data_dir_option
def snooze(minutes: float, data_dir: Path | None) -> None:
    """Take no work for so many MINUTES."""
    _wish(data_dir, control.snooze(time.time() + minutes * 60))


@click.command("work-now", cls=Command)
@data_dir_option
def work_now(data_dir: Path | None) -> None:
    """Work for an hour, whether or not somebody uses this PC."""
    _wish(data_dir, control.work_now(time.time()))


def _wish(data_dir: Path | None, wish: Control) -> None:
    folder = DataFolder.open(data_dir)
    before = load_control(folder.control)
    save_control(folder.control, wish)
    if wish.paused:
        click.echo(messages.states.PAUSED)
    elif wish.snoozed_until is not None:
        click.echo(messages.states.snoozed(wish.snoozed_until))
    elif wish.work_now_until is not None:
        click.echo(messages.running.working_now(wish.work_now_until))
    else:
        click.echo(messages.states.RESUMED if before.is_resting(time.time()) else messages.states.NOT_PAUSED)
    if not folder.in_use():
        click.echo(messages.states.NOT_RUNNING)

"""What was given on a day, and in a month, in words."""

from __future__ import annotations

from collections.abc import Iterable

from ..core.history import Day
from ..core.text import Text
from .amounts import duration, energy


def day_line(day: Day) -> Text:
    """Say what a day brought: "Tue 18 Nov: 9,214 texts, 2 h 10 min, about 140 Wh"."""
    done = Text.joined(", ", [*_work(day.texts, day.chats), *_cost(day.seconds, day.watt_hours)])
    return Text("{day}: {done}", day=day.date, done=done)


def month_line(days: Iterable[Day]) -> Text:
    """Say what all these days took; empty where they took nothing."""
    days = tuple(days)
    cost = _cost(sum(day.seconds for day in days), sum(day.watt_hours for day in days))
    if not cost:
        return Text("")
    return Text("{n} days: {cost}", n=len(days), cost=Text.joined(", ", [*_chats(days), *cost]))


def _work(count: int, chats: int) -> list[Text]:
    given = [Text.counted("{n} text", "{n} texts", count)]
    return [*given, Text.counted("{n} chat", "{n} chats", chats)] if chats else given


def _chats(days: tuple[Day, ...]) -> list[Text]:
    chats = sum(day.chats for day in days)
    return [Text.counted("{n} chat", "{n} chats", chats)] if chats else []


def _cost(seconds: float, watt_hours: float) -> list[Text]:
    cost = [Text("{time} of work", time=duration(seconds))] if seconds >= 1 else []
    return [*cost, energy(watt_hours)] if watt_hours >= 1 else cost

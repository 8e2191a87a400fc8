"""The owner's rules: which facts keep this PC from working, in which mode, and in which order they are told.

A rule that others are in the way of is told before one that ends by itself: "starts in 3 min" is a promise, so it comes
last. Which sensor must be known for what: docs/rules.md, which a test compares with the table here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from .. import messages
from ..settings import Settings, WorkWhen
from . import schedule
from .dwell import Settled
from .latch import Obstacle

AWAY, CARD_FREE, ON_DEMAND, ALWAYS = WorkWhen.AWAY, WorkWhen.CARD_FREE, WorkWhen.ON_DEMAND, WorkWhen.ALWAYS
EVERY_MODE = frozenset(WorkWhen)
#: The modes of a PC that somebody sits at.
WITH_A_PERSON = frozenset({AWAY, CARD_FREE, ON_DEMAND})


@dataclass(frozen=True, slots=True)
class Situation:
    """What the rules look at."""

    #: Seconds since 1970.
    now: float
    settings: Settings
    settled: Settled
    #: How the owner uses the engine for themselves, as a whole sentence; empty while they do not.
    owner_uses_engine: str = ""
    #: The owner has pressed "work now" less than an hour ago.
    work_now: bool = False


Finder: TypeAlias = Callable[[Situation], Obstacle | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason not to work."""

    name: str
    #: The modes that it counts in.
    modes: frozenset[WorkWhen]
    #: It counts even after "work now".
    even_now: bool
    find: Finder

    def obstacle(self, situation: Situation) -> Obstacle | None:
        """Give what stands in the way by this rule."""
        if situation.settings.work_when not in self.modes or (situation.work_now and not self.even_now):
            return None
        return self.find(situation)


def obstacles(situation: Situation) -> Iterator[Obstacle]:
    """Give everything that stands in the way, the first to be told first."""
    found = (rule.obstacle(situation) for rule in RULES)
    return (obstacle for obstacle in found if obstacle is not None)


def _on_demand(_situation: Situation) -> Obstacle | None:
    return Obstacle(messages.rules.ON_DEMAND)


def _hours(situation: Situation) -> Obstacle | None:
    if schedule.is_allowed(situation.settings, situation.now):
        return None
    begins = schedule.next_change(situation.settings, situation.now)
    reason = messages.rules.NO_HOURS if begins is None else messages.rules.outside_hours(begins)
    return Obstacle(reason, begins)


def _owner_uses_engine(situation: Situation) -> Obstacle | None:
    return Obstacle(situation.owner_uses_engine) if situation.owner_uses_engine else None


def _card_busy(situation: Situation) -> Obstacle | None:
    # "Whenever the card is free" is nothing without this rule, so there it counts whether or not it is ticked.
    counts = situation.settings.stop_gpu_busy or (situation.settings.work_when is CARD_FREE and not situation.work_now)
    return situation.settled.card_busy if counts else None


RULES = (
    Rule("on_demand", frozenset({ON_DEMAND}), False, _on_demand),
    Rule("hours", EVERY_MODE, False, _hours),
    Rule("owner_uses_engine", EVERY_MODE, True, _owner_uses_engine),
    Rule("not_looked", WITH_A_PERSON, True, lambda at: at.settled.not_looked),
    Rule("battery", EVERY_MODE, True, lambda at: at.settled.battery if at.settings.stop_on_battery else None),
    Rule("card_asleep", EVERY_MODE, False, lambda at: at.settled.card_asleep),
    Rule("metered", EVERY_MODE, True, lambda at: at.settled.metered if at.settings.stop_metered else None),
    Rule("exclusive", EVERY_MODE, True, lambda at: at.settled.exclusive),
    Rule(
        "full_screen", WITH_A_PERSON, False, lambda at: at.settled.full_screen if at.settings.stop_full_screen else None
    ),
    Rule("film", WITH_A_PERSON, False, lambda at: at.settled.film if at.settings.stop_films else None),
    Rule("remote", frozenset({AWAY}), False, lambda at: at.settled.remote),
    Rule("using", frozenset({AWAY}), False, lambda at: at.settled.using),
    Rule("hot", EVERY_MODE, True, lambda at: at.settled.hot if at.settings.stop_hot else None),
    Rule("card_busy", WITH_A_PERSON, True, _card_busy),
    Rule("card_unknown", frozenset({CARD_FREE}), False, lambda at: at.settled.card_unknown),
    Rule(
        "processor_busy",
        WITH_A_PERSON,
        True,
        lambda at: at.settled.processor_busy if at.settings.stop_cpu_busy else None,
    ),
    Rule("memory_short", EVERY_MODE, True, lambda at: at.settled.memory_short),
    Rule("not_away_yet", frozenset({AWAY}), False, lambda at: at.settled.not_away_yet),
    Rule("away_unknown", frozenset({AWAY}), False, lambda at: at.settled.away_unknown),
)

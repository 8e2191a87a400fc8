"""From what the sensors say over time to facts that hold: tables of readings, with those that would flap without it."""

from __future__ import annotations

import itertools
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_agent.core.rules.dwell import Dwell, Settled
from desktop_agent.core.rules.latch import Obstacle
from desktop_agent.core.rules.signals import OurUse
from desktop_agent.core.sensors.base import GpuStatus, PowerState, SessionState, Surroundings, Unknown
from desktop_agent.core.settings import Settings

NOW = 1795362740.0
GIB = 1024**3
NOTHING = Unknown("No such sensor.")
LOCKED, REMOTE = SessionState(locked=True), SessionState(remote=True)
MAINS, BATTERY = PowerState(on_battery=False), PowerState(on_battery=True)
CARD = GpuStatus(
    "card",
    "nvidia",
    "Card",
    memory_total=8 * GIB,
    memory_used=GIB,
    load_percent=3.0,
    others_percent=3.0,
    temperature=50.0,
)
#: A PC that nobody has touched for an hour, and that does nothing.
QUIET = Surroundings(
    at=0.0,
    idle_seconds=3600.0,
    inhibitors=(),
    full_screen=False,
    power=MAINS,
    gpus=(CARD,),
    cpu_by_others=2.0,
    session=SessionState(),
    metered=False,
    exclusive=frozenset(),
)
#: Nothing can be told.
BLIND = Surroundings(0.0, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)
USUAL = Settings(stop_hot=True)
WORKING = OurUse(working=True)


class Course:
    """Feeds one Dwell."""

    def __init__(self, settings: Settings = USUAL) -> None:
        self.dwell = Dwell()
        self.settings = settings

    def at(self, at: float, ours: OurUse | None = None, /, seen: Surroundings = QUIET, **readings: Any) -> Settled:
        """Give what is settled after this reading, so many seconds after the start."""
        seen = replace(seen, at=at, **readings)
        return self.dwell.settle(seen, self.settings, ours or OurUse(), NOW + at)

    def calm(self) -> Course:
        """Let everything be known to be quiet at second 20."""
        for second in (0.0, 10.0, 20.0):
            self.at(second)
        return self


def standing(settled: Settled) -> set[str]:
    return {field.name for field in fields(Settled) if getattr(settled, field.name) is not None}


def card(**values: Any) -> tuple[GpuStatus, ...]:
    return (replace(CARD, **values),)


def test_at_the_start_nothing_is_taken_for_free() -> None:
    """What flickers by nature is watched for a while first; what does not is known by its first reading."""
    course = Course()
    assert standing(course.at(0.0)) == {"card_busy", "processor_busy"}
    assert standing(course.at(10.0)) == {"processor_busy"}
    assert standing(course.at(20.0)) == set()


def test_what_is_there_at_the_start_counts_at_once() -> None:
    """Nobody knows how long it has been so; and each fact says what it is in words."""
    seen = replace(
        QUIET,
        inhibitors=("Firefox",),
        full_screen=True,
        power=BATTERY,
        metered=True,
        exclusive=frozenset({"obs", "blender"}),
        gpus=card(others_percent=34.4, temperature=83.2, memory_used=7 * GIB),
        cpu_by_others=71.0,
        session=REMOTE,
    )
    settled = Course().at(0.0, OurUse(model_bytes=GIB), seen=seen, idle_seconds=7.0)
    reasons = {name: getattr(settled, name).reason for name in standing(settled)}
    assert reasons == {
        "using": "You are using this PC.",
        "remote": "Somebody uses this PC from another one.",
        "film": "Firefox keeps the screen on, as films and calls do.",
        "full_screen": "A full-screen app is running.",
        "battery": "On battery.",
        "metered": "The internet connection costs by the byte (metered).",
        "exclusive": "blender is running.",
        "card_busy": "Another program is using the graphics card (34 %).",
        "hot": "The graphics card is hot (83 °C).",
        "processor_busy": "Other programs are using the processor (71 %).",
        "memory_short": "Not enough free graphics memory: 1.1 GB of 2.7 GB.",
    }


def test_what_cannot_be_told_is_no_fact_but_says_so_where_it_matters() -> None:
    """Of a PC that tells nothing, only that remains known: nobody can say who is there and who uses the card."""
    course = Course()
    course.at(0.0, seen=BLIND)
    settled = course.at(20.0, seen=BLIND)
    assert standing(settled) == {"away_unknown", "card_unknown"}
    assert settled.away_unknown == Obstacle("EmbedPool cannot tell when you are away on this desktop: No such sensor.")
    assert settled.card_unknown == Obstacle(
        "EmbedPool cannot tell whether another program uses the graphics card: No such sensor."
    )


@pytest.mark.parametrize(
    ("idle", "session", "minutes", "fact", "reason", "left"),
    [
        (0.0, SessionState(), 5, "using", "You are using this PC.", 300.0),
        (59.9, SessionState(), 5, "using", "You are using this PC.", 240.1),
        (60.0, SessionState(), 5, "not_away_yet", "Starts after 5 minutes without keyboard or mouse, in 4 min.", 240),
        (170.0, SessionState(), 5, "not_away_yet", "Starts after 5 minutes without keyboard or mouse, in 3 min.", 130),
        (299.9, SessionState(), 5, "not_away_yet", "Starts after 5 minutes without keyboard or mouse, in 1 min.", 0.1),
        (300.0, SessionState(), 5, "", "", 0.0),
        (59.0, LOCKED, 5, "using", "You are using this PC.", 1.0),
        (60.0, LOCKED, 5, "", "", 0.0),
        (60.0, NOTHING, 1, "", "", 0.0),
        (61.0, NOTHING, 2, "not_away_yet", "Starts after 2 minutes without keyboard or mouse, in 1 min.", 59.0),
    ],
)
def test_when_the_owner_is_away(
    idle: float, session: SessionState | Unknown, minutes: int, fact: str, reason: str, left: float
) -> None:
    """The owner's minutes without input mean away, one where the screen is locked; the rest is counted down."""
    course = Course(replace(USUAL, away_minutes=minutes)).calm()
    settled = course.at(21.0, idle_seconds=idle, session=session)
    assert standing(settled) == ({fact} if fact else set())
    if fact:
        found: Obstacle = getattr(settled, fact)
        assert found.reason == reason
        assert found.ends_at == pytest.approx(NOW + 21 + left)


def test_the_first_input_ends_it_at_once() -> None:
    """One reading with input in it is enough, and the time starts anew."""
    course = Course().calm()
    assert standing(course.at(21.0)) == set()
    assert standing(course.at(22.0, idle_seconds=0.3)) == {"using"}


def test_a_sensor_that_answers_now_and_then_is_not_relied_on() -> None:
    """When nobody could tell for a moment, work waits until it could be told for half a minute."""
    course = Course().calm()
    assert standing(course.at(21.0, idle_seconds=NOTHING)) == {"away_unknown"}
    assert standing(course.at(26.0)) == {"away_unknown"}
    assert standing(course.at(31.0, idle_seconds=NOTHING)) == {"away_unknown"}
    assert [standing(course.at(36.0 + more)) for more in (0.0, 29.0, 30.0)] == [
        {"away_unknown"},
        {"away_unknown"},
        set(),
    ]


@pytest.mark.parametrize(
    ("fact", "there", "gone", "seconds"),
    [
        ("battery", {"power": BATTERY}, {"power": MAINS}, 60),
        ("full_screen", {"full_screen": True}, {"full_screen": False}, 15),
        ("exclusive", {"exclusive": frozenset({"obs"})}, {"exclusive": frozenset()}, 15),
        ("film", {"inhibitors": ("mpv",)}, {"inhibitors": ()}, 60),
        ("metered", {"metered": True}, {"metered": False}, 60),
        ("hot", {"gpus": card(temperature=80.0)}, {"gpus": card(temperature=72.0)}, 300),
        ("memory_short", {"gpus": card(memory_used=7 * GIB)}, {"gpus": card(memory_used=GIB)}, 10),
        # A sensor that went silent ends nothing at once either.
        ("battery", {"power": BATTERY}, {"power": NOTHING}, 60),
        ("full_screen", {"full_screen": True}, {"full_screen": NOTHING}, 15),
    ],
)
def test_it_begins_at_once_and_ends_later(fact: str, there: dict[str, Any], gone: dict[str, Any], seconds: int) -> None:
    """One reading makes it a fact; it ends after its time without, and flickering in between makes it no shorter."""
    course, ours = Course().calm(), OurUse(model_bytes=GIB)
    assert standing(course.at(21.0, ours, **there)) == {fact}
    assert standing(course.at(22.0, ours, **gone)) == {fact}
    assert standing(course.at(25.0, ours, **there)) == {fact}
    for second in range(26, 26 + seconds, 5):
        assert standing(course.at(float(second), ours, **gone)) == {fact}
    assert standing(course.at(26.0 + seconds, ours, **gone)) == set()


def test_between_hot_and_cool_it_stays_what_it_was() -> None:
    """Around the limit the card would be hot and not hot in turns, with every start of the work."""
    course = Course().calm()
    assert standing(course.at(21.0, gpus=card(temperature=79.0))) == set()
    assert standing(course.at(22.0, gpus=card(temperature=80.0))) == {"hot"}
    for second in range(25, 700, 20):
        assert standing(course.at(float(second), gpus=card(temperature=73.0))) == {"hot"}


@pytest.mark.parametrize(
    ("limit", "readings", "busy_at"),
    [
        # A page that scrolls: never ten seconds on end.
        (25, [30, 60, 5, 90, 40, 8, 30, 30, 0], []),
        # A game: after ten seconds.
        (25, [30, 60, 40, 90], [2, 3]),
        # It loads a level for half a minute, which does not end it; then a minute's calm does.
        (25, [90, 90, 90, *[2] * 6, 90, *[2] * 13], list(range(2, 22))),
        # Between the limits nothing changes, for as long as that lasts.
        (25, [24] * 50, []),
        (25, [90, 90, 90, *[11] * 50], list(range(2, 53))),
        # The lower limit follows a low upper one: 2 % of 5 %.
        (5, [6, 6, 6, *[3] * 20], list(range(2, 23))),
        (5, [6, 6, 6, *[1] * 13], list(range(2, 15))),
    ],
)
def test_what_others_do_with_the_card(limit: int, readings: list[float], busy_at: list[int]) -> None:
    """One reading each five seconds, and at which of them the card counts as busy."""
    course = Course(replace(USUAL, gpu_busy_percent=limit))
    for second in (0.0, 10.0, 20.0):
        course.at(second, gpus=card(others_percent=0.0))
    found = [
        standing(course.at(25.0 + 5 * number, gpus=card(others_percent=float(reading))))
        for number, reading in enumerate(readings)
    ]
    assert [number for number, facts in enumerate(found) if facts] == busy_at
    assert all(facts in (set(), {"card_busy"}) for facts in found)


def test_what_others_do_with_the_processor() -> None:
    """Twenty seconds above the limit make it busy, a minute below six tenths of it ends that."""
    course = Course().calm()
    found = [
        (second, standing(course.at(float(second), cpu_by_others=percent)))
        for second, percent in [
            (25, 80),
            (30, 80),
            (35, 49),
            (40, 80),
            (50, 80),
            (59, 80),
            (60, 80),
            (65, 40),
            (70, 29),
        ]
    ]
    assert [second for second, facts in found if facts] == [60, 65, 70]
    for second in range(75, 130, 5):
        assert standing(course.at(float(second), cpu_by_others=29.0)) == {"processor_busy"}
    assert standing(course.at(130.0, cpu_by_others=29.0)) == set()


def test_our_own_load_is_not_taken_for_that_of_others() -> None:
    """While we work only what others do counts; while we do not, all there is is theirs."""
    course = Course().calm()
    for second in range(25, 100, 5):
        ours = card(load_percent=99.0, others_percent=2.0)
        assert standing(course.at(float(second), WORKING, gpus=ours)) == set()
    untold = card(load_percent=99.0, others_percent=None)
    found = [standing(course.at(float(second), gpus=untold)) for second in range(100, 115, 5)]
    assert found == [set(), set(), {"card_busy"}]


def test_a_card_that_does_not_tell_while_we_work_does_not_make_us_flap() -> None:
    """It would look free whenever we stop. It counts as one that does not tell, until it tells while we work."""
    course = Course().calm()
    silent = card(load_percent=99.0, others_percent=None)
    found = [standing(course.at(float(second), WORKING, gpus=silent)) for second in range(21, 41)]
    assert found == [set()] * 10 + [{"card_unknown"}] * 10
    for second in range(45, 600, 5):
        assert standing(course.at(float(second), gpus=card())) == {"card_unknown"}
    told = [standing(course.at(float(second), WORKING, gpus=card())) for second in (600, 615, 629, 630)]
    assert told == [{"card_unknown"}] * 3 + [set()]


def test_the_first_figures_of_a_card_may_take_a_moment() -> None:
    """A few seconds without them, again and again, do not make it one that does not tell."""
    course = Course().calm()
    silent = card(load_percent=99.0, others_percent=None)
    for second in range(21, 200):
        seen = silent if second % 10 else card()
        assert standing(course.at(float(second), WORKING, gpus=seen)) == set()


def test_a_pc_without_a_card_has_none_that_is_busy() -> None:
    """No card is not the same as not knowing."""
    course = Course()
    course.at(0.0, gpus=())
    assert standing(course.at(20.0, gpus=())) == set()


def test_a_card_sleeps_to_save_the_battery_only() -> None:
    """On mains it may be woken; on battery it is a reason of its own."""
    asleep = (GpuStatus("card", "nvidia", "Card", asleep=True),)
    course = Course().calm()
    assert standing(course.at(21.0, gpus=asleep)) == set()
    assert standing(course.at(22.0, gpus=asleep, power=BATTERY)) == {"battery", "card_asleep"}
    assert standing(course.at(23.0, power=BATTERY)) == {"battery"}


@pytest.mark.parametrize(
    ("ours", "used_gib", "short"),
    [
        (OurUse(model_bytes=GIB), 5.4, False),
        (OurUse(model_bytes=GIB), 5.6, True),
        (OurUse(), 7.9, False),
        (OurUse(model_bytes=GIB, model_loaded=True), 7.9, False),
        (OurUse(model_bytes=GIB, working=True), 7.9, False),
    ],
)
def test_memory_for_the_smallest_model(ours: OurUse, used_gib: float, short: bool) -> None:
    """The model and its reserve must be free before it is loaded; afterwards that is no question."""
    course = Course().calm()
    settled = course.at(21.0, ours, gpus=card(memory_used=int(used_gib * GIB)))
    assert standing(settled) == ({"memory_short"} if short else set())


@pytest.mark.parametrize("stands_still", [False, True])
def test_after_a_sleep_it_starts_anew(stands_still: bool) -> None:
    """The hours asleep are no hours away, whether or not the system's clock went on in them."""
    course = Course().calm()
    assert standing(course.at(25.0)) == set()
    slept = 8 * 3600.0
    at = 30.0 if stands_still else 30.0 + slept

    def after(seconds: float) -> Settled:
        seen = replace(QUIET, at=at + seconds, idle_seconds=slept)
        return course.dwell.settle(seen, USUAL, OurUse(), NOW + 30 + slept + seconds)

    woken = after(0.0)
    assert standing(woken) == {"using", "card_busy", "processor_busy"}
    assert woken.using == Obstacle("You are using this PC.", NOW + 30 + slept + 300)
    for seconds in range(5, 300, 5):
        assert standing(after(float(seconds))) & {"using", "not_away_yet"}
    assert standing(after(300.0)) == set()


def test_a_late_reading_is_no_sleep() -> None:
    """A sample that took its time does not make everything unknown."""
    course = Course().calm()
    assert standing(course.at(49.0)) == set()


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.0, 299.0, 301.0, 4000.0]) | st.just(NOTHING),
            st.sampled_from([(), ("mpv",)]) | st.just(NOTHING),
            st.booleans() | st.just(NOTHING),
            st.sampled_from([MAINS, BATTERY]) | st.just(NOTHING),
            st.floats(0, 100) | st.none(),
            st.booleans(),
        ),
        max_size=60,
    )
)
def test_whatever_comes_it_tells_and_does_not_flap(readings: list[tuple[Any, ...]]) -> None:
    """Every fact has words; nobody is away who touched the PC, or of whom nothing is known; and work begins rarely.

    Between two beginnings there is at least the shortest time of calm, save for the owner's own coming and going.
    """
    course = Course()
    begun: list[float] = []
    free = False
    for number, (idle, inhibitors, full_screen, power, others, working) in enumerate(readings):
        seen = {"inhibitors": inhibitors, "full_screen": full_screen, "power": power}
        settled = course.at(
            number * 5.0,
            OurUse(working=working),
            idle_seconds=idle,
            gpus=card(others_percent=others, load_percent=50.0),
            **seen,
        )
        assert all(getattr(settled, name).reason for name in standing(settled))
        assert not isinstance(idle, Unknown) or settled.away_unknown
        assert isinstance(idle, Unknown) or idle >= 300 or settled.using or settled.not_away_yet
        now_free = not standing(settled) - {"using", "not_away_yet"}
        if now_free and not free:
            begun.append(number * 5.0)
        free = now_free
    assert all(later - earlier >= 15 for earlier, later in itertools.pairwise(begun))

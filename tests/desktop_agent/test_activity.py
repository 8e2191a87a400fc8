"""The speed shown is that of the last minute."""

from __future__ import annotations

from desktop_agent.core.work.activity import Activity


def test_the_speed_is_that_of_the_last_minute() -> None:
    """What was done more than a minute ago no longer counts."""
    activity = Activity()
    for second in range(121):
        activity.sample(10 * min(second, 60), float(second))
    assert activity.texts_per_minute() == 0
    activity.sample(900, 121.0)
    assert activity.texts_per_minute() == 300


def test_new_texts_are_told_once() -> None:
    """Each sample gives what was added since the one before."""
    activity = Activity()
    assert [activity.sample(count, 0.1 * count) for count in (0, 5, 5, 7)] == [0, 5, 0, 2]


def test_a_gap_between_batches_is_still_work() -> None:
    """The state does not flicker: a moment after the last text the PC still counts as working, later not."""
    activity = Activity()
    activity.sample(0, 0.0)
    assert not activity.is_lively(0.5)
    activity.sample(1, 1.0)
    assert activity.is_lively(2.5)
    assert not activity.is_lively(3.5)

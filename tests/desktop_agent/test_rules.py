"""The owner's rules: each alone, any two of them, in every mode, and as the documentation tells them."""

from __future__ import annotations

import itertools
from dataclasses import fields, replace
from pathlib import Path

import pytest

from desktop_agent.core.rules.dwell import Settled
from desktop_agent.core.rules.latch import Obstacle
from desktop_agent.core.rules.rules import RULES, Rule, Situation, obstacles
from desktop_agent.core.settings import Settings, WorkWhen

NOW = 1795362740.0
DOCUMENT = Path(__file__).parents[2] / "docs" / "rules.md"
#: In the order of the documented columns.
MODES = (WorkWhen.AWAY, WorkWhen.CARD_FREE, WorkWhen.ON_DEMAND, WorkWhen.ALWAYS)
FACTS = tuple(field.name for field in fields(Settled))
NAMES = tuple(rule.name for rule in RULES)
#: Everything switched on; the hours allow no minute.
STRICT = Settings(stop_hot=True, only_hours=True, hours=(0,) * 7)


def situation(*names: str, mode: WorkWhen = WorkWhen.AWAY, work_now: bool = False) -> Situation:
    """Give a situation in which these rules, and no others, have something to say."""
    return Situation(
        now=NOW,
        settings=replace(STRICT, only_hours="hours" in names, work_when=mode),
        settled=Settled(**{name: Obstacle(f"{name}.") for name in names if name in FACTS}),
        owner_uses_engine="You are using Ollama yourself." if "owner_uses_engine" in names else "",
        work_now=work_now,
    )


def reasons(of: Situation) -> list[str]:
    return [obstacle.reason for obstacle in obstacles(of)]


def counting(name: str) -> Rule:
    return next(rule for rule in RULES if rule.name == name)


def test_every_fact_has_its_rule() -> None:
    """A settled fact that no rule looks at would be a sensor read in vain."""
    assert set(FACTS) <= set(NAMES)
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("work_now", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_each_rule_counts_in_its_modes_alone(name: str, mode: WorkWhen, work_now: bool) -> None:
    """A rule alone stops work exactly in its modes, and after "work now" exactly if it is one of those."""
    rule = counting(name)
    found = reasons(situation(name, mode=mode, work_now=work_now))
    others = ["Only when you press Work now."] if mode is WorkWhen.ON_DEMAND and not work_now else []
    counts = mode in rule.modes and (rule.even_now or not work_now)
    if name == "on_demand":
        assert found == others
    else:
        assert len(found) == len(others) + counts


#: Any two rules that can count at once, in the order of the table.
PAIRS = [(a.name, b.name) for a, b in itertools.combinations(RULES, 2) if a.modes & b.modes]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_of_two_rules_the_first_is_told(first: str, second: str) -> None:
    """The owner reads the one that stands first, and both stand in the way."""
    mode = min(counting(first).modes & counting(second).modes)
    (one,), (other,) = (reasons(situation(name, mode=mode))[-1:] for name in (first, second))
    found = reasons(situation(first, second, mode=mode))
    assert found.index(one) < found.index(other)


@pytest.mark.parametrize(
    ("fact", "switch"),
    [
        ("battery", "stop_on_battery"),
        ("metered", "stop_metered"),
        ("full_screen", "stop_full_screen"),
        ("film", "stop_films"),
        ("hot", "stop_hot"),
        ("card_busy", "stop_gpu_busy"),
        ("processor_busy", "stop_cpu_busy"),
    ],
)
def test_a_rule_that_is_switched_off_does_not_count(fact: str, switch: str) -> None:
    """What the owner unticked stops nothing."""
    on = situation(fact)
    off = replace(on, settings=replace(on.settings, **{switch: False}))  # type: ignore[arg-type]
    assert (len(reasons(on)), len(reasons(off))) == (1, 0)


def test_whenever_the_card_is_free_means_it() -> None:
    """In that mode a busy card stops work although its own rule is unticked, but not after "work now"."""
    busy = situation("card_busy", mode=WorkWhen.CARD_FREE)
    unticked = replace(busy, settings=replace(busy.settings, stop_gpu_busy=False))
    assert reasons(unticked) == ["card_busy."]
    assert reasons(replace(unticked, work_now=True)) == []


def test_hours_that_allow_nothing_say_so() -> None:
    """Nobody waits for an hour that never comes without being told."""
    assert reasons(situation("hours")) == ["Your hours leave no time for work. Choose some in the settings."]


def documented() -> list[list[str]]:
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    assert rows
    return rows


def test_the_documentation_has_the_same_table() -> None:
    """Names, order, modes and "work now" stand in docs/rules.md as they are in the code."""
    rows = [(row[0].strip("`"), row[3:7], row[7]) for row in documented()]
    assert rows == [
        (
            rule.name,
            ["yes" if mode in rule.modes else "–" for mode in MODES],
            "yes" if rule.even_now else "no",
        )
        for rule in RULES
    ]


def test_the_documentation_names_settings_that_exist() -> None:
    """Every setting in the table is one, and every switch of a rule is in it."""
    named = {word for row in documented() for word in row[2].replace(",", " ").replace("`", " ").split()}
    known = {field.name for field in fields(Settings)}
    assert named - {"–", "mode"} <= known
    assert {name for name in known if name.startswith("stop_")} <= named

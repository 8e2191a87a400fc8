"""Numbers, times and Qt's own buttons are written as people here write them."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QLocale
from pytestqt.qtbot import QtBot

from desktop_agent.core.text import Moment, Text
from desktop_agent.core.translation import Translation
from desktop_agent.ui.language import UiLanguage, shown, use_language

GERMAN = UiLanguage(Translation(), QLocale("de_DE"))
BRITISH = UiLanguage(Translation(), QLocale("en_GB"))


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    use_language("en")


def test_numbers_are_grouped_as_usual_here() -> None:
    """A float keeps the decimals that it has."""
    assert [BRITISH.value(n) for n in (1204118, 3.1, 12.0)] == ["1,204,118", "3.1", "12.0"]
    assert [GERMAN.value(n) for n in (1204118, 3.1, 12.0)] == ["1.204.118", "3,1", "12,0"]


def test_a_day_is_short() -> None:
    """With its weekday, without the year, in the order of the country."""
    assert BRITISH.value(dt.date(2026, 11, 18)) == "Wed 18 Nov"
    assert GERMAN.value(dt.date(2026, 11, 18)) == "Mi. 18. Nov."
    assert UiLanguage(Translation(), QLocale("en_US")).value(dt.date(2026, 11, 18)) == "Wed Nov 18"


def test_a_moment_of_another_day_names_it() -> None:
    """Today's moment is a time; any other has its weekday."""
    now = dt.datetime.now().astimezone()
    assert BRITISH.value(Moment(now.timestamp())) == f"{now:%H:%M}"
    later = now + dt.timedelta(days=2)
    assert BRITISH.value(Moment(later.timestamp())).endswith(f" {later:%H:%M}")
    assert len(BRITISH.value(Moment(time.time() + 2 * 86400))) > len("18:00 ")


def test_the_language_is_for_everything_that_is_shown(qtbot: QtBot) -> None:
    """German is spoken by our sentences and by the buttons that Qt names."""
    language = use_language("de")
    assert language.code == "de"
    assert shown(Text("{n} GB", n=1.5)) == "1,5 GB"
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"
    use_language("en")
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"


def test_an_unknown_language_is_english(qtbot: QtBot) -> None:
    """A PC whose language nobody translated to is spoken to in English."""
    assert use_language("tlh").code == "en"
    assert shown(Text("Pause")) == "Pause"

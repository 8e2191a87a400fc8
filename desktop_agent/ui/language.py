"""The reader's language: sentences from our translations, numbers and times as the system writes them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLibraryInfo, QLocale, QTranslator

from ..core.text import Language, Moment, show
from ..core.translation import SOURCE_LANGUAGE, Translation, best_language, load_translation

#: English on a system that names no country: a 24-hour clock, as everywhere in the documentation.
_PLAIN_ENGLISH = QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom)
_SHORT = QLocale.FormatType.ShortFormat


@dataclass(frozen=True, slots=True)
class UiLanguage:
    """The `Language` of the windows."""

    translation: Translation
    locale: QLocale

    @property
    def code(self) -> str:
        """Give the two letters of the language."""
        return self.translation.language

    def sentence(self, source: str, n: int | None) -> str:
        """Translate a source."""
        return self.translation.sentence(source, n)

    def value(self, value: object) -> str:
        """Write a number (with as many decimals as it has), a moment, or a day, as people here do."""
        if isinstance(value, Moment):
            return self._moment(value.at)
        if isinstance(value, dt.date):
            return self.locale.toString(QDate(value.year, value.month, value.day), _short_day(self.locale))
        if isinstance(value, bool):
            return str(value)
        if isinstance(value, int):
            return self.locale.toString(value)
        if isinstance(value, float):
            return self.locale.toString(value, "f", len(repr(value).partition(".")[2]))
        return str(value)

    def _moment(self, at: float) -> str:
        """Write a time of today, or of another day with its weekday."""
        then = QDateTime.fromSecsSinceEpoch(int(at))
        time = self.locale.toString(then.time(), _SHORT)
        if then.date() == QDate.currentDate():
            return time
        return f"{self.locale.toString(then.date(), 'dddd')} {time}"


@dataclass(slots=True)
class _Current:
    """The language of this process, and Qt's own translations, which Qt does not keep alive."""

    language: Language
    qt: list[QTranslator] = field(default_factory=list)


_current = _Current(UiLanguage(Translation(), _PLAIN_ENGLISH))


def use_language(wanted: str | None = None) -> UiLanguage:
    """Speak this language from now on ("de"); None means the system's. Call it before the first window is made."""
    system = QLocale.system()
    code = best_language([wanted] if wanted else system.uiLanguages())
    language = UiLanguage(load_translation(code), _locale(code, system))
    _current.language = language
    _translate_qt(language.locale)
    QLocale.setDefault(language.locale)
    return language


def _short_day(locale: QLocale) -> str:
    """Give this locale's pattern of a day with its weekday, all short and without the year."""
    pattern = locale.dateFormat(QLocale.FormatType.LongFormat)
    short = pattern.replace("dddd,", "ddd").replace("dddd", "ddd").replace("MMMM", "MMM")
    return re.sub(r"[\s,]*y+", "", short)


def shown(text: str) -> str:
    """Give a sentence in the reader's language."""
    return show(text, _current.language)


def shown_value(value: object) -> str:
    """Write a number, a moment or a day in the reader's language."""
    return _current.language.value(value)


def _locale(code: str, system: QLocale) -> QLocale:
    """Give the system's own way of writing where it is of this language; the language's usual one if not."""
    if QLocale.languageToCode(system.language()) == code and system.name() != "C":
        return system
    return _PLAIN_ENGLISH if code == SOURCE_LANGUAGE else QLocale(code)


def _translate_qt(locale: QLocale) -> None:
    """Translate the buttons that Qt names itself, such as Cancel."""
    for old in _current.qt:
        QCoreApplication.removeTranslator(old)
    _current.qt.clear()
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    translator = QTranslator()
    if translator.load(locale, "qtbase", "_", folder) and QCoreApplication.installTranslator(translator):
        _current.qt.append(translator)

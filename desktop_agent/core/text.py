"""Sentences that remember how they were made: English everywhere, and the reader's language where they are shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


class Text(str):
    """An English sentence for a person. It is a `str`; whoever shows it may translate its `source` first.

    `source` has the values' places in braces (`"Paused until {time}."`). Give sources as literals: that is how the
    translations' test finds them. A value may be a `Text`, a `Moment`, a number or a plain string.
    """

    #: The sentence before the values were put in; of a counted one, the form for many.
    source: str
    #: Of a counted sentence, the form for one; empty otherwise.
    one: str
    values: dict[str, object]

    def __new__(cls, source: str, /, **values: object) -> Text:
        """Put the values in."""
        return cls._made(source, "", values)

    @classmethod
    def counted(cls, one: str, many: str, /, n: int, **values: object) -> Text:
        """Give the sentence for so many: `Text.counted("{n} text", "{n} texts", n=3)`."""
        return cls._made(many, one, {"n": n, **values})

    @classmethod
    def joined(cls, separator: str, parts: Iterable[str]) -> Text:
        """Give the parts one after the other."""
        named = {f"part{i}": part for i, part in enumerate(parts)}
        return cls._made(separator.join(f"{{{name}}}" for name in named), "", dict(named))

    @classmethod
    def _made(cls, source: str, one: str, values: dict[str, object]) -> Text:
        made = super().__new__(cls, _put_in(source, one, values, English()))
        made.source, made.one, made.values = source, one, values
        return made

    def __copy__(self) -> Text:
        return self

    def __deepcopy__(self, _memo: object) -> Text:
        return self


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of the clock in a sentence; seconds since 1970."""

    at: float


class Language(Protocol):
    """How sentences are shown."""

    def sentence(self, source: str, n: int | None) -> str:
        """Translate a source; `n` chooses the plural form of a counted one. An unknown source is given back."""

    def value(self, value: object) -> str:
        """Write a number, a Moment or a string as this language does."""


class English:
    """The language that sources are in; the times are this PC's own."""

    def sentence(self, source: str, n: int | None) -> str:  # noqa: ARG002
        """Give the source."""
        return source

    def value(self, value: object) -> str:
        """Write numbers with commas, and a time of another day with its weekday."""
        if isinstance(value, Moment):
            then = dt.datetime.fromtimestamp(value.at).astimezone()
            today = dt.datetime.now().astimezone().date()
            return f"{then:%H:%M}" if then.date() == today else f"{then:%A %H:%M}"
        if isinstance(value, int) and not isinstance(value, bool):
            return f"{value:,}"
        return str(value)


def show(text: str, language: Language) -> str:
    """Give the sentence in a language; a plain string stays as it is."""
    if not isinstance(text, Text):
        return text
    return _put_in(text.source, text.one, text.values, language)


def _put_in(source: str, one: str, values: dict[str, object], language: Language) -> str:
    count = values.get("n") if one else None
    n = count if isinstance(count, int) else None
    sentence = language.sentence(source, n)
    if sentence == source and n == 1:
        sentence = one
    return sentence.format(**{name: _shown(value, language) for name, value in values.items()}) if values else sentence


def _shown(value: object, language: Language) -> str:
    return show(value, language) if isinstance(value, str) else language.value(value)

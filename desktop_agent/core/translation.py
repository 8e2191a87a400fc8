"""Translations of the sources of every `Text`, read from Qt Linguist's files without Qt."""

from __future__ import annotations

import logging
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from .text import English

log = logging.getLogger(__name__)

#: The folder of `<language>.ts`, which is a part of the program.
TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"
SOURCE_LANGUAGE = "en"
#: Kinds of translations that are not to be used: not checked yet, or of a sentence that is gone.
_UNUSED = ("unfinished", "vanished", "obsolete")


@dataclass(frozen=True, slots=True)
class Translation:
    """The sentences of one language; numbers and times stay as English writes them.

    `sentences` maps a source to its translation: one form, or for a counted one the form for one and that for many.
    """

    language: str = SOURCE_LANGUAGE
    sentences: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def sentence(self, source: str, n: int | None) -> str:
        """Translate a source; one without translation is given back."""
        forms = self.sentences.get(source)
        if not forms:
            return source
        return forms[0] if n == 1 else forms[-1]

    def value(self, value: object) -> str:
        """Write a value of a sentence."""
        return English().value(value)


def languages(folder: Path = TRANSLATIONS) -> tuple[str, ...]:
    """Give the codes of all languages that there are, English first."""
    return (SOURCE_LANGUAGE, *sorted(path.stem for path in folder.glob("*.ts")))


def best_language(wanted: Iterable[str], folder: Path = TRANSLATIONS) -> str:
    """Give the first wanted language that there is ("de-AT" takes "de"); English when there is none."""
    there = languages(folder)
    for name in wanted:
        code = name.replace("_", "-").split("-")[0].lower()
        if code in there:
            return code
    return SOURCE_LANGUAGE


def load_translation(language: str, folder: Path = TRANSLATIONS) -> Translation:
    """Read a language's file. An unknown language, or a broken file, is English; the log says the latter."""
    if language not in languages(folder)[1:]:
        return Translation()
    path = folder / f"{language}.ts"
    try:
        # The file is our own, so no hostile XML is met here.
        root = ElementTree.parse(path).getroot()  # noqa: S314
    except (OSError, ElementTree.ParseError) as error:
        log.warning("The translation %s cannot be read: %s", path.name, error)
        return Translation()
    return Translation(language, dict(_sentences(root, path.name)))


def _sentences(root: ElementTree.Element, name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for message in root.iterfind("context/message"):
        source, forms = message.findtext("source") or "", _forms(message.find("translation"))
        if not source or not forms or not all(forms):
            continue
        if all(placeholders(form) <= placeholders(source) for form in forms):
            yield source, forms
        else:
            log.warning("%s: the translation of “%s” names values that are not there", name, source)


def _forms(translation: ElementTree.Element | None) -> tuple[str, ...]:
    if translation is None or translation.get("type") in _UNUSED:
        return ()
    counted = translation.findall("numerusform")
    return tuple(form.text or "" for form in counted) if counted else (translation.text or "",)


def placeholders(sentence: str) -> frozenset[str]:
    """Give the names in braces; a sentence that is not to be filled in, with stray braces, has its own."""
    try:
        return frozenset(name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None)
    except ValueError:
        return frozenset({sentence})

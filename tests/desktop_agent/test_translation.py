"""Translations are read from Qt Linguist's files, and nothing in them can break a sentence."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from desktop_agent.core.text import Text, show
from desktop_agent.core.translation import best_language, languages, load_translation, placeholders

TS = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="xx"><context><name>EmbedPool</name>{}</context></TS>
"""


def message(source: str, translation: str, kind: str = "") -> str:
    return f"<message><source>{source}</source><translation{kind}>{translation}</translation></message>"


def folder_with(tmp_path: Path, *messages: str) -> Path:
    (tmp_path / "xx.ts").write_text(TS.format("".join(messages)), encoding="utf-8")
    return tmp_path


def test_a_sentence_is_translated_with_its_values(tmp_path: Path) -> None:
    """The values go into the translation, wherever it wants them."""
    language = load_translation("xx", folder_with(tmp_path, message("{a} of {b} used.", "Von {b} sind {a} belegt.")))
    assert show(Text("{a} of {b} used.", a="1", b="2"), language) == "Von 2 sind 1 belegt."


def test_counted_sentences_have_two_forms(tmp_path: Path) -> None:
    """The count chooses the form; the source of both is the form for many."""
    forms = "<numerusform>{n} Text</numerusform><numerusform>{n} Texte</numerusform>"
    language = load_translation("xx", folder_with(tmp_path, message("{n} texts", forms)))
    given = [show(Text.counted("{n} text", "{n} texts", n), language) for n in (0, 1, 2)]
    assert given == ["0 Texte", "1 Text", "2 Texte"]


def test_values_that_are_sentences_are_translated_too(tmp_path: Path) -> None:
    """A sentence within a sentence is in the reader's language."""
    language = load_translation("xx", folder_with(tmp_path, message("why", "warum"), message("No: {w}", "Nein: {w}")))
    assert show(Text("No: {w}", w=Text("why")), language) == "Nein: warum"


@pytest.mark.parametrize("kind", [' type="unfinished"', ' type="vanished"', ' type="obsolete"'])
def test_what_is_not_finished_stays_english(tmp_path: Path, kind: str) -> None:
    """A translation that nobody has checked is not shown."""
    language = load_translation("xx", folder_with(tmp_path, message("Pause", "Halt?", kind)))
    assert show(Text("Pause"), language) == "Pause"


def test_a_translation_cannot_ask_for_values_that_are_not_there(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Such a translation would raise where the sentence is shown, so it is left out, and the log says so."""
    with caplog.at_level(logging.WARNING):
        language = load_translation("xx", folder_with(tmp_path, message("Until {time}", "Bis {zeit}")))
    assert show(Text("Until {time}", time="8"), language) == "Until 8"
    assert "Until {time}" in caplog.text


def test_an_unknown_language_is_english(tmp_path: Path) -> None:
    """Nothing is read, nothing is said."""
    assert load_translation("tlh", folder_with(tmp_path)).language == "en"


def test_a_broken_file_is_english(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The program starts all the same, and its log says which file is broken."""
    (tmp_path / "xx.ts").write_text("<TS><context>", encoding="utf-8")
    assert load_translation("xx", tmp_path).sentences == {}
    assert "xx.ts" in caplog.text


def test_the_first_wanted_language_that_there_is(tmp_path: Path) -> None:
    """Countries do not matter; English is always there, and last."""
    folder = folder_with(tmp_path)
    assert languages(folder) == ("en", "xx")
    assert best_language(["fr-FR", "xx_AT", "en"], folder) == "xx"
    assert best_language(["en-GB", "xx"], folder) == "en"
    assert best_language(["fr"], folder) == "en"


def test_placeholders() -> None:
    """The names in braces; a sentence with a stray brace has only itself."""
    assert placeholders("{a} and {b}") == {"a", "b"}
    assert placeholders("a { b") == {"a { b"}

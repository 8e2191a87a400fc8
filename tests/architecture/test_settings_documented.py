"""Every setting of the server stands in docs/configuration.md with its default, and nothing else stands there."""

from __future__ import annotations

import re

from pydantic.fields import FieldInfo

from server.settings import Settings
from tests.architecture.sources import ROOT

#: A row of the page's tables whose first cell is a name in capitals: | `LOG_LEVEL` | `INFO` | … |
ROW = re.compile(r"^\|\s*`([A-Z][A-Z0-9_]+)`\s*\|\s*([^|]*?)\s*\|", re.MULTILINE)
NO_DEFAULT = "not set"


def documented(markdown: str) -> dict[str, str]:
    """The settings that a page's tables list, and the defaults they give."""
    return dict(ROW.findall(markdown))


def shown_default(field: FieldInfo) -> str:
    """A default as the page writes it."""
    if field.default in {None, ""}:
        return NO_DEFAULT
    text = str(field.default)
    return f"`{text.lower() if isinstance(field.default, bool) else text}`"


def test_every_setting_is_documented_and_nothing_else() -> None:
    """The page's tables list exactly the fields of Settings, in capitals, each with the default that holds."""
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    fields = Settings.model_fields
    assert [name for name, field in fields.items() if field.alias or field.validation_alias] == []
    assert documented(page) == {name.upper(): shown_default(field) for name, field in fields.items()}


def test_every_setting_says_what_it_is_for() -> None:
    """Each field carries its one line of help."""
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_rows_are_read_and_prose_is_not() -> None:
    """A name counts when it heads a row of a table, not when a sentence mentions it."""
    page = "| `LOG_LEVEL` | `info` | x |\nSee `OTHER_NAME`.\n|---|---|\n| word | `NOT_FIRST` |\n"
    assert documented(page) == {"LOG_LEVEL": "`info`"}

"""Every setting that holds a secret is marked as one, so that no page shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import Field
from pydantic.fields import FieldInfo

from server.services.operator.settings_report import is_secret
from server.settings import MADE, Settings

#: Words in the name of a setting that holds a secret.
SECRET = re.compile(r"key|token|secret|password")


def unmarked(fields: Mapping[str, FieldInfo]) -> list[str]:
    """The texts that are secrets by their name, and are not marked; a number of keys is none."""
    texts = [name for name, field in fields.items() if field.annotation is not int and SECRET.search(name)]
    return [name for name in texts if not is_secret(fields[name])]


def test_every_secret_is_marked() -> None:
    """By its name, or because it is made at the first start."""
    assert unmarked(Settings.model_fields) == []
    assert [name for name in MADE if not is_secret(Settings.model_fields[name])] == []


def test_the_check_finds_one_that_is_not() -> None:
    """A new setting that is called a password or a key has to be marked."""
    fields = {
        "smtp_password": FieldInfo.from_annotated_attribute(str, Field("")),
        "max_keys": FieldInfo.from_annotated_attribute(int, Field(3)),
        "api_key": FieldInfo.from_annotated_attribute(str, Field("", json_schema_extra={"secret": True})),
    }
    assert unmarked(fields) == ["smtp_password"]

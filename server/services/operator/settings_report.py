"""The configuration as the operator sees it: every setting with its value, where that comes from, and no secret."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pydantic.fields import FieldInfo

from server.settings import Settings, is_in_environment, is_kept_in_folder

#: Where a value comes from.
ENVIRONMENT, FILE, FOLDER, DEFAULT = "environment", ".env", "data folder", "default"
#: What is shown of a secret.
SET, NOT_SET = "set", "not set"
#: A password inside an address, such as postgresql://user:password@host.
PASSWORD = re.compile(r"(://[^/@\s:]*):[^/\s]*@")


@dataclass(frozen=True, slots=True)
class SettingLine:
    """A setting; a secret has no value but whether it is set."""

    #: Its environment variable.
    name: str
    value: str
    default: str
    source: str
    #: What it is for.
    meaning: str
    is_secret: bool

    @property
    def is_changed(self) -> bool:
        """Whether somebody gave it another value than it has by default."""
        return self.source in {ENVIRONMENT, FILE} and (self.is_secret or self.value != self.default)


def settings_report(settings: Settings) -> list[SettingLine]:
    """Describe every setting, in the order of `Settings`."""
    return [_line(settings, name, field) for name, field in Settings.model_fields.items()]


def _line(settings: Settings, name: str, field: FieldInfo) -> SettingLine:
    value, hidden = getattr(settings, name), is_secret(field)
    return SettingLine(
        name=name.upper(),
        value=(SET if value else NOT_SET) if hidden else shown(value),
        default=NOT_SET if hidden else shown(field.default),
        source=_source(settings, name),
        meaning=field.description or "",
        is_secret=hidden,
    )


def is_secret(field: FieldInfo) -> bool:
    """Whether a setting's value is shown nowhere."""
    extra = field.json_schema_extra
    return isinstance(extra, dict) and extra.get("secret") is True


def shown(value: object) -> str:
    """Write a value as it would stand in `.env`, without a password inside an address."""
    if value is None or value == "":
        return NOT_SET
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return PASSWORD.sub(r"\1:…@", str(value.absolute()) if isinstance(value, Path) else str(value))


def _source(settings: Settings, name: str) -> str:
    if is_in_environment(name):
        return ENVIRONMENT
    if is_kept_in_folder(settings, name):
        return FOLDER
    return FILE if name in settings.model_fields_set else DEFAULT

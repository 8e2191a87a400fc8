"""What this PC's owner chose, which pool the PC belongs to, and whether it is paused: three small files."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from .files import read_json, write_json

SETTINGS_VERSION = 1
MEMBERSHIP_VERSION = 1
CONTROL_VERSION = 1
DEFAULT_OLLAMA_URL = "http://127.0.0.1:11434"


class EngineChoice(StrEnum):
    """Which engines may compute on this PC."""

    AUTO = "auto"  # Ollama where it runs, and the embedded engine
    OLLAMA = "ollama"
    EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the owner chose; flags of one run replace single values."""

    engine: EngineChoice = EngineChoice.AUTO
    ollama_url: str = DEFAULT_OLLAMA_URL
    #: Names of the only models to offer; empty means all.
    models: tuple[str, ...] = ()
    #: Offer models that chat, too. A chat takes the graphics card for longer than texts to embed do.
    chat: bool = True
    #: Tells this installation apart from others of the same user on the same PC, in the key store.
    installation_id: str = ""


def load_settings(path: Path) -> Settings:
    """Read the settings; made (with a new installation id) where there are none, defaults for what makes no sense."""
    stored = read_json(path, SETTINGS_VERSION)
    settings = _settings_from(stored or {})
    if settings.installation_id:
        return settings
    settings = replace(settings, installation_id=uuid.uuid4().hex)
    save_settings(path, settings)
    return settings


def save_settings(path: Path, settings: Settings) -> None:
    """Write the settings in one step."""
    write_json(path, {"version": SETTINGS_VERSION, **asdict(settings)})


def _settings_from(stored: dict[str, Any]) -> Settings:
    engine = stored.get("engine")
    models = stored.get("models")
    return Settings(
        engine=EngineChoice(engine) if engine in set(EngineChoice) else EngineChoice.AUTO,
        ollama_url=_text(stored, "ollama_url") or DEFAULT_OLLAMA_URL,
        models=clean_models(name for name in models if isinstance(name, str)) if isinstance(models, list) else (),
        chat=stored.get("chat") is not False,
        installation_id=_text(stored, "installation_id"),
    )


def clean_models(names: Iterable[str]) -> tuple[str, ...]:
    """Give the names without blanks, empty ones and `:latest`."""
    return tuple(name.strip().removesuffix(":latest") for name in names if name.strip())


@dataclass(frozen=True, slots=True)
class Membership:
    """Which pool this PC belongs to, and as whom. The key is not here."""

    server: str
    agent_id: str
    pool: str
    display_name: str
    #: The owner chose a file for the key, because there is no key store here.
    key_in_file: bool = False
    #: The owner insists on plain http to another machine.
    insecure_http: bool = False


def load_membership(path: Path) -> Membership | None:
    """Read which pool this PC belongs to; None when to none."""
    stored = read_json(path, MEMBERSHIP_VERSION)
    if stored is None:
        return None
    member = Membership(
        server=_text(stored, "server"),
        agent_id=_text(stored, "agent_id"),
        pool=_text(stored, "pool"),
        display_name=_text(stored, "display_name"),
        key_in_file=stored.get("key_in_file") is True,
        insecure_http=stored.get("insecure_http") is True,
    )
    return member if member.server and member.agent_id else None


def save_membership(path: Path, membership: Membership) -> None:
    """Write the membership in one step."""
    write_json(path, {"version": MEMBERSHIP_VERSION, **asdict(membership)})


@dataclass(frozen=True, slots=True)
class Control:
    """What the owner last asked for; it survives a restart."""

    paused: bool = False
    #: Seconds since 1970 until which the agent takes no work; None when not snoozed.
    snoozed_until: float | None = None


def load_control(path: Path) -> Control:
    """Read the last wish; nothing is paused where there is none."""
    stored = read_json(path, CONTROL_VERSION) or {}
    until = stored.get("snoozed_until")
    return Control(stored.get("paused") is True, float(until) if isinstance(until, int | float) else None)


def save_control(path: Path, control: Control) -> None:
    """Write the wish in one step; a running agent sees it within half a second."""
    write_json(path, {"version": CONTROL_VERSION, **asdict(control)})


def _text(stored: dict[str, Any], name: str) -> str:
    value = stored.get(name)
    return value if isinstance(value, str) else ""

"""What this PC's owner chose: a small file."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from .files import read_json, write_json

SETTINGS_VERSION = 1
DEFAULT_OLLAMA_URL = "http://127.0.0.1:11434"
HOURS_PER_DAY, DAYS_PER_WEEK = 24, 7
#: From 20:00 to 08:00 on every day, the bits of the hours.
NIGHTS = (sum(1 << hour for hour in range(HOURS_PER_DAY) if hour >= 20 or hour < 8),) * DAYS_PER_WEEK

#: Lowest and highest value of the settings that are numbers.
BOUNDS = {
    "away_minutes": (1, 120),
    "gpu_busy_percent": (5, 90),
    "hot_celsius": (60, 90),
    "cpu_busy_percent": (5, 95),
    "max_vram_gb": (0, 1000),
}


class EngineChoice(StrEnum):
    """Which engines may compute on this PC."""

    AUTO = "auto"  # Ollama where it runs, and the embedded engine
    OLLAMA = "ollama"
    EMBEDDED = "embedded"


class WorkWhen(StrEnum):
    """When this PC may work."""

    AWAY = "away"  # nobody has touched it for a while
    CARD_FREE = "card-free"  # whenever nothing else uses the graphics card
    ON_DEMAND = "on-demand"  # only after "work now"
    ALWAYS = "always"  # whatever happens at this PC: for machines that nobody sits at


@dataclass(frozen=True, slots=True)
class Settings:
    """What the owner chose; flags of one run replace single values."""

    engine: EngineChoice = EngineChoice.AUTO
    ollama_url: str = DEFAULT_OLLAMA_URL
    #: Names of the only models to offer; empty means all.
    models: tuple[str, ...] = ()
    #: Offer models that chat, too. A chat takes the graphics card for longer than texts to embed do.
    chat: bool = True
    work_when: WorkWhen = WorkWhen.AWAY
    #: Minutes without keyboard and mouse that mean away, 1 to 120.
    away_minutes: float = 5.0
    #: Stop when the PC runs on battery, a full-screen program runs, a film or a call keeps the screen on.
    stop_on_battery: bool = True
    stop_full_screen: bool = True
    stop_films: bool = True
    #: Stop when other programs use the graphics card by more than so many percent, 5 to 90.
    stop_gpu_busy: bool = True
    gpu_busy_percent: int = 25
    #: Stop when the graphics card is hotter than so many degrees Celsius, 60 to 90.
    stop_hot: bool = False
    hot_celsius: int = 80
    #: Stop when other programs use the processor by more than so many percent, 5 to 95.
    stop_cpu_busy: bool = True
    cpu_busy_percent: int = 50
    #: Stop on a connection that costs by the byte.
    stop_metered: bool = True
    #: Work only in the hours below: Monday to Sunday, bit h of a day stands for the hour from h:00 on.
    only_hours: bool = False
    hours: tuple[int, ...] = NIGHTS
    #: Names of programs (without .exe, in lower case) beside which nothing is computed.
    exclusive_programs: tuple[str, ...] = ()
    #: Keep the PC from going to sleep while it computes.
    keep_awake: bool = False
    #: Models larger than so many GB are not offered; 0 means no limit.
    max_vram_gb: float = 0.0
    #: Id of the graphics card whose load, memory and heat matter; empty means the one with the most memory.
    gpu: str = ""
    #: Unload our model when the owner comes back, not only after its minutes are over.
    unload_when_back: bool = True
    notify_problems: bool = True
    notify_milestones: bool = False
    notify_pauses: bool = False
    notify_updates: bool = True
    look_for_updates: bool = True
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
    default = asdict(Settings())
    return Settings(**{name: _sensible(name, stored.get(name), usual) for name, usual in default.items()})


def _sensible(name: str, value: Any, usual: Any) -> Any:
    """Give the stored value if it can be one of this setting, within its bounds; the usual one if not."""
    if name in ("models", "exclusive_programs"):
        words = [word for word in value if isinstance(word, str)] if isinstance(value, list) else []
        return clean_models(words) if name == "models" else clean_programs(words)
    if name == "hours":
        return _hours(value)
    if isinstance(usual, StrEnum):
        return type(usual)(value) if value in set(type(usual)) else usual
    if isinstance(usual, bool | str):
        return value if isinstance(value, type(usual)) else usual
    if not isinstance(value, int | float) or isinstance(value, bool):
        return usual
    low, high = BOUNDS[name]
    return type(usual)(min(high, max(low, value)))


def _hours(value: Any) -> tuple[int, ...]:
    days = value if isinstance(value, list) else []
    good = len(days) == DAYS_PER_WEEK and all(isinstance(day, int) and 0 <= day < 1 << HOURS_PER_DAY for day in days)
    return tuple(days) if good else NIGHTS


def clean_models(names: Iterable[str]) -> tuple[str, ...]:
    """Give the names without blanks, empty ones and `:latest`."""
    return tuple(name.strip().removesuffix(":latest") for name in names if name.strip())


def clean_programs(names: Iterable[str]) -> tuple[str, ...]:
    """Give the names as running programs are looked for: lower case, without blanks and `.exe`, each once."""
    cleaned = (name.strip().lower().removesuffix(".exe") for name in names)
    return tuple(dict.fromkeys(name for name in cleaned if name))

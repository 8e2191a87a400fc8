"""`/health`, `/ready`, and the other things that everybody may ask."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from server.web.schemas.base import Answer, Timestamp


class Health(Answer):
    """The process is alive."""

    status: Literal["ok", "healthy"]
    agents: int = Field(description="Agents online.")
    cached_agents: int = Field(description="The same, as older OffloadMQ clients look for it.")
    cached_tokens: int
    timestamp: Timestamp


class CacheStats(Answer):
    """What is in memory, as OffloadMQ tells it."""

    agents: int
    tokens: int


class StoragePaths(Answer):
    """Where things are stored; nobody is told more than the kind of place."""

    agents: str
    tasks: str


class Stats(Answer):
    """A few numbers, as OffloadMQ tells them."""

    agents: int
    cache_stats: CacheStats
    storage_paths: StoragePaths


class Version(Answer):
    """The server's version."""

    version: str


class Places(Answer):
    """Requests that wait, and how many may."""

    in_use: int
    limit: int


class ModelReadiness(Answer):
    """Who would run a model, and how much waits."""

    online_agents: int
    waiting_tasks: int


class Readiness(Answer):
    """Whether work is taken, and who would do it."""

    ready: bool
    why: str
    agents_online: int
    waiting_tasks: int
    agent_polls: Places
    client_waits: Places
    models: dict[str, ModelReadiness]


class Installer(Answer):
    """A file that installs the agent."""

    name: str
    system: Literal["windows", "macos", "linux"]
    processor: str | None = Field(description="`x86-64` or `ARM64`, as far as the name tells.")
    size: int = Field(description="Bytes.")
    sha256: str | None = Field(description="In hexadecimal; null while it is being computed.")
    url: str

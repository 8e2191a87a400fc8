"""Every setting once: its name in the environment, its default, its unit and what it is for.

Read from the environment and from `.env` in the working folder. Nothing else in the server looks at the environment.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

#: Threads beyond those that may wait, so that a full house never keeps a quick request out.
SPARE_THREADS = 50
#: How a browser names a page's origin.
ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
#: Characters under which a secret given by the environment is called short.
SHORT_SECRET = 20
#: Secrets that are made at the first start, each in a file of the data folder.
MADE = ("jwt_secret", "mgmt_token", "metrics_token")


def _secret(description: str) -> Any:
    """Return a field whose value is shown nowhere (see `services/settings_report.py`)."""
    return Field("", description=description, json_schema_extra={"secret": True})


class Settings(BaseSettings):
    """The server's settings; each field's name in capitals is its environment variable."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    server_address: str = Field("127.0.0.1:8000", description="Address and port to listen on.")
    public_url: str = Field(
        "",
        description="The server's address as volunteers and clients see it, for links. Empty: http://SERVER_ADDRESS.",
    )
    pool_name: str = Field("EmbedPool", description="The pool's name as volunteers see it.", max_length=60)
    allowed_hosts: str = Field(
        "",
        description="Comma-separated host names this server answers to, besides localhost, IP addresses and "
        "PUBLIC_URL's; * for any.",
    )
    cors_origins: str = Field(
        "*",
        description="Comma-separated origins, such as https://app.example, whose pages may call the clients' API in "
        "a browser; * for any. Empty: none.",
    )
    trusted_proxy: str = Field("", description="IP address of the TLS proxy whose X-Forwarded headers are believed.")

    database_root_path: Path = Field(Path("data"), description="Data folder: database, secrets, lock file.")
    db_path: Path | None = Field(None, description="SQLite file. Empty: embedpool.db in the data folder.")
    database_url: str = Field("", description="sqlite:///path of the database file; another way to say DB_PATH.")
    backups_kept: int = Field(
        5, ge=1, le=1000, description="Backups made by hand that are kept; of more, the oldest are deleted."
    )
    installers_path: Path | None = Field(
        None,
        description="Folder with the agent's installers, for volunteers to download. Empty: installers in the data "
        "folder.",
    )

    jwt_secret: str = _secret("Secret that signs agents' tokens. Empty: made once, kept in the data folder.")
    mgmt_token: str = _secret("Token of the management API. Empty: made once, printed once, kept there.")
    metrics_token: str = _secret(
        "Token that opens /metrics (the management token does too). Empty: made once, kept there."
    )
    agent_api_keys: str = _secret("Comma-separated permanent invites, for OffloadMQ's agents.")
    client_api_keys: str = _secret("Comma-separated client keys.")
    auth_token: str = _secret(
        "One more client key, as LLMeQueue names it; its workers show it too. Empty: there are no such workers, and "
        "/worker answers 403."
    )

    embedding_model: str = Field("", description="Model for requests that name none. Empty: they get a 400.")
    empty_input: Literal["reject", "embed"] = Field(
        "reject", description="What to do with an empty string inside an array of inputs: reject (as OpenAI) or embed."
    )
    max_wait: float = Field(300, gt=0, le=3600, description="Longest time (seconds) a request of an OpenAI SDK waits.")
    default_wait: float = Field(
        10, ge=0, le=30, description="Time (seconds) any other client waits unless it says how long."
    )
    poll_interval: float = Field(
        1, gt=0, le=10, description="Seconds between looks whether a waiting client is still connected."
    )
    max_agent_polls: int = Field(1000, ge=1, le=10_000, description="Agents that may wait for work at once.")
    max_client_waits: int = Field(300, ge=1, le=10_000, description="Clients that may wait for an answer at once.")
    max_body_mib: int = Field(16, ge=1, le=200, description="Largest request body (MiB).")
    max_queued_tasks: int = Field(100_000, ge=1, description="Tasks that may wait in the queue; more get a 503.")
    max_wrong_keys: int = Field(
        30,
        ge=0,
        le=100_000,
        description="Wrong keys, tokens or invites that one address may try in a minute; then it gets a 429. 0 for any "
        "number.",
    )
    keep_failed_minutes: int = Field(
        60,
        ge=0,
        le=10_080,
        description="Minutes for which a failed task keeps what it asked, so that it can be run again; 0: none.",
    )
    show_prompts: bool = Field(
        False, description="Whether the management page shows what a task asked, while it is kept."
    )
    cache_mib: int = Field(512, ge=0, description="Size of the cache of vectors (MiB); 0 turns it off.")
    cache_shared: bool = Field(
        False, description="Whether clients share the cache of vectors. Off: private to each key."
    )

    docs: Literal["public", "operator", "off"] = Field(
        "public", description="Who may see /docs: everybody, the operator (with the management token), or nobody."
    )

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged.")
    log_format: Literal["text", "json"] = Field("text", description="Log lines as text or as JSON.")

    @field_validator("server_address")
    @classmethod
    def _check_address(cls, value: str) -> str:
        parts = urlsplit(f"//{value}")
        if not parts.hostname or parts.port is None:
            raise ValueError("must be HOST:PORT, such as 127.0.0.1:8000")
        return value

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, value: str) -> str:
        origins = _split(value.lower())
        if origins != ("*",) and not all(_is_origin(one) for one in origins):
            raise ValueError("must be * or origins such as https://app.example, without a path")
        return ",".join(origins)

    @field_validator("public_url")
    @classmethod
    def _check_public_url(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"http", "https"}:
            raise ValueError("must begin with https:// (or http://)")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, value: str) -> str:
        if value and not value.startswith("sqlite:///"):
            raise ValueError("must begin with sqlite:///; this version keeps its queue in SQLite")
        return value

    @property
    def host(self) -> str:
        """Host part of the address."""
        return urlsplit(f"//{self.server_address}").hostname or "127.0.0.1"

    @property
    def port(self) -> int:
        """Port part of the address."""
        return urlsplit(f"//{self.server_address}").port or 0

    @property
    def url(self) -> str:
        """The server's address for links, without a slash at the end."""
        return self.public_url or f"http://{self.server_address}"

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        if self.database_url:
            return Path(self.database_url.removeprefix("sqlite:///"))
        return self.db_path or self.database_root_path / "embedpool.db"

    @property
    def backups_folder(self) -> Path:
        """Where backups made by hand lie."""
        return self.database_root_path / "backups"

    @property
    def installers_folder(self) -> Path:
        """Where the installers lie, if there are any."""
        return self.installers_path or self.database_root_path / "installers"

    @property
    def origins(self) -> frozenset[str]:
        """The origins whose pages may call the clients' API."""
        return frozenset(_split(self.cors_origins))

    @property
    def threads(self) -> int:
        """Threads of the web server: one for each that may wait, and some for the quick ones."""
        return self.max_agent_polls + self.max_client_waits + SPARE_THREADS

    @property
    def client_keys(self) -> tuple[str, ...]:
        """The client keys that the environment gives."""
        # The token is one key, whatever stands in it.
        token = self.auth_token.strip()
        return tuple(dict.fromkeys((*_split(self.client_api_keys), *((token,) if token else ()))))

    @property
    def invite_codes(self) -> tuple[str, ...]:
        """The permanent invites that the environment gives."""
        return _split(self.agent_api_keys)


def _split(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _is_origin(text: str) -> bool:
    """Whether a browser would name a page's origin so."""
    return ORIGIN.fullmatch(text) is not None


def with_secrets(settings: Settings) -> tuple[Settings, bool]:
    """Fill in the secrets that were not given from the data folder, making them at the first start.

    Returns the settings and whether the management token is new (and so has to be shown once).
    """
    settings.database_root_path.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = {name: _keep(settings.database_root_path / name, getattr(settings, name)) for name in MADE}
    filled_in = settings.model_copy(update={name: secret for name, (secret, _) in kept.items()})
    return filled_in, kept["mgmt_token"][1]


def is_in_environment(name: str) -> bool:
    """Whether the environment gives a setting; its name is taken in any case."""
    return name.lower() in {given.lower() for given in os.environ}


def is_kept_in_folder(settings: Settings, name: str) -> bool:
    """Whether a setting is a secret that the data folder holds."""
    try:
        kept = (settings.database_root_path / name).read_text(encoding="utf-8").strip()
    except OSError:
        return False
    return name in MADE and hmac.compare_digest(kept.encode(), str(getattr(settings, name)).encode())


def _keep(file: Path, given: str) -> tuple[str, bool]:
    if given:
        return given, False
    try:
        return file.read_text(encoding="utf-8").strip(), False
    except FileNotFoundError:
        secret = secrets.token_urlsafe(32)
        file.touch(mode=0o600)
        file.write_text(secret + "\n", encoding="utf-8")
        return secret, True

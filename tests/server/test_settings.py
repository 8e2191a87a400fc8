"""Settings: where they are read from, what they default to, and what is said of a wrong one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from server.settings import SPARE_THREADS, Settings, with_secrets


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_nothing_has_to_be_set() -> None:
    """The defaults are those of the documentation, and none of them is a secret."""
    settings = Settings()
    assert (settings.host, settings.port, settings.url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert settings.database_path == Path("data/embedpool.db")
    assert (settings.jwt_secret, settings.mgmt_token, settings.client_keys, settings.invite_codes) == ("", "", (), ())
    assert (settings.max_wait, settings.default_wait, settings.max_body_mib) == (300, 10, 16)
    assert (settings.empty_input, settings.cache_shared) == ("reject", False)
    assert settings.threads == 1000 + 300 + SPARE_THREADS


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """`.env` in the working folder is read; what the environment says counts more; names are in any case."""
    Path(".env").write_text(
        "POOL_NAME=From the file\nMAX_WAIT=7\nserver_address=0.0.0.0:9000\nSOMEBODY_ELSES=1\n", encoding="utf-8"
    )
    monkeypatch.setenv("MAX_WAIT", "8")
    settings = Settings()
    assert (settings.pool_name, settings.max_wait, settings.server_address) == ("From the file", 8, "0.0.0.0:9000")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"server_address": "localhost"}, "HOST:PORT"),
        ({"server_address": "8000"}, "HOST:PORT"),
        ({"server_address": ":8000"}, "HOST:PORT"),
        ({"server_address": "127.0.0.1:99999"}, "port"),
        ({"server_address": "127.0.0.1:http"}, "port"),
        ({"public_url": "pool.example"}, "https://"),
        ({"public_url": "ftp://pool.example"}, "https://"),
        ({"database_url": "postgresql://pool"}, "sqlite:///"),
        ({"pool_name": "n" * 61}, "60"),
        ({"max_wait": 0}, "greater than 0"),
        ({"max_wait": 3601}, "3600"),
        ({"default_wait": 31}, "30"),
        ({"default_wait": "soon"}, "number"),
        ({"max_client_waits": 0}, "1"),
        ({"max_agent_polls": 10_001}, "10000"),
        ({"max_body_mib": 201}, "200"),
        ({"cache_mib": -1}, "0"),
        ({"empty_input": "ignore"}, "reject"),
        ({"cache_shared": "perhaps"}, "boolean"),
        ({"log_level": "LOUD"}, "INFO"),
        ({"log_format": "xml"}, "json"),
    ],
)
def test_a_wrong_value_is_named_and_explained(given: dict[str, Any], words: str) -> None:
    """The error names the setting and what it has to be."""
    with pytest.raises(ValidationError) as caught:
        Settings(**given)
    (error,) = caught.value.errors()
    assert error["loc"] == (next(iter(given)),)
    assert words.lower() in error["msg"].lower()


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"database_root_path": "elsewhere"}, "elsewhere/embedpool.db"),
        ({"db_path": "/var/pool.db"}, "/var/pool.db"),
        ({"database_url": "sqlite:////var/pool.db"}, "/var/pool.db"),
        ({"database_url": "sqlite:///pool.db", "db_path": "other.db"}, "pool.db"),
    ],
)
def test_the_database_lies_where_any_of_three_settings_says(given: dict[str, Any], path: str) -> None:
    """DATABASE_URL before DB_PATH before the data folder."""
    assert Settings(**given).database_path == Path(path)


def test_an_ipv6_address_is_an_address() -> None:
    """Host and port are told apart although both have colons."""
    settings = Settings(server_address="[::1]:8000")
    assert (settings.host, settings.port) == ("::1", 8000)


def test_a_public_address_has_no_slash_at_its_end() -> None:
    """Links are made by adding a path."""
    assert Settings(public_url="https://pool.example/").url == "https://pool.example"


def test_keys_from_the_environment_are_taken_apart() -> None:
    """Commas part them, space around them and repeats are dropped, AUTH_TOKEN is one more."""
    settings = Settings(client_api_keys=" a, b,,a ", auth_token="c", agent_api_keys="x,y")
    assert (settings.client_keys, settings.invite_codes) == (("a", "b", "c"), ("x", "y"))


def test_secrets_are_made_once_and_kept_for_the_owner_only(tmp_path: Path) -> None:
    """Three different long secrets, in files of mode 0600; the next start finds the same, and says they are not new."""
    first, new = with_secrets(Settings(database_root_path=tmp_path / "data"))
    again, still_new = with_secrets(Settings(database_root_path=tmp_path / "data"))
    assert (new, still_new) == (True, False)
    secrets = (first.jwt_secret, first.mgmt_token, first.metrics_token)
    assert secrets == (again.jwt_secret, again.mgmt_token, again.metrics_token)
    assert len(set(secrets)) == 3
    assert min(map(len, secrets)) >= 43
    if os.name == "posix":
        modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "data").iterdir()}
        assert modes == {"jwt_secret": 0o600, "mgmt_token": 0o600, "metrics_token": 0o600}
        assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_given_secrets_are_used_and_not_written(tmp_path: Path) -> None:
    """A secret from the environment stays there."""
    own: dict[str, Any] = {"jwt_secret": "j" * 32, "mgmt_token": "m" * 32, "metrics_token": "p" * 32}
    given = Settings(database_root_path=tmp_path / "data", **own)
    settings, new = with_secrets(given)
    assert ({name: getattr(settings, name) for name in own}, new) == (own, False)
    assert list((tmp_path / "data").iterdir()) == []

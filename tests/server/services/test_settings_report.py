"""The configuration as the operator sees it: complete, honest about where a value comes from, and without secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.services.operator.settings_report import SettingLine, settings_report, shown
from server.settings import Settings, with_secrets
from tests.factories import make_settings

SECRETS = {
    "jwt_secret": "jwt-secret-nobody-sees",
    "mgmt_token": "mgmt-token-nobody-sees",
    "metrics_token": "metrics-token-nobody-sees",
    "agent_api_keys": "invite-nobody-sees",
    "client_api_keys": "key-nobody-sees,another-nobody-sees",
    "auth_token": "auth-nobody-sees",
}


def lines(settings: Settings) -> dict[str, SettingLine]:
    return {line.name: line for line in settings_report(settings)}


def test_every_setting_is_there_once(settings: Settings) -> None:
    """In the order of `Settings`, each with what it is for."""
    report = settings_report(settings)
    assert [line.name for line in report] == [name.upper() for name in Settings.model_fields]
    assert all(line.meaning for line in report)


def test_no_secret_is_shown(tmp_path: Path) -> None:
    """Of a secret only whether it is set, whether somebody gave it or it was made at the start."""
    for given in (SECRETS, {}):
        settings = make_settings(tmp_path, **given)
        report = lines(settings)
        assert "nobody-sees" not in str(report)
        for name in ("jwt_secret", "mgmt_token", "metrics_token"):
            assert getattr(settings, name) not in str(report)
            assert (report[name.upper()].value, report[name.upper()].is_secret) == ("set", True)
        assert report["AUTH_TOKEN"].value == ("set" if given else "not set")


def test_a_password_inside_an_address_is_not_shown() -> None:
    """The rest of the address is."""
    assert shown("postgresql://pool:pa:ss@db.example/pool") == "postgresql://pool:…@db.example/pool"
    assert shown("https://someone:secret@pool.example") == "https://someone:…@pool.example"
    assert shown("sqlite:////srv/pool@home.db") == "sqlite:////srv/pool@home.db"


def test_where_a_value_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment wins over `.env`; what is made is in the data folder; the rest is as it comes."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("POOL_NAME=From the file\nMAX_WAIT=20\nCACHE_MIB=512\n", encoding="utf-8")
    monkeypatch.setenv("MAX_WAIT", "30")
    monkeypatch.setenv("mgmt_token", "given-and-long-enough-for-anybody")
    report = lines(with_secrets(Settings())[0])
    assert {name: report[name].source for name in ("POOL_NAME", "MAX_WAIT", "MGMT_TOKEN", "JWT_SECRET", "DOCS")} == {
        "POOL_NAME": ".env",
        "MAX_WAIT": "environment",
        "MGMT_TOKEN": "environment",
        "JWT_SECRET": "data folder",
        "DOCS": "default",
    }
    assert (report["MAX_WAIT"].value, report["MAX_WAIT"].default) == ("30", "300")
    changed = {name for name, line in report.items() if line.is_changed}
    # What was given, but is the default, is no change.
    assert changed == {"POOL_NAME", "MAX_WAIT", "MGMT_TOKEN"}


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "not set"), ("", "not set"), (True, "true"), (0, "0"), (0.25, "0.25"), (300.0, "300"), ("a", "a")],
)
def test_values_are_written_as_they_would_be_given(value: object, text: str) -> None:
    """As they would stand in `.env`."""
    assert shown(value) == text

"""The agent's small files: written in one step, readable by their owner only, and no obstacle when broken."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

import pytest

from desktop_agent.core.control import Control, load_control, save_control
from desktop_agent.core.files import read_json, write_bytes, write_json
from desktop_agent.core.pool.membership import Membership, load_membership, save_membership
from desktop_agent.core.settings import EngineChoice, Settings, load_settings, save_settings

MEMBER = Membership("https://pool.example.org", "agent-1", "Pool", "My PC", key_in_file=True, insecure_http=False)


def test_a_file_is_replaced_whole_and_private(tmp_path: Path) -> None:
    """The new content is there, nobody else may read it, and nothing is left lying about."""
    path = tmp_path / "x.json"
    write_json(path, {"version": 1, "a": "ä"})
    write_json(path, {"version": 1, "a": "b"})
    assert read_json(path, 1) == {"version": 1, "a": "b"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.json"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """When the new file cannot take the old one's place, the temporary one goes too."""
    path = tmp_path / "folder"
    path.mkdir()
    (path / "inside").touch()
    with pytest.raises(OSError, match=r"."):
        write_bytes(path, b"x")
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"version": 2}', b"null"])
def test_a_broken_file_is_set_aside_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes) -> None:
    """The agent starts with defaults, the old content is kept beside, and the log names both."""
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        settings = load_settings(path)
    assert settings.engine is EngineChoice.AUTO
    assert (tmp_path / "settings.json.bad").read_bytes() == content
    assert "settings.json.bad" in caplog.text


def test_settings_come_back_as_saved(tmp_path: Path) -> None:
    """Every setting survives writing and reading."""
    path = tmp_path / "settings.json"
    settings = Settings(EngineChoice.OLLAMA, "http://127.0.0.1:9999", ("a", "b:1.5"), chat=False, installation_id="id")
    save_settings(path, settings)
    assert load_settings(path) == settings


def test_the_installation_id_is_made_once(tmp_path: Path) -> None:
    """Two starts have one id, two folders have two: the key store's entries never meet."""
    first = load_settings(tmp_path / "settings.json")
    assert first.installation_id
    assert load_settings(tmp_path / "settings.json") == first
    assert load_settings(tmp_path / "other.json").installation_id != first.installation_id


def test_senseless_values_become_defaults(tmp_path: Path) -> None:
    """One wrong value does not cost the others."""
    path = tmp_path / "settings.json"
    odd = {"version": 1, "engine": "gpu", "ollama_url": 7, "models": ["a:latest", 5, " "]}
    odd |= {"chat": "no", "installation_id": "i"}
    write_json(path, odd)
    assert load_settings(path) == Settings(models=("a",), installation_id="i")


def test_membership_and_control_come_back(tmp_path: Path) -> None:
    """What a command wrote is what the agent reads."""
    save_membership(tmp_path / "m.json", MEMBER)
    assert load_membership(tmp_path / "m.json") == MEMBER
    for control in (Control(paused=True), Control(snoozed_until=1795362740.5), Control()):
        save_control(tmp_path / "c.json", control)
        assert load_control(tmp_path / "c.json") == control


def test_without_files_nothing_is_joined_or_paused(tmp_path: Path) -> None:
    """A new folder means: no pool, no pause."""
    assert load_membership(tmp_path / "m.json") is None
    assert load_control(tmp_path / "c.json") == Control()


def test_half_a_membership_is_none(tmp_path: Path) -> None:
    """Without a server or an id there is nobody to be."""
    write_json(tmp_path / "m.json", {"version": 1, "server": "https://pool.example.org"})
    assert load_membership(tmp_path / "m.json") is None

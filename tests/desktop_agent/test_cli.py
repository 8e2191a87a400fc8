"""The command line, in one process: what people type, and what they read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from desktop_agent import __version__, app
from desktop_agent.cli import main
from desktop_agent.core.settings import (
    Control,
    Membership,
    Settings,
    load_control,
    load_settings,
    save_membership,
    save_settings,
)

MEMBER = Membership("http://127.0.0.1:9", "agent-1", "Test pool", "My PC", key_in_file=True)


def call(data_dir: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, env={"EMBEDPOOL_AGENT_DATA_DIR": str(data_dir)})


def test_every_command_has_a_help() -> None:
    """The list of commands says what each is for, and each explains itself."""
    listing = CliRunner().invoke(main, ["--help"]).output
    for command in ("join", "leave", "run", "status", "pause", "resume", "snooze"):
        assert command in listing
        result = CliRunner().invoke(main, [command, "--help"])
        assert result.exit_code == 0
        assert "--data-dir" in result.output
    assert __version__ in CliRunner().invoke(main, ["--version"]).output


def test_status_of_a_new_pc(tmp_path: Path) -> None:
    """Without a pool it says how to get one; for programs it is JSON."""
    assert "join" in call(tmp_path, "status").output
    state = json.loads(call(tmp_path, "status", "--json").output)
    assert (state["running"], state["state"]) == (False, "setup")


def test_wishes_are_kept_for_the_agent(tmp_path: Path) -> None:
    """Pause, snooze and resume leave what the agent reads, and say what they did."""
    assert "Paused until you resume" in call(tmp_path, "pause").output
    assert load_control(tmp_path / "control.json") == Control(paused=True)
    assert "Paused until" in call(tmp_path, "snooze", "30").output
    assert load_control(tmp_path / "control.json").snoozed_until is not None
    assert "takes work again" in call(tmp_path, "resume").output
    assert load_control(tmp_path / "control.json") == Control()
    assert "not paused" in call(tmp_path, "resume").output


@pytest.mark.parametrize("minutes", ["0", "-5", "soon", "20000"])
def test_a_senseless_snooze_is_a_usage_error(tmp_path: Path, minutes: str) -> None:
    """Nothing is changed by a typing mistake."""
    assert call(tmp_path, "snooze", "--", minutes).exit_code == 2
    assert not (tmp_path / "control.json").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["join", "nonsense link"], "This is not an invite link."),
        (["join", "http://pool.example.org/join/abcd", "--key-file"], "--insecure-http"),
        (["join", "http://127.0.0.1:9/join/abcd"], "--key-file"),
        (["join", "http://127.0.0.1:9/join/abcd", "--key-file", "--engine", "embedded"], "Cannot reach 127.0.0.1:9"),
        (["leave"], "belongs to no pool"),
        (["run", "--headless"], "belongs to no pool"),
    ],
)
def test_errors_are_two_lines_for_people(tmp_path: Path, arguments: list[str], words: str) -> None:
    """What went wrong, in words and without a traceback; exit code 1."""
    result = call(tmp_path, *arguments)
    assert result.exit_code == 1
    assert words in result.output
    assert len(result.output.splitlines()) == 2
    assert "Traceback" not in result.output


@pytest.mark.parametrize(("arguments", "chat"), [([], False), (["--chat"], True), (["--no-chat"], False)])
def test_a_flag_wins_over_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], chat: bool
) -> None:
    """Chat is switched off for good; a flag of one run says otherwise, or says the same."""
    save_settings(tmp_path / "settings.json", Settings(chat=False, installation_id="id"))
    found: list[Settings] = []
    monkeypatch.setattr(app, "run_headless", lambda _, settings, **__: found.append(settings))
    assert call(tmp_path, "run", "--headless", *arguments).exit_code == 0
    assert found[0].chat is chat
    assert load_settings(tmp_path / "settings.json").chat is False


def test_run_without_windows_has_to_be_said(tmp_path: Path) -> None:
    """There is no tray here: the message names the flag."""
    result = call(tmp_path, "run")
    assert result.exit_code == 2
    assert "--headless" in result.output


def test_a_start_without_its_key_is_told_by_status_too(tmp_path: Path) -> None:
    """Where the system starts the agent nobody sees what it wrote: log and `status` have the reason."""
    save_membership(tmp_path / "membership.json", MEMBER)
    assert call(tmp_path, "run", "--headless").exit_code == 1
    assert "This PC's key is not in the file" in call(tmp_path, "status").output
    assert "This PC's key is not in the file" in (tmp_path / "logs" / "agent.log").read_text("utf-8")


def test_another_server_than_the_joined_one_is_refused(tmp_path: Path) -> None:
    """A start for the wrong pool does not work for the right one by accident."""
    save_membership(tmp_path / "membership.json", MEMBER)
    result = call(tmp_path, "run", "--headless", "--server", "https://other.example.org")
    assert result.exit_code == 1
    assert "not to other.example.org" in result.output

"""Starting at log-in on macOS, with real files in a home of the test's own."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from desktop_agent.core.errors import NotInstalled
from desktop_agent.core.system.autostart.macos import LaunchAgentAutostart
from desktop_agent.core.system.own_command import OwnCommand


def agent_file(home: Path) -> Path:
    return home / "Library" / "LaunchAgents" / "io.embedpool.Agent.plist"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Give an app that exists."""
    file = tmp_path / "Applications" / "EmbedPool Agent.app" / "Contents" / "MacOS" / "embedpool-agent"
    file.parent.mkdir(parents=True)
    file.touch()
    return file


@pytest.fixture
def autostart(tmp_path: Path, program: Path) -> LaunchAgentAutostart:
    """Give the start at log-in of that app."""
    return LaunchAgentAutostart(tmp_path, OwnCommand((str(program),)))


def test_on_and_off(autostart: LaunchAgentAutostart, tmp_path: Path, program: Path) -> None:
    """A launch agent that runs the app in the background at log-in; off leaves nothing."""
    assert not autostart.is_on()
    autostart.turn_on()
    assert autostart.is_on()
    agent = plistlib.loads(agent_file(tmp_path).read_bytes())
    assert agent["ProgramArguments"] == [str(program), "--background"]
    assert (agent["Label"], agent["RunAtLoad"]) == ("io.embedpool.Agent", True)
    assert "WorkingDirectory" not in agent
    autostart.turn_off()
    autostart.turn_off()
    assert not autostart.is_on()
    assert not agent_file(tmp_path).exists()


def test_a_disabled_agent_is_off_and_stays_off(autostart: LaunchAgentAutostart, tmp_path: Path, program: Path) -> None:
    """Also when the app has moved."""
    autostart.turn_on()
    agent = plistlib.loads(agent_file(tmp_path).read_bytes())
    agent_file(tmp_path).write_bytes(plistlib.dumps({**agent, "Disabled": True}))
    program.unlink()
    assert not autostart.is_on()
    assert not autostart.repair()


def test_a_moved_app_is_followed(autostart: LaunchAgentAutostart, tmp_path: Path, program: Path) -> None:
    """The agent leads nowhere, so it is written for the new place."""
    autostart.turn_on()
    moved = program.rename(tmp_path / "embedpool-agent")
    assert LaunchAgentAutostart(tmp_path, OwnCommand((str(moved),))).repair()
    assert plistlib.loads(agent_file(tmp_path).read_bytes())["ProgramArguments"][0] == str(moved)


def test_another_installation_keeps_its_agent(autostart: LaunchAgentAutostart, tmp_path: Path) -> None:
    """The app that it starts is there."""
    autostart.turn_on()
    before = agent_file(tmp_path).read_bytes()
    assert not LaunchAgentAutostart(tmp_path, OwnCommand((str(tmp_path / "other"),))).repair()
    assert agent_file(tmp_path).read_bytes() == before


def test_an_app_in_quarantine_is_not_written_down(tmp_path: Path) -> None:
    """Its place is gone when it ends: the owner is told to move it first."""
    where = "/private/var/folders/x/AppTranslocation/1/d/EmbedPool Agent.app/Contents/MacOS/embedpool-agent"
    autostart = LaunchAgentAutostart(tmp_path, OwnCommand((where,)))
    with pytest.raises(NotInstalled, match="Applications"):
        autostart.turn_on()
    assert not autostart.is_on()


def test_an_app_in_quarantine_mends_nothing(autostart: LaunchAgentAutostart, tmp_path: Path, program: Path) -> None:
    """An entry that leads nowhere is no worse than one that soon will."""
    autostart.turn_on()
    program.unlink()
    assert not LaunchAgentAutostart(tmp_path, OwnCommand(("/x/AppTranslocation/1/a",))).repair()


@pytest.mark.parametrize(
    "content", [b"", b"not a plist", b"<?xml version='1.0'?><plist><broken>", plistlib.dumps(["x"])]
)
def test_a_broken_file_is_off(autostart: LaunchAgentAutostart, tmp_path: Path, content: bytes) -> None:
    """And is replaced when its owner switches it on."""
    agent_file(tmp_path).parent.mkdir(parents=True)
    agent_file(tmp_path).write_bytes(content)
    assert not autostart.is_on()
    assert not autostart.repair()
    autostart.turn_on()
    assert autostart.is_on()

"""What the system is told to start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from desktop_agent.cli import main
from desktop_agent.core.system.own_command import OPEN_LINK, OwnCommand, is_gone, own_command


def test_from_source_the_command_runs_in_the_sources_folder() -> None:
    """This very interpreter and its packages, in the folder where `desktop_agent` lies."""
    command = own_command({}, frozen=False)
    assert command.program == (sys.executable, "-m", "desktop_agent")
    assert command.folder is not None
    assert (command.folder / "desktop_agent" / "__main__.py").exists()


def test_an_installed_program_is_one_file() -> None:
    """A frozen program needs neither Python nor a folder."""
    assert own_command({}, executable="/opt/app/embedpool-agent", frozen=True) == OwnCommand(
        ("/opt/app/embedpool-agent",)
    )


def test_an_appimage_is_started_itself() -> None:
    """Not the folder that it is unpacked to for this run; a variable from elsewhere means nothing to other builds."""
    environ = {"APPIMAGE": "/home/u/EmbedPool.AppImage"}
    assert own_command(environ, executable="/tmp/.mount/x", frozen=True).program == ("/home/u/EmbedPool.AppImage",)
    assert own_command(environ, executable="/usr/bin/python3", frozen=False).program[0] == "/usr/bin/python3"


def test_windows_python_without_a_console_is_preferred(tmp_path: Path) -> None:
    """At log-in no black window may stand there."""
    for name in ("python.exe", "pythonw.exe"):
        (tmp_path / name).touch()
    command = own_command({}, executable=str(tmp_path / "python.exe"), frozen=False)
    assert command.program[0] == str(tmp_path / "pythonw.exe")


@pytest.mark.parametrize("anywhere", [False, True])
def test_both_forms_start_the_program(tmp_path: Path, anywhere: bool) -> None:
    """With its folder set, and without one from anywhere, the program says its version."""
    command = own_command({}, frozen=False)
    line = command.line_anywhere("--version") if anywhere else command.line("--version")
    folder = tmp_path if anywhere else command.folder
    ended = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)
    assert (ended.returncode, "EmbedPool Agent" in ended.stdout) == (0, True), ended.stderr


@pytest.mark.parametrize("link", ["--help", "--data-dir=/tmp/x", "-h", "--", "embedpool://join?server=x&code=y"])
def test_a_hostile_link_is_never_an_option(link: str) -> None:
    """The command line takes what follows `open --` for the link, however it begins."""
    name, *before = OPEN_LINK
    command = main.commands[name]
    context = command.make_context(name, [*before, link])
    assert (context.params["link"], context.params["data_dir"]) == (link, None)


def test_without_a_link_the_same_command_is_good() -> None:
    """The menu of applications fills in nothing for the link."""
    name, *before = OPEN_LINK
    assert main.commands[name].make_context(name, before).params["link"] is None


def test_more_than_a_link_is_refused() -> None:
    """A quotation mark in a link can make several arguments of it on Windows; they are not taken for anything."""
    name, *before = OPEN_LINK
    with pytest.raises(click.UsageError):
        main.commands[name].make_context(name, [*before, "embedpool://join", "--data-dir", "x"])


def test_an_app_in_quarantine_does_not_last() -> None:
    """MacOS runs an app that was never moved from a folder that is gone afterwards."""
    where = "/private/var/folders/x/AppTranslocation/1234/d/EmbedPool Agent.app/Contents/MacOS/embedpool-agent"
    assert not OwnCommand((where,)).lasts
    assert OwnCommand(("/Applications/EmbedPool Agent.app/Contents/MacOS/embedpool-agent",)).lasts


def test_gone(tmp_path: Path) -> None:
    """A whole path that is not there, a name that is on no path, or a folder that was moved."""
    program = tmp_path / "agent"
    assert is_gone(str(program))
    program.touch()
    assert not is_gone(str(program))
    assert is_gone(str(program), str(tmp_path / "moved"))
    assert not is_gone("sh")
    assert is_gone("no-such-program-anywhere")

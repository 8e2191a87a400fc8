"""Starting at log-in on Linux, with real files in a configuration folder of the test's own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from desktop_agent.core.system.autostart.here import autostart_here
from desktop_agent.core.system.autostart.linux import XdgAutostart
from desktop_agent.core.system.desktop_entry import exec_arguments, read_entry
from desktop_agent.core.system.own_command import OwnCommand


def entry_file(config: Path) -> Path:
    return config / "autostart" / "io.embedpool.Agent.desktop"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Give a program that exists, at a place with blanks in it."""
    file = tmp_path / "My Apps" / "embedpool agent"
    file.parent.mkdir()
    file.touch()
    return file


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Give a configuration folder that does not exist yet."""
    return tmp_path / "config"


@pytest.fixture
def autostart(config: Path, program: Path) -> XdgAutostart:
    """Give the start at log-in of that program."""
    return XdgAutostart(config, OwnCommand((str(program),)))


def test_on_and_off(autostart: XdgAutostart, config: Path, program: Path) -> None:
    """An entry that starts the program in the background; off leaves nothing; both may be said twice."""
    assert not autostart.is_on()
    autostart.turn_on()
    autostart.turn_on()
    assert autostart.is_on()
    entry = read_entry(entry_file(config).read_text("utf-8"))
    assert exec_arguments(entry["Exec"]) == [str(program), "--background"]
    assert (entry["X-KDE-autostart-after"], entry["X-GNOME-Autostart-enabled"]) == ("panel", "true")
    autostart.turn_off()
    autostart.turn_off()
    assert not autostart.is_on()
    assert list((config / "autostart").iterdir()) == []


@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="needs desktop-file-utils")
def test_desktops_accept_the_entry(autostart: XdgAutostart, config: Path) -> None:
    """The specification's own checker finds nothing wrong with it."""
    autostart.turn_on()
    ended = subprocess.run(["desktop-file-validate", entry_file(config)], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout + ended.stderr) == (0, "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("X-GNOME-Autostart-enabled=true", "X-GNOME-Autostart-enabled=false"),
        ("Terminal=false", "Terminal=false\nHidden=true"),
    ],
)
def test_what_the_desktop_switched_off_is_off(autostart: XdgAutostart, config: Path, before: str, after: str) -> None:
    """GNOME and KDE write that into the entry; it is not mended, and goes back on only when its owner says so."""
    autostart.turn_on()
    file = entry_file(config)
    file.write_text(file.read_text("utf-8").replace(before, after), "utf-8")
    assert not autostart.is_on()
    assert not autostart.repair()
    assert not autostart.is_on()
    autostart.turn_on()
    assert autostart.is_on()


def test_a_moved_program_is_followed(autostart: XdgAutostart, config: Path, program: Path) -> None:
    """The entry leads nowhere, so it is written for the new place."""
    autostart.turn_on()
    moved = program.with_name("agent-2")
    program.rename(moved)
    assert XdgAutostart(config, OwnCommand((str(moved),))).repair()
    assert exec_arguments(read_entry(entry_file(config).read_text("utf-8"))["Exec"])[0] == str(moved)


def test_another_installation_keeps_its_entry(autostart: XdgAutostart, config: Path, tmp_path: Path) -> None:
    """The program that it starts is there: a second one does not take the place from it."""
    autostart.turn_on()
    before = entry_file(config).read_bytes()
    assert not XdgAutostart(config, OwnCommand((str(tmp_path / "other"),))).repair()
    assert entry_file(config).read_bytes() == before


def test_a_moved_source_folder_is_followed(config: Path, tmp_path: Path, program: Path) -> None:
    """From source the interpreter stays, but its folder is gone."""
    source = tmp_path / "source"
    source.mkdir()
    XdgAutostart(config, OwnCommand((str(program), "-m", "desktop_agent"), source)).turn_on()
    moved = source.rename(tmp_path / "source-2")
    assert XdgAutostart(config, OwnCommand((str(program), "-m", "desktop_agent"), moved)).repair()
    assert read_entry(entry_file(config).read_text("utf-8"))["Path"] == str(moved)


def test_a_removed_entry_is_not_put_back(autostart: XdgAutostart, config: Path) -> None:
    """Repair mends; it never adds."""
    autostart.turn_on()
    entry_file(config).unlink()
    assert not autostart.repair()
    assert not entry_file(config).exists()


def test_an_entry_that_is_none_is_left_alone(autostart: XdgAutostart, config: Path) -> None:
    """A person's own words in that file are theirs."""
    entry_file(config).parent.mkdir(parents=True)
    entry_file(config).write_text("[Desktop Entry]\nName=mine\n", "utf-8")
    assert not autostart.is_on()
    assert not autostart.repair()


def test_the_first_run_suggests_it_once(tmp_path: Path) -> None:
    """Suggested until the owner has chosen; after a no, or after it was removed elsewhere, never again."""
    data = tmp_path / "data"
    data.mkdir()
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    autostart = autostart_here(environ, data)
    assert (autostart.is_on(), autostart.suggestion()) == (False, True)
    autostart.turn_on()
    assert (autostart.is_on(), autostart.suggestion()) == (True, True)
    entry_file(tmp_path / "config").unlink()
    again = autostart_here(environ, data)
    assert (again.is_on(), again.suggestion(), again.repair()) == (False, False, False)


def test_a_no_is_remembered(tmp_path: Path) -> None:
    """Turning it off is a choice, too, even where it was never on."""
    autostart = autostart_here({"HOME": str(tmp_path)}, tmp_path)
    autostart.turn_off()
    assert not autostart_here({"HOME": str(tmp_path)}, tmp_path).suggestion()


@pytest.mark.parametrize("variable", ["", "relative/config"])
def test_the_usual_folder_is_used(tmp_path: Path, variable: str) -> None:
    """Without the variable, or with one that is no whole path, it is ~/.config."""
    autostart_here({"HOME": str(tmp_path), "XDG_CONFIG_HOME": variable}, tmp_path).turn_on()
    assert entry_file(tmp_path / ".config").exists()

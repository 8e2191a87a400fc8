"""Starting at log-in on Windows, over a registry in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_agent.core.system.autostart.windows import APPROVED, RUN, RunKeyAutostart
from desktop_agent.core.system.own_command import OwnCommand
from desktop_agent.core.system.windows_command_line import command_line, program_of
from tests.desktop_agent.registry import MemoryRegistry

NAME = "EmbedPool Agent"


@pytest.fixture
def registry() -> MemoryRegistry:
    """Give an empty registry."""
    return MemoryRegistry()


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Give a program that exists, at a place with blanks in it."""
    file = tmp_path / "EmbedPool Agent" / "embedpool-agent.exe"
    file.parent.mkdir()
    file.touch()
    return file


@pytest.fixture
def autostart(registry: MemoryRegistry, program: Path) -> RunKeyAutostart:
    """Give the start at log-in of that program."""
    return RunKeyAutostart(registry, OwnCommand((str(program),)))


def test_on_and_off(autostart: RunKeyAutostart, registry: MemoryRegistry, program: Path) -> None:
    """A value with the quoted program; off leaves nothing; both may be said twice."""
    assert not autostart.is_on()
    autostart.turn_on()
    autostart.turn_on()
    assert autostart.is_on()
    assert registry.value(RUN, NAME) == f'"{program}" --background'
    autostart.turn_off()
    autostart.turn_off()
    assert not autostart.is_on()
    assert registry.values == {}


@pytest.mark.parametrize(("first", "on"), [(2, True), (6, True), (3, False), (7, False), (1, False)])
def test_task_managers_switch_is_respected(
    autostart: RunKeyAutostart, registry: MemoryRegistry, first: int, on: bool
) -> None:
    """An odd first byte means that a person switched it off there."""
    autostart.turn_on()
    registry.set_bytes(APPROVED, NAME, bytes([first]) + b"\0" * 11)
    assert autostart.is_on() is on


def test_the_owners_latest_word_counts(autostart: RunKeyAutostart, registry: MemoryRegistry) -> None:
    """Switched off in Task Manager, then on in our window: it is on."""
    autostart.turn_on()
    registry.set_bytes(APPROVED, NAME, b"\x03" + b"\0" * 11)
    autostart.turn_on()
    assert autostart.is_on()


def test_a_moved_program_is_followed(autostart: RunKeyAutostart, registry: MemoryRegistry, program: Path) -> None:
    """The value leads nowhere, so it is set for the new place; Task Manager's switch stays as it is."""
    autostart.turn_on()
    registry.set_bytes(APPROVED, NAME, b"\x03" + b"\0" * 11)
    moved = program.with_name("agent2.exe")
    program.rename(moved)
    after = RunKeyAutostart(registry, OwnCommand((str(moved),)))
    assert after.repair()
    assert program_of(str(registry.value(RUN, NAME))) == str(moved)
    assert not after.is_on()


def test_another_installation_keeps_its_value(
    autostart: RunKeyAutostart, registry: MemoryRegistry, program: Path
) -> None:
    """The program that it starts is there."""
    autostart.turn_on()
    assert not RunKeyAutostart(registry, OwnCommand((str(program.with_name("other.exe")),))).repair()
    assert program_of(str(registry.value(RUN, NAME))) == str(program)


def test_a_removed_value_is_not_put_back(autostart: RunKeyAutostart, registry: MemoryRegistry) -> None:
    """Repair mends; it never adds."""
    assert not autostart.repair()
    assert registry.values == {}


def test_from_source_the_folder_is_in_the_command(registry: MemoryRegistry, program: Path) -> None:
    """The Run key cannot name a folder, so Python is told where the sources are."""
    RunKeyAutostart(registry, OwnCommand((str(program), "-m", "desktop_agent"), Path("/src/my pool"))).turn_on()
    line = str(registry.value(RUN, NAME))
    assert line.startswith(f'"{program}" -c "import runpy,sys;')
    assert "sys.path.insert(0,'/src/my pool')" in line
    assert line.endswith('" --background')


@pytest.mark.parametrize(
    ("line", "program"),
    [
        (r'"C:\Program Files\x\a.exe" --background', r"C:\Program Files\x\a.exe"),
        (r"C:\x\a.exe --background", r"C:\x\a.exe"),
        (r"  C:\x\a.exe", r"C:\x\a.exe"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_programs_are_found_in_lines(line: str, program: str) -> None:
    """Quoted or not, as any program may have written it."""
    assert program_of(line) == program


def test_a_program_is_always_quoted() -> None:
    """Unquoted, C:\\Program.exe could be meant."""
    assert command_line([r"C:\Program Files\a.exe", "x y", "z"]) == r'"C:\Program Files\a.exe" "x y" z'
    assert command_line([r"C:\a.exe"]) == r'"C:\a.exe"'

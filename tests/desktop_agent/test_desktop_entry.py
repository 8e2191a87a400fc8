"""Desktop entries come back as they were written, and desktops accept them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_agent.core.system.desktop_entry import exec_arguments, exec_line, read_entry, write_entry

ODD = [
    "/home/u/My Apps/agent",
    '/opt/"quoted"/agent',
    "/opt/back\\slash/$HOME/`id`/agent",
    "/opt/100%/u%u/agent",
    "/opt/a;b&c|d>(e)~f*g?h#i'j/agent",
    "/opt/Zürich/日本/agent",
    "",
]


@pytest.mark.parametrize("argument", ODD)
def test_odd_paths_come_back(argument: str) -> None:
    """Blanks, quotes, dollars, per cents and the shell's characters."""
    line = read_entry(write_entry({"Exec": exec_line([argument, "--background"], "%u")}))["Exec"]
    assert exec_arguments(line) == [argument, "--background", "%u"]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]))))
def test_any_arguments_come_back(arguments: list[str]) -> None:
    """Whatever letters they are made of."""
    written = write_entry({"Exec": exec_line(arguments)})
    assert exec_arguments(read_entry(written)["Exec"]) == arguments


@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="needs desktop-file-utils")
@pytest.mark.parametrize("argument", [odd for odd in ODD if odd])
def test_desktops_accept_them(tmp_path: Path, argument: str) -> None:
    """The specification's own checker finds nothing wrong with the quoting."""
    file = tmp_path / "test.desktop"
    file.write_text(
        write_entry({"Type": "Application", "Name": "x", "Exec": exec_line([argument, "open", "--"], "%u")}), "utf-8"
    )
    ended = subprocess.run(["desktop-file-validate", file], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout + ended.stderr) == (0, "")


def test_only_the_entry_itself_is_read() -> None:
    """Its actions have an Exec, too; comments, other lines and other files' text are passed over."""
    text = "# x\nloose=1\n[Desktop Entry]\n#Exec=no\nExec = agent\nodd\n\n[Desktop Action pause]\nExec=agent pause\n"
    assert read_entry(text) == {"Exec": "agent"}
    assert read_entry("") == {}

"""Programs get the names that people know them by, whatever they call themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_agent.core.sensors.linux.program_names import application_folders, program_name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("org.mozilla.firefox", "Firefox"),
        ("firefox", "Firefox"),
        ("/usr/lib/firefox/firefox", "Firefox"),
        ("vlc.desktop", "Vlc"),
        ("Dragon Player", "Dragon Player"),
        ("Python 3.11", "Python 3.11"),
        ("../../etc/passwd", "Passwd"),
        ("two\nlines\x1b[31m and \u202emore", "two lines [31m and more"),
        ("x" * 300, "X" + "x" * 59),
        ("", ""),
        ("\n", ""),
    ],
)
def test_names_without_a_menu_entry_are_made_readable(given: str, name: str) -> None:
    """Paths and identifiers lose what only programs need; nothing unprintable or endless gets through."""
    assert program_name(given, []) == name


def test_the_persons_own_menu_entry_comes_first(tmp_path: Path) -> None:
    """XDG's order of folders, and the name in English: that is the language of the core."""
    environ = {"XDG_DATA_HOME": str(tmp_path / "own"), "XDG_DATA_DIRS": f"{tmp_path}/shared:relative"}
    folders = application_folders(environ)
    assert folders == [tmp_path / "own/applications", tmp_path / "shared/applications"]
    for folder, name in zip(folders, ("Mine", "Everybody's"), strict=True):
        folder.mkdir(parents=True)
        (folder / "film.desktop").write_text(f"[Desktop Entry]\nName[de]=Nein\nName={name}\n", encoding="utf-8")
    assert program_name("film", folders) == "Mine"
    (folders[0] / "film.desktop").write_bytes(b"\xff\xfe not text")
    assert program_name("film", folders) == "Everybody's"
    (folders[1] / "film.desktop").write_text("[Desktop Action x]\nName=Nein\n", encoding="utf-8")
    assert program_name("film", folders) == "Film"


def test_the_usual_folders_stand_in(tmp_path: Path) -> None:
    """Without any setting, the specification's own."""
    assert application_folders({"HOME": "/home/me"}) == [
        Path("/home/me/.local/share/applications"),
        Path("/usr/local/share/applications"),
        Path("/usr/share/applications"),
    ]

"""The top level of the repository stays as it was decided."""

from __future__ import annotations

import fnmatch
import os
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

#: Everything that may stand beside dotfiles at the top.
ALLOWED = {
    "server",
    "desktop_agent",
    "packaging",
    "tests",
    "docs",
    "pyinstaller.spec",
    "requirements-server.txt",
    "requirements-agent.txt",
    "requirements-dev.txt",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "Makefile",
    "pyproject.toml",
}
#: Where the project always has something.
REQUIRED = ALLOWED - {"pyinstaller.spec"} | {".ci", ".gitignore"}


def ignored_names() -> list[str]:
    """The patterns of .gitignore: what a developer's own work may leave at the top."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    return [line.strip("/") for line in lines if line and not line.startswith("#")]


def strangers(folder: Path) -> list[str]:
    """Names at the top of a folder that are neither allowed, nor ignored by git, nor dotfiles."""
    patterns = ignored_names()
    return sorted(
        entry.name
        for entry in folder.iterdir()
        if entry.name not in ALLOWED
        and not entry.name.startswith(".")
        and not any(fnmatch.fnmatch(entry.name, pattern) for pattern in patterns)
    )


def test_the_top_level_holds_what_was_decided() -> None:
    """Nothing else stands at the top, and nothing of it is missing."""
    assert strangers(ROOT) == []
    assert sorted(name for name in REQUIRED if not (ROOT / name).exists()) == []


def test_a_stranger_is_found(tmp_path: Path) -> None:
    """A folder that nobody decided on is reported; allowed, ignored and dotted names are not."""
    for name in ("server", ".idea", "data", "utils"):
        (tmp_path / name).mkdir()
    assert strangers(tmp_path) == ["utils"]


def test_packaging_never_becomes_a_package() -> None:
    """`packaging/__init__.py` would hide the PyPI package of that name, which pytest and PyInstaller need."""
    assert [path.as_posix() for path in (ROOT / "packaging").rglob("__init__.py")] == []


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no executable bit")
def test_the_entry_points_are_executable() -> None:
    """A build machine can start .ci/run, a person setup.sh, without naming a shell."""
    assert [name for name in (".ci/run", "packaging/dev/setup.sh") if not os.access(ROOT / name, os.X_OK)] == []

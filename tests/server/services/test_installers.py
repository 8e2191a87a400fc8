"""The installers' folder: what is listed, with which sums, and what is never given out."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.domain.errors import NotFound
from server.services.installers import Installer, Installers, processor_of, system_of
from tests.server.web.conftest import wait_until


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with an installer for every system."""
    made = tmp_path / "installers"
    made.mkdir()
    for name in ("EmbedPool-0.1.0-amd64.msi", "EmbedPool 0.1.0 (arm64).dmg", "embedpool_0.1.0_amd64.deb"):
        (made / name).write_bytes(name.encode() * 1000)
    return made


@pytest.fixture
def installers(folder: Path) -> Iterator[Installers]:
    """Give the list of that folder."""
    made = Installers(folder)
    yield made
    made.stop()


def summed(installers: Installers) -> list[Installer]:
    """Wait until every sum is there, and return the list."""
    wait_until(lambda: all(one.sha256 for one in installers.listed()))
    return installers.listed()


def opens(installers: Installers, name: str) -> bool:
    """Whether a file of this name is given out."""
    try:
        _, file = installers.open(name)
    except NotFound:
        return False
    file.close()
    return True


@pytest.mark.parametrize(
    ("name", "system", "processor"),
    [
        ("EmbedPool-0.1.0-x86_64.exe", "windows", "x86-64"),
        ("EmbedPool-0.1.0-AMD64.MSI", "windows", "x86-64"),
        ("EmbedPool-0.1.0-arm64.dmg", "macos", "ARM64"),
        ("EmbedPool.pkg", "macos", ""),
        ("embedpool_0.1.0_amd64.deb", "linux", "x86-64"),
        ("embedpool-0.1.0.aarch64.rpm", "linux", "ARM64"),
        ("EmbedPool-x64.AppImage", "linux", "x86-64"),
        ("embedpool-charm64.tar.gz", "linux", ""),
        ("README.txt", None, ""),
        ("embedpool.exe.sha256", None, ""),
        ("exe", None, ""),
    ],
)
def test_a_name_tells_system_and_processor(name: str, system: str | None, processor: str) -> None:
    """The ending says the system, a word in the name the processor; anything else is no installer."""
    assert (system_of(name), processor_of(name)) == (system, processor)


def test_the_list_has_sizes_and_sums(installers: Installers, folder: Path) -> None:
    """Each installer stands there with its system, its size, and the sum of its very bytes."""
    (folder / "notes.txt").write_text("for myself")
    found = summed(installers)
    assert [(one.name, one.system) for one in found] == [
        ("EmbedPool 0.1.0 (arm64).dmg", "macos"),
        ("EmbedPool-0.1.0-amd64.msi", "windows"),
        ("embedpool_0.1.0_amd64.deb", "linux"),
    ]
    for one in found:
        content = (folder / one.name).read_bytes()
        assert (one.size, one.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_a_changed_file_gets_another_sum(installers: Installers, folder: Path) -> None:
    """A new version under the old name is never listed with the sum of the one before."""
    before = summed(installers)
    changed = folder / "embedpool_0.1.0_amd64.deb"
    changed.write_bytes(b"another build")
    os.utime(changed, ns=(1, 1))
    assert [one.sha256 is None for one in installers.listed()] == [False, False, True]
    after = summed(installers)
    assert after[:2] == before[:2]
    assert after[2].sha256 == hashlib.sha256(b"another build").hexdigest() != before[2].sha256


def test_a_sum_is_computed_once(installers: Installers, folder: Path) -> None:
    """Asking again reads no file again: where the content is another, but size and time alike, the sum stays."""
    first = summed(installers)
    file = folder / "embedpool_0.1.0_amd64.deb"
    stat = file.stat()
    file.write_bytes(b"x" * stat.st_size)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert installers.listed() == first


def test_nobody_waits_for_a_sum(tmp_path: Path) -> None:
    """While a large file is read the list is answered at once, without its sum; a stop ends the reading."""
    with (tmp_path / "large.exe").open("wb") as file:
        # Twenty gigabytes of holes take no room, but long to read.
        file.truncate(20 * 2**30)
    installers = Installers(tmp_path)
    try:
        assert [one.sha256 for one in installers.listed()] == [None]
    finally:
        installers.stop()
    assert [one.name for one in threading.enumerate() if one.name == "installers"] == []


def link_outside(folder: Path) -> str:
    (folder.parent / "secret.exe").write_bytes(b"secret")
    (folder / "link.exe").symlink_to(folder.parent / "secret.exe")
    return "link.exe"


def link_inside(folder: Path) -> str:
    (folder / "again.deb").symlink_to(folder / "embedpool_0.1.0_amd64.deb")
    return "again.deb"


def hidden(folder: Path) -> str:
    (folder / ".part.exe").write_bytes(b"half")
    return ".part.exe"


def subfolder(folder: Path) -> str:
    (folder / "folder.exe").mkdir()
    return "folder.exe"


def pipe(folder: Path) -> str:
    os.mkfifo(folder / "pipe.exe")
    return "pipe.exe"


def with_a_line_break(folder: Path) -> str:
    (folder / "a\nb.exe").write_bytes(b"x")
    return "a\nb.exe"


def beside(folder: Path) -> str:
    (folder.parent / "secret.exe").write_bytes(b"secret")
    return "../secret.exe"


def whole_path(folder: Path) -> str:
    return str(folder / "embedpool_0.1.0_amd64.deb")


def no_installer(folder: Path) -> str:
    (folder / "notes.txt").write_text("for myself")
    return "notes.txt"


@pytest.mark.skipif(os.name == "nt", reason="links and pipes need rights there, and names have no line breaks")
@pytest.mark.parametrize(
    "make",
    [link_outside, link_inside, hidden, subfolder, pipe, with_a_line_break, beside, whole_path, no_installer],
)
def test_nothing_else_is_given_out(installers: Installers, folder: Path, make: Callable[[Path], str]) -> None:
    """No link, no hidden file, no folder, no pipe, nothing outside: not in the list, and not under its name."""
    before = [one.name for one in installers.listed()]
    name = make(folder)
    assert [one.name for one in installers.listed()] == before
    assert not opens(installers, name)
    assert opens(installers, "embedpool_0.1.0_amd64.deb")


def test_no_folder_is_no_installers(tmp_path: Path) -> None:
    """Without the folder there is nothing, and nothing is begun."""
    installers = Installers(tmp_path / "nowhere")
    assert installers.listed() == []
    assert not opens(installers, "embedpool.exe")

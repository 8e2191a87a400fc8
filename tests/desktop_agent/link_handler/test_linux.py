"""Links on Linux, with the desktop's real tools and a home of the test's own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from desktop_agent.core.system.desktop_entry import exec_arguments, read_entry
from desktop_agent.core.system.link_handler.base import Registration
from desktop_agent.core.system.link_handler.here import link_handler_here
from desktop_agent.core.system.link_handler.linux import MIME_TYPE, DesktopEntryLinkHandler
from desktop_agent.core.system.own_command import OwnCommand

OURS = "io.embedpool.Agent.desktop"
needs_xdg_utils = pytest.mark.skipif(shutil.which("xdg-mime") is None, reason="needs xdg-utils")


class Home:
    """A user's home on a PC with an empty /usr/share."""

    def __init__(self, root: Path) -> None:
        self.system = root / "usr" / "share" / "applications"
        self.applications = root / "home" / ".local" / "share" / "applications"
        self.program = root / "My Apps" / "embedpool-agent"
        for folder in (self.system, self.applications, self.program.parent):
            folder.mkdir(parents=True)
        self.program.touch(mode=0o755)
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(root / "home"),
            "XDG_DATA_DIRS": str(self.system.parent),
        }

    def handler(self, program: Path | None = None) -> DesktopEntryLinkHandler:
        return DesktopEntryLinkHandler(self.environ, OwnCommand((str(program or self.program),)))

    def default(self) -> str:
        asked = ["xdg-mime", "query", "default", MIME_TYPE]
        return subprocess.run(asked, env=self.environ, capture_output=True, text=True, check=False).stdout.strip()

    def other_program(self) -> None:
        """Have another program be the default for our links, as its installer does."""
        entry = f"[Desktop Entry]\nType=Application\nName=Other\nExec=sh %u\nMimeType={MIME_TYPE};\n"
        (self.applications / "other.desktop").write_text(entry, "utf-8")
        subprocess.run(["xdg-mime", "default", "other.desktop", MIME_TYPE], env=self.environ, check=True)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Give a home without any entry."""
    return Home(tmp_path)


@needs_xdg_utils
def test_links_are_ours_after_registering(home: Home) -> None:
    """The desktop itself names our entry as the default, and the link stands after `--`."""
    handler = home.handler()
    assert handler.registered() is Registration.NOBODY
    assert handler.register()
    assert (handler.registered(), home.default()) == (Registration.OURS, OURS)
    entry = read_entry((home.applications / OURS).read_text("utf-8"))
    assert exec_arguments(entry["Exec"]) == [str(home.program), "open", "--", "%u"]
    assert entry["MimeType"] == "x-scheme-handler/embedpool;"


@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="needs desktop-file-utils")
def test_desktops_accept_the_entry(home: Home) -> None:
    """The specification's own checker finds nothing wrong with it."""
    home.handler().register()
    ended = subprocess.run(
        ["desktop-file-validate", home.applications / OURS], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout + ended.stderr) == (0, "")


@needs_xdg_utils
def test_another_programs_links_stay_its_own(home: Home) -> None:
    """Nothing is written, until the owner says that it is to be replaced."""
    home.other_program()
    handler = home.handler()
    assert handler.registered() is Registration.OTHER
    assert not handler.register()
    assert (home.default(), (home.applications / OURS).exists()) == ("other.desktop", False)
    assert handler.register(replace=True)
    assert home.default() == OURS


def test_another_installation_of_ours_stays(home: Home, tmp_path: Path) -> None:
    """Its program is there: this one takes nothing from it silently."""
    assert home.handler().register()
    other = home.handler(tmp_path / "other-agent")
    assert other.registered() is Registration.OTHER
    assert not other.register()
    other.unregister()
    assert home.handler().registered() is Registration.OURS


def test_a_moved_program_takes_its_links_along(home: Home) -> None:
    """The entry leads nowhere, so nobody has the links."""
    home.handler().register()
    moved = home.program.rename(home.program.with_name("agent-2"))
    handler = home.handler(moved)
    assert handler.registered() is Registration.NOBODY
    assert handler.register()
    assert handler.registered() is Registration.OURS


def test_a_packages_entry_is_ours(home: Home) -> None:
    """What a package installed for all users starts this program: no second entry hides it."""
    (home.system / OURS).write_text(
        f'[Desktop Entry]\nType=Application\nName=x\nExec="{home.program}" open -- %u\nMimeType={MIME_TYPE};\n', "utf-8"
    )
    handler = home.handler()
    assert handler.registered() is Registration.OURS
    assert handler.register()
    assert not (home.applications / OURS).exists()


def test_unregistering_leaves_nothing_of_ours(home: Home) -> None:
    """And may be said twice."""
    handler = home.handler()
    handler.register()
    handler.unregister()
    handler.unregister()
    assert not (home.applications / OURS).exists()
    assert handler.registered() is Registration.NOBODY


def test_a_desktop_without_tools_gets_the_entry(home: Home, tmp_path: Path) -> None:
    """The entry alone is enough for most desktops."""
    home.environ["PATH"] = str(tmp_path / "empty")
    handler = home.handler()
    assert handler.register()
    assert handler.registered() is Registration.OURS


def test_this_program_has_one(home: Home) -> None:
    """The one for this system and this very interpreter, in the user's own folders."""
    assert link_handler_here(home.environ).register()
    entry = read_entry((home.applications / OURS).read_text("utf-8"))
    assert exec_arguments(entry["Exec"])[1:] == ["-m", "desktop_agent", "open", "--", "%u"]
    assert (Path(entry["Path"]) / "desktop_agent").exists()

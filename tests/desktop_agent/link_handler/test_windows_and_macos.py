"""Links on Windows, over a registry in memory, and on macOS."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_agent.core.system.link_handler.base import Registration
from desktop_agent.core.system.link_handler.macos import BUNDLE_URL_TYPES, BundleLinkHandler
from desktop_agent.core.system.link_handler.windows import KEY, ClassesLinkHandler
from desktop_agent.core.system.own_command import OwnCommand
from tests.desktop_agent.registry import MemoryRegistry

COMMAND = rf"{KEY}\shell\open\command"
IN_APP = "/Applications/EmbedPool Agent.app/Contents/MacOS/embedpool-agent"


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


def handler(registry: MemoryRegistry, program: Path) -> ClassesLinkHandler:
    return ClassesLinkHandler(registry, OwnCommand((str(program),)))


def test_links_are_ours_after_registering(registry: MemoryRegistry, program: Path) -> None:
    """A scheme with the quoted program, and the quoted link after `--`."""
    ours = handler(registry, program)
    assert ours.registered() is Registration.NOBODY
    assert ours.register()
    assert ours.registered() is Registration.OURS
    assert registry.value(COMMAND, "") == f'"{program}" open -- "%1"'
    assert registry.value(KEY, "") == "URL:EmbedPool invite"
    assert registry.value(KEY, "URL Protocol") == ""
    assert registry.value(rf"{KEY}\DefaultIcon", "") == f'"{program}",0'


def test_another_programs_links_stay_its_own(registry: MemoryRegistry, program: Path) -> None:
    """Until the owner says that it is to be replaced."""
    other = program.with_name("other.exe")
    other.touch()
    registry.set_text(COMMAND, "", f'"{other}" "%1"')
    ours = handler(registry, program)
    assert ours.registered() is Registration.OTHER
    assert not ours.register()
    ours.unregister()
    assert registry.value(COMMAND, "") == f'"{other}" "%1"'
    assert ours.register(replace=True)
    assert ours.registered() is Registration.OURS


def test_a_gone_programs_links_are_nobodys(registry: MemoryRegistry, program: Path) -> None:
    """Such as ours, before it was moved."""
    handler(registry, program).register()
    moved = program.rename(program.with_name("agent2.exe"))
    assert handler(registry, moved).registered() is Registration.NOBODY
    assert handler(registry, moved).register()
    assert handler(registry, moved).registered() is Registration.OURS


def test_an_older_versions_words_are_replaced(registry: MemoryRegistry, program: Path) -> None:
    """The same program without `--` would take a hostile link for an option."""
    registry.set_text(COMMAND, "", f'"{program}" "%1"')
    assert handler(registry, program).register()
    assert registry.value(COMMAND, "") == f'"{program}" open -- "%1"'


def test_unregistering_leaves_nothing(registry: MemoryRegistry, program: Path) -> None:
    """All that was written goes; other schemes stay; it may be said twice."""
    registry.set_text(r"Software\Classes\embedpool-other", "", "URL:other")
    ours = handler(registry, program)
    ours.register()
    ours.unregister()
    ours.unregister()
    assert registry.keys() == {r"software\classes\embedpool-other"}


@pytest.mark.parametrize(
    ("program", "registered"),
    [
        (IN_APP, Registration.OURS),
        ("/opt/homebrew/bin/python3", Registration.NOBODY),
        ("/private/var/AppTranslocation/1/d/EmbedPool Agent.app/Contents/MacOS/embedpool-agent", Registration.NOBODY),
    ],
)
def test_on_macos_an_app_gets_the_links(program: str, registered: Registration) -> None:
    """Its Info.plist says so; without an app, nobody gets them, and nothing can be done about it."""
    ours = BundleLinkHandler(OwnCommand((program,)))
    assert ours.registered() is registered
    assert ours.register() is (registered is Registration.OURS)
    ours.unregister()
    assert ours.registered() is registered


def test_the_bundle_names_our_scheme() -> None:
    """What the app's Info.plist is made with."""
    assert [kind["CFBundleURLSchemes"] for kind in BUNDLE_URL_TYPES] == [["embedpool"]]

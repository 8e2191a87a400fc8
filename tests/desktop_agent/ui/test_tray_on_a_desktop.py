"""The tray icon on real desktops: a panel of the old kind (XEMBED), and one over D-Bus (StatusNotifierItem)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from desktop_agent.core.state import AgentState
from desktop_agent.ui.icon_shapes import STATE_COLOURS
from tests.desktop_session import Desktop, add_panel, end, wait_until
from tests.fakes.status_notifier import StatusNotifierHost

PROGRAM = Path(__file__).with_name("tray_program.py")
ROOT = PROGRAM.parents[3]


class TrayProgram:
    """The program under test, on a desktop: what it said, and what it is to draw."""

    def __init__(self, desktop: Desktop) -> None:
        self.desktop = desktop
        environ = desktop.environ | {"PYTHONPATH": str(ROOT)}
        self.process = desktop.start(sys.executable, str(PROGRAM), str(desktop.folder), environ=environ)
        self.wait_for("started")

    def lines(self) -> list[str]:
        return self.desktop.log_of(sys.executable).read_text(encoding="utf-8").splitlines()

    def wait_for(self, line: str, times: int = 1) -> str:
        """Wait for a line that begins so, and give the rest of the last one."""

        def found() -> list[str]:
            return [said for said in self.lines() if said.startswith(line)]

        wait_until(lambda: len(found()) >= times, f"“{line}” of {self.desktop.log_of(sys.executable).read_text()}")
        return found()[-1].removeprefix(line).lstrip("\t")

    def draw(self, state: str) -> None:
        (self.desktop.folder / "state").write_text(state, encoding="utf-8")
        self.wait_for(f"drawn\t{state}")

    def wait_for_icon(self, state: AgentState) -> str:
        """Wait until the icon is seen in the panel, in the colour of this state, and give its place."""
        wanted = STATE_COLOURS[state]
        wait_until(lambda: wanted in self.colours(self.wait_for("icon\t")), f"the icon for {state}")
        return self.wait_for("icon\t")

    def click(self, at: str, button: int = 1) -> None:
        self.desktop.xdotool("mousemove", *at.split())
        self.desktop.xdotool("click", str(button))

    def colours(self, at: str) -> set[str]:
        """Give the colours on the screen around this place."""
        shot = self.desktop.folder / "shot.png"
        x, y = (int(part) for part in at.split())
        self.desktop.run("import", "-window", "root", "-crop", f"20x20+{x - 10}+{y - 10}", str(shot))
        image = QImage(str(shot))
        return {QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(image.height())}


def test_icon_click_and_menu_in_a_panel(tray_session: Desktop) -> None:
    """The icon is there in the state's colour, a left click opens, a right click shows the menu, whose items act."""
    program = TrayProgram(tray_session)
    program.draw("waiting")
    program.wait_for_icon(AgentState.WAITING)
    program.draw("paused")
    at = program.wait_for_icon(AgentState.PAUSED)
    program.click(at)
    program.wait_for("opened")
    program.click(at, button=3)
    place = next(line for line in _items(program) if line.endswith("\tResume"))
    program.click(place.split("\t")[1])
    program.wait_for("menu\tresume")


def _items(program: TrayProgram) -> list[str]:
    program.wait_for("item\t")
    wait_until(lambda: any(line.endswith("\tQuit EmbedPool") for line in program.lines()), "the whole menu")
    return [line for line in program.lines() if line.startswith("item")]


def test_a_panel_that_comes_late(x_session: Desktop) -> None:
    """At login we may be first: without a tray that is said, and the icon comes with the panel."""
    program = TrayProgram(x_session)
    program.wait_for("available\tFalse")
    add_panel(x_session)
    program.wait_for("available\tTrue")
    program.click(program.wait_for_icon(AgentState.WORKING))
    program.wait_for("opened")


def test_a_panel_that_is_started_again(x_session: Desktop) -> None:
    """The icon is there again in the new one."""
    panel = add_panel(x_session)
    program = TrayProgram(x_session)
    at = program.wait_for_icon(AgentState.WORKING)
    end(panel)
    wait_until(lambda: STATE_COLOURS[AgentState.WORKING] not in program.colours(at), "the end of the old panel")
    add_panel(x_session)
    program.click(program.wait_for_icon(AgentState.WORKING))
    program.wait_for("opened")


@pytest.fixture
def host(x_session: Desktop) -> Iterator[StatusNotifierHost]:
    """Give a panel over D-Bus."""
    with StatusNotifierHost(x_session.environ["DBUS_SESSION_BUS_ADDRESS"]) as made:
        made.appear()
        yield made


@pytest.fixture
def program(x_session: Desktop, host: StatusNotifierHost) -> TrayProgram:
    """Give the program, once that panel has its icon."""
    made = TrayProgram(x_session)
    wait_until(lambda: bool(host.items()), "the icon's registration")
    return made


def test_what_a_panel_over_dbus_reads(host: StatusNotifierHost, program: TrayProgram) -> None:
    """Name, tooltip with state and reason, pictures of every size for panels, and the whole menu."""
    wait_until(lambda: host.read_item().tooltip != "", "the tooltip")
    item = host.read_item()
    assert item.tooltip == "EmbedPool – Working: nomic-embed-text · 412 texts per minute"
    assert {16, 22, 24, 32, 48, 64} <= set(item.sizes)
    labels = [entry.label for entry in host.menu() if entry.label]
    assert labels == [
        "Working: nomic-embed-text · 412 texts per minute",
        "8,412 texts today",
        "Open EmbedPool",
        "Pause",
        "Pause for",
        "Finish, then pause",
        "Settings…",
        "Help",
        "Quit EmbedPool",
    ]
    assert [entry.enabled for entry in host.menu()[:2]] == [False, False]


def test_clicks_over_dbus_act(host: StatusNotifierHost, program: TrayProgram) -> None:
    """The icon, an item, an item of a submenu; the items keep their numbers from state to state."""
    host.activate()
    program.wait_for("opened")
    host.click("Pause")
    program.wait_for("menu\tpause")
    host.click("4 hours")
    program.wait_for("menu\tpause_until")
    numbers = {entry.label: entry.number for entry in host.menu()}
    program.draw("paused")
    wait_until(lambda: "Resume" in {entry.label for entry in host.menu()}, "the other word in the menu")
    after = {entry.label: entry.number for entry in host.menu()}
    assert after["Resume"] == numbers["Pause"]
    host.click("Quit EmbedPool")
    assert program.process.wait(30) == 0


def test_another_state_sends_another_picture(host: StatusNotifierHost, program: TrayProgram) -> None:
    """The icon is replaced, in every panel that shows it."""
    before = host.read_item().picture
    program.draw("paused")
    wait_until(lambda: host.read_item().picture != before, "another picture")


def test_a_panel_over_dbus_that_is_started_again(host: StatusNotifierHost, program: TrayProgram) -> None:
    """The icon announces itself to the new one, and its menu works there."""
    host.restart()
    wait_until(lambda: bool(host.items()), "the icon's registration with the new panel")
    host.click("Pause")
    program.wait_for("menu\tpause")


def test_a_notification_does_not_touch_the_icon(host: StatusNotifierHost, program: TrayProgram) -> None:
    """It goes to the desktop's own service, with a button; its click comes back; the icon stays what it was."""
    program.draw("update")
    wait_until(lambda: bool(host.notifications()), "the notification")
    before = host.read_item()
    (notification,) = host.notifications()
    assert (notification.app, notification.body) == ("EmbedPool", "Version 0.3.0 is ready to download.")
    assert notification.actions == ("default", "Open EmbedPool", "show-update", "Show")
    assert notification.hints["desktop-entry"] == "io.embedpool.Agent"
    assert before.status != "NeedsAttention"
    assert before.tooltip.startswith("EmbedPool – Ready")
    host.invoke(notification, "show-update")
    program.wait_for("notice\tshow-update")
    assert host.read_item() == before
    assert len(host.notifications()) == 1

"""The agent with its windows, as its users have it: on a desktop of its own, steered with keys and by its commands."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from desktop_agent.core.data_folder import DataFolder
from desktop_agent.core.settings import Settings, save_settings
from tests.desktop_session import Desktop, wait_until
from tests.e2e.agent_process import AgentProcess
from tests.e2e.clients import repeating
from tests.e2e.ollama_service import OllamaProcess
from tests.e2e.programs import Program, neutral_environment, until

_AGENT = (sys.executable, "-m", "desktop_agent")
#: Titles of the windows, as X knows them.
SETUP_TITLE, MAIN_TITLE = "Set up EmbedPool", "^EmbedPool$"
#: Seconds without input that count as away in these tests.
AWAY_SECONDS = 2.0


class TrayApp(AgentProcess):
    """One PC with a screen."""

    def __init__(self, desktop: Desktop, folder: Path, name: str, ollama: OllamaProcess) -> None:
        engine = ("--engine", "ollama", "--ollama-url", ollama.url)
        super().__init__(folder, name, *engine)
        self.desktop = desktop
        more = {"EMBEDPOOL_AGENT_DATA_DIR": str(self.data), "EMBEDPOOL_AGENT_AWAY_SECONDS": str(AWAY_SECONDS)}
        self.environment = neutral_environment(**{**desktop.environ, **more, "PYTHONPATH": _python_path()})
        DataFolder.open(self.data)
        # Beside other tests the processor is never quiet, and that rule is not what is tested here.
        save_settings(self.data / "settings.json", Settings(stop_cpu_busy=False))
        self.program = Program(name, folder, [*_AGENT, "run", *engine], self.environment)

    @property
    def is_paused(self) -> bool:
        """Whether its owner's last wish is a pause."""
        return bool(self._stored("control.json").get("paused"))

    @property
    def is_joined(self) -> bool:
        """Whether it belongs to a pool."""
        return (self.data / "membership.json").exists()

    @property
    def qt_warnings(self) -> list[str]:
        """What Qt had to warn of: nothing, in a program that uses it well."""
        return [line for line in self.own_log.splitlines() if " WARNING qt: " in line or " ERROR   qt: " in line]

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, in whichever window has the keyboard."""
        for key in keys:
            self.desktop.xdotool("key", key)

    def press_until(self, key: str, reached: object, what: str) -> None:
        """Press a key again and again, as long as the button below it is not ready yet."""
        assert callable(reached)

        def look() -> bool:
            if not reached():
                self.press(key)
            return bool(reached())

        until(look, what)

    @contextmanager
    def at_the_keyboard(self) -> Iterator[None]:
        """Use the PC until the block ends: a key in every half of the time that counts as away."""

        def type_on() -> None:
            self.press("Shift_L")
            time.sleep(AWAY_SECONDS / 4)

        with repeating(type_on):
            yield

    def leave_alone(self) -> None:
        """Be away until it says that it would work, or does."""
        self.program.until(lambda: self.state["state"] in ("ready", "working"), "it works while nobody is there")

    def has_window(self, title: str) -> bool:
        """Whether a window with such a title is to be seen."""
        return bool(self.desktop.answer("xdotool", "search", "--onlyvisible", "--name", title).split())

    def close_window(self, title: str) -> None:
        """Close a window as its X button does."""
        self.desktop.run("wmctrl", "-i", "-c", hex(int(self.desktop.window(title))))
        self.program.until(lambda: not self.has_window(title), f"the window “{title}” closes")

    def set_up(self, link: str) -> None:
        """Go through the first run: hand the link over, join, and accept what is suggested."""
        self.desktop.window(SETUP_TITLE)
        self.command("open", "--", app_link(link))
        self.press_until("Return", lambda: self.is_joined, "it joins")
        self.press_until("Return", lambda: not self.is_paused, "the first run is finished")
        self.close_window(SETUP_TITLE)


def app_link(link: str) -> str:
    """Give the invite as the pool's web page hands it to the program."""
    server, _, code = link.rpartition("/join/")
    return f"embedpool://join?server={quote(server, safe='')}&code={code}"


def add_key_store(desktop: Desktop) -> None:
    """Start GNOME's key store on the desktop's bus, unlocked."""
    unlock = "printf password | exec gnome-keyring-daemon --unlock --components=secrets --foreground"
    desktop.start("sh", "-c", unlock)
    owner = ["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"]
    ask = ["dbus-send", *owner, "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"]
    wait_until(lambda: "boolean true" in desktop.answer(*ask), "the key store")


def _python_path() -> str:
    return neutral_environment()["PYTHONPATH"]

"""The agent with its windows, on a real X desktop with a panel and a key store, in a real pool."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import httpx
import pytest

from desktop_agent.core.data_folder import DataFolder
from tests.desktop_session import Desktop, bare, tray_session, x_session
from tests.e2e.clients import fetch, plain, right_rows, same, texts_of
from tests.e2e.conftest import MODEL, Stage
from tests.e2e.ollama_service import OllamaProcess
from tests.e2e.pool_server import PoolServer
from tests.e2e.programs import until
from tests.e2e.tray_app import MAIN_TITLE, TrayApp, add_key_store

__all__ = ["bare", "tray_session", "x_session"]
NEEDED = ("Xvfb", "xdotool", "openbox", "tint2", "wmctrl", "gnome-keyring-daemon", "dbus-daemon")
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, NEEDED)), reason="there is no X desktop here; `make setup` installs one on Debian"
)


class Home:
    """A volunteer's desktop with the agent, and the pool that it is to join."""

    def __init__(self, stage: Stage, desktop: Desktop) -> None:
        add_key_store(desktop)
        self.server: PoolServer = stage.server()
        self.ollama: OllamaProcess = stage.ollama()
        self.app = TrayApp(desktop, stage.folder, "desk", self.ollama)
        stage.watch(self.app)
        self.app.program.start()


@pytest.fixture
def home(stage: Stage, tray_session: Desktop) -> Iterator[Home]:
    yield Home(stage, tray_session)


def submit(client: httpx.Client, texts: list[str]) -> str:
    """Hand in texts without waiting for them; gives the job."""
    accepted = client.post("/v1/embeddings?wait=0", json={"model": "nomic-embed-text", "input": texts})
    assert accepted.status_code == 202, accepted.text
    return str(accepted.json()["id"])


def test_it_joins_by_a_link_works_while_nobody_is_there_and_yields_to_the_first_key(stage: Stage, home: Home) -> None:
    """From the invite's link to the first texts; a key press gives the task back, and another agent finishes it.

    The key is in the key store and in no file. The model that was loaded for the pool leaves the memory again.
    """
    app, server = home.app, home.server
    app.set_up(server.issue_invite())
    assert not (app.data / "agent-key").exists()
    app.leave_alone()
    with plain(server.url, stage.client_key(server)) as client:
        texts = texts_of(5, "first")
        job = submit(client, texts)
        (answer,) = until(lambda: fetch(client, job), "the first texts are computed")
        assert same(answer, right_rows(MODEL, texts))

        home.ollama.hold()
        texts = texts_of(5, "second")
        job = submit(client, texts)
        until(lambda: home.ollama.held and server.leased_to(app.id) == 1, "the second texts are being computed")
        with app.at_the_keyboard():
            until(lambda: server.leased_to(app.id) == 0, "the task is given back")
            app.until_it_says("You are using this PC")
            assert [(task["releases"] > 0, task["attempts_charged"]) for task in server.tasks(job)] == [(True, 0)]
            until(lambda: home.ollama.loaded == [], "the model leaves the memory")
            stage.agent(server, "other", stage.ollama())
            (answer,) = until(lambda: fetch(client, job), "the other agent finishes")
            assert same(answer, right_rows(MODEL, texts))
            assert server.agents()["other"]["tasksCompleted"] == 1
    assert app.qt_warnings == []
    server.check_soundness()


def test_a_pause_outlives_a_power_cut_and_a_second_start_shows_the_first(stage: Stage, home: Home) -> None:
    """Killed in its pause it is paused again; its stale socket is in nobody's way; a log-out gives work back."""
    app, server = home.app, home.server
    app.set_up(server.issue_invite())
    app.command("pause")
    app.until_it_is("paused")
    app.program.kill()
    app.program.start()
    app.program.until(lambda: app.has_window(MAIN_TITLE), "the main window opens")
    app.until_it_is("paused")

    app.close_window(MAIN_TITLE)
    assert "it shows its window now" in app.command("run")
    app.program.until(lambda: app.has_window(MAIN_TITLE), "the second start shows the first's window")
    app.command("resume")

    app.leave_alone()
    home.ollama.hold()
    with plain(server.url, stage.client_key(server)) as client:
        job = submit(client, texts_of(3))
    until(lambda: home.ollama.held and server.leased_to(app.id) == 1, "it computes")
    assert app.program.terminate() == 0
    assert [(task["status"], task["attempts_charged"]) for task in server.tasks(job)] == [("queued", 0)]
    assert "EmbedPool is not running" in app.status()
    assert app.command("quit") == "EmbedPool is not running.\n"
    assert app.qt_warnings == []


def test_a_start_by_click_says_why_it_does_nothing(stage: Stage, tray_session: Desktop) -> None:
    """Beside an agent without windows, a click on the program's icon shows the reason instead of nothing."""
    app = TrayApp(tray_session, stage.folder, "desk", stage.ollama())
    app.environment["DESKTOP_STARTUP_ID"] = "clicked"
    folder = DataFolder.open(app.data)
    with folder.lock():
        app.program.start()
        tray_session.window("EmbedPool is already running")
        app.press_until("Return", lambda: not app.program.is_running, "the message is closed")
    assert app.program.exit_code == 1

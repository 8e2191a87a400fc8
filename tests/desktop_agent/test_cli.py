"""The command line, in one process: what people type, and what they read."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from desktop_agent import __version__, app
from desktop_agent.cli import main
from desktop_agent.core.control import Control, load_control
from desktop_agent.core.data_folder import DataFolder
from desktop_agent.core.instance import Message, Verb
from desktop_agent.core.pool.membership import Membership, save_membership
from desktop_agent.core.settings import Settings, WorkWhen, load_settings, save_settings

#: What tells Qt where to draw.
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
_LOG_LINE = re.compile(r"\d{4}-\d\d-\d\d ")
MEMBER = Membership("http://127.0.0.1:9", "agent-1", "Test pool", "My PC", key_in_file=True)


def call(data_dir: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, env={"EMBEDPOOL_AGENT_DATA_DIR": str(data_dir)})


def test_every_command_has_a_help() -> None:
    """The list of commands says what each is for, and each explains itself."""
    listing = CliRunner().invoke(main, ["--help"]).output
    for command in (
        *("run", "open", "quit", "status", "doctor", "pause", "resume", "snooze", "work-now", "join", "leave"),
    ):
        assert command in listing
        result = CliRunner().invoke(main, [command, "--help"])
        assert result.exit_code == 0
        assert "--data-dir" in result.output
    assert __version__ in CliRunner().invoke(main, ["--version"]).output


def test_status_of_a_new_pc(tmp_path: Path) -> None:
    """Without a pool it says how to get one; for programs it is JSON."""
    assert "Join one with the invite link" in call(tmp_path, "status").output
    state = json.loads(call(tmp_path, "status", "--json").output)
    assert (state["running"], state["state"]) == (False, "setup")


def test_wishes_are_kept_for_the_agent(tmp_path: Path) -> None:
    """Pause, snooze and resume leave what the agent reads, and say what they did."""
    assert "Paused until you resume" in call(tmp_path, "pause").output
    assert load_control(tmp_path / "control.json") == Control(paused=True)
    assert "Paused until" in call(tmp_path, "snooze", "30").output
    assert load_control(tmp_path / "control.json").snoozed_until is not None
    assert "takes work again" in call(tmp_path, "resume").output
    assert load_control(tmp_path / "control.json") == Control()
    assert "not paused" in call(tmp_path, "resume").output


@pytest.mark.parametrize("minutes", ["0", "-5", "soon", "20000"])
def test_a_senseless_snooze_is_a_usage_error(tmp_path: Path, minutes: str) -> None:
    """Nothing is changed by a typing mistake."""
    assert call(tmp_path, "snooze", "--", minutes).exit_code == 2
    assert not (tmp_path / "control.json").exists()


@pytest.mark.parametrize(
    ("arguments", "words", "lines"),
    [
        (["join", "nonsense link"], "This is not an invite link.", 2),
        (["join", "ep_inv_abcd"], "Say it with --server.", 3),
        (["join", "http://pool.example.org/join/abcd", "--key-file"], "To insist, say --insecure-http.", 3),
        (["join", "http://127.0.0.1:9/join/abcd"], "To keep the key in a file, join with --key-file.", 3),
        (["join", "http://127.0.0.1:9/join/abcd", "--key-file", "--engine", "embedded"], "Cannot reach 127.0.0.1:9", 2),
        (["leave"], "Run “join” with the link.", 3),
        (["run", "--headless"], "Run “join” with the link.", 3),
    ],
)
def test_errors_are_two_lines_for_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str, lines: int
) -> None:
    """What went wrong, in words and without a traceback, and what to type where there is such a thing; exit code 1."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    result = call(tmp_path, *arguments)
    assert result.exit_code == 1
    told = [line for line in result.stderr.splitlines() if not _LOG_LINE.match(line)]
    assert words in result.stderr
    assert len(told) == lines
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("arguments", "chosen"),
    [
        ([], {}),
        (["--chat"], {"chat": True}),
        (["--no-chat", "--models", " a ,b:latest"], {"chat": False, "models": ("a", "b")}),
        (
            ["--engine", "ollama", "--ollama-url", "http://[::1]:1"],
            {"engine": "ollama", "ollama_url": "http://[::1]:1"},
        ),
    ],
)
def test_a_flag_wins_over_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], chosen: dict[str, object]
) -> None:
    """A flag holds for one run; what is not said is left to the settings, which stay as they are."""
    save_settings(tmp_path / "settings.json", Settings(chat=False, installation_id="id"))
    found: list[dict[str, object]] = []
    monkeypatch.setattr(app, "run_headless", lambda _, chosen, **__: found.append(chosen))
    assert call(tmp_path, "run", "--headless", *arguments).exit_code == 0
    assert found == [{**chosen, "work_when": WorkWhen.ALWAYS}]
    assert load_settings(tmp_path / "settings.json") == Settings(chat=False, installation_id="id")


@pytest.mark.parametrize(
    ("arguments", "when"),
    [
        (["--headless"], WorkWhen.ALWAYS),
        (["--headless", "--when", "away"], WorkWhen.AWAY),
        (["--when", "card-free"], WorkWhen.CARD_FREE),
        ([], None),
    ],
)
def test_when_to_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], when: WorkWhen | None
) -> None:
    """Without windows nobody sits there, so it works always unless told otherwise; with windows the settings say."""
    found: list[object] = []
    monkeypatch.setattr(app, "run_headless", lambda _, chosen, **__: found.append(chosen.get("work_when")))

    def run_tray(_: object, chosen: dict[str, object], *__: object, **___: object) -> int:
        found.append(chosen.get("work_when"))
        return 0

    monkeypatch.setattr(app, "run_tray", run_tray)
    assert call(tmp_path, "run", *arguments).exit_code == 0
    assert found == [when]


@pytest.mark.parametrize(
    ("arguments", "first"),
    [
        ([], Message(Verb.SHOW)),
        (["run"], Message(Verb.SHOW)),
        (["run", "--background"], None),
        (["--background"], None),
        (
            ["open", "--", "embedpool://join?server=x&code=y"],
            Message(Verb.OPEN_LINK, "embedpool://join?server=x&code=y"),
        ),
        (["open", "--", "--data-dir=/etc"], Message(Verb.OPEN_LINK, "--data-dir=/etc")),
    ],
)
def test_every_way_to_start_the_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], first: Message | None
) -> None:
    """By hand, at log-in, by a link: and no link is ever taken for an option."""
    found: list[tuple[Path, Message | None]] = []

    def run_tray(folder: DataFolder, _: object, first: Message | None, **__: object) -> int:
        found.append((folder.root, first))
        return 0

    monkeypatch.setattr(app, "run_tray", run_tray)
    assert call(tmp_path, *arguments).exit_code == 0
    assert found == [(tmp_path, first)]


def test_the_folder_may_stand_before_the_command(tmp_path: Path) -> None:
    """`--data-dir X status` and `status --data-dir X` mean the same."""
    result = CliRunner().invoke(main, ["--data-dir", str(tmp_path / "elsewhere"), "pause"])
    assert result.exit_code == 0
    assert load_control(tmp_path / "elsewhere" / "control.json").paused


def test_without_qt_the_way_out_is_named(tmp_path: Path) -> None:
    """Where PySide6 is not installed, three lines say so, and how to go on."""
    code = "import sys; sys.modules['PySide6'] = None; from desktop_agent.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "run", "--data-dir", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "run --headless" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_screen_the_way_out_is_named(tmp_path: Path) -> None:
    """No screen at all, and one that cannot be reached: words and exit code 1, not a crash."""
    environment = {name: value for name, value in os.environ.items() if name not in SCREENS}
    for screen in ({}, {"DISPLAY": ":4711"}):
        done = subprocess.run(
            [sys.executable, "-m", "desktop_agent", "run", "--data-dir", str(tmp_path)],
            env={**environment, **screen},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1, done.stderr
        assert "run --headless" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [["quit"], ["--quit-running"]])
def test_nothing_is_there_to_quit(tmp_path: Path, arguments: list[str]) -> None:
    """An installer asks before it copies: that nothing runs is no error."""
    result = call(tmp_path, *arguments)
    assert (result.exit_code, result.output) == (0, "EmbedPool is not running.\n")


@pytest.mark.parametrize(
    ("words", "seconds"),
    [("2h", 7200), ("90m", 5400), ("1h 30m", 5400), ("1,5 h", 5400), ("45 min", 2700), ("2d", 172800)],
)
def test_a_pause_for_a_while(tmp_path: Path, words: str, seconds: float) -> None:
    """However people write a length of time, the pause ends after it."""
    before = time.time()
    assert "Paused until" in call(tmp_path, "pause", "--for", words).output
    until = load_control(tmp_path / "control.json").snoozed_until
    assert until is not None
    assert before + seconds <= until <= time.time() + seconds


@pytest.mark.parametrize("words", ["until 18:05", "18:05", "18.05"])
def test_a_pause_until_a_time(tmp_path: Path, words: str) -> None:
    """It ends when this PC's clock says so the next time."""
    assert call(tmp_path, "pause", "--for", words, "--finish").exit_code == 0
    control = load_control(tmp_path / "control.json")
    assert control.snoozed_until is not None
    assert control.finish_first
    then = dt.datetime.fromtimestamp(control.snoozed_until).astimezone()
    assert (then.hour, then.minute, then.second) == (18, 5, 0)
    assert 0 < control.snoozed_until - time.time() <= 25 * 3600


@pytest.mark.parametrize("words", ["", "soon", "0m", "-2h", "8d", "25:00", "12:75", "2h tomorrow", "1e9s"])
def test_a_senseless_pause_is_a_usage_error(tmp_path: Path, words: str) -> None:
    """Nothing is changed by a typing mistake."""
    assert call(tmp_path, "pause", f"--for={words}").exit_code == 2
    assert not (tmp_path / "control.json").exists()


def test_work_now(tmp_path: Path) -> None:
    """It holds for an hour, and ends a pause."""
    call(tmp_path, "pause")
    assert "Working now, until" in call(tmp_path, "work-now").output
    control = load_control(tmp_path / "control.json")
    assert control.work_now_until is not None
    assert not control.is_resting(time.time())


def test_a_start_without_its_key_is_told_by_status_too(tmp_path: Path) -> None:
    """Where the system starts the agent nobody sees what it wrote: log and `status` have the reason."""
    save_membership(tmp_path / "membership.json", MEMBER)
    assert call(tmp_path, "run", "--headless").exit_code == 1
    assert "This PC's key is not in the file" in call(tmp_path, "status").output
    assert "This PC's key is not in the file" in (tmp_path / "logs" / "agent.log").read_text("utf-8")


def test_another_server_than_the_joined_one_is_refused(tmp_path: Path) -> None:
    """A start for the wrong pool does not work for the right one by accident."""
    save_membership(tmp_path / "membership.json", MEMBER)
    result = call(tmp_path, "run", "--headless", "--server", "https://other.example.org")
    assert result.exit_code == 1
    assert "not to other.example.org" in result.output

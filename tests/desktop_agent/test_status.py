"""`status` tells what is, also when no agent runs."""

from __future__ import annotations

import datetime as dt
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_agent.core.control import Control, save_control
from desktop_agent.core.data_folder import DataFolder
from desktop_agent.core.errors import AlreadyRunning, DataFolderUnusable
from desktop_agent.core.history import write_history
from desktop_agent.core.pool.membership import Membership, save_membership
from desktop_agent.core.sensors.base import GpuStatus
from desktop_agent.core.state import (
    AgentState,
    Counters,
    EngineStatus,
    LoadedModel,
    PcStatus,
    PoolStatus,
    StateSnapshot,
    read_state,
    write_state,
)
from desktop_agent.core.status import describe, present_state, record_start

NOW = 1795362740.0
MEMBER = Membership("https://pool.example.org", "agent-1", "Test pool", "My PC")
SNAPSHOT = StateSnapshot(
    AgentState.WORKING,
    "Working: nomic · 412 texts per minute",
    server=MEMBER.server,
    pool=MEMBER.pool,
    agent_id=MEMBER.agent_id,
    display_name=MEMBER.display_name,
    engines=(EngineStatus("ollama", "0.33.0", available=True), EngineStatus("embedded", reason="No data.")),
    models=("nomic",),
    model="nomic",
    texts_per_minute=412,
    texts_today=8412,
    chats_today=3,
    counters=Counters(tasks_done=10, texts_done=320, chats_done=2, tasks_failed=1, tasks_released=2),
    pid=4711,
    written_at=NOW - 60,
)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder.open(tmp_path)


def test_a_snapshot_comes_back_as_written(folder: DataFolder) -> None:
    """What one process writes another reads, to the last field."""
    write_state(folder.state, SNAPSHOT)
    assert read_state(folder.state) == SNAPSHOT


def test_the_running_agents_words_are_repeated(folder: DataFolder) -> None:
    """While an agent holds the folder, its own snapshot is the state."""
    save_membership(folder.membership, MEMBER)
    write_state(folder.state, SNAPSHOT)
    with folder.lock():
        assert present_state(folder, NOW) == (True, SNAPSHOT)


@pytest.mark.parametrize("left", [None, replace(SNAPSHOT, state=AgentState.OFFLINE, reason="Stopped.", pid=0)])
def test_an_agent_that_just_started_is_starting(folder: DataFolder, left: StateSnapshot | None) -> None:
    """Before its first word, what the last agent wrote is not taken for its own."""
    save_membership(folder.membership, MEMBER)
    if left is not None:
        write_state(folder.state, left)
    with folder.lock():
        running, snapshot = present_state(folder, NOW)
    assert (running, snapshot.state, snapshot.reason) == (True, AgentState.READY, "Starting.")
    assert (snapshot.pool, snapshot.server) == (MEMBER.pool, MEMBER.server)


def test_looking_twice_at_once_is_not_an_agent(folder: DataFolder) -> None:
    """Each look takes the lock for an instant; another look at that instant waits instead of seeing an agent."""
    save_membership(folder.membership, MEMBER)
    with ThreadPoolExecutor(8) as threads:
        assert not any(threads.map(lambda _: folder.in_use(), range(40)))


def test_two_agents_do_not_share_a_folder(folder: DataFolder) -> None:
    """The second one is told which folder is taken."""
    with folder.lock(), pytest.raises(AlreadyRunning, match="already running with the folder"):
        folder.lock()
    with folder.lock():
        assert folder.in_use()
    assert not folder.in_use()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A file in the way is an error in words."""
    (tmp_path / "file").touch()
    with pytest.raises(DataFolderUnusable, match="cannot be used"):
        DataFolder.open(tmp_path / "file" / "data")


@pytest.mark.skipif(os.name != "posix", reason="Windows says nothing about rights here")
def test_a_folder_of_another_user_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that an agent of another user made is an error in words, before anything is tried."""
    monkeypatch.setattr(os, "access", lambda *_: False)  # the tests may run as root, who may do everything
    with pytest.raises(DataFolderUnusable, match="Permission denied"):
        DataFolder.open(tmp_path)


def test_without_an_agent_the_folder_tells(folder: DataFolder) -> None:
    """Not joined, not running, paused: each is told as it is, and an old snapshot is not taken for the present."""
    assert present_state(folder, NOW)[1].state is AgentState.SETUP
    save_membership(folder.membership, MEMBER)
    assert "EmbedPool is not running" in present_state(folder, NOW)[1].reason
    today = dt.datetime.fromtimestamp(NOW).astimezone().date().isoformat()
    write_history(folder.history, {"texts": {today: 8412}, "chats": {today: 3}})
    write_state(folder.state, SNAPSHOT)
    running, snapshot = present_state(folder, NOW)
    assert (running, snapshot.state) == (False, AgentState.OFFLINE)
    assert (snapshot.texts_today, snapshot.chats_today) == (8412, 3)
    assert present_state(folder, NOW + 2 * 86_400)[1].texts_today == 0
    save_control(folder.control, Control(paused=True))
    paused = present_state(folder, NOW)[1]
    assert paused.state is AgentState.PAUSED
    assert "EmbedPool is not running" in paused.reason


def test_the_last_error_is_still_told(folder: DataFolder) -> None:
    """An agent that ended with an error left its reason."""
    save_membership(folder.membership, MEMBER)
    error = replace(SNAPSHOT, state=AgentState.ERROR, reason="The pool refused this PC's key.", pid=0)
    write_state(folder.state, error)
    running, snapshot = present_state(folder, NOW)
    assert (running, snapshot.state, snapshot.reason) == (False, AgentState.ERROR, error.reason)


def test_a_killed_agents_trouble_is_not_the_present(folder: DataFolder) -> None:
    """It had no engine when it was killed: now the thing to know is that it does not run."""
    save_membership(folder.membership, MEMBER)
    write_state(folder.state, replace(SNAPSHOT, state=AgentState.ERROR, reason="Ollama is not running."))
    snapshot = present_state(folder, NOW)[1]
    assert (snapshot.state, snapshot.reason) == (
        AgentState.OFFLINE,
        "EmbedPool is not running on this PC.",
    )


def test_a_start_that_failed_is_told(folder: DataFolder) -> None:
    """Started by the system, nobody reads its last words: `status` has them."""
    save_membership(folder.membership, MEMBER)
    write_state(folder.state, replace(SNAPSHOT, state=AgentState.ERROR, reason="The key is gone.", pid=0))
    assert describe(present_state(folder, NOW)[1], running=False).startswith("Error: The key is gone.")
    record_start(folder)
    assert "EmbedPool is not running" in present_state(folder, NOW)[1].reason


def test_another_pools_snapshot_is_not_ours(folder: DataFolder) -> None:
    """After leaving and joining elsewhere the old error is history."""
    save_membership(folder.membership, replace(MEMBER, agent_id="agent-2"))
    write_state(folder.state, replace(SNAPSHOT, state=AgentState.ERROR, reason="Old.", pid=0))
    assert "EmbedPool is not running" in present_state(folder, NOW)[1].reason


def test_people_get_a_few_lines() -> None:
    """What it does and why first, then where, with what, how much."""
    lines = describe(SNAPSHOT, running=True).splitlines()
    assert lines[0] == "Working: nomic · 412 texts per minute"
    text = "\n".join(lines)
    for words in (
        "Test pool at pool.example.org",
        "ollama 0.33.0",
        "No data.",
        "320 texts and 2 chats done",
        "8412 texts, 3",
    ):
        assert words in text
    assert describe(StateSnapshot(AgentState.ERROR, "Broken."), running=False) == "Error: Broken."


def test_a_waiting_agent_says_when_it_looks_again_and_what_the_pc_does() -> None:
    """The pool's numbers, the models in memory and where they run, the cards, and how long nobody was there."""
    snapshot = replace(
        SNAPSHOT,
        state=AgentState.WAITING,
        reason="Another program is using the graphics card (60 %).",
        next_check_at=NOW + 40,
        work_now_until=NOW + 1800,
        pool_status=PoolStatus(agents_online=37, texts_waiting=1280, texts_total=8412, tasks_total=300),
        loaded=(
            LoadedModel("nomic", 100, 100, ours=True),
            LoadedModel("llama3", 100, 40, ours=False),
            LoadedModel("phi", 100, 0, ours=False),
        ),
        pc=PcStatus(
            gpus=(
                GpuStatus("0", "nvidia", "RTX 4070", 12_000_000_000, 3_100_000_000, 61.0, temperature=54.0),
                GpuStatus("1", "amd", "RX 550", asleep=True),
            ),
            idle_seconds=721.0,
            idle_source="X11 screen saver",
        ),
    )
    told = describe(snapshot, running=True, now=NOW)
    for line in (
        "Another program is using the graphics card (60 %).",
        "Next:    looks again in 40 s",
        "Now:     works for 30 min more, whoever is there",
        "         1280 texts wait, 37 PCs online, 8412 texts are ours",
        "Loaded:  nomic, on the graphics card",
        "Loaded:  llama3, partly on the processor, by somebody else",
        "Loaded:  phi, on the processor, by somebody else",
        "Card:    RTX 4070, 3.1 of 12.0 GB in use, 61 % busy, 54 °C",
        "Card:    RX 550, asleep",
        "This PC: not touched for 721 s (X11 screen saver)",
    ):
        assert line in told.splitlines()
    assert "looks again" not in describe(snapshot, running=True, now=NOW + 41)
    assert "Card:" not in describe(snapshot, running=False, now=NOW)


def test_a_snapshot_of_another_version_is_none(folder: DataFolder) -> None:
    """A file that makes no sense is not shown, and does not crash."""
    write_state(folder.state, SNAPSHOT)
    text = folder.state.read_text().replace('"working"', '"dancing"')
    folder.state.write_text(text)
    assert read_state(folder.state) is None

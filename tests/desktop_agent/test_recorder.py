"""What the agent shows is also what `status` and the next start will read, without a write for every number."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_agent.core import recorder
from desktop_agent.core.data_folder import DataFolder
from desktop_agent.core.history import History
from desktop_agent.core.ran import Ran
from desktop_agent.core.recorder import Recorder
from desktop_agent.core.state import AgentState, StateSnapshot, read_state
from tests.desktop_agent.parts import run

WORKING = StateSnapshot(AgentState.WORKING, "Working", texts_per_minute=1, pid=1)


def written(folder: DataFolder) -> tuple[AgentState, int]:
    found = read_state(folder.state)
    assert found is not None
    return found.state, found.texts_per_minute


def test_numbers_are_written_later_and_states_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A number that changed is published, and written a little later, also when nothing changes any more."""
    folder = DataFolder.open(tmp_path)

    async def story() -> None:
        shown: list[StateSnapshot] = []
        r = Recorder(folder, History(), Ran(), shown.append)
        await r.show(WORKING)
        assert written(folder) == (AgentState.WORKING, 1)
        faster = replace(WORKING, texts_per_minute=2)
        await r.show(faster)
        assert (written(folder)[1], shown) == (1, [WORKING, faster])
        monkeypatch.setattr(recorder, "WRITE_SECONDS", 0.0)
        await r.show(faster)
        assert (written(folder)[1], len(shown)) == (2, 2)
        monkeypatch.setattr(recorder, "WRITE_SECONDS", 3600.0)
        await r.show(replace(faster, state=AgentState.PAUSED))
        assert written(folder) == (AgentState.PAUSED, 2)
        await r.end(WORKING)
        assert written(folder) == (AgentState.WORKING, 1)

    run(story())


def test_nothing_new_is_not_written(tmp_path: Path) -> None:
    """An idle agent leaves the disk alone."""
    folder = DataFolder.open(tmp_path)

    async def story() -> None:
        r = Recorder(folder, History(), Ran())
        await r.show(WORKING)
        folder.state.unlink()
        await r.show(WORKING)
        assert not folder.state.exists()
        await r.end(WORKING)

    run(story())


def test_a_writing_that_is_given_up_takes_place(tmp_path: Path) -> None:
    """Whoever waits for it may be cancelled at the program's end; what was counted is on disk all the same."""
    folder, today = DataFolder.open(tmp_path), dt.date(2026, 11, 22)

    async def story() -> None:
        history = History()
        r = Recorder(folder, history, Ran())
        busy = threading.Event()
        r._disk.submit(busy.wait)
        history.add(3, 0, today)
        waiting = asyncio.create_task(r.show(WORKING))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        busy.set()
        await r.end(WORKING)
        assert History.load(folder.history).texts_on(today) == 3

    run(story())

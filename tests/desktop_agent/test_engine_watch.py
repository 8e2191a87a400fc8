"""The watch over the engines' memory: what it tells, when it looks, and what makes it stop the work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from desktop_agent.core.engines.base import EngineMemory
from desktop_agent.core.engines.engine_watch import LOST_CARD_SECONDS, EngineWatch
from desktop_agent.core.state import LoadedModel
from tests.desktop_agent.parts import GatedEngine, catalogue_of, run, until

OURS = LoadedModel("nomic-embed-text", 300, 300, ours=True)
SLOW = LoadedModel("nomic-embed-text", 300, 0, ours=True)
THEIRS = LoadedModel("llama3", 5000, 4000, ours=False)


@dataclass
class Desk:
    """A watch over an engine in the test's hands."""

    engine: GatedEngine = field(default_factory=GatedEngine)
    working: bool = True
    has_card: bool = True
    now: float = 1000.0
    changes: int = 0
    look_again: asyncio.Event = field(default_factory=asyncio.Event)

    async def watch(self) -> EngineWatch:
        """Make the watch."""
        return EngineWatch(
            await catalogue_of(self.engine),
            lambda: self.working,
            self._changed,
            look_again=self.look_again,
            has_card=lambda: self.has_card,
            clock=lambda: self.now,
        )

    def _changed(self) -> None:
        self.changes += 1

    def holds(self, *models: LoadedModel) -> None:
        """Have these models in memory."""
        owner = next((model.name for model in models if not model.ours), "")
        self.engine.memory = EngineMemory(models, owner)


def test_what_is_in_memory_is_told() -> None:
    """Whose it is, how much of the card is held because of us, and that the owner uses Ollama; each change once."""

    async def story() -> None:
        desk = Desk()
        watch = await desk.watch()
        await watch.run_once()
        assert (watch.loaded, watch.vram_held_bytes, watch.owner_uses, desk.changes) == ((), 0, "", 0)
        desk.holds(OURS, THEIRS)
        await watch.run_once()
        await watch.run_once()
        assert (watch.loaded, watch.vram_held_bytes, desk.changes) == ((OURS, THEIRS), 300, 1)
        assert watch.owner_uses == "You are using Ollama yourself: llama3 is loaded."
        desk.holds()
        await watch.run_once()
        assert (watch.owner_uses, watch.vram_held_bytes, desk.changes) == ("", 0, 2)

    run(story())


def test_an_engine_that_goes_away_and_one_that_comes_back_are_looked_at_again() -> None:
    """At once, and once for each: the next look at the models says what is wrong."""

    async def story() -> None:
        desk = Desk()
        watch = await desk.watch()
        for answers, news in ((True, False), (False, True), (False, False), (True, True), (True, False)):
            desk.engine.answers = answers
            desk.look_again.clear()
            await watch.run_once()
            assert desk.look_again.is_set() is news

    run(story())


def test_it_looks_when_it_is_woken() -> None:
    """Not only every few seconds."""

    async def story() -> None:
        desk = Desk()
        watch = await desk.watch()
        loop = asyncio.create_task(watch.run_forever())
        for looks in (1, 2, 3):
            await until(lambda looks=looks: desk.engine.looks == looks)  # type: ignore[misc]
            watch.wake()
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)

    run(story())


def test_it_looks_more_often_while_we_compute() -> None:
    """Every 2 s and every 5 s, by the time that it naps."""

    async def story() -> None:
        desk = Desk()
        watch = await desk.watch()
        naps: list[float] = []

        async def nap(seconds: float) -> None:
            naps.append(seconds)
            desk.working = not desk.working
            if len(naps) == 3:
                raise asyncio.CancelledError

        watch._nap = nap  # type: ignore[method-assign]
        await asyncio.gather(watch.run_forever(), return_exceptions=True)
        assert naps == [2.0, 5.0, 2.0]

    run(story())


def test_a_model_on_the_processor_is_a_warning_where_there_is_a_card() -> None:
    """It works, so it is no reason to stop; without a card it is as it should be."""

    async def story() -> None:
        desk = Desk()
        watch = await desk.watch()
        desk.holds(SLOW)
        await watch.run_once()
        assert "on the processor, not on the graphics card" in watch.warning
        assert watch.problem == ""
        desk.has_card = False
        assert watch.warning == ""

    run(story())


def test_losing_the_card_is_a_problem_that_ends() -> None:
    """What was on the card and is not any more: stop, for five minutes or until the owner says try again."""

    async def lose(desk: Desk) -> EngineWatch:
        watch = await desk.watch()
        for model in (OURS, SLOW, SLOW):
            desk.holds(model)
            await watch.run_once()
        assert "Ollama has lost the graphics card: nomic-embed-text" in watch.problem
        assert watch.warning == ""
        desk.holds()
        await watch.run_once()
        assert watch.problem
        return watch

    async def story() -> None:
        desk = Desk()
        watch = await lose(desk)
        desk.now += LOST_CARD_SECONDS
        assert watch.problem == ""
        desk.holds(SLOW)
        await watch.run_once()
        assert watch.problem
        watch.try_again()
        await watch.run_once()
        assert (watch.problem, bool(watch.warning)) == ("", True)

    run(story())


def freed(desk: Desk, then: Callable[[], None]) -> list[str]:
    """Free, let something happen, look; gives what was unloaded at that look."""

    async def story() -> list[str]:
        watch = await desk.watch()
        await watch.free()
        assert desk.engine.unloaded == ["nomic-embed-text"]
        desk.engine.unloaded.clear()
        then()
        await watch.run_once()
        return desk.engine.unloaded

    return run(story())


def test_what_turns_up_late_goes_too() -> None:
    """A model that was just being loaded when the owner came back; not one of work that goes on again."""
    for working, seconds, gone in ((False, 2.0, True), (True, 2.0, False), (False, 20.0, False)):
        desk = Desk(working=working)

        def later(desk: Desk = desk, seconds: float = seconds) -> None:
            desk.holds(OURS)
            desk.now += seconds

        assert bool(freed(desk, later)) is gone
    assert freed(Desk(working=False), lambda: None) == []

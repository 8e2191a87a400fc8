"""The speed test: through the catalogue's engine, honest about the card, and stopped at once."""

from __future__ import annotations

import asyncio

import pytest

from desktop_agent.core.engines.embedded import MODEL as WORDLLAMA
from desktop_agent.core.engines.embedded import EmbeddedEngine
from desktop_agent.core.engines.ollama import OllamaEngine
from desktop_agent.core.engines.speed_test import made_up_texts, measure_speed
from desktop_agent.core.errors import EngineUnavailable, OwnerUsesEngine
from tests.desktop_agent.parts import GatedEngine, catalogue_of, chat_offer, offer, run, until
from tests.fakes.ollama import running_ollama
from tests.fakes.ollama_models import FakeModel, chat_model


class Clock:
    """A clock that goes on by a second at every look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def test_the_rate_is_that_of_the_texts_that_were_embedded() -> None:
    """The call that loads the model does not count; progress grows to the whole."""

    async def story() -> None:
        engine, progress = GatedEngine(offer("other"), offer(), chat_offer()), list[float]()
        result = await measure_speed(await catalogue_of(engine), progress.append, seconds=3.0, clock=Clock())
        assert [len(call) for call in engine.calls] == [1, 32, 32]
        assert (result.model, result.texts_per_minute, result.on_gpu) == ("nomic-embed-text", 1280, None)
        assert progress == sorted(progress)
        assert (progress[0], progress[-1]) == (0.0, 1.0)

    run(story())


@pytest.mark.parametrize("on_card", [True, False])
def test_ollama_says_whether_the_card_computes(on_card: bool) -> None:
    """By the model's share of the card's memory."""
    with running_ollama(FakeModel(dimensions=8), chat_model("llama3:latest"), ms_per_text=0.1) as ollama:
        ollama.fake.memory.card_share = 1.0 if on_card else 0.0

        async def story() -> None:
            catalogue = await catalogue_of(OllamaEngine(ollama.url))
            result = await measure_speed(catalogue, lambda _done: None, seconds=0.1)
            assert (result.model, result.on_gpu) == ("nomic-embed-text", on_card)
            assert result.texts_per_minute > 0
            ollama.fake.memory.put(chat_model("llama3:latest"))
            await catalogue.look()
            with pytest.raises(OwnerUsesEngine):
                await measure_speed(catalogue, lambda _done: None)
            await catalogue.close()

        run(story())


def test_it_works_without_ollama() -> None:
    """With the engine inside the agent, of which nobody can say that it is on the card."""

    async def story() -> None:
        result = await measure_speed(await catalogue_of(EmbeddedEngine()), lambda _done: None, seconds=0.05)
        assert (result.model, result.on_gpu) == (WORDLLAMA, None)
        assert result.texts_per_minute > 100

    run(story())


def test_without_a_model_it_says_why() -> None:
    """In the words of whatever is wrong; a model that only chats is none."""

    async def story() -> None:
        with pytest.raises(EngineUnavailable, match="No engine is switched on"):
            await measure_speed(await catalogue_of(), lambda _done: None)
        with pytest.raises(EngineUnavailable, match="no embedding model"):
            await measure_speed(await catalogue_of(GatedEngine(chat_offer())), lambda _done: None)

    run(story())


def test_it_can_be_stopped() -> None:
    """The call at the engine is cancelled."""

    async def story() -> None:
        engine = GatedEngine()
        engine.gate.clear()
        test = asyncio.create_task(measure_speed(await catalogue_of(engine), lambda _done: None))
        await until(lambda: len(engine.calls) == 1)
        test.cancel()
        await asyncio.gather(test, return_exceptions=True)
        assert engine.canceled == 1

    run(story())


def test_the_texts_are_all_different() -> None:
    """No engine could answer one from another."""
    texts = made_up_texts(0, 5000)
    assert len(set(texts)) == 5000
    assert max(map(len, texts)) < 120

"""The owner's own use of Ollama comes first, over real sockets: never pushed out, never kept longer, never unloaded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import httpx
import pytest

from desktop_agent.core.chat.payload import read_payload
from desktop_agent.core.engines.ollama import FREE_SECONDS, OllamaEngine
from desktop_agent.core.errors import EngineUnavailable, OwnerUsesEngine
from tests.desktop_agent.parts import Ear, run, until
from tests.fakes.ollama import OllamaThread, running_ollama
from tests.fakes.ollama_models import FakeModel, chat_model

NAME = "nomic-embed-text"
MODEL, LLAMA = FakeModel(dimensions=8), chat_model("llama3:latest")


@pytest.fixture
def ollama() -> Iterator[OllamaThread]:
    with running_ollama(MODEL, LLAMA) as thread:
        yield thread


async def by_owner(ollama: OllamaThread, model: str, **more: object) -> None:
    """Have the owner use a model, as any program of theirs would."""
    body = {"model": model, "input": "mine", **more}
    if model != NAME:
        body = {"model": model, "messages": [{"role": "user", "content": "mine"}], "stream": False, **more}
    async with httpx.AsyncClient(trust_env=False) as http:
        path = "/api/embed" if model == NAME else "/api/chat"
        (await http.post(ollama.url + path, json=body)).raise_for_status()


def test_beside_the_owners_model_nothing_of_ours_is_called(ollama: OllamaThread) -> None:
    """On a card with room for one, a call of ours would push theirs out: none is made, until theirs is gone."""

    async def story() -> None:
        ollama.fake.memory.card_bytes = LLAMA.size
        await by_owner(ollama, "llama3")
        engine = OllamaEngine(ollama.url)
        with pytest.raises(OwnerUsesEngine, match="You are using Ollama yourself: llama3 is loaded"):
            await engine.embed(NAME, ["a"], truncate=False)
        with pytest.raises(OwnerUsesEngine):
            await engine.chat("llama3", read_payload("Hi"), Ear())
        assert engine.memory.owner_model == "llama3"
        assert (len(ollama.fake.embed_calls), len(ollama.fake.chat_calls)) == (0, 1)
        ollama.fake.memory.unload(LLAMA)
        await engine.embed(NAME, ["a"], truncate=False)
        assert ollama.fake.memory.evicted == []
        await engine.close()

    run(story())


def test_the_owners_model_keeps_its_time(ollama: OllamaThread) -> None:
    """Looks, refused calls, freeing and the end of the agent leave it where it is, for as long as it was."""

    async def story() -> None:
        await by_owner(ollama, NAME, keep_alive="1h")
        (before,) = ollama.fake.memory.running()
        engine = OllamaEngine(ollama.url)
        with pytest.raises(OwnerUsesEngine):
            await engine.embed(NAME, ["a"], truncate=False)
        assert await engine.look()
        await engine.free()
        await engine.close()
        assert ollama.fake.memory.running() == [before]

    run(story())


def test_our_own_model_stays_two_minutes_and_is_known_as_ours(ollama: OllamaThread) -> None:
    """Whatever Ollama's own default is, and whatever its clock shows."""

    async def story() -> None:
        for ahead in (0.0, 5000.0):
            ollama.fake.memory.clock_ahead = ahead
            engine = OllamaEngine(ollama.url)
            for _ in range(3):
                await engine.embed(NAME, ["a"], truncate=False)
                assert await engine.look()
                (model,) = engine.memory.loaded
                assert (model.name, model.ours, model.vram_bytes) == (NAME, True, MODEL.size)
            assert engine.memory.owner_model == ""
            await engine.close()
            assert ollama.fake.loaded == set()

    run(story())


def test_the_owner_taking_over_our_model_makes_it_theirs(ollama: OllamaThread) -> None:
    """They use the very model that we loaded, to be kept longer: seen at the next look, and left alone from then on."""

    async def story() -> None:
        engine = OllamaEngine(ollama.url)
        await engine.embed(NAME, ["a"], truncate=False)
        assert await engine.look()
        await by_owner(ollama, NAME, keep_alive="10m")
        assert await engine.look()
        assert engine.memory.owner_model == NAME
        with pytest.raises(OwnerUsesEngine):
            await engine.embed(NAME, ["b"], truncate=False)
        await engine.close()
        assert ollama.fake.loaded == {MODEL.name}

    run(story())


def test_the_owner_who_was_faster_by_a_moment_keeps_their_model(ollama: OllamaThread) -> None:
    """They load it between our look and our call. That call was the last, and unloads nothing."""

    async def story() -> None:
        engine = OllamaEngine(ollama.url)
        real_glance = engine._glance

        async def and_then_the_owner_comes() -> None:
            await real_glance()
            ollama.fake.memory.put(MODEL)

        engine._glance = and_then_the_owner_comes  # type: ignore[method-assign]
        await engine.embed(NAME, ["a"], truncate=False)
        engine._glance = real_glance  # type: ignore[method-assign]
        assert await engine.look()
        assert engine.memory.owner_model == NAME
        await engine.close()
        assert ollama.fake.loaded == {MODEL.name}

    run(story())


def test_coming_back_stops_the_call_and_empties_the_card(ollama: OllamaThread) -> None:
    """The call is cut off, which closes its connection; the model is told to go, and seen gone, within the limit."""
    ollama.fake.ms_per_text = 60_000
    ollama.fake.memory.leave_seconds = 0.3

    async def story() -> None:
        engine = OllamaEngine(ollama.url)
        call = asyncio.create_task(engine.embed(NAME, ["a"], truncate=False))
        await until(lambda: len(ollama.fake.embed_calls) == 1)
        assert await engine.look()
        began = time.monotonic()
        call.cancel()
        await engine.free()
        assert time.monotonic() - began < FREE_SECONDS + 0.5
        assert (ollama.fake.calls_canceled, ollama.fake.loaded) == (1, set())
        assert (engine.memory.loaded, list(ollama.fake.paths).count("/api/generate")) == ((), 1)
        await engine.close()

    run(story())


def test_a_model_that_does_not_go_is_told_as_held(ollama: OllamaThread, caplog: pytest.LogCaptureFixture) -> None:
    """After the limit the wait ends; what is held is known, and said in the log."""
    ollama.fake.memory.leave_seconds = 3600.0

    async def story() -> None:
        engine = OllamaEngine(ollama.url)
        await engine.embed(NAME, ["a"], truncate=False)
        async with asyncio.timeout(FREE_SECONDS + 5):
            await engine.free()
        (model,) = engine.memory.loaded
        assert (model.ours, model.vram_bytes) == (True, MODEL.size)
        ollama.go_away()
        await engine.close()

    run(story())
    assert f"Ollama still holds {NAME}" in caplog.text


@pytest.mark.parametrize("trouble", ["hangs", "fails", "gone"])
def test_freeing_never_raises_and_ends_in_time(ollama: OllamaThread, trouble: str) -> None:
    """Whatever became of Ollama meanwhile."""

    async def story() -> None:
        engine = OllamaEngine(ollama.url)
        await engine.embed(NAME, ["a"], truncate=False)
        if trouble == "hangs":
            ollama.fake.hangs_at = ("/",)
        elif trouble == "fails":
            ollama.fake.all_broken = (500, "something")
        else:
            ollama.go_away()
        async with asyncio.timeout(2 * FREE_SECONDS + 5):
            await engine.free()
            await engine.close()

    run(story())


def test_without_anything_of_ours_ollama_is_not_even_asked(ollama: OllamaThread) -> None:
    """A pause on a PC that has not worked costs nothing."""

    async def story() -> None:
        engine = OllamaEngine(ollama.url)
        await engine.free()
        await engine.close()

    run(story())
    assert list(ollama.fake.paths) == []


def test_a_look_that_hangs_gives_the_task_back(ollama: OllamaThread, monkeypatch: pytest.MonkeyPatch) -> None:
    """While Ollama loads a large model of the owner's it may not answer: that is nobody's failure."""
    monkeypatch.setattr("desktop_agent.core.engines.ollama.GLANCE_SECONDS", 0.2)
    ollama.fake.hangs_at = ("/api/ps",)

    async def story() -> None:
        engine = OllamaEngine(ollama.url)
        with pytest.raises(EngineUnavailable, match="does not answer"):
            await engine.embed(NAME, ["a"], truncate=False)
        assert not await engine.look()
        assert len(ollama.fake.embed_calls) == 0
        await engine.close()

    run(story())

"""Embedding through Ollama, over real sockets: every text gets its own vector, whatever its neighbours do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest

from desktop_agent.core.engines.base import EmbedResult
from desktop_agent.core.engines.ollama import OllamaEngine
from desktop_agent.core.errors import EngineError, EngineFailed, EngineUnavailable, ModelMissing, OutOfMemory
from tests.desktop_agent.parts import rows, run, until
from tests.fakes.ollama import OllamaThread, running_ollama
from tests.fakes.ollama_embed import EOF, EOF_ONCE, NAN
from tests.fakes.ollama_models import FakeModel, count_tokens

NAME = "nomic-embed-text"
MODEL = FakeModel(dimensions=64, context_length=20)
LONG = "word " * 30


@pytest.fixture
def ollama() -> Iterator[OllamaThread]:
    with running_ollama(MODEL) as thread:
        yield thread


def embed(ollama: OllamaThread, *texts: str, truncate: bool = False, model: str = NAME) -> EmbedResult:
    async def once() -> EmbedResult:
        engine = OllamaEngine(ollama.url)
        try:
            return await engine.embed(model, list(texts), truncate=truncate)
        finally:
            await engine.close()

    return run(once())


def sizes(ollama: OllamaThread) -> list[int]:
    return [call.texts for call in ollama.fake.embed_calls]


def assert_vectors(result: EmbedResult, texts: list[str], but: tuple[int, ...] = ()) -> None:
    """Each row is its own text's vector, bit for bit; failed rows are zero."""
    expected = MODEL.vectors(texts)
    expected[list(but)] = 0
    assert np.array_equal(rows(result.vectors, result.dimensions), expected)


def test_texts_come_back_in_order(ollama: OllamaThread) -> None:
    """70 texts go in calls of at most 32 and come back in order, with the engine's token count."""
    texts = [f"text number {number}" for number in range(70)] + [""]
    result = embed(ollama, *texts)
    assert sizes(ollama) == [32, 32, 7]
    assert_vectors(result, texts)
    assert sum(result.tokens) == sum(map(count_tokens, texts))
    assert (result.truncated, result.failures) == ((), ())
    assert result.engine_ms > 0


def test_no_options_are_sent(ollama: OllamaThread) -> None:
    """Nothing that would have the model loaded anew; our own is kept for two minutes."""
    embed(ollama, "a", truncate=True)
    sent = {"model": NAME, "input": ["a"], "truncate": False, "keep_alive": "120s"}
    assert ollama.fake.embed_calls[0].body == sent


@pytest.mark.parametrize("position", [0, 1, 17, 31])
@pytest.mark.parametrize(
    ("bad", "code"),
    [(LONG, "input_too_long"), (NAN, "engine_error"), (EOF, "input_too_long")],
    ids=["long", "nan", "eof"],
)
def test_one_bad_text_is_found(ollama: OllamaThread, position: int, bad: str, code: str) -> None:
    """Wherever it stands, the bad text fails and no other; halving needs few calls."""
    texts = [f"text {number}" for number in range(32)]
    texts[position] = bad
    result = embed(ollama, *texts)
    assert [(failure.position, failure.code) for failure in result.failures] == [(position, code)]
    assert_vectors(result, texts, but=(position,))
    assert result.tokens[position] == 0
    assert len(sizes(ollama)) <= 13


def test_a_long_text_is_cut_when_its_task_allows(ollama: OllamaThread) -> None:
    """Only the long text is sent again, with truncation, and named as cut."""
    result = embed(ollama, "a", LONG, "b", truncate=True)
    assert (result.truncated, result.failures) == ((1,), ())
    assert_vectors(result, ["a", MODEL.cut(LONG), "b"])
    cut = [call.body["input"] for call in ollama.fake.embed_calls if call.body["truncate"]]
    assert cut == [[LONG]]


def test_a_text_gets_a_second_chance_after_a_crash(ollama: OllamaThread) -> None:
    """A runner that broke once and works again costs no text."""
    texts = ["a", f"{EOF_ONCE} b", "c"]
    assert_vectors(embed(ollama, *texts), texts)


def test_an_engine_that_breaks_on_everything_is_broken(ollama: OllamaThread) -> None:
    """When one text after the other breaks it, it is the engine: the call ends instead of trying all 32 twice."""
    with pytest.raises(EngineFailed):
        embed(ollama, *[f"{EOF} {number}" for number in range(32)])
    assert len(sizes(ollama)) <= 13


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (500, "model requires more system memory (5 GiB) than is available", OutOfMemory),
        (500, "llama runner process has terminated: cudaMalloc failed: out of memory", OutOfMemory),
        (404, "model 'x' not found", ModelMissing),
        (400, '"llama3" does not support embeddings', ModelMissing),
        (503, "server busy, please try again. maximum pending requests exceeded", EngineUnavailable),
        (403, "cloud is disabled", EngineFailed),
        (502, "bad gateway", EngineFailed),
    ],
)
def test_what_concerns_all_texts_ends_the_call(
    ollama: OllamaThread, status: int, error: str, expected: type[EngineError]
) -> None:
    """Errors that no halving can cure are told at once, by what they mean."""
    ollama.fake.broken = (status, error)
    with pytest.raises(expected):
        embed(ollama, *(f"text {number}" for number in range(32)))
    assert sizes(ollama) == [32]


def test_a_missing_model_is_missing(ollama: OllamaThread) -> None:
    """The real error of a model that is not there."""
    with pytest.raises(ModelMissing, match="bge-m3"):
        embed(ollama, "a", model="bge-m3")


def test_ollama_may_go_and_come_back(ollama: OllamaThread) -> None:
    """Gone: unavailable, with the reason. Back: it works again, with the same engine."""

    async def story() -> None:
        engine = OllamaEngine(ollama.url)
        await engine.embed(NAME, ["a"], truncate=False)
        ollama.go_away()
        with pytest.raises(EngineUnavailable):
            await engine.embed(NAME, ["a"], truncate=False)
        gone = engine.health
        assert (gone.available, "not running" in gone.reason) == (False, True)
        ollama.come_back()
        assert_vectors(await engine.embed(NAME, ["a"], truncate=False), ["a"])
        assert await engine.inventory()
        assert engine.health.available
        await engine.close()

    run(story())


def test_a_canceled_call_stops_ollama(ollama: OllamaThread) -> None:
    """Cancelling closes the connection, and Ollama stops computing: the volunteer is back."""
    ollama.fake.ms_per_text = 60_000

    async def story() -> None:
        engine = OllamaEngine(ollama.url)
        call = asyncio.create_task(engine.embed(NAME, ["a"], truncate=False))
        await until(lambda: len(ollama.fake.embed_calls) == 1)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        await until(lambda: ollama.fake.calls_canceled == 1)
        await engine.close()

    run(story())


def test_what_is_no_ollama_is_no_engine(ollama: OllamaThread) -> None:
    """Another program on Ollama's port gives no offers and no crash."""
    ollama.fake.version = ""

    async def look() -> tuple[int, str]:
        engine = OllamaEngine(f"{ollama.url}/nothing-here")
        offers = await engine.inventory()
        await engine.close()
        return len(offers), engine.health.reason

    count, reason = run(look())
    assert count == 0
    assert reason

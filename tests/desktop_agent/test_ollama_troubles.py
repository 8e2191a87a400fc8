"""What an ill Ollama gets: a sentence that says what to do, and work that goes on by itself once it is well."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from desktop_agent.core.engines.ollama import OllamaEngine
from tests.desktop_agent.parts import catalogue_of, run
from tests.fakes.ollama import FakeOllama, OllamaThread, running_ollama


@pytest.fixture
def ollama() -> Iterator[OllamaThread]:
    with running_ollama() as thread:
        yield thread


def hang(fake: FakeOllama) -> None:
    fake.hangs_at = ("/",)


def fail(fake: FakeOllama) -> None:
    fake.all_broken = (500, "something broke")


def refuse(fake: FakeOllama) -> None:
    fake.all_broken = (403, "no")


def be_a_page(fake: FakeOllama) -> None:
    fake.is_a_page = True


def be_old(fake: FakeOllama) -> None:
    fake.version = "0.5.1"


def be_empty(fake: FakeOllama) -> None:
    fake.models = ()


def get_well(fake: FakeOllama) -> None:
    well = FakeOllama()
    fake.hangs_at, fake.all_broken, fake.is_a_page = (), None, False
    fake.version, fake.models = well.version, well.models


@pytest.mark.parametrize(
    ("falls_ill", "words"),
    [
        (hang, r"Ollama does not answer .* though it is running. Quit Ollama and start it again"),
        (fail, r"Ollama answers with errors \(HTTP 500\). Quit Ollama and start it again"),
        (refuse, r"does not answer as Ollama does \(HTTP 403\)"),
        (be_a_page, "does not answer as Ollama does"),
        (be_old, r"Ollama is too old \(0.5.1\); 0.12 or newer is needed"),
        (be_empty, "Ollama has no model. Get one"),
    ],
)
def test_each_illness_has_its_words_and_passes(
    ollama: OllamaThread, falls_ill: Callable[[FakeOllama], None], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is offered meanwhile, and all is well at the first look after it."""
    monkeypatch.setattr("desktop_agent.core.engines.ollama_client.LOOK_SECONDS", 0.3)

    async def story() -> None:
        engine = OllamaEngine(ollama.url)
        catalogue = await catalogue_of(engine)
        assert catalogue.problem == ""
        falls_ill(ollama.fake)
        assert await catalogue.refresh()
        assert catalogue.offers == ()
        assert re.search(words, catalogue.problem), catalogue.problem
        get_well(ollama.fake)
        assert await catalogue.refresh()
        assert (len(catalogue.offers), catalogue.problem) == (1, "")
        await catalogue.close()

    run(story())


def test_an_ollama_that_is_away_comes_back(ollama: OllamaThread) -> None:
    """Not running has its own words; a look at its memory notices it as soon as a look at its models."""

    async def story() -> None:
        engine = OllamaEngine(ollama.url)
        catalogue = await catalogue_of(engine)
        ollama.go_away()
        assert not await catalogue.look()
        assert "Ollama is not running" in engine.health.reason
        await catalogue.refresh()
        assert "Start Ollama and EmbedPool goes on by itself" in catalogue.problem
        ollama.come_back()
        assert await catalogue.look()
        assert await catalogue.refresh()
        assert catalogue.problem == ""
        await catalogue.close()

    run(story())

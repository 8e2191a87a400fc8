"""Which of Ollama's models are offered, with what the pool must know about them."""

from __future__ import annotations

import pytest

from desktop_agent.core.engines.base import ModelOffer
from desktop_agent.core.engines.ollama import OllamaEngine
from desktop_agent.core.engines.ollama_inventory import read_show, read_tags, too_old, version_numbers
from tests.desktop_agent.parts import run
from tests.fakes.ollama import running_ollama
from tests.fakes.ollama_models import FakeModel

CHAT = FakeModel("llama3:8b", architecture="llama", capabilities=("completion", "tools"))
EMBED = FakeModel("nomic-embed-text:latest")
TAGGED = FakeModel("bge-m3:567m", dimensions=1024, context_length=8192, architecture="bert", quantisation="Q8_0")
CLOUD = FakeModel("big-embed:cloud", remote_host="https://ollama.com")
CLOUD_BY_TAG = FakeModel("big-embed:120b-cloud")


async def look(url: str) -> tuple[dict[str, ModelOffer], OllamaEngine]:
    engine = OllamaEngine(url)
    offers = await engine.inventory()
    await engine.close()
    return {offer.model: offer for offer in offers}, engine


@pytest.mark.parametrize("version", ["0.12.0", "0.29.9", "0.30.0", "0.33.1"])
def test_only_local_embedding_models_are_offered(version: str) -> None:
    """With and without capabilities in /api/tags: embedding models, none of the cloud, none for chat only."""
    with running_ollama(CHAT, EMBED, TAGGED, CLOUD, CLOUD_BY_TAG, version=version) as ollama:
        offers, engine = run(look(ollama.url))
    assert list(offers) == ["nomic-embed-text", "bge-m3:567m"]
    assert engine.health.available
    assert engine.health.version == version


@pytest.mark.parametrize("version", ["0.12.0", "0.33.1"])
def test_an_offer_has_what_makes_vectors_comparable(version: str) -> None:
    """Digest, quantisation, dimensions, context length and version are told, from whichever route has them."""
    with running_ollama(TAGGED, version=version) as ollama:
        offers, _ = run(look(ollama.url))
        offer = offers["bge-m3:567m"]
    assert (offer.digest, offer.quantisation, offer.dimensions) == (TAGGED.digest, "Q8_0", 1024)
    assert (offer.context_length, offer.engine, offer.engine_version) == (8192, "ollama", version)
    assert offer.capability == "embed.bge-m3:567m"


def test_what_show_said_is_not_asked_twice() -> None:
    """A digest never changes its meaning: a look every 30 s costs two requests, whatever the number of models."""
    with running_ollama(EMBED, TAGGED, version="0.12.0") as ollama:

        async def look_twice() -> list[str]:
            engine = OllamaEngine(ollama.url)
            await engine.inventory()
            ollama.fake.paths.clear()
            await engine.inventory()
            await engine.close()
            return list(ollama.fake.paths)

        assert run(look_twice()) == ["/api/version", "/api/tags"]


def test_an_old_ollama_is_named_with_what_is_needed() -> None:
    """Before 0.12 nothing is offered, and the reason says which version would do."""
    with running_ollama(EMBED, version="0.5.1") as ollama:
        offers, engine = run(look(ollama.url))
    assert offers == {}
    assert "too old (0.5.1); 0.12 or newer" in engine.health.reason


def test_an_ollama_without_embedding_models_says_how_to_get_one() -> None:
    """The reason is something that the owner can act on."""
    with running_ollama(CHAT) as ollama:
        offers, engine = run(look(ollama.url))
    assert offers == {}
    assert "ollama pull" in engine.health.reason


def test_without_ollama_the_reason_says_so() -> None:
    """Nothing listens: nothing is offered, and the owner reads why."""
    with running_ollama(EMBED) as ollama:
        ollama.go_away()
        offers, engine = run(look(ollama.url))
    assert offers == {}
    assert "Ollama is not running" in engine.health.reason


@pytest.mark.parametrize(
    ("version", "numbers", "old"),
    [
        ("0.12.0", (0, 12, 0), False),
        ("0.12", (0, 12), False),
        ("0.11.99", (0, 11, 99), True),
        ("1.0.0-rc1", (1, 0, 0), False),
        ("0.0.0", (0, 0, 0), False),  # built from source
        ("main", (), False),
    ],
)
def test_versions_are_compared_by_their_numbers(version: str, numbers: tuple[int, ...], old: bool) -> None:
    """0.9 is older than 0.12, and a version without numbers is not held against anybody."""
    assert version_numbers(version) == numbers
    assert too_old(version) is old


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"models": None},
        {"models": ["x"]},
        {"models": [{"name": 5, "digest": "ab" * 32}]},
        {"models": [{"name": "x", "digest": "short"}]},
        {"models": [{"name": "", "digest": "ab" * 32}]},
    ],
)
def test_odd_entries_are_left_out(answer: dict[str, object]) -> None:
    """Something that only resembles Ollama makes no offers, and no crash."""
    assert read_tags(answer) == ()


def test_without_capabilities_the_architecture_tells() -> None:
    """An old /api/show: an architecture that only embeds, or a pooling type, is an embedding model."""
    bert = {"model_info": {"general.architecture": "bert", "bert.embedding_length": 384, "bert.context_length": 512}}
    pooled = {"model_info": {"general.architecture": "qwen3", "qwen3.pooling_type": 3, "qwen3.embedding_length": True}}
    chat = {"model_info": {"general.architecture": "llama"}}
    assert read_show(bert).can_embed
    assert read_show(bert).dimensions == 384
    assert read_show(pooled).can_embed
    assert read_show(pooled).dimensions is None
    assert not read_show(chat).can_embed
    assert not read_show({}).can_embed
    assert not read_show({**bert, "remote_host": "https://ollama.com"}).can_embed

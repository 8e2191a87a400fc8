"""Which of Ollama's models are offered, with what the pool must know about them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop_agent.core.engines.base import CHAT, EMBEDDING, ModelOffer
from desktop_agent.core.engines.ollama import OllamaEngine
from desktop_agent.core.engines.ollama_inventory import read_show, read_tags, too_old, version_numbers
from tests.desktop_agent.parts import run
from tests.fakes.ollama import running_ollama
from tests.fakes.ollama_models import FakeModel, chat_model

LLAMA = chat_model("llama3:8b", "tools")
SEEING = chat_model("qwen2.5vl:latest", "thinking", "tools", "vision", size=5_969_245_856)
EMBED = FakeModel("nomic-embed-text:latest")
TAGGED = FakeModel("bge-m3:567m", dimensions=1024, context_length=8192, architecture="bert", quantisation="Q8_0")
CLOUD = FakeModel("big-embed:cloud", remote_host="https://ollama.com")
CLOUD_BY_TAG = FakeModel("big-embed:120b-cloud")
CLOUD_CHAT = chat_model("gpt-oss:120b-cloud", "tools", remote_host="https://ollama.com")
PAINTER = FakeModel("flux:latest", architecture="flux", capabilities=("image",))
EVERYTHING = (LLAMA, EMBED, TAGGED, CLOUD, CLOUD_BY_TAG, CLOUD_CHAT, PAINTER)


async def look(url: str, *, chat: bool = True) -> tuple[dict[str, ModelOffer], OllamaEngine]:
    engine = OllamaEngine(url, chat=chat)
    offers = await engine.inventory()
    await engine.close()
    return {offer.capability.partition("[")[0]: offer for offer in offers}, engine


@pytest.mark.parametrize("version", ["0.12.0", "0.29.9", "0.30.0", "0.33.1"])
def test_local_models_that_can_do_our_work_are_offered(version: str) -> None:
    """With and without capabilities in /api/tags: models that embed or chat, none of the cloud, none that paint."""
    with running_ollama(*EVERYTHING, version=version) as ollama:
        offers, engine = run(look(ollama.url))
    assert list(offers) == ["llm.llama3:8b", "embed.nomic-embed-text", "embed.bge-m3:567m"]
    assert engine.health.available
    assert engine.health.version == version


def test_chat_can_be_switched_off() -> None:
    """The owner lends the PC for embeddings only: no model that chats is named."""
    with running_ollama(*EVERYTHING) as ollama:
        offers, _ = run(look(ollama.url, chat=False))
    assert list(offers) == ["embed.nomic-embed-text", "embed.bge-m3:567m"]


@pytest.mark.parametrize("version", ["0.12.0", "0.33.1"])
def test_a_chat_model_is_described(version: str) -> None:
    """What a client may rely on: abilities in one order, size, context, digest; and no length of vectors."""
    with running_ollama(SEEING, LLAMA, version=version) as ollama:
        offers, _ = run(look(ollama.url))
    seeing = offers["llm.qwen2.5vl"]
    assert seeing.capability == "llm.qwen2.5vl[vision;tools;thinking;size:6Gb]"
    assert (seeing.kind, seeing.digest, seeing.dimensions) == (CHAT, SEEING.digest, None)
    assert (seeing.context_length, seeing.quantisation) == (32_768, "Q4_K_M")
    assert offers["llm.llama3:8b"].capability == "llm.llama3:8b[tools;size:4.7Gb]"


@pytest.mark.parametrize("version", ["0.12.0", "0.33.1"])
def test_a_model_that_can_do_both_is_offered_twice(version: str) -> None:
    """Once for each kind of work, and the length of its vectors belongs to one of them only."""
    both = FakeModel("both:1b", dimensions=8, capabilities=("embedding", "completion"))
    with running_ollama(both, version=version) as ollama:
        offers, _ = run(look(ollama.url))
    assert {name: (offer.kind, offer.dimensions) for name, offer in offers.items()} == {
        "embed.both:1b": (EMBEDDING, 8),
        "llm.both:1b": (CHAT, None),
    }


def test_a_capability_is_never_too_long() -> None:
    """The server would refuse all of them for one: the attributes are left out first."""
    offer = ModelOffer("m" * 190, "d", "ollama", "1", kind=CHAT, abilities=("vision",), size_bytes=10**9)
    assert offer.capability == "llm." + "m" * 190
    assert replace(offer, model="m").capability == "llm.m[vision;size:1Gb]"


@pytest.mark.parametrize("version", ["0.12.0", "0.33.1"])
def test_an_offer_has_what_makes_vectors_comparable(version: str) -> None:
    """Digest, quantisation, dimensions, context length and version are told, from whichever route has them."""
    with running_ollama(TAGGED, version=version) as ollama:
        offers, _ = run(look(ollama.url))
        offer = offers["embed.bge-m3:567m"]
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


def test_an_ollama_without_models_says_how_to_get_one() -> None:
    """The reason is something that the owner can act on, and says so when chat was switched off."""
    with running_ollama(LLAMA) as ollama:
        offers, engine = run(look(ollama.url, chat=False))
        assert offers == {}
        assert "chat is switched off" in engine.health.reason
        ollama.fake.models = (PAINTER, CLOUD)
        offers, engine = run(look(ollama.url))
    assert offers == {}
    assert "Ollama has no model" in engine.health.reason
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
        {"models": [{"name": "x[tools]", "digest": "ab" * 32}]},
        {"models": [{"name": "x" * 191, "digest": "ab" * 32}]},
    ],
)
def test_odd_entries_are_left_out(answer: dict[str, object]) -> None:
    """Something that only resembles Ollama makes no offers, and no crash."""
    assert read_tags(answer) == ()


def test_without_capabilities_the_architecture_tells() -> None:
    """An old /api/show: an architecture that only embeds, or a pooling type, embeds; any other completes texts."""
    bert = {"model_info": {"general.architecture": "bert", "bert.embedding_length": 384, "bert.context_length": 512}}
    pooled = {"model_info": {"general.architecture": "qwen3", "qwen3.pooling_type": 3, "qwen3.embedding_length": True}}
    llama = {"model_info": {"general.architecture": "llama"}}
    assert (read_show(bert).capabilities, read_show(bert).dimensions) == (("embedding",), 384)
    assert (read_show(pooled).capabilities, read_show(pooled).dimensions) == (("embedding",), None)
    assert read_show(llama).capabilities == ("completion",)
    assert read_show({}).capabilities == ()
    assert read_show({**bert, "remote_host": "https://ollama.com"}).capabilities == ()
    assert read_show({**llama, "capabilities": ["completion"], "remote_model": "x"}).capabilities == ()

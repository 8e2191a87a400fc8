"""Several engines as one: what they offer together, who computes, and why nothing is on offer."""

from __future__ import annotations

import pytest

from desktop_agent.core.chat.payload import read_payload
from desktop_agent.core.engines.base import EngineHealth
from desktop_agent.core.engines.catalogue import MAX_OFFERS, Catalogue
from desktop_agent.core.errors import EngineUnavailable, InputInvalid
from tests.desktop_agent.parts import GatedEngine, catalogue_of, chat_offer, offer, run


def test_the_first_engine_that_has_a_model_computes_it() -> None:
    """Two engines offer one model under the same name: the first is asked, and only once is it on offer."""

    async def story() -> None:
        first, second = GatedEngine(offer("a")), GatedEngine(offer("a", "cd" * 32), offer("b"))
        catalogue = await catalogue_of(first, second)
        assert [one.model for one in catalogue.offers] == ["a", "b"]
        assert catalogue.offer("embedding", "a").digest == offer().digest
        await catalogue.embed("a", ["x"], truncate=False)
        await catalogue.embed("b:latest", ["y"], truncate=False)
        assert (first.calls, second.calls) == ([["x"]], [["y"]])

    run(story())


def test_only_chosen_models_are_offered() -> None:
    """The owner's choice holds, and when none of the chosen is there, the reason names them."""

    async def story() -> None:
        catalogue = await catalogue_of(GatedEngine(offer("a"), offer("b")), only=["b"])
        assert [one.model for one in catalogue.offers] == ["b"]
        with pytest.raises(EngineUnavailable):
            catalogue.offer("embedding", "a")
        missing = await catalogue_of(GatedEngine(offer("a")), only=["z", "y"])
        assert "y, z" in missing.problem

    run(story())


def test_a_look_tells_whether_anything_changed() -> None:
    """New, gone and updated models are changes; the same again is none."""

    async def story() -> list[bool]:
        engine = GatedEngine(offer("a"))
        catalogue = Catalogue([engine])
        changes = [await catalogue.refresh(), await catalogue.refresh()]
        for offers in ((offer("a", "cd" * 32),), (offer("a"), offer("b")), ()):
            engine.offers = offers
            changes.append(await catalogue.refresh())
        return changes

    assert run(story()) == [True, False, True, True, True]


def test_why_nothing_is_on_offer() -> None:
    """Before the first look nothing is wrong; afterwards the engine's own reason is told."""

    async def story() -> None:
        engine = GatedEngine()
        catalogue = Catalogue([engine])
        assert catalogue.problem == ""
        engine.offers, engine.health = (), EngineHealth(available=False, reason="Ollama is not running.")
        await catalogue.refresh()
        assert catalogue.problem == "Ollama is not running."
        assert catalogue.description == ""
        assert (await catalogue_of()).problem

    run(story())


def test_a_model_of_two_kinds_is_two_offers() -> None:
    """One engine's model may embed and another's of the same name chat: each kind of work goes where it is offered."""

    async def story() -> None:
        embeds, chats = GatedEngine(offer("a")), GatedEngine(chat_offer("a"))
        catalogue = await catalogue_of(embeds, chats)
        assert [one.capability for one in catalogue.offers] == ["embed.a", "llm.a[size:4.7Gb]"]
        chats.says.put_nowait(None)
        await catalogue.chat("a:latest", read_payload("hello"), lambda *_: None)
        await catalogue.embed("a", ["x"], truncate=False)
        assert (len(embeds.calls), len(chats.chats), len(chats.calls)) == (1, 1, 0)
        chats.offers = ()
        await catalogue.refresh()
        with pytest.raises(EngineUnavailable):
            await catalogue.chat("a", read_payload("hello"), lambda *_: None)

    run(story())


def test_images_go_only_to_models_that_see() -> None:
    """Another model's runner would fail on them, which would look like this PC's fault."""

    async def story() -> None:
        engine = GatedEngine(chat_offer("blind", "tools"), chat_offer("seeing", "vision"))
        catalogue = await catalogue_of(engine)
        picture = read_payload({"messages": [{"role": "user", "content": "?", "images": ["aGk="]}]})
        with pytest.raises(InputInvalid, match="blind does not support images"):
            await catalogue.chat("blind", picture, lambda *_: None)
        engine.says.put_nowait(None)
        await catalogue.chat("seeing", picture, lambda *_: None)
        assert len(engine.chats) == 1

    run(story())


def test_no_more_models_are_offered_than_a_pool_takes(caplog: pytest.LogCaptureFixture) -> None:
    """One too many would have all refused: those that embed stay, and the log says once how many are left out."""

    async def story() -> None:
        engine = GatedEngine(*(chat_offer(f"c{n}") for n in range(MAX_OFFERS)), *(offer(f"e{n}") for n in range(3)))
        catalogue = await catalogue_of(engine)
        assert len(catalogue.offers) == MAX_OFFERS
        assert [one.model for one in catalogue.offers[-4:]] == [f"c{MAX_OFFERS - 4}", "e0", "e1", "e2"]
        assert not await catalogue.refresh()

    run(story())
    assert [record.getMessage()[:8] for record in caplog.records] == ["3 models"]


def test_unloading_reaches_every_engine_if_the_owner_wants_it() -> None:
    """When the volunteer is back, each engine frees what it loaded; where that is switched off, none does."""

    async def story() -> None:
        engines = GatedEngine(offer("a")), GatedEngine(offer("b"))
        catalogue = await catalogue_of(*engines)
        await catalogue.unload()
        assert [engine.unloaded for engine in engines] == [["a"], ["b"]]
        catalogue.choose((), max_gigabytes=0.0, unload_when_back=False)
        await catalogue.unload()
        assert [engine.unloaded for engine in engines] == [["a"], ["b"]]

    run(story())


def test_models_larger_than_the_owner_allows_are_not_offered() -> None:
    """The limit is the owner's; one of unknown size stays, and with nothing left the reason names the limit."""

    async def story() -> None:
        engine = GatedEngine(chat_offer("large"), offer("of unknown size"))
        catalogue = Catalogue([engine], max_gigabytes=4.0)
        await catalogue.refresh()
        assert [one.model for one in catalogue.offers] == ["of unknown size"]
        catalogue.choose((), max_gigabytes=4.7, unload_when_back=True)
        assert await catalogue.refresh()
        assert [one.model for one in catalogue.offers] == ["large", "of unknown size"]
        catalogue.choose(("large",), max_gigabytes=4.0, unload_when_back=True)
        await catalogue.refresh()
        assert "larger than the 4 GB" in catalogue.problem
        catalogue.choose(("other",), max_gigabytes=4.0, unload_when_back=True)
        await catalogue.refresh()
        assert "None of the chosen models is there: other" in catalogue.problem

    run(story())

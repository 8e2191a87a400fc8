"""Several engines as one: what they offer together, who computes, and why nothing is on offer."""

from __future__ import annotations

import pytest

from desktop_agent.core.engines.base import EngineHealth
from desktop_agent.core.engines.catalogue import Catalogue
from desktop_agent.core.errors import EngineUnavailable
from tests.desktop_agent.parts import GatedEngine, catalogue_of, offer, run


def test_the_first_engine_that_has_a_model_computes_it() -> None:
    """Two engines offer one model under the same name: the first is asked, and only once is it on offer."""

    async def story() -> None:
        first, second = GatedEngine(offer("a")), GatedEngine(offer("a", "cd" * 32), offer("b"))
        catalogue = await catalogue_of(first, second)
        assert [one.model for one in catalogue.offers] == ["a", "b"]
        assert catalogue.offer("a").digest == offer().digest
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
            catalogue.offer("a")
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


def test_unloading_reaches_every_model() -> None:
    """When the volunteer is back, each engine is asked to free what it loaded."""

    async def story() -> list[str]:
        engine = GatedEngine(offer("a"), offer("b"))
        await (await catalogue_of(engine)).unload()
        return engine.unloaded

    assert run(story()) == ["a", "b"]

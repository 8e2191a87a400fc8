"""The server always learns what this PC can run, also when it could not be told at once."""

from __future__ import annotations

import asyncio

from desktop_agent.core.engines.catalogue import Catalogue
from desktop_agent.core.pool.announcer import Announcer
from desktop_agent.core.pool.backoff import Backoff
from desktop_agent.core.pool.contact import Contact
from desktop_agent.core.pool.wire import info_body
from tests.desktop_agent.parts import GatedEngine, api_of, offer, run
from tests.fakes.pool import FakePool


def announcer_of(pool: FakePool, engine: GatedEngine, look_again: asyncio.Event) -> Announcer:
    contact = Contact(Backoff(draw=lambda: 0.0))
    return Announcer(
        api_of(pool), Catalogue([engine]), contact, lambda offers: info_body(offers, "0.1.0", "PC"), look_again
    )


def test_changes_are_told_and_nothing_else() -> None:
    """The first look is told; the same again is not; a new model and a vanished one are."""

    async def story() -> None:
        pool, engine = FakePool(), GatedEngine(offer("a"))
        announcer = announcer_of(pool, engine, asyncio.Event())
        await announcer.run_once()
        await announcer.run_once()
        assert [info["capabilities"] for info in pool.infos] == [["embed.a"]]
        engine.offers = (offer("a"), offer("b"))
        await announcer.run_once()
        engine.offers = ()
        await announcer.run_once()
        assert [info["capabilities"] for info in pool.infos[1:]] == [["embed.a", "embed.b"], []]

    run(story())


def test_what_could_not_be_told_is_told_later() -> None:
    """A server that is away learns of the models as soon as it is back."""

    async def story() -> None:
        pool, engine = FakePool(), GatedEngine()
        pool.instead["/private/agent/info/update"] = [(0, {}), (500, {})]
        announcer = announcer_of(pool, engine, asyncio.Event())
        assert not announcer.told_once
        loop = asyncio.create_task(announcer.run_forever(look_seconds=0.01))
        await pool.until(lambda: len(pool.infos) == 1)
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)

    run(story())


def test_a_missing_model_brings_the_look_forward() -> None:
    """Whoever finds a model missing has the engines looked at now, not in half a minute."""

    async def story() -> None:
        pool, engine, look_again = FakePool(), GatedEngine(), asyncio.Event()
        announcer = announcer_of(pool, engine, look_again)
        loop = asyncio.create_task(announcer.run_forever(look_seconds=3600))
        await pool.until(lambda: len(pool.infos) == 1)
        while not announcer.told:
            await asyncio.sleep(0)
        await asyncio.sleep(0.01)
        engine.offers = (offer("new"),)
        look_again.set()
        await pool.until(lambda: len(pool.infos) == 2)
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
        assert pool.infos[1]["capabilities"] == ["embed.new"]

    run(story())

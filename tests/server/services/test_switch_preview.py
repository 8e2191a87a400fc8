"""What a switch would do: it is what the switch then does."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from server.domain.errors import Conflict, NotFound
from server.services import switching
from server.services.enrolment import Description
from server.services.operator import switch_preview
from server.services.operator.switch_preview import Preview
from server.services.operators_client import operators_client
from server.services.pool import Pool
from server.storage import model_classes
from server.storage.agents import OFFLOADMQ, Profile
from tests.factories import (
    CAPABILITY,
    DIGEST,
    DIMENSIONS,
    SetClock,
    claim_one,
    current,
    delivery,
    description,
    enqueue,
    make_agent,
    make_client,
    model_offer,
    take_turn,
)

OTHER_DIGEST = "ffff00001111"
OTHER = model_offer(digest=OTHER_DIGEST)


def class_id(pool: Pool, digest: str = OTHER_DIGEST) -> int:
    with pool.database.read() as connection:
        return next(one.id for one in model_classes.every(connection) if one.digest == digest)


def preview(pool: Pool, digest: str = OTHER_DIGEST) -> Preview:
    return switch_preview.switch_preview(pool, class_id(pool, digest), pool.clock.now())


def names(preview: Preview) -> tuple[list[str], list[str]]:
    return [one.id for one in preview.gain.named], [one.id for one in preview.lose.named]


def test_who_gets_work_and_who_no_longer_does(pool: Pool, clock: SetClock) -> None:
    """Agents of the new class do, online or not; those of the old one do not; a third one's nothing changes for."""
    old, new = make_agent(pool), make_agent(pool, description([OTHER]))
    make_agent(pool, description([model_offer(digest="eeee00001111")]))
    clock.advance(600)
    pool.roster.touch(old, clock.now())
    said = preview(pool)
    assert names(said) == ([new.agent.id], [old.agent.id])
    assert (said.gain.online, said.gain.offline, said.lose.online) == (0, 1, 1)
    switching.switch(pool, class_id(pool), clock.now())
    assert CAPABILITY in current(pool, new.agent.id).eligible
    assert CAPABILITY in current(pool, old.agent.id).differing


def test_what_becomes_of_the_queue(pool: Pool) -> None:
    """Tasks that wait move, one that is computed is taken back and moves, a request that is half done ends."""
    old, client = make_agent(pool), make_client(pool)
    make_agent(pool, description([OTHER]))
    enqueue(pool, client, *(f"text {number}" for number in range(40)))
    take_turn(pool, old, delivery(claim_one(pool, old)), most=0)
    enqueue(pool, client, "taken")
    leases = take_turn(pool, old, most=2).leases
    enqueue(pool, client, "waits")
    assert len(leases) == 2
    said = preview(pool)
    done = switching.switch(pool, class_id(pool), pool.clock.now())
    assert (said.moved, said.taken_back, said.ended) == (2, 1, 1)
    assert (done.moved, done.ended) == (said.moved, said.ended)


def test_what_clients_stored_and_what_is_cached(pool: Pool) -> None:
    """Cached vectors are of no use for the new class; clients that used the model are named, but not the operator."""
    old = make_agent(pool)
    make_agent(pool, description([replace(OTHER, dimensions=2 * DIMENSIONS)]))
    for name in ("search", "archive"):
        enqueue(pool, make_client(pool, name), "a", "b")
        take_turn(pool, old, delivery(claim_one(pool, old)), most=0)
    make_client(pool, "never asked")
    enqueue(pool, operators_client(pool, pool.clock.now()), "c")
    take_turn(pool, old, delivery(claim_one(pool, old)), most=0)
    said = preview(pool)
    assert (said.cached, said.clients, said.other_length) == (5, ["archive", "search"], True)


def test_nothing_under_way(pool: Pool) -> None:
    """All is zero; the vectors are as long as before."""
    make_agent(pool)
    make_agent(pool, description([OTHER]))
    said = preview(pool)
    assert (said.moved, said.taken_back, said.ended, said.cached, said.clients) == (0, 0, 0, 0, [])
    assert not said.other_length
    assert said.pools is not None
    assert (said.pools.digest, said.wanted.digest) == (DIGEST, OTHER_DIGEST)


def test_agents_that_tell_no_class_are_of_the_unverified_one(pool: Pool) -> None:
    """A switch away from the unverified class takes their work away, and one back to it gives it."""
    told = orjson.dumps([CAPABILITY]).decode()
    quiet = make_agent(pool, Description(Profile("q", "1", told, 5, 64, "{}"), [CAPABILITY], (), OFFLOADMQ))
    enqueue(pool, make_client(pool), "a")
    take_turn(pool, quiet, delivery(claim_one(pool, quiet), digest=""), most=0)
    new = make_agent(pool, description([OTHER]))
    assert names(preview(pool)) == ([new.agent.id], [quiet.agent.id])
    switching.switch(pool, class_id(pool), pool.clock.now())
    assert names(preview(pool, "")) == ([quiet.agent.id], [new.agent.id])


def test_what_cannot_be_switched_has_no_preview(pool: Pool) -> None:
    """The same refusals as the switch itself has."""
    make_agent(pool)
    with pytest.raises(Conflict, match="already"):
        preview(pool, DIGEST)
    with pytest.raises(NotFound, match="no model class 999"):
        switch_preview.switch_preview(pool, 999, pool.clock.now())

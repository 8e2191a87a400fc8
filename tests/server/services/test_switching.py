"""Switching the pool's class of a model: who works then, and that no answer mixes two classes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import orjson
import pytest

from server.domain.errors import ClassSwitched, Conflict, NotFound
from server.domain.model_class import ModelOffer
from server.services import answers, switching
from server.services.pool import Pool
from server.services.sweeper import Sweeper
from server.storage import events, model_classes
from server.storage.model_classes import StoredClass
from tests.factories import (
    CAPABILITY,
    DIMENSIONS,
    MODEL,
    SetClock,
    claim_one,
    collect,
    current,
    delivery,
    description,
    enqueue,
    make_agent,
    make_client,
    make_request,
    model_offer,
    submit,
    take_turn,
    texts_of,
    vector_of,
)

OTHER_DIGEST = "ffff00001111"
OTHER = model_offer(digest=OTHER_DIGEST)


def classes_of(pool: Pool) -> dict[str, StoredClass]:
    """The classes of the tests' model, by digest."""
    with pool.database.read() as connection:
        return {one.digest: one for one in model_classes.every(connection) if one.model == MODEL}


def switch(pool: Pool, digest: str = OTHER_DIGEST) -> switching.Switch:
    return switching.switch(pool, classes_of(pool)[digest].id, pool.clock.now())


def test_the_new_class_serves_and_the_old_one_rests(pool: Pool) -> None:
    """Agents of the new class get what waits at once; those of the old one get nothing, and are told why."""
    old, new = make_agent(pool), make_agent(pool, description([OTHER]))
    client = make_client(pool)
    waiting = submit(pool, client, "a", "b")
    assert take_turn(pool, new).leases == []
    done = switch(pool)
    assert (done.moved, done.ended) == (1, 0)
    old, new = current(pool, old.agent.id), current(pool, new.agent.id)
    assert take_turn(pool, old).leases == []
    assert CAPABILITY in old.differing
    lease = claim_one(pool, new)
    take_turn(pool, new, delivery(lease, digest=OTHER_DIGEST))
    assert np.array_equal(collect(pool, client, waiting)[1], vector_of("b"))
    stored = classes_of(pool)
    assert [one.digest for one in stored.values() if one.is_pool] == [OTHER_DIGEST]


def test_a_lease_of_the_old_class_is_taken_back(pool: Pool) -> None:
    """What an old agent computes goes to a new one; its late result changes nothing and is charged to nobody."""
    old, new = make_agent(pool), make_agent(pool, description([OTHER]))
    job_id = enqueue(pool, make_client(pool), "a")
    lease = claim_one(pool, old)
    switch(pool)
    late = take_turn(pool, current(pool, old.agent.id), delivery(lease)).outcomes
    assert [outcome.outcome for outcome in late] == ["stale"]
    again = claim_one(pool, current(pool, new.agent.id))
    assert (again.job_id, texts_of(again)) == (job_id, ["a"])


def test_a_job_that_is_half_done_ends_and_is_asked_for_again(pool: Pool) -> None:
    """One part computed by the old class, one waiting: the client is told to ask again, and a retry starts anew."""
    old = make_agent(pool)
    make_agent(pool, description([OTHER]))
    client, texts = make_client(pool), [f"text {number}" for number in range(40)]
    job_id = enqueue(pool, client, *texts)
    take_turn(pool, old, delivery(claim_one(pool, old)))
    done = switch(pool)
    assert (done.moved, done.ended) == (0, 1)
    report = answers.report(pool, client, job_id)
    assert isinstance(report.error, ClassSwitched)
    assert report.error.retry_after
    assert enqueue(pool, client, *texts) != job_id


def test_cached_vectors_of_the_old_class_are_not_mixed_in(pool: Pool) -> None:
    """A job that waits with a part from the old class's cache ends; later the cache is asked for the new class only."""
    old, new = make_agent(pool), make_agent(pool, description([OTHER]))
    client = make_client(pool)
    enqueue(pool, client, "a")
    take_turn(pool, old, delivery(claim_one(pool, old)))
    enqueue(pool, client, "a", "b")
    assert switch(pool).ended == 1
    enqueue(pool, client, "a", "b")
    assert texts_of(claim_one(pool, current(pool, new.agent.id))) == ["a", "b"]


def test_an_answer_of_the_old_class_is_joined_by_nobody(pool: Pool) -> None:
    """A job that was completed before the switch is not given to an equal request after it."""
    old = make_agent(pool)
    make_agent(pool, description([OTHER]))
    client = make_client(pool)
    before = enqueue(pool, client, "a")
    take_turn(pool, old, delivery(claim_one(pool, old)))
    switch(pool)
    assert enqueue(pool, client, "a") != before
    assert answers.fetch(pool, client, before) is not None


def test_what_was_accepted_in_that_moment_is_carried_over_later(
    pool: Pool, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that still had the old class in mind does not wait for ever: the sweeper carries it over."""
    make_agent(pool)
    new, client = make_agent(pool, description([OTHER])), make_client(pool)
    before = pool.catalogue.find(MODEL)
    switch(pool)
    with monkeypatch.context() as patch:
        patch.setattr(type(pool.catalogue), "find", lambda *_: before)
        enqueue(pool, client, "late")
    assert take_turn(pool, current(pool, new.agent.id)).leases == []
    Sweeper(pool).run_once(clock.advance(1))
    assert texts_of(claim_one(pool, current(pool, new.agent.id))) == ["late"]


def test_there_and_back_again(pool: Pool) -> None:
    """Two switches in a row leave the first class in charge, and what waits waits for it."""
    first = make_agent(pool)
    make_agent(pool, description([OTHER]))
    enqueue(pool, make_client(pool), "a")
    old = next(digest for digest in classes_of(pool) if digest != OTHER_DIGEST)
    switch(pool)
    switch(pool, old)
    assert pool.switches.lately(pool.clock.now()) == [(classes_of(pool)[OTHER_DIGEST].id, classes_of(pool)[old].id)]
    assert texts_of(claim_one(pool, current(pool, first.agent.id))) == ["a"]


def test_a_class_of_other_dimensions_serves_too(pool: Pool) -> None:
    """The new class may have longer vectors; results are checked against it."""
    make_agent(pool)
    wide = make_agent(pool, description([replace(OTHER, dimensions=2 * DIMENSIONS)]))
    client = make_client(pool)
    waiting = submit(pool, client, "a")
    switch(pool)
    wide = current(pool, wide.agent.id)
    short = take_turn(pool, wide, delivery(claim_one(pool, wide), digest=OTHER_DIGEST)).outcomes
    assert [outcome.outcome for outcome in short] == ["refused"]
    pool.jobs.leave(waiting.waiter)


def test_what_cannot_be_switched(pool: Pool) -> None:
    """An unknown class, the pool's own, and a chat model's: each is refused in words, and no event is written."""
    make_agent(pool, description([model_offer(), ModelOffer("chatty", "chat", "d1", "Q4", None, 4096, "ollama", "1")]))
    with pool.database.read() as connection:
        every = {one.kind: one.id for one in model_classes.every(connection)}
    now = pool.clock.now()
    with pytest.raises(NotFound, match="no model class 999"):
        switching.switch(pool, 999, now)
    with pytest.raises(Conflict, match="already"):
        switching.switch(pool, every["embedding"], now)
    with pytest.raises(Conflict, match="chat"):
        switching.switch(pool, every["chat"], now)
    with pool.database.read() as connection:
        assert "class.switch" not in [one.verb for one in events.page(connection, before=events.LAST, limit=50)]


def test_a_switch_is_written_down(pool: Pool) -> None:
    """Who did it, which class, and what came of it."""
    make_agent(pool)
    make_agent(pool, description([OTHER]))
    enqueue(pool, make_client(pool), "a")
    done = switch(pool)
    with pool.database.read() as connection:
        found = events.page(connection, before=events.LAST, limit=50)
    (event,) = (one for one in found if one.verb == "class.switch")
    assert (event.actor, event.verb, event.subject) == ("operator", "class.switch", str(done.now))
    assert orjson.loads(event.detail) == {"model": MODEL, "from": done.was, "tasks": 1, "jobsEnded": 0}


def test_requests_after_the_switch_are_of_the_new_class(pool: Pool) -> None:
    """A new request is queued for the new class at once."""
    make_agent(pool)
    new = make_agent(pool, description([OTHER]))
    switch(pool)
    enqueue(pool, make_client(pool), *make_request("fresh").inputs)
    assert texts_of(claim_one(pool, current(pool, new.agent.id))) == ["fresh"]

"""The cache of vectors: whose it is, what is in it, and how large it gets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from server.services import sweeper
from server.services.answers import Collection
from server.services.assembling import Embeddings
from server.services.embeddings import submit_embeddings
from server.services.known_keys import Client
from server.services.pool import Pool
from server.services.roster import Present
from server.storage import results
from server.storage.models import CachedVector
from tests.factories import (
    SetClock,
    collect,
    delivery,
    make_agent,
    make_client,
    make_request,
    make_settings,
    open_test_pool,
    submit,
    take_turn,
    vectors_of,
)

Open = Callable[..., Pool]


@pytest.fixture
def open_pool(tmp_path: Path, clock: SetClock) -> Iterator[Open]:
    """Give what opens a pool with settings of the test's own."""
    opened: list[Pool] = []

    def open_with(**changes: Any) -> Pool:
        opened.append(open_test_pool(make_settings(tmp_path, **changes), clock))
        return opened[-1]

    yield open_with
    for pool in opened:
        pool.database.close()


def compute(pool: Pool, client: Client, agent: Present, *texts: str, **changes: Any) -> None:
    """Let a request be computed and answered."""
    collection = submit(pool, client, *texts)
    leases = take_turn(pool, agent).leases
    take_turn(pool, agent, *(delivery(lease, **changes) for lease in leases), most=0)
    collect(pool, client, collection)


def ask(pool: Pool, client: Client, *texts: str, truncate: bool = False) -> Embeddings | Collection:
    request = make_request(*texts, truncate=truncate)
    return submit_embeddings(pool, client, request, on_the_line=True, only_if_online=False, now=pool.clock.now())


def test_a_text_is_computed_once_for_a_client(open_pool: Open) -> None:
    """The second time it comes from the cache, in order, with its share of tokens, and no task is queued."""
    pool = open_pool()
    client, agent = make_client(pool), make_agent(pool)
    compute(pool, client, agent, "one", "two", "three")
    answer = ask(pool, client, "three", "one", "three")
    assert isinstance(answer, Embeddings)
    assert (answer.vectors == vectors_of(["three", "one", "three"])).all()
    assert (answer.cached, answer.tokens, answer.agents) == (3, 9, ())


def test_only_what_is_missing_is_computed(open_pool: Open) -> None:
    """A request of which some texts are cached queues the others, and its answer has all in order."""
    pool = open_pool()
    client, agent = make_client(pool), make_agent(pool)
    compute(pool, client, agent, "one", "two")
    collection = ask(pool, client, "new", "two", "newer", "one")
    assert isinstance(collection, Collection)
    (lease,) = take_turn(pool, agent).leases
    assert b'["new","newer"]' in lease.body
    take_turn(pool, agent, delivery(lease), most=0)
    assert (collect(pool, client, collection) == vectors_of(["new", "two", "newer", "one"])).all()


def test_the_cache_is_private(open_pool: Open) -> None:
    """Another client's texts are computed anew: nobody learns from the time what others asked."""
    pool = open_pool()
    client, other, agent = make_client(pool), make_client(pool, "other"), make_agent(pool)
    compute(pool, client, agent, "one")
    assert isinstance(ask(pool, other, "one"), Collection)


def test_the_cache_is_shared_where_the_operator_says_so(open_pool: Open) -> None:
    """With CACHE_SHARED another client gets the vector at once."""
    pool = open_pool(cache_shared=True)
    client, other, agent = make_client(pool), make_client(pool, "other"), make_agent(pool)
    compute(pool, client, agent, "one")
    assert isinstance(ask(pool, other, "one"), Embeddings)


def test_the_cache_can_be_turned_off(open_pool: Open) -> None:
    """With CACHE_MIB=0 nothing is kept, and everything is computed."""
    pool = open_pool(cache_mib=0)
    client, agent = make_client(pool), make_agent(pool)
    compute(pool, client, agent, "one")
    sweeper.Sweeper(pool).run_once(pool.clock.now())
    assert isinstance(ask(pool, client, "one"), Collection)
    assert size_of(pool) == 0


def test_vectors_of_cut_texts_are_not_kept(open_pool: Open) -> None:
    """What the engine cut is not the text's vector: who does not ask for cutting must not get it."""
    pool = open_pool()
    client, agent = make_client(pool), make_agent(pool)
    compute(pool, client, agent, "long", truncated="[0]")
    assert size_of(pool) == 0


def test_the_oldest_vectors_go_first(open_pool: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over its size the cache loses what came first, and keeps what fits."""
    pool = open_pool()
    client, agent = make_client(pool), make_agent(pool)
    compute(pool, client, agent, *(f"text {number}" for number in range(30)))
    sweeper.Sweeper(pool).run_once(pool.clock.now())
    assert size_of(pool) == 30
    # A vector of 32 bytes then counts as an eleventh of the one MiB allowed.
    monkeypatch.setattr(results, "BYTES_BESIDE_VECTOR", 2**20 // 11 - 32)
    sweeper.Sweeper(pool).run_once(pool.clock.now())
    assert size_of(pool) == 11
    assert isinstance(ask(pool, client, "text 29"), Embeddings)
    assert isinstance(ask(pool, client, "text 0"), Collection)


def size_of(pool: Pool) -> int:
    with pool.database.read() as connection:
        return connection.execute(select(func.count()).select_from(CachedVector)).scalar_one()

"""Models whose agents tell no digest: their class is learned from the first result, and never mixed with another."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import pytest
from sqlalchemy import select

from server.domain.errors import InvalidRequest
from server.services import answers, classes, enrolment
from server.services.assembling import Embeddings
from server.services.embeddings import submit_embeddings
from server.services.enrolment import Description
from server.services.known_keys import Client
from server.services.outcomes import Delivered
from server.services.pool import Pool
from server.services.roster import Present
from server.storage import model_classes
from server.storage.agents import OFFLOADMQ, Profile
from server.storage.attempts import Lease
from server.storage.model_classes import StoredClass
from server.storage.models import Task
from tests import factories
from tests.factories import CAPABILITY, DIMENSIONS, MODEL, Never, SetClock, delivery, make_request, vectors_of

DIGEST = "0a109f422b47e3a30ba2b10eca18548e944e8a23073ee3f3e947efcf3c45e59f"
TOLD = f"{CAPABILITY}[digest:{DIGEST};dimensions:{DIMENSIONS}]"


def foreign(*capabilities: str) -> Description:
    """What an agent of OffloadMQ says of itself."""
    told = orjson.dumps(capabilities).decode()
    return Description(Profile("foreign", "1", told, 5, 64, "{}"), capabilities, (), OFFLOADMQ)


def join(pool: Pool, *capabilities: str) -> Present:
    return factories.make_agent(pool, foreign(*capabilities))


def join_native(pool: Pool) -> Present:
    return factories.make_agent(pool, factories.description([factories.model_offer(digest=DIGEST)]))


def untold(lease: Lease, dimensions: int = DIMENSIONS) -> Delivered:
    """The right result of an agent that tells no digest."""
    raw = vectors_of(factories.texts_of(lease), dimensions).tobytes()
    return delivery(lease, digest="", vectors=raw, dimensions=dimensions)


def outcomes(pool: Pool, agent: Present, *reports: Delivered) -> list[str]:
    agent = factories.current(pool, agent.agent.id)
    return [one.outcome for one in factories.take_turn(pool, agent, *reports, most=0).outcomes]


def claim(pool: Pool, agent: Present, holding: Sequence[Lease] = ()) -> Lease:
    current = factories.current(pool, agent.agent.id)
    return factories.claim_one(pool, current, [lease.lease_id for lease in holding])


def pool_class(pool: Pool) -> StoredClass | None:
    return pool.catalogue.find(MODEL)


def switch_to(pool: Pool, digest: str) -> None:
    """What the operator's switch does to the classes."""
    with pool.database.read() as connection:
        chosen = next(one for one in model_classes.every(connection) if one.digest == digest)

    def change(connection: object) -> None:
        execute = connection.exec_driver_sql  # type: ignore[attr-defined]
        execute("UPDATE model_classes SET is_pool = 0")
        execute(f"UPDATE model_classes SET is_pool = 1 WHERE id = {chosen.id}")

    pool.database.write(change)
    classes.reload(pool)


@pytest.fixture
def client(pool: Pool) -> Client:
    return factories.make_client(pool)


class TestLearning:
    """The first result of a model makes its class."""

    def test_the_first_result_tells_how_long_the_vectors_are(self, pool: Pool, client: Client) -> None:
        """Before it the pool has no class; then it has the unverified one, and the client its answer."""
        agent = join(pool, CAPABILITY)
        collection = factories.submit(pool, client, "a", "b")
        assert pool_class(pool) is None
        lease = claim(pool, agent)
        assert outcomes(pool, agent, untold(lease)) == ["accepted"]
        learned = pool_class(pool)
        assert learned is not None and learned.unverified
        assert (learned.dimensions, learned.engine, learned.is_pool) == (DIMENSIONS, "unverified", True)
        assert (factories.collect(pool, client, collection) == vectors_of(["a", "b"])).all()

    def test_a_later_request_is_answered_from_the_cache(self, pool: Pool, client: Client) -> None:
        """The first result enters the cache under the class that it made."""
        agent = join(pool, CAPABILITY)
        factories.enqueue(pool, client, "a")
        outcomes(pool, agent, untold(claim(pool, agent)))
        again = submit_embeddings(
            pool, client, make_request("a"), on_the_line=True, only_if_online=False, now=pool.clock.now()
        )
        assert isinstance(again, Embeddings)
        assert (again.vectors == vectors_of(["a"])).all()

    def test_work_that_waited_gets_the_class(self, pool: Pool, client: Client) -> None:
        """A second result of another length is refused, although its task was submitted before there was a class."""
        agent, other = join(pool, CAPABILITY), join(pool, CAPABILITY)
        factories.enqueue(pool, client, "a")
        factories.enqueue(pool, client, "b")
        first = claim(pool, agent)
        assert outcomes(pool, agent, untold(first)) == ["accepted"]
        learned = pool_class(pool)
        with pool.database.read() as connection:
            waiting = connection.execute(select(Task.class_id).where(Task.finished_at.is_(None))).scalars().all()
        assert learned is not None and waiting == [learned.id]
        second = claim(pool, other)
        assert outcomes(pool, other, untold(second, DIMENSIONS * 2)) == ["refused"]

    def test_so_does_work_that_another_agent_had_taken(self, pool: Pool, client: Client) -> None:
        """Two agents with different models under one name: who is first decides, the other is refused."""
        agent, other = join(pool, CAPABILITY), join(pool, CAPABILITY)
        factories.enqueue(pool, client, "a")
        factories.enqueue(pool, client, "b")
        first, second = claim(pool, agent), claim(pool, other)
        assert outcomes(pool, agent, untold(first)) == ["accepted"]
        assert outcomes(pool, other, untold(second, DIMENSIONS * 2)) == ["refused"]

    def test_a_wrong_first_result_teaches_nothing(self, pool: Pool, client: Client) -> None:
        """What is refused makes no class."""
        agent = join(pool, CAPABILITY)
        factories.enqueue(pool, client, "a")
        assert outcomes(pool, agent, delivery(claim(pool, agent), digest="", flaw="it is zero")) == ["refused"]
        assert pool_class(pool) is None

    def test_too_many_dimensions_are_refused_once_they_are_known(self, pool: Pool, client: Client) -> None:
        """Before the first result nobody can say; its client is told with the answer, the next one at once."""
        agent = join(pool, CAPABILITY)
        collection = factories.submit(pool, client, "a")
        outcomes(pool, agent, untold(claim(pool, agent)))
        answer = answers.collect(pool, client, collection, 5, Never())
        assert isinstance(answer, Embeddings)
        with pytest.raises(InvalidRequest, match=f"above {DIMENSIONS}"):
            answer.cut_to(DIMENSIONS + 1)

    def test_the_class_outlives_the_server(self, pool: Pool, client: Client) -> None:
        """It is read from disk: an agent that offers the model still gets its work after a look at the tables."""
        agent = join(pool, CAPABILITY)
        factories.enqueue(pool, client, "a")
        outcomes(pool, agent, untold(claim(pool, agent)))
        classes.reload(pool)
        pool.roster.refresh(agent.agent.id)
        learned = pool_class(pool)
        assert learned is not None
        assert factories.current(pool, agent.agent.id).eligible == {CAPABILITY: learned.id}


class TestWhoIsFirst:
    """A class that is told and the unverified one never serve the pool together."""

    def test_a_told_class_that_was_first_keeps_untold_agents_out(self, pool: Pool, client: Client) -> None:
        """They are told why."""
        join_native(pool)
        agent = join(pool, CAPABILITY)
        factories.enqueue(pool, client, "a")
        pool.backlog.by_capability = {CAPABILITY: 1}
        reply = factories.take_turn(pool, agent)
        assert (reply.leases, reply.skipped) == ([], {"model_class_differs": 1})

    def test_an_agent_that_tells_the_pools_class_shares_the_work(self, pool: Pool, client: Client) -> None:
        """With the digest and the dimensions in its attributes, it is as good as any other."""
        join_native(pool)
        agent = join(pool, TOLD)
        factories.enqueue(pool, client, "a")
        assert outcomes(pool, agent, delivery(claim(pool, agent), digest=DIGEST)) == ["accepted"]

    def test_an_agent_that_tells_another_class_does_not(self, pool: Pool, client: Client) -> None:
        join_native(pool)
        agent = join(pool, f"{CAPABILITY}[digest:{'ab' * 32};dimensions:{DIMENSIONS}]")
        factories.enqueue(pool, client, "a")
        assert factories.take_turn(pool, agent).leases == []

    def test_a_told_class_wins_over_none(self, pool: Pool, client: Client) -> None:
        """A task that waited before any class was there goes to the agent that tells one; the untold one is out."""
        agent = join(pool, CAPABILITY)
        factories.enqueue(pool, client, "a")
        native = join_native(pool)
        assert factories.current(pool, agent.agent.id).differing == {CAPABILITY}
        assert outcomes(pool, native, delivery(claim(pool, native), digest=DIGEST)) == ["accepted"]

    def test_a_result_that_comes_after_it_is_refused(self, pool: Pool, client: Client) -> None:
        """The untold agent had taken the task while there was no class: its vectors may be another model's."""
        agent = join(pool, CAPABILITY)
        factories.enqueue(pool, client, "a")
        lease = claim(pool, agent)
        native = join_native(pool)
        assert outcomes(pool, agent, untold(lease)) == ["refused"]
        assert outcomes(pool, native, delivery(claim(pool, native), digest=DIGEST)) == ["accepted"]

    def test_the_unverified_class_that_was_first_keeps_told_agents_out(self, pool: Pool, client: Client) -> None:
        """Until the operator switches: then it is the other way round, and nothing old comes from the cache."""
        agent = join(pool, CAPABILITY)
        factories.enqueue(pool, client, "a")
        outcomes(pool, agent, untold(claim(pool, agent)))
        native = join_native(pool)
        assert native.differing == {CAPABILITY}

        switch_to(pool, DIGEST)
        assert factories.current(pool, agent.agent.id).differing == {CAPABILITY}
        factories.enqueue(pool, client, "a", "b")
        assert factories.take_turn(pool, factories.current(pool, agent.agent.id)).leases == []
        lease = claim(pool, native)
        assert factories.texts_of(lease) == ["a", "b"]
        assert outcomes(pool, native, delivery(lease, digest=DIGEST)) == ["accepted"]

        switch_to(pool, "")
        assert factories.current(pool, agent.agent.id).differing == frozenset()
        assert factories.current(pool, native.agent.id).differing == {CAPABILITY}


class TestOffers:
    """What a foreign agent may say of an embedding model."""

    @pytest.mark.parametrize(
        "attributes",
        [
            "digest:abc;dimensions:8",
            f"digest:{'g' * 64};dimensions:8",
            f"digest:{DIGEST}",
            f"digest:{DIGEST};dimensions:0",
            f"digest:{DIGEST};dimensions:many",
            f"digest:{DIGEST};dimensions:70000",
            f"digest:{DIGEST};dimensions:8;engine:",
        ],
    )
    def test_a_class_that_is_half_told_is_refused(self, pool: Pool, attributes: str) -> None:
        """Nobody joins with it: the agent's owner hears what is wrong."""
        with pytest.raises(InvalidRequest) as refused:
            join(pool, f"{CAPABILITY}[{attributes}]")
        assert refused.value.param == "capabilities"

    def test_other_attributes_only_inform(self, pool: Pool) -> None:
        """An agent that tells a size tells no class."""
        assert join(pool, f"{CAPABILITY}:latest[size:1Gb]").eligible == {CAPABILITY: None}

    def test_models_in_a_cloud_are_no_offer(self, pool: Pool) -> None:
        """Texts would leave the volunteer's PC."""
        agent = join(pool, "embed.big:cloud", "llm.gpt-oss:120b-cloud", "tool.x:cloud", "embed.")
        assert agent.eligible == {"tool.x:cloud": None}

    def test_our_own_agent_describes_its_models(self, pool: Pool) -> None:
        """One of which it cannot say yet how long its vectors are, it does not offer."""
        wanted = factories.description([factories.model_offer(dimensions=None)])
        assert factories.make_agent(pool, wanted).eligible == {}

    def test_an_update_brings_the_class(self, pool: Pool, clock: SetClock) -> None:
        """An agent that tells its class later has it from then on."""
        agent = join(pool, CAPABILITY)
        enrolment.update_description(pool, agent, foreign(TOLD), clock.now())
        stored = pool_class(pool)
        assert stored is not None and stored.digest == DIGEST
        assert factories.current(pool, agent.agent.id).eligible == {CAPABILITY: stored.id}

"""Making the server's parts for tests: settings, a clock that stands still, pools, clients, agents, requests, results.

Vectors are computed from the text alone, so that any mix-up of texts, tasks, jobs or clients shows in the bytes.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import create_engine

from server.clock import Clock
from server.domain.capability import embedding_capability
from server.domain.embedding import EmbeddingRequest
from server.domain.model_class import ModelOffer
from server.domain.trust import Trust
from server.services import access, answers, dispatch, enrolment, invitations
from server.services.answers import Collection
from server.services.assembling import Embeddings
from server.services.dispatch import Reply, Turn
from server.services.embeddings import submit_embeddings
from server.services.enrolment import Description
from server.services.known_keys import Client
from server.services.outcomes import Delivered, Report, Reported
from server.services.pool import Pool, open_pool
from server.services.roster import Present
from server.settings import Settings, with_secrets
from server.storage import schema
from server.storage.agents import NATIVE, Profile
from server.storage.attempts import Lease
from server.storage.database import lock_folder, open_database, prepare_readers, reader_options

MODEL, DIGEST, DIMENSIONS = "nomic-embed-text", "0a109f422b47", 8
CAPABILITY = embedding_capability(MODEL)
#: How many tokens the tests' engine counts in any text.
TOKENS = 3
#: When every test's clock begins (milliseconds since 1970): 2026-01-01.
START = 1_767_225_600_000


class SetClock(Clock):
    """A clock that shows what it was set to."""

    def __init__(self, now: int = START) -> None:
        super().__init__()
        self._now = now

    def now(self) -> int:
        """Return the time it was set to."""
        return self._now

    def wall(self) -> int:
        """Return the time it was set to: this clock never leaps."""
        return self._now

    def advance(self, seconds: float) -> int:
        """Let time pass; returns the new time in milliseconds."""
        self._now += int(seconds * 1000)
        return self._now


def make_settings(folder: Path, **changes: Any) -> Settings:
    """Return settings with generated secrets, over a data folder, that fit a small test."""
    wanted = {
        "server_address": "127.0.0.1:0",
        "database_root_path": folder / "data",
        "max_agent_polls": 20,
        "max_client_waits": 20,
        "poll_interval": 0.2,
        "cache_mib": 1,
        # Wrong keys are tried by the hundred, all from one address.
        "max_wrong_keys": 0,
        **changes,
    }
    return with_secrets(Settings(_env_file=None, **wanted))[0]


def open_test_pool(settings: Settings, clock: Clock) -> Pool:
    """Open a pool over a real file, without web and sweeper thread; close it with `pool.database.close()`."""
    lock = lock_folder(settings.database_root_path)
    if not settings.database_path.exists():
        settings.database_path.write_bytes(_new_file())
    schema.migrate(settings.database_path)
    readers = create_engine(f"sqlite:///{settings.database_path}", **reader_options())
    prepare_readers(readers)
    return open_pool(settings, clock, open_database(settings.database_path, readers, lock))


@cache
def _new_file() -> bytes:
    """Return a migrated database without rows, as a file: making it takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new.db"
        schema.migrate(path)
        return path.read_bytes()


def make_client(
    pool: Pool, name: str = "client", capabilities: Sequence[str] = ("*",), trust: Trust = Trust.PUBLIC
) -> Client:
    """Issue a client key and return who it belongs to."""
    now = pool.clock.now()
    issued = access.issue_key(pool, name=name, capabilities=capabilities, expires_at=None, trust=trust, now=now)
    return pool.keys.recognise(issued.key, now)


def make_invite(pool: Pool, **changes: Any) -> str:
    """Issue an invite and return its code."""
    wanted = {"name": "test", "tier": None, "capabilities": ["*"], "max_uses": None, "expires_at": None, **changes}
    return invitations.issue_invite(pool, now=pool.clock.now(), **wanted).code


def model_offer(model: str = MODEL, digest: str = DIGEST, dimensions: int | None = DIMENSIONS) -> ModelOffer:
    """Return what an agent says of an embedding model."""
    return ModelOffer(model, "embedding", digest, "F16", dimensions, 2048, "ollama", "0.14.2")


def description(
    models: Iterable[ModelOffer] | None = None, *, capacity: int = 64, tier: int = 5, protocol: str = NATIVE
) -> Description:
    """Return what an agent says of itself."""
    offered = (model_offer(),) if models is None else tuple(models)
    capabilities = [embedding_capability(model.model) for model in offered]
    profile = Profile("test PC", "0.1.0", orjson.dumps(capabilities).decode(), tier, capacity, "{}")
    return Description(profile, capabilities, offered, protocol)


def make_agent(pool: Pool, wanted: Description | None = None, *, code: str | None = None) -> Present:
    """Let a PC join, and be online now."""
    now = pool.clock.now()
    enrolled = enrolment.enrol(pool, code or make_invite(pool), wanted or description(), now)
    present = pool.roster.get(enrolled.agent_id)
    assert present is not None
    pool.roster.touch(present, now)
    return present


def current(pool: Pool, agent_id: str) -> Present:
    """Return an agent as the roster knows it now."""
    present = pool.roster.get(agent_id)
    assert present is not None
    return present


def make_request(*texts: str, model: str = MODEL, truncate: bool = False) -> EmbeddingRequest:
    """Return a checked embeddings request."""
    return EmbeddingRequest(model, texts, None, "float", truncate, ())


def submit(pool: Pool, client: Client, *texts: str, urgent: bool = False, model: str = MODEL) -> Collection:
    """Submit a request that has to be queued, and return how its answer is collected."""
    request = make_request(*texts, model=model)
    submitted = submit_embeddings(pool, client, request, on_the_line=urgent, only_if_online=False, now=pool.clock.now())
    assert isinstance(submitted, Collection)
    return submitted


def enqueue(pool: Pool, client: Client, *texts: str, urgent: bool = False, model: str = MODEL) -> str:
    """Submit a request whose client does not wait, and return the job's id."""
    collection = submit(pool, client, *texts, urgent=urgent, model=model)
    pool.jobs.leave(collection.waiter)
    return collection.waiter.job_id


def collect(pool: Pool, client: Client, collection: Collection, seconds: float = 5) -> NDArray[np.float32]:
    """Wait for an answer that has to come, and return its vectors."""
    answer = answers.collect(pool, client, collection, seconds, Never())
    assert isinstance(answer, Embeddings)
    return answer.vectors


def vector_of(text: str, dimensions: int = DIMENSIONS) -> NDArray[np.float32]:
    """Return the one right vector of a text: unit length, made of the text's sha256."""
    raw = b"".join(hashlib.sha256(bytes([block]) + text.encode()).digest() for block in range((dimensions + 7) // 8))
    numbers = np.frombuffer(raw, dtype="<u4")[:dimensions].astype(np.float64) - 2**31
    vector: NDArray[np.float32] = (numbers / np.linalg.norm(numbers)).astype("<f4")
    return vector


def vectors_of(texts: Iterable[str], dimensions: int = DIMENSIONS) -> NDArray[np.float32]:
    """Return the right vectors of texts, row by row."""
    return np.stack([vector_of(text, dimensions) for text in texts])


def texts_of(lease: Lease) -> list[str]:
    """Return the texts that a lease is for."""
    texts: list[str] = orjson.loads(lease.body)["texts"]
    return texts


def delivery(lease: Lease, **changes: Any) -> Delivered:
    """Return the right result of a lease, or one that is changed."""
    texts = texts_of(lease)
    wanted = {
        "lease_id": lease.lease_id,
        "vectors": vectors_of(texts).tobytes(),
        "dimensions": DIMENSIONS,
        "tokens": TOKENS * len(texts),
        "digest": DIGEST,
        "truncated": "[]",
        "engine_ms": 1.0,
        "flaw": None,
    }
    return Delivered(**{**wanted, **changes})


def error_report(lease: Lease, code: str = "engine_error", text: int | None = None) -> Reported:
    """Return an error that an agent reports of a lease."""
    return Reported(lease.lease_id, code, f"It broke: {code}.", text)


@dataclass(frozen=True, slots=True)
class Never:
    """A connection that stays open."""

    def __call__(self) -> bool:
        return False


def take_turn(
    pool: Pool,
    agent: Present,
    *reports: Report,
    most: int = 32,
    texts: int = 256,
    wait: float = 0,
    holding: Iterable[str] = (),
) -> Reply:
    """Let an agent report and ask for work, without waiting unless told to."""
    return dispatch.turn(pool, agent, Turn(reports, most, texts, wait, frozenset(holding), None), Never())


def claim_one(pool: Pool, agent: Present, holding: Iterable[str] = ()) -> Lease:
    """Let an agent claim exactly one task, and insist that there is one."""
    leases = take_turn(pool, agent, most=1, holding=holding).leases
    assert len(leases) == 1
    return leases[0]


@dataclass(frozen=True, slots=True)
class Issued:
    """A client key with the text that opens it."""

    client: Client
    key: str


def issue_client_key(pool: Pool, name: str = "client", capabilities: Sequence[str] = ("*",)) -> Issued:
    """Issue a client key and return it with who it belongs to."""
    now = pool.clock.now()
    issued = access.issue_key(pool, name=name, capabilities=capabilities, expires_at=None, now=now)
    return Issued(pool.keys.recognise(issued.key, now), issued.key)

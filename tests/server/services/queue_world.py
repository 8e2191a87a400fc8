"""What the random queue tests work in: a prepared data folder, the opened pool, and comparing it with the model."""

from __future__ import annotations

import atexit
import random
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from sqlalchemy import create_engine, select

from server.domain.embedding import text_hash
from server.domain.errors import DeadlineExceeded, InvalidRequest, NotFound, PoolError, WorkerFailed
from server.domain.trust import Trust
from server.services.answers import Collection
from server.services.assembling import Embeddings
from server.services.known_keys import Client
from server.services.pool import Pool, open_pool
from server.services.roster import Present
from server.services.sweeper import Sweeper
from server.storage import results
from server.storage.database import lock_folder, open_database, prepare_readers, reader_options
from server.storage.models import Attempt, Result
from server.storage.models import Task as TaskRow
from tests import factories
from tests.factories import CAPABILITY, TOKENS, SetClock, vectors_of
from tests.server.services.queue_invariants import violations
from tests.server.services.queue_model import FINAL, Job, Model, Task

CLIENTS = 2
#: Capacity in tasks of each agent, and how far it is trusted in the beginning.
CAPACITIES = (64, 64, 3, 1)
TRUSTS = (Trust.OWN, Trust.PUBLIC, Trust.VETTED, Trust.PUBLIC)


@dataclass(frozen=True)
class Prepared:
    """A data folder with clients and agents in it, to be copied for each run."""

    folder: Path
    clients: tuple[Client, ...]
    agents: tuple[str, ...]


def chance() -> Any:
    """Make ids and lease ids the same in every run: they decide between equals, and a failure has to come again."""
    dice = random.Random(0)
    return mock.patch.multiple(secrets, randbits=dice.getrandbits, token_hex=lambda size=32: dice.randbytes(size).hex())


@cache
def prepared() -> Prepared:
    """Make the folder once."""
    with chance():
        return _prepare()


def _prepare() -> Prepared:
    folder = Path(tempfile.mkdtemp(prefix="embedpool-world-"))
    atexit.register(shutil.rmtree, folder)
    pool = factories.open_test_pool(factories.make_settings(folder), SetClock())
    clients = tuple(factories.make_client(pool, f"client {n}") for n in range(CLIENTS))
    described = [factories.description(capacity=capacity) for capacity in CAPACITIES]
    codes = [factories.make_invite(pool, trust=trust) for trust in TRUSTS]
    joined = [factories.make_agent(pool, one, code=code) for one, code in zip(described, codes, strict=True)]
    agents = tuple(present.agent.id for present in joined)
    pool.database.close()
    return Prepared(folder, clients, agents)


class World:
    """The pool under test, the model beside it, and the clients that wait."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="embedpool-queue-"))
        prepared()
        self._chance = chance()
        self._chance.start()
        shutil.copytree(prepared().folder, self.folder, dirs_exist_ok=True)
        self.clients, self.agents = prepared().clients, prepared().agents
        self.clock = SetClock()
        self.model = Model([Trust.PUBLIC] * CLIENTS, dict(zip(self.agents, TRUSTS, strict=True)))
        self.waiting: list[tuple[Job, Collection]] = []
        self._seen_final: dict[str, str] = {}
        self.open()

    def open(self) -> None:
        """Open the pool as a server that starts does, without migrating each time."""
        settings = factories.make_settings(self.folder)
        lock = lock_folder(settings.database_root_path)
        readers = create_engine(f"sqlite:///{settings.database_path}", **reader_options())
        prepare_readers(readers)
        database = open_database(settings.database_path, readers, lock)
        with database.writing_engine.connect() as connection:
            # Nobody pulls the plug here, and thousands of syncs would take most of the time.
            connection.exec_driver_sql("PRAGMA synchronous = OFF")
        self.pool: Pool = open_pool(settings, self.clock, database)
        self.sweeper = Sweeper(self.pool)

    def close(self) -> None:
        """Close the pool and drop its files."""
        self._chance.stop()
        self.pool.database.close()
        shutil.rmtree(self.folder)

    def agent(self, agent_id: str) -> Present:
        """Return an agent as the roster knows it now."""
        return factories.current(self.pool, agent_id)

    def online(self) -> set[str]:
        """Return the agents online."""
        return self.pool.roster.online_for(CAPABILITY, self.clock.now())

    def read_tasks(self, job: Job) -> None:
        """Tell the model of a new job's tasks."""
        with self.pool.database.read() as connection:
            rows = connection.execute(select(TaskRow).where(TaskRow.job_id == job.id)).all()
        for row in sorted(rows, key=lambda row: row.turn):
            texts = [job.texts[position] for position in np.frombuffer(row.positions, "<i4")]
            trust = self.model.clients_trust[job.client]
            task = Task(row.id, job, texts, (row.priority, row.turn, row.id), row.not_before, trust)
            job.tasks.append(task)
            self.model.tasks[task.id] = task

    def read_rest(self, task: Task, now: int) -> None:
        """Check and note how long a task rests: first not at all, then half to 1.5 times 2, 4 … seconds."""
        with self.pool.database.read() as connection:
            task.not_before = connection.execute(select(TaskRow.not_before).where(TaskRow.id == task.id)).scalar_one()
        doubled = 2 ** (task.charged - 1) if task.charged > 1 else 0
        assert doubled * 500 <= task.not_before - now <= doubled * 1500

    def read_lapses(self) -> None:
        """Note until when the live leases run: those handed out again were renewed."""
        with self.pool.database.read() as connection:
            lapses = {row[0]: row[1] for row in connection.execute(select(Attempt.id, Attempt.lease_until))}
        for lease in self.model.live():
            lease.until = lapses[lease.id]

    def has_results(self, *tasks: Task) -> bool:
        """Whether the results of all these tasks are still stored."""
        with self.pool.database.read() as connection:
            stored = set(connection.execute(select(Result.task_id)).scalars())
        return {task.id for task in tasks} <= stored

    def expect_right(self, answer: Embeddings, texts: tuple[str, ...]) -> None:
        """Insist on the vectors of these texts, in order, and on their count of tokens."""
        assert np.array_equal(answer.vectors, vectors_of(texts)), "these are not the vectors of the texts, in order"
        assert answer.tokens == TOKENS * len(texts)

    def expect_error(self, job: Job, error: PoolError) -> None:
        """Insist that this is what a client of such a job may be told."""
        allowed: dict[str, tuple[type[PoolError], ...]] = {
            "failed": (WorkerFailed, InvalidRequest),
            "expired": (DeadlineExceeded,),
            "canceled": (NotFound,),
            # Only once the result was deleted.
            "completed": () if self.has_results(*job.tasks) else (NotFound,),
        }
        assert isinstance(error, allowed[job.status]), f"{error!r} for a job that is {job.status}"

    def check(self) -> None:
        """Insist on all that is always true."""
        assert violations(self.pool) == []
        self._compare_tasks()
        for job, collection in self.waiting:
            # One that joined a job which had ended looks for itself.
            if collection.tasks or not job.over:
                assert collection.waiter.event.is_set() == job.over, "a client waits for a job that is over"
        self._compare_cache()

    def _compare_tasks(self) -> None:
        columns = (TaskRow.id, TaskRow.status, TaskRow.attempts_charged, TaskRow.current_attempt, TaskRow.trust)
        with self.pool.database.read() as connection:
            rows = {row.id: tuple(row[1:]) for row in connection.execute(select(*columns))}
        expected = {
            task.id: (task.status, task.charged, task.lease.id if task.lease else None, task.trust)
            for task in self.model.tasks.values()
        }
        assert rows == expected, "the tables are not as the model says"
        for task_id, (status, *_) in rows.items():
            before = self._seen_final.get(task_id)
            assert before in (None, status), "a final status was left"
            if status in FINAL:
                self._seen_final[task_id] = status

    def _compare_cache(self) -> None:
        for number, client in enumerate(self.clients):
            texts = [text for who, text in self.model.cache if who == number]
            with self.pool.database.read() as connection:
                hashes = [text_hash(text) for text in texts]
                found = results.recall(connection, scope=client.id, class_id=1, hashes=hashes)
            assert {key: entry.vector for key, entry in found.items()} == {
                text_hash(text): vectors_of([text]).tobytes() for text in texts
            }, "the cache has not what this client's answers were"

"""A large pool in a data folder of its own: 10,000 tasks, 500 agents, three months of usage. The same in every run."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, insert

from server.services.operators_client import OPERATORS_KEY
from server.services.pool import Pool
from server.storage import schema
from server.storage.base import Base
from server.storage.database import open_writing_engine
from tests.live_pool import LivePool, live_pool
from tests.load import people, queue, records
from tests.load.people import Row

#: Rows written by one statement.
ROWS = 1000
#: Where the database lies in a data folder.
FILE = "embedpool.db"


@dataclass(frozen=True, slots=True)
class Sample:
    """Ids of things that are there, to open their pages with; tasks by their status."""

    key: str
    invite: str
    agent: str
    #: A try of the operator.
    job: str
    tasks: Mapping[str, str]


def fill(path: Path, now: int) -> Sample:
    """Write everything into a new database file; `now` is when it is to have happened (ms since 1970)."""
    luck = random.Random(7)
    schema.migrate(path)
    everybody = people.make(luck, now)
    work = queue.make(luck, everybody, now)
    engine = open_writing_engine(path)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        for tables in (everybody.tables, work, records.make(luck, everybody, now)):
            for table, rows in tables.items():
                _write(connection, table, rows)
        connection.exec_driver_sql("COMMIT")
    engine.dispose()
    busiest = work["attempts"][-1]["agent_id"]
    tried = next(row["id"] for row in work["jobs"] if row["key_id"] == OPERATORS_KEY)
    tasks = {row["status"]: row["id"] for row in work["tasks"]}
    return Sample(everybody.keys[0], everybody.invites[0], busiest, tried, tasks)


def _write(connection: Connection, table: str, rows: list[Row]) -> None:
    for start in range(0, len(rows), ROWS):
        connection.execute(insert(Base.metadata.tables[table]), rows[start : start + ROWS])


@dataclass(frozen=True, slots=True)
class LargePool:
    """A server over all that, and what is in it."""

    live: LivePool
    sample: Sample


@contextmanager
def large_pool(folder: Path, now: int) -> Iterator[LargePool]:
    """Serve a large pool until the block ends; two thirds of its agents are online, and no page is withheld."""
    (folder / "data").mkdir(parents=True)
    sample = fill(folder / "data" / FILE, now)
    with live_pool(folder, show_prompts=True) as live:
        let_agents_be_seen(live.pool)
        yield LargePool(live, sample)


def let_agents_be_seen(pool: Pool) -> None:
    """Let those agents stay online that are, as if they had just asked for work."""
    now = pool.clock.now()
    for present in pool.roster.online(now):
        pool.roster.touch(present, now)

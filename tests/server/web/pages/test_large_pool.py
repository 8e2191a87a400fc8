"""Every page over a large pool: it answers, and what it asks of the database goes by indexes."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, ClassVar, Self

import pytest
from sqlalchemy import event

from server.services.pool import Pool
from tests.load.pages import addresses
from tests.load.pool import LargePool, large_pool, let_agents_be_seen
from tests.server.services.queue_invariants import violations
from tests.server.web.pages.conftest import Operator, sign_in

#: Tables that grow with the pool's use. Keys, invites, agents and models are few enough to be read whole.
LARGE = frozenset(
    {
        "tasks",
        "attempts",
        "results",
        "jobs",
        "payloads",
        "usage",
        "throughput",
        "events",
        "agent_logs",
        "cached_vectors",
    }
)
#: What is executed, and its parameters.
Statement = tuple[str, Any]
#: Words of a statement that reads all of a large table → why that is right.
READ_WHOLE: dict[str, str] = {}
#: A step of a plan that goes through all of a table; and a table that a statement calls by another name.
SCAN, ALIAS = re.compile(r"^SCAN (\w+)$"), re.compile(r"\b(\w+) AS (\w+)")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LargePool]:
    with large_pool(tmp_path_factory.mktemp("large"), time.time_ns() // 1_000_000) as opened:
        yield opened


@pytest.fixture(scope="module")
def operator(large: LargePool) -> Operator:
    return sign_in(large.live)


class NotingCursor(sqlite3.Cursor):
    """Notes what is executed for a request, with its parameters: they stay apart, because SQLite plans without them."""

    noted: ClassVar[list[Statement]] = []

    def execute(self, sql: str, parameters: Any = ()) -> Self:
        """Note it, and execute it."""
        note(self.noted, sql, parameters)
        return super().execute(sql, parameters)


def note(noted: list[Statement], sql: str, parameters: Any) -> None:
    """Note what is executed, unless it is the sweeper that reads."""
    if threading.current_thread().name.startswith("request-"):
        noted.append((sql, parameters))


class NotingConnection(sqlite3.Connection):
    """Gives cursors that note, and notes what is executed without one."""

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        """Note it, and execute it."""
        note(NotingCursor.noted, sql, parameters)
        return super().execute(sql, parameters)

    def cursor(self, factory: Any = NotingCursor) -> Any:
        """Return such a cursor."""
        return super().cursor(factory)


@contextmanager
def read_by_pages(pool: Pool) -> Iterator[list[Statement]]:
    """Collect the statements that requests read with, until the block ends."""

    def let_note(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
        options["factory"] = NotingConnection

    NotingCursor.noted.clear()
    event.listen(pool.database.readers, "do_connect", let_note)
    # The readers that are open note nothing.
    while pool.database._idle:
        pool.database._idle.pop().invalidate()
    try:
        yield NotingCursor.noted
    finally:
        event.remove(pool.database.readers, "do_connect", let_note)


def read_whole(connection: sqlite3.Connection, statement: str, parameters: Any = ()) -> list[str]:
    """The large tables that a statement reads from end to end, without an index."""
    names = {alias: table for table, alias in ALIAS.findall(statement)}
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    scanned = [found[1] for step in plan if (found := SCAN.match(step))]
    return [table for one in scanned if (table := names.get(one, one)) in LARGE]


def opened(large: LargePool, operator: Operator) -> Iterator[tuple[str, int]]:
    """Open every page, and say how it answered."""
    for _, address in addresses(large.live.rules, large.sample):
        yield address, operator.get(address).status_code


def test_the_large_pool_is_one_that_could_be(large: LargePool) -> None:
    """What may never be seen in the tables is not in these either; many agents are online."""
    pool = large.live.pool
    let_agents_be_seen(pool)
    assert len(pool.roster.online(pool.clock.now())) > 300
    assert violations(pool) == []
    assert set(large.live.statuses()) == set(large.sample.tasks)


#: Pages that lead elsewhere, or are not there, as things are: a signed-in operator's sign-in, and what was asked, which
#: is only shown where SHOW_PROMPTS says so.
OTHERS = {"/admin/sign-in": 303}


def test_every_page_opens(large: LargePool, operator: Operator) -> None:
    """Each answers 200 over 10,000 tasks and 500 agents, tasks in every status included."""
    let_agents_be_seen(large.live.pool)
    wrong = {address: status for address, status in opened(large, operator) if status != OTHERS.get(address, 200)}
    assert wrong == {}


def test_pages_read_by_indexes(large: LargePool, operator: Operator) -> None:
    """No page reads a large table from end to end, but where it is said why."""
    let_agents_be_seen(large.live.pool)
    with read_by_pages(large.live.pool) as statements:
        for _ in opened(large, operator):
            pass
    wanted = dict(statements)
    assert len(wanted) > 40
    path = large.live.settings.database_path.absolute().as_uri()
    with closing(sqlite3.connect(f"{path}?mode=ro", uri=True)) as connection:
        found = {
            sql: tables for sql, parameters in wanted.items() if (tables := read_whole(connection, sql, parameters))
        }
    assert {sql: tables for sql, tables in found.items() if not any(words in sql for words in READ_WHOLE)} == {}
    assert [words for words in READ_WHOLE if not any(words in sql for sql in found)] == []


def test_the_check_finds_what_reads_all(large: LargePool) -> None:
    """A statement without an index is found; one that has an index, or reads a small table, is not."""
    path = large.live.settings.database_path.absolute().as_uri()
    with closing(sqlite3.connect(f"{path}?mode=ro", uri=True)) as connection:
        assert read_whole(connection, "SELECT * FROM tasks WHERE error_code = 'x'") == ["tasks"]
        assert read_whole(connection, "SELECT 1 FROM usage AS usage_1 WHERE usage_1.texts = 1") == ["usage"]
        assert read_whole(connection, "SELECT * FROM tasks WHERE id = 'x'") == []
        assert read_whole(connection, "SELECT * FROM agents") == []

"""The running pool: the parts that every use case is handed."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field

from server.clock import Clock
from server.services.catalogue import Catalogue
from server.services.known_keys import KnownKeys
from server.services.roster import Roster
from server.services.waiting import AgentBoard, JobBoard
from server.settings import Settings
from server.storage.database import Database


@dataclass(slots=True)
class Backlog:
    """How much waits, as the sweeper counted it last, kept current by what was submitted since."""

    by_capability: dict[str, int] = field(default_factory=dict)
    submitted_since: int = 0

    @property
    def total(self) -> int:
        """Tasks that wait, at most (claims since the last count are not taken off)."""
        return sum(self.by_capability.values()) + self.submitted_since


@dataclass(slots=True)
class FetchedJobs:
    """Jobs whose answers reached their clients, not yet noted in the database.

    Noted together once a second. A crash in between only means that an equal request finds the old answer again.
    """

    _ids: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, job_id: str) -> None:
        """Note one."""
        with self._lock:
            self._ids.append(job_id)

    def take(self) -> list[str]:
        """Return what was noted since the last time."""
        with self._lock:
            ids, self._ids = self._ids, []
            return ids


@dataclass(frozen=True, slots=True)
class Pool:
    """What a use case works with. It holds parts and decides nothing."""

    settings: Settings
    clock: Clock
    database: Database
    roster: Roster
    catalogue: Catalogue
    keys: KnownKeys
    agents: AgentBoard
    jobs: JobBoard
    backlog: Backlog = field(default_factory=Backlog)
    fetched: FetchedJobs = field(default_factory=FetchedJobs)
    #: Numbers the claims, for the rule that one in eight looks at the lower class first.
    claims: itertools.count[int] = field(default_factory=lambda: itertools.count(1))


def open_pool(settings: Settings, clock: Clock, database: Database) -> Pool:
    """Put the parts together over an open database."""
    pool = Pool(
        settings=settings,
        clock=clock,
        database=database,
        roster=Roster(database),
        catalogue=Catalogue(database),
        keys=KnownKeys(database),
        agents=AgentBoard(settings.max_agent_polls),
        jobs=JobBoard(settings.max_client_waits),
    )
    pool.catalogue.reload()
    pool.roster.load(clock.now())
    return pool

"""The running pool: the parts that every use case is handed."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field

from server.clock import Clock
from server.services.agent_board import AgentBoard
from server.services.backlog import Backlog
from server.services.backup_desk import BackupDesk
from server.services.catalogue import Catalogue
from server.services.installers import Installers
from server.services.known_keys import KnownKeys
from server.services.metrics import Metrics
from server.services.refusals import Refusals
from server.services.remembered import Remembered
from server.services.roster import Roster
from server.services.runtimes import Runtimes
from server.services.shown import Shown
from server.services.throttle import Throttle
from server.services.throughput import Throughput
from server.services.vitals import Vitals
from server.services.waiting import JobBoard
from server.settings import Settings
from server.storage.database import Database

#: Seconds in which an official SDK that gave up comes back: its longest pause between two tries is 8.
COMES_BACK_WITHIN = 10


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


@dataclass(slots=True)
class Switches:
    """Model classes that were lately replaced by others."""

    _until: dict[tuple[int, int], int] = field(default_factory=dict)

    def add(self, old: int | None, new: int, until: int) -> None:
        """Note that a class took the place of another; forgotten after a time (ms)."""
        self._until = {
            # What was to become the class that is replaced now, becomes the one in its place.
            (was, new if became == old else became): late
            for (was, became), late in self._until.items()
            if was != new
        }
        if old is not None:
            self._until[old, new] = until

    def lately(self, now: int) -> list[tuple[int, int]]:
        """Return (old class, new class) of those not forgotten."""
        return [pair for pair, until in self._until.items() if now < until]


@dataclass(slots=True)
class CacheHits:
    """What the cache answered, by client key and capability, not yet added to the usage in the database.

    Added together once a second, so that an answer from the cache costs no write.
    """

    _hits: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, key_id: str, capability: str, *, texts: int, tokens: int) -> None:
        """Note the texts of one request, and the tokens that they had when they were computed."""
        with self._lock:
            before = self._hits.get((key_id, capability), (0, 0))
            self._hits[key_id, capability] = (before[0] + texts, before[1] + tokens)

    def take(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Return what was noted since the last time: (key id, capability) → (texts, tokens)."""
        with self._lock:
            hits, self._hits = self._hits, {}
            return hits


@dataclass(slots=True)
class Abandoned:
    """Jobs whose clients hung up, but are likely to come back for them."""

    #: Job → (client key, when it is given up).
    _due: dict[str, tuple[str, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, job_id: str, key_id: str, now: int) -> None:
        """Note one."""
        with self._lock:
            self._due[job_id] = (key_id, now + COMES_BACK_WITHIN * 1000)

    def take_due(self, now: int) -> list[tuple[str, str]]:
        """Return (job, client key) of those whose time is over."""
        with self._lock:
            due = [(job_id, key_id) for job_id, (key_id, at) in self._due.items() if at <= now]
            for job_id, _ in due:
                del self._due[job_id]
            return due


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
    throttle: Throttle
    installers: Installers
    vitals: Vitals
    backlog: Backlog = field(default_factory=Backlog)
    fetched: FetchedJobs = field(default_factory=FetchedJobs)
    cached: CacheHits = field(default_factory=CacheHits)
    throughput: Throughput = field(default_factory=Throughput)
    abandoned: Abandoned = field(default_factory=Abandoned)
    switches: Switches = field(default_factory=Switches)
    metrics: Metrics = field(default_factory=Metrics)
    runtimes: Runtimes = field(default_factory=Runtimes)
    remembered: Remembered = field(default_factory=Remembered)
    refusals: Refusals = field(default_factory=Refusals)
    shown: Shown = field(default_factory=Shown)
    backups: BackupDesk = field(default_factory=BackupDesk)
    #: Numbers the claims, for the rule that one in eight looks at the lower class first.
    claims: itertools.count[int] = field(default_factory=lambda: itertools.count(1))


def open_pool(settings: Settings, clock: Clock, database: Database) -> Pool:
    """Put the parts together over an open database."""
    catalogue = Catalogue(database)
    pool = Pool(
        settings=settings,
        clock=clock,
        database=database,
        roster=Roster(database, catalogue),
        catalogue=catalogue,
        keys=KnownKeys(database),
        agents=AgentBoard(settings.max_agent_polls),
        jobs=JobBoard(settings.max_client_waits),
        throttle=Throttle(settings.max_wrong_keys),
        installers=Installers(settings.installers_folder),
        vitals=Vitals(clock.now()),
    )
    pool.keys.forget()
    pool.catalogue.reload()
    pool.roster.load(clock.now())
    return pool

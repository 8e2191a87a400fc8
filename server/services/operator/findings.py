"""What is known of a pool beyond its situation that its operator may have to act on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from server import __version__
from server.services.operator import agent_views
from server.services.operator.agent_views import shown
from server.services.operator.situation import Situation
from server.services.pool import Pool
from server.storage import census, keys, quotas

#: Milliseconds for which it is good enough who has which version, and how keys stand.
GOOD_FOR_MS = 10_000
#: Milliseconds before a key expires from which on it is told.
EXPIRES_WITHIN_MS = 7 * 24 * 3_600_000
#: Milliseconds since its last round after which the sweeper does not run.
LATE_MS = 15_000
#: Share of a day's tokens from which on they are nearly used up.
NEARLY = 0.95


@dataclass(frozen=True, slots=True)
class Named:
    """An agent or a key, under a name that is safe to show."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Differing:
    """The agents online that have another class of a model than the pool."""

    capability: str
    agents: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """The facts that `attention.py` judges."""

    situation: Situation
    differing: tuple[Differing, ...]
    #: Agents with results that were refused in the last day, and how many.
    refused: tuple[tuple[Named, int], ...]
    #: Our own agents that are older than the one that goes with this server.
    outdated: tuple[Named, ...]
    #: Keys that expire soon, with the time (ms since 1970), the next first.
    expiring: tuple[tuple[Named, int], ...]
    #: Keys whose tokens of the day are nearly used up.
    spent: tuple[Named, ...]
    #: How many client keys there are.
    keys: int
    #: Whether the pool ever did any work.
    used: bool
    #: The server's address as clients and agents are told it.
    url: str
    #: Transactions that failed since the server started.
    write_failures: int
    #: Whether the sweeper stands still.
    unswept: bool


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is read off the database now and then."""

    outdated: tuple[Named, ...]
    expiring: tuple[tuple[Named, int], ...]
    spent: tuple[Named, ...]
    keys: int
    used: bool


def findings(pool: Pool, seen: Situation) -> Findings:
    """Find out the rest, given the situation."""
    now = seen.now
    kept = pool.remembered.recall("findings", partial(_read, pool, now), good_for_ms=GOOD_FOR_MS, now=now)
    if not kept.used:
        # Who takes the first steps sees at once that one is done.
        kept = _read(pool, now)
    swept_at = pool.vitals.swept_at
    return Findings(
        situation=seen,
        differing=_differing(pool, now),
        refused=_refused(pool, now),
        outdated=kept.outdated,
        expiring=kept.expiring,
        spent=kept.spent,
        keys=kept.keys,
        used=kept.used,
        url=pool.settings.url,
        write_failures=pool.database.writer.failures,
        unswept=now - (pool.vitals.started_at if swept_at is None else swept_at) > LATE_MS,
    )


def _differing(pool: Pool, now: int) -> tuple[Differing, ...]:
    found: defaultdict[str, list[Named]] = defaultdict(list)
    for present in pool.roster.online(now):
        for capability in present.differing:
            found[capability].append(_named(present.agent.id, present.agent.display_name))
    return tuple(Differing(capability, tuple(found[capability])) for capability in sorted(found))


def _refused(pool: Pool, now: int) -> tuple[tuple[Named, int], ...]:
    found = []
    for agent_id, count in sorted(pool.refusals.lately(now).items(), key=lambda one: -one[1]):
        present = pool.roster.get(agent_id)
        if present is not None:
            found.append((_named(agent_id, present.agent.display_name), count))
    return tuple(found)


def _read(pool: Pool, now: int) -> _Kept:
    with pool.database.read() as connection:
        active = keys.active(connection)
        # Keys expire by the calendar, whatever the queue's clock says.
        until = pool.clock.wall() + EXPIRES_WITHIN_MS
        expiring = sorted(
            (key.expires_at, key.id, key.name)
            for key in active
            if key.expires_at is not None and pool.clock.wall() < key.expires_at <= until and not key.disabled
        )
        return _Kept(
            outdated=_outdated(connection),
            expiring=tuple((_named(key_id, name), at) for at, key_id, name in expiring),
            spent=tuple(_named(key_id, name) for key_id, name in quotas.nearly_spent(connection, now, NEARLY)),
            keys=len(active),
            used=census.anything_used(connection),
        )


def _outdated(connection: Connection) -> tuple[Named, ...]:
    return tuple(
        _named(one.id, one.display_name)
        for one in census.versions(connection)
        if agent_views.is_older(one.app_version or "", __version__)
    )


def _named(identifier: str, name: str | None) -> Named:
    return Named(identifier, shown(name) or f"…{identifier[-6:]}")

"""Agents as the operator goes through them: filtered, searched, sorted, a page at a time; and one of them closely."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from server.domain.limits import day_of
from server.services import overview
from server.services.operator import agent_offers, agent_views, operations_agents
from server.services.operator.agent_offers import OfferLook
from server.services.operator.agent_views import AgentLook, Doing
from server.services.operator.operations_agents import AgentDetails
from server.services.overview import AgentReport
from server.services.pool import Pool
from server.storage import agent_control, agent_lists, agent_logs, agent_records
from server.storage.agent_lists import AgentAttempt, AgentBrief, DayOfWork
from server.storage.agent_logs import StoredLog

#: Agents on one page; attempts and lines of a log that are shown of one agent.
PAGE, ATTEMPTS, LOGS = 50, 50, 100
#: Days over which time at engines is summed up in the list, and that the history of one agent shows.
DAYS = 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which agents, in what order."""

    #: One of `STATES`; empty for all.
    state: str = ""
    #: Base capability that they offer; empty for any.
    capability: str = ""
    #: Part of the name or the id.
    search: str = ""
    #: One of `SORTS`.
    sort: str = "name"
    #: From 1 on.
    page: int = 1


@dataclass(frozen=True, slots=True)
class Seen:
    """An agent in brief, with what is known in memory only."""

    brief: AgentBrief
    doing: Doing
    last_seen: int


@dataclass(frozen=True, slots=True)
class Listed:
    """An agent on a page."""

    report: AgentReport
    look: AgentLook
    offers: Sequence[OfferLook]
    #: Time at its engines in the last `DAYS` days (ms).
    engine_ms: float


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of agents."""

    agents: Sequence[Listed]
    #: How many match; how many there are in each of `STATES`, and in all.
    matching: int
    counts: Mapping[str, int]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class CloseUp:
    """All there is to see of an agent."""

    details: AgentDetails
    look: AgentLook
    offers: Sequence[OfferLook]
    #: What it registered and may not run.
    kept_out: Sequence[str]
    attempts: Sequence[AgentAttempt]
    logs: Sequence[StoredLog]
    #: One for each of the last `DAYS` days, oldest first.
    days: Sequence[DayOfWork]


#: What the operator may ask for → whether an agent that does this is meant.
STATES: dict[str, Callable[[Doing], bool]] = {
    "online": lambda doing: doing.online,
    "working": lambda doing: doing is Doing.WORKING,
    "paused": lambda doing: doing.is_pause,
    "offline": lambda doing: doing is Doing.OFFLINE,
    "revoked": lambda doing: doing is Doing.REVOKED,
}
#: Order → what is compared; ties go by the id.
SORTS: dict[str, Callable[[Seen], Any]] = {
    "name": lambda seen: (not seen.brief.display_name, (seen.brief.display_name or "").casefold()),
    "seen": lambda seen: -seen.last_seen,
    "tasks": lambda seen: -seen.brief.tasks_completed,
    "texts": lambda seen: -seen.brief.texts,
}


def page(pool: Pool, wanted: Wanted, now: int) -> Listing:
    """Return one page of the wanted agents; beyond the last page, the last one."""
    with pool.database.read() as connection:
        computing = agent_control.in_flight(connection)
        everybody = [_seen(pool, brief, computing, now) for brief in agent_lists.briefs(connection)]
        matching = _matching(connection, everybody, wanted)
        pages = max(1, -(-len(matching) // PAGE))
        number = min(max(1, wanted.page), pages)
        chosen = [seen.brief.id for seen in matching[(number - 1) * PAGE : number * PAGE]]
        listed = _listed(pool, connection, chosen, computing, now)
    doings = Counter(seen.doing for seen in everybody)
    counts = {state: sum(doings[doing] for doing in Doing if meant(doing)) for state, meant in STATES.items()}
    return Listing(listed, len(matching), counts, len(everybody), number, pages)


def capabilities(pool: Pool) -> list[str]:
    """Return what agents offer, for the operator to choose from."""
    with pool.database.read() as connection:
        return agent_lists.offered(connection)


def close_up(pool: Pool, agent_id: str, now: int) -> CloseUp:
    """Return all there is to see of an agent; NotFound when there is none of that id."""
    details, today = operations_agents.details(pool, agent_id, now), day_of(now)
    with pool.database.read() as connection:
        attempts = agent_lists.attempts_of(connection, agent_id, ATTEMPTS)
        logs = agent_logs.latest(connection, limit=LOGS, agent_id=agent_id)
        worked = {day.day: day for day in agent_lists.days_of(connection, agent_id, first_day=today - DAYS + 1)}
    offers = [agent_offers.look_of(offer, pool.catalogue) for offer in details.offers]
    return CloseUp(
        details,
        agent_views.look_of(details.report),
        offers,
        agent_offers.kept_out(details.report.record, offers),
        attempts,
        logs,
        [worked.get(day, DayOfWork(day, 0, 0, 0, 0)) for day in range(today - DAYS + 1, today + 1)],
    )


def _seen(pool: Pool, brief: AgentBrief, computing: Mapping[str, int], now: int) -> Seen:
    present = pool.roster.known(brief.id)
    online, state = (present.online(now), present.state) if present else (False, "{}")
    doing = agent_views.doing_of(brief, online=online, state=state, in_flight=computing.get(brief.id, 0))
    return Seen(brief, doing, present.last_seen if present else brief.last_seen_at or 0)


def _matching(connection: Connection, everybody: Sequence[Seen], wanted: Wanted) -> list[Seen]:
    meant, search = STATES.get(wanted.state, _any), wanted.search.strip().casefold()
    offering = agent_lists.offering(connection, wanted.capability) if wanted.capability else None
    matching = [
        seen
        for seen in everybody
        if meant(seen.doing)
        and (offering is None or seen.brief.id in offering)
        and (search in (seen.brief.display_name or "").casefold() or search in seen.brief.id.casefold())
    ]
    return sorted(matching, key=SORTS.get(wanted.sort, SORTS["name"]))


def _any(_: Doing) -> bool:
    return True


def _listed(
    pool: Pool, connection: Connection, agent_ids: Sequence[str], computing: Mapping[str, int], now: int
) -> list[Listed]:
    records = {record.id: record for record in agent_records.some(connection, agent_ids)}
    since = day_of(now) - DAYS + 1
    engine_ms = agent_lists.engine_ms_of(connection, agent_ids, since_day=since)
    offers: defaultdict[str, list[OfferLook]] = defaultdict(list)
    for offer in agent_lists.offers_of(connection, agent_ids):
        offers[offer.agent_id].append(agent_offers.look_of(offer, pool.catalogue))
    listed = []
    for record in (records[agent_id] for agent_id in agent_ids if agent_id in records):
        report = overview.report_of(pool, record, computing.get(record.id, 0), now)
        look = agent_views.look_of(report)
        listed.append(Listed(report, look, offers[record.id], engine_ms.get(record.id, 0)))
    return listed

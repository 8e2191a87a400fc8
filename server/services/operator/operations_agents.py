"""What the operator does with agents: pause them, overrule them, look at one closely, take them out of the pool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from server.domain.errors import Conflict, NotFound, PoolError
from server.domain.limits import DAY_MS
from server.domain.trust import Trust
from server.services import enrolment, overview, trusting
from server.services.outcomes import Aftermath
from server.services.overview import AgentReport
from server.services.pool import Pool
from server.storage import agent_control, agent_records, events
from server.storage.agent_control import OfferRecord, WorkRecord
from server.storage.agents import LLMEQUEUE

#: Days of silence after which a clean-up takes an agent out of the pool.
STALE_DAYS = 7
#: Agents taken out between two looks for more.
BATCH = 200


@dataclass(frozen=True, slots=True)
class AgentDetails:
    """An agent, what it offers and what it computes now."""

    report: AgentReport
    offers: list[OfferRecord]
    work: list[WorkRecord]
    #: (id, name) of the invite that it joined with.
    invite: tuple[str, str] | None


def details(pool: Pool, agent_id: str, now: int) -> AgentDetails:
    """Return all that is known of an agent; NotFound when there is none of that id."""
    with pool.database.read() as connection:
        record = agent_records.find(connection, agent_id)
        if record is None:
            raise _unknown(agent_id)
        work = agent_control.work_of(connection, agent_id)
        return AgentDetails(
            overview.report_of(pool, record, len(work), now),
            agent_control.offers_of(connection, agent_id),
            work,
            agent_control.invite_of(connection, agent_id),
        )


def pause(pool: Pool, agent_id: str, message: str, now: int) -> None:
    """Let an agent have no work until it is resumed; it tells its volunteer the message.

    What it computes now it may finish. Raises NotFound.
    """

    def change(connection: Connection, _: Aftermath) -> bool:
        return agent_control.pause(connection, agent_id, message=message, now=now)

    _change(pool, agent_id, change, "agent.pause", {"message": message}, now)


def resume(pool: Pool, agent_id: str, now: int) -> None:
    """Let an agent have work again; NotFound when there is none of that id."""
    _change(pool, agent_id, lambda connection, _: agent_control.resume(connection, agent_id), "agent.resume", {}, now)


def override(pool: Pool, agent_id: str, wanted: Mapping[str, int | None], now: int) -> None:
    """Put the operator's `tier`, `capacity` or `trust` in the place of the agent's or its invite's; None takes it back.

    An agent that is trusted less from now on gives back what it may not have any more. Raises NotFound, and Conflict
    for more trust in LLMeQueue's workers.
    """
    trust = Trust(wanted.get("trust") or Trust.PUBLIC)
    if trust > Trust.PUBLIC and _is_of_workers(pool, agent_id):
        raise Conflict("LLMeQueue's workers are whoever knows AUTH_TOKEN, its clients too: they stay public.")

    def change(connection: Connection, after: Aftermath) -> bool:
        changed = agent_control.override(connection, agent_id, wanted)
        trusting.take_back(pool, connection, agent_id, after, now)
        return changed

    said = {"trust": trust.word} if wanted.get("trust") is not None else {}
    _change(pool, agent_id, change, "agent.override", {**wanted, **said}, now)


def _is_of_workers(pool: Pool, agent_id: str) -> bool:
    with pool.database.read() as connection:
        record = agent_records.find(connection, agent_id)
    return record is not None and record.protocol == LLMEQUEUE


def _change(
    pool: Pool,
    agent_id: str,
    change: Callable[[Connection, Aftermath], bool],
    verb: str,
    detail: dict[str, object],
    now: int,
) -> None:
    def change_and_note(connection: Connection) -> tuple[bool, Aftermath]:
        after = Aftermath()
        changed = change(connection, after)
        if changed:
            events.record(connection, actor=events.OPERATOR, verb=verb, subject=agent_id, now=now, detail=detail)
        return changed, after

    changed, after = pool.database.write(change_and_note)
    if not changed:
        raise _refusal(pool, agent_id)
    pool.roster.refresh(agent_id)
    # Its wait on the line goes by what was true before.
    pool.agents.recall(agent_id)
    after.tell(pool)


def revoke_key(pool: Pool, agent_id: str, now: int) -> None:
    """Make an agent's key and tokens worthless at once: its leases go back, it stays in the lists until it is deleted.

    To come back, its PC joins anew with an invite. Raises NotFound, and Conflict where there is no key to revoke.
    """
    if _is_of_workers(pool, agent_id):
        raise Conflict("LLMeQueue's workers have no key of their own: they show AUTH_TOKEN. Change that setting.")
    if not enrolment.revoke(pool, agent_id, now):
        raise _refusal(pool, agent_id)


def delete(pool: Pool, agent_id: str, now: int) -> None:
    """Take an agent out of the pool: its leases go back, its key is worthless. One that is unknown is gone already."""
    enrolment.leave(pool, agent_id, now, by_operator=True)


def reset(pool: Pool, now: int) -> int:
    """Take every agent out of the pool; returns how many."""
    return _remove_all(pool, "agents.reset", None, now)


def clean_up(pool: Pool, now: int) -> int:
    """Take those agents out of the pool that were not heard of for `STALE_DAYS`; returns how many."""
    return _remove_all(pool, "agents.cleanup", now - STALE_DAYS * DAY_MS, now)


def _remove_all(pool: Pool, verb: str, unseen_since: int | None, now: int) -> int:
    removed = 0
    while found := _some(pool, unseen_since):
        for agent_id in found:
            delete(pool, agent_id, now)
        removed += len(found)
    pool.database.write(
        lambda connection: events.record(
            connection, actor=events.OPERATOR, verb=verb, subject="*", now=now, detail={"agents": removed}
        )
    )
    return removed


def _some(pool: Pool, unseen_since: int | None) -> list[str]:
    # Who is here is written to the database now and then only: whoever is online is no stale agent.
    online = {present.agent.id for present in pool.roster.online(pool.clock.now())} if unseen_since else set()
    with pool.database.read() as connection:
        found = agent_control.some(connection, BATCH + len(online), unseen_since=unseen_since)
    return [agent_id for agent_id in found if agent_id not in online]


def _refusal(pool: Pool, agent_id: str) -> PoolError:
    with pool.database.read() as connection:
        record = agent_records.find(connection, agent_id)
    if record is None:
        return _unknown(agent_id)
    return Conflict("This agent's key was revoked. Its PC has to join anew, with an invite.")


def _unknown(agent_id: str) -> NotFound:
    return NotFound(f"There is no agent {agent_id[:64]}.")

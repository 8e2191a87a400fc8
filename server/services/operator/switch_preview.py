"""What a switch of a model's class would do, said before it is done. The rules are those of `switching`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from server.domain.errors import NotFound
from server.domain.limits import day_of
from server.services import switching
from server.services.operator import model_views
from server.services.operator.model_views import Offerers
from server.services.operators_client import OPERATORS_KEY
from server.services.pool import Pool
from server.storage import class_switch, model_classes, model_offers, usage
from server.storage.model_classes import StoredClass

#: Days in which somebody who used the model is taken to keep vectors of it, and clients that are looked at.
CLIENT_DAYS, MOST_CLIENTS = 30, 500


@dataclass(frozen=True, slots=True)
class Preview:
    """What a switch would do now."""

    #: The class that would serve the pool, and the one that does.
    wanted: StoredClass
    pools: StoredClass | None
    #: Agents that would get work for the model and get none now; and the other way round.
    gain: Offerers
    lose: Offerers
    #: Tasks that would wait for the new class; how many of them are computed now, which would be taken back.
    moved: int
    taken_back: int
    #: Requests that would end, because some of their vectors are there already.
    ended: int
    #: Cached vectors that would be of no use until it is switched back.
    cached: int
    #: Names of the client keys that used the model lately: what they stored would not fit new vectors.
    clients: Sequence[str]

    @property
    def other_length(self) -> bool:
        """Whether vectors would be of another length."""
        return self.pools is not None and self.pools.dimensions != self.wanted.dimensions


def switch_preview(pool: Pool, class_id: int, now: int) -> Preview:
    """Say what making a class the pool's would do now. Raises NotFound and Conflict, as the switch does."""
    online = {present.agent.id for present in pool.roster.online(now)}
    with pool.database.read() as connection:
        wanted = model_classes.find(connection, class_id)
        why_not = switching.refusal(wanted, class_id)
        if wanted is None or why_not is not None:
            raise why_not or NotFound("")
        return _preview(connection, wanted, online, now)


def _preview(connection: Connection, wanted: StoredClass, online: set[str], now: int) -> Preview:
    pools = model_classes.of_pool(connection, wanted.kind, wanted.model)
    capability = model_views.capability_of(wanted.kind, wanted.model)
    offers = model_offers.of_capability(connection, capability)
    after = {offer for offer in offers if wanted.admits(offer.class_id)}
    before = {offer for offer in offers if pools is None or pools.admits(offer.class_id)}
    moved, taken_back = class_switch.count_whole(connection, capability, pools.id) if pools else (0, 0)
    return Preview(
        wanted,
        pools,
        gain=model_views.offerers([offer for offer in offers if offer in after - before], online),
        lose=model_views.offerers([offer for offer in offers if offer in before - after], online),
        moved=moved,
        taken_back=taken_back,
        ended=len(class_switch.half_done_jobs(connection, capability, pools.id)) if pools else 0,
        cached=model_offers.count_cached(connection, pools.id) if pools else 0,
        clients=_clients(connection, capability, now),
    )


def _clients(connection: Connection, capability: str, now: int) -> list[str]:
    """Return the names of the client keys that used a model lately, without the operator's tries."""
    last = day_of(now)
    where = {"capability": capability}
    used = usage.report(
        connection, ("key_id",), first_day=last - CLIENT_DAYS, last_day=last, where=where, limit=MOST_CLIENTS
    )
    return sorted(one.client for one in used if one.client and one.key_id != OPERATORS_KEY)

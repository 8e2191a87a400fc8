"""Models as the operator sees them: who serves each, and the builds of it side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from server.domain.capability import chat_capability, embedding_capability, kind_of, model_of
from server.domain.limits import day_of
from server.services.pool import Pool
from server.storage import agents, model_classes, model_offers, usage
from server.storage.model_classes import StoredClass
from server.storage.model_offers import Offering

#: Agents named of one build at most.
NAMED_AGENTS = 20
#: Rows of usage that are summed up for one day: more models than any pool has.
MOST_MODELS = 10_000


class ModelState(StrEnum):
    """How a model stands, by the best that can be said of it."""

    SERVED = "served"
    #: Agents online have it, but all of them are paused.
    PAUSED = "paused"
    #: Agents online have it, but only in other builds than the pool's.
    DIFFERING = "differing"
    #: Agents have it, but none of them is online.
    OFFLINE = "offline"
    #: No agent has it any more.
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Offerer:
    """An agent that offers a model."""

    id: str
    name: str | None
    online: bool
    paused: bool


@dataclass(frozen=True, slots=True)
class Offerers:
    """The agents that offer a build, whoever is online before others; not all of them are named."""

    named: tuple[Offerer, ...] = ()
    online: int = 0
    offline: int = 0
    #: Of those online.
    paused: int = 0

    @property
    def total(self) -> int:
        """How many there are."""
        return self.online + self.offline

    @property
    def unnamed(self) -> int:
        """How many of them are not named."""
        return self.total - len(self.named)


@dataclass(frozen=True, slots=True)
class ClassView:
    """A build of a model, and who offers it."""

    stored: StoredClass
    offerers: Offerers


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model that an agent offers, or once did."""

    #: `embedding` or `chat`.
    kind: str
    model: str
    capability: str
    #: The pool's first, then in the order in which they were first seen.
    classes: tuple[ClassView, ...]
    #: Who offers it without telling which build it is; of a chat model that is everybody.
    untold: Offerers
    #: Agents online that get its work; with those that take any model.
    serving: int
    #: Agents online that offer it, in whatever build, and get none of its work: paused ones, and of another build.
    paused: int
    differing: int
    #: Agents that offer it, online or not.
    offered_by: int
    waiting_tasks: int
    #: Texts (or chats) since midnight (UTC), those from the cache too.
    texts_today: int
    #: When an agent that offers the pool's class, or an untold one, was last heard of (ms since 1970).
    last_offered: int | None

    @property
    def state(self) -> ModelState:
        """How it stands."""
        if self.serving:
            return ModelState.SERVED
        if self.paused:
            return ModelState.PAUSED
        if self.differing:
            return ModelState.DIFFERING
        return ModelState.OFFLINE if self.offered_by else ModelState.GONE

    @property
    def pools(self) -> StoredClass | None:
        """The class that serves the pool; None while nobody told or computed one."""
        return self.classes[0].stored if self.classes else None


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database tells of all models."""

    classes: list[StoredClass]
    offers: list[Offering]
    texts: Mapping[str, int]
    last_offered: Mapping[str, int]


def list_models(pool: Pool, now: int) -> list[ModelView]:
    """Return every model that is offered, or was: embedding models before chat models, by name."""
    with pool.database.read() as connection:
        known = _read(connection, now)
    by_model: dict[tuple[str, str], tuple[list[StoredClass], list[Offering]]] = {}
    for stored in known.classes:
        by_model.setdefault((stored.kind, stored.model), ([], []))[0].append(stored)
    for offer in known.offers:
        by_model.setdefault((kind_of(offer.capability), model_of(offer.capability)), ([], []))[1].append(offer)
    online = {present.agent.id for present in pool.roster.online(now)}
    names = sorted(by_model, key=lambda key: (key[0] != "embedding", key[1]))
    return [_view(pool, name, *by_model[name], known, online, now) for name in names]


def _read(connection: Connection, now: int) -> _Known:
    today = day_of(now)
    used = usage.report(connection, ("capability",), first_day=today, last_day=today, where={}, limit=MOST_MODELS)
    return _Known(
        model_classes.every(connection),
        model_offers.every(connection),
        {one.capability: one.texts for one in used if one.capability},
        agents.last_offered(connection),
    )


def _view(
    pool: Pool,
    name: tuple[str, str],
    classes: list[StoredClass],
    offers: list[Offering],
    known: _Known,
    online: set[str],
    now: int,
) -> ModelView:
    kind, model = name
    capability = capability_of(kind, model)
    pools = next((stored for stored in classes if stored.is_pool), None)
    admitted = [offer for offer in offers if kind == "chat" or pools is None or pools.admits(offer.class_id)]
    here = [offer for offer in offers if offer.agent_id in online]
    return ModelView(
        kind=kind,
        model=model,
        capability=capability,
        classes=tuple(
            ClassView(stored, offerers(told_offers(offers, stored), online))
            for stored in sorted(classes, key=lambda stored: (not stored.is_pool, stored.id))
        ),
        untold=offerers([offer for offer in offers if offer.class_id is None], online),
        serving=pool.roster.count_for(capability, now),
        paused=sum(offer.paused for offer in admitted if offer.agent_id in online),
        differing=len(here) - sum(offer.agent_id in online for offer in admitted),
        offered_by=len(offers),
        waiting_tasks=pool.backlog.by_capability.get(capability, 0),
        texts_today=known.texts.get(capability, 0),
        last_offered=known.last_offered.get(capability),
    )


def capability_of(kind: str, model: str) -> str:
    """Return what it takes to run a model."""
    return (chat_capability if kind == "chat" else embedding_capability)(model)


def told_offers(offers: Iterable[Offering], stored: StoredClass) -> list[Offering]:
    """Return the offers that told a class."""
    return [offer for offer in offers if offer.class_id == stored.id]


def offerers(offers: Iterable[Offering], online: set[str]) -> Offerers:
    """Sum up who makes some offers, given the agents that are online."""
    each = [Offerer(offer.agent_id, offer.display_name, offer.agent_id in online, offer.paused) for offer in offers]
    here = sum(one.online for one in each)
    named = sorted(each, key=lambda one: not one.online)[:NAMED_AGENTS]
    return Offerers(tuple(named), here, len(each) - here, sum(one.online and one.paused for one in each))

"""What agents offer, beside what the pool runs: whether they get work for it, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from server.domain.capability import kind_of, model_of, queue_of
from server.services.catalogue import Catalogue
from server.services.operator.agent_views import shown
from server.storage.agent_control import OfferRecord
from server.storage.agent_records import AgentRecord
from server.storage.agents import LLMEQUEUE
from server.storage.model_classes import StoredClass

#: Characters of a digest that tell it from others.
DIGEST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class OfferLook:
    """One thing that an agent offers."""

    #: Base capability; it is one that the pool checked.
    capability: str
    #: `embedding`, `chat` or `task`.
    kind: str
    model: str
    #: Its class, where it has one.
    stored: StoredClass | None
    engine_version: str
    in_pool: bool
    #: Why it gets no work for it, as a sentence; empty where it does.
    why_not: str = ""

    @property
    def digest(self) -> str:
        """The beginning of its digest; empty where nobody knows one."""
        return self.stored.digest[:DIGEST_SHOWN] if self.stored else ""


def look_of(offer: OfferRecord, catalogue: Catalogue) -> OfferLook:
    """Say what an offer is, and whether the pool takes it."""
    kind, model = kind_of(offer.capability), model_of(offer.capability)
    stored = catalogue.by_id(offer.class_id)
    why_not = _why_not(offer, stored, catalogue) if kind == "embedding" else ""
    version = shown(offer.engine_version)
    return OfferLook(offer.capability, kind, model, stored, version, not why_not, why_not)


def kept_out(record: AgentRecord, offers: Sequence[OfferLook]) -> list[str]:
    """Return what an agent registered and may not run: its invite does not allow it, or it runs in somebody's cloud."""
    if record.protocol == LLMEQUEUE:
        # It names no model, and takes those of the others.
        return []
    offered = {offer.capability for offer in offers}
    return [shown(one) for one in orjson.loads(record.capabilities) if queue_of(one) not in offered]


def _why_not(offer: OfferRecord, stored: StoredClass | None, catalogue: Catalogue) -> str:
    of_pool = catalogue.find(model_of(offer.capability))
    if stored is None:
        if catalogue.admits_unverified(offer.capability):
            return ""
        return "It does not tell which build of the model it has, and the pool runs one whose digest is known."
    if of_pool is None or of_pool.id == stored.id:
        return ""
    if stored.unverified:
        return "It does not tell which build of the model it has."
    differences = [
        f"{name} {_said(theirs)} instead of {_said(ours)}"
        for name, theirs, ours in (
            ("digest", stored.digest[:DIGEST_SHOWN], of_pool.digest[:DIGEST_SHOWN]),
            ("dimensions", stored.dimensions, of_pool.dimensions),
            ("engine", stored.engine, of_pool.engine),
        )
        if theirs != ours
    ]
    return f"Another build than the pool's: {', '.join(differences)}."


def _said(value: object) -> str:
    return str(value) or "unknown"

"""Which models the pool knows, and the class of each that serves it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from server.domain.capability import embedding_capability, kind_of, model_of, normalise_model
from server.storage import agents, model_classes
from server.storage.database import Database
from server.storage.model_classes import StoredClass


@dataclass(slots=True)
class Catalogue:
    """The pool's model classes, in memory; read again whenever an agent may have brought a new one."""

    database: Database
    _of_pool: dict[tuple[str, str], StoredClass] = field(default_factory=dict)
    _by_id: dict[int, StoredClass] = field(default_factory=dict)
    #: Base capabilities that some agent offers, or offered when it left.
    _offered: frozenset[str] = frozenset()
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reload(self) -> frozenset[str]:
        """Read the classes anew; returns the embedding capabilities of which the pool's class is another one now.

        `classes.reload` also lets the agents that it concerns know.
        """
        # Read under the lock: an older reading must never replace a newer one.
        with self._lock:
            with self.database.read() as connection:
                classes = model_classes.every(connection)
                offered = agents.capabilities_offered(connection)
            before = self._of_pool
            self._of_pool = {(stored.kind, stored.model): stored for stored in classes if stored.is_pool}
            self._by_id = {stored.id: stored for stored in classes}
            self._offered = offered
            changed = before.items() ^ self._of_pool.items()
        return frozenset(embedding_capability(model) for (kind, model), _ in changed if kind == "embedding")

    def find(self, model: str, kind: str = "embedding") -> StoredClass | None:
        """Return the pool's class of a model, by any of its names; None when no agent ever told of it."""
        return self._of_pool.get((kind, normalise_model(model)))

    def by_id(self, class_id: int | None) -> StoredClass | None:
        """Return a class, the pool's or another; None for what has no class."""
        return self._by_id.get(class_id) if class_id is not None else None

    def all(self) -> list[StoredClass]:
        """Return the pool's class of every model, by kind and name."""
        return list(self._of_pool.values())

    def class_id_of(self, capability: str) -> int | None:
        """Return the id of the class that a capability's tasks need; None where they need none, or none is known."""
        stored = self._of_embeddings(capability)
        return stored.id if stored else None

    def admits_unverified(self, capability: str) -> bool:
        """Whether an agent that tells no digest may run a capability.

        An embedding only while the pool has no class of the model, or the unverified one: its vectors may be another
        model's. Anything else always.
        """
        stored = self._of_embeddings(capability)
        return stored is None or stored.admits(None)

    def knows(self, capability: str) -> bool:
        """Whether an agent offers a base capability, or ever told of its model."""
        return capability in self._offered or (kind_of(capability), model_of(capability)) in self._of_pool

    def _of_embeddings(self, capability: str) -> StoredClass | None:
        if kind_of(capability) != "embedding":
            return None
        return self._of_pool.get(("embedding", model_of(capability)))

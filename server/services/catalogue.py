"""Which models the pool knows, and the class of each that serves it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from server.domain.capability import kind_of, model_of, normalise_model
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

    def reload(self) -> None:
        """Read the classes anew."""
        with self.database.read() as connection:
            classes = model_classes.every(connection)
            offered = agents.capabilities_offered(connection)
        with self._lock:
            self._of_pool = {(stored.kind, stored.model): stored for stored in classes if stored.is_pool}
            self._by_id = {stored.id: stored for stored in classes}
            self._offered = offered

    def find(self, model: str, kind: str = "embedding") -> StoredClass | None:
        """Return the pool's class of a model, by any of its names; None when no agent ever told of it."""
        return self._of_pool.get((kind, normalise_model(model)))

    def by_id(self, class_id: int | None) -> StoredClass | None:
        """Return a class, the pool's or another; None for what has no class."""
        return self._by_id.get(class_id) if class_id is not None else None

    def all(self) -> list[StoredClass]:
        """Return the pool's class of every model, by kind and name."""
        return list(self._of_pool.values())

    def knows(self, capability: str) -> bool:
        """Whether an agent offers a base capability, or ever told of its model."""
        return capability in self._offered or (kind_of(capability), model_of(capability)) in self._of_pool

"""Which models the pool knows, and the class of each that serves it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from server.domain.capability import normalise_model
from server.storage import model_classes
from server.storage.database import Database
from server.storage.model_classes import StoredClass


@dataclass(slots=True)
class Catalogue:
    """The pool's model classes, in memory; read again whenever an agent may have brought a new one."""

    database: Database
    _of_pool: dict[str, StoredClass] = field(default_factory=dict)
    _by_id: dict[int, StoredClass] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reload(self) -> None:
        """Read the classes anew."""
        with self.database.read() as connection:
            classes = model_classes.every(connection)
        with self._lock:
            self._of_pool = {stored.model: stored for stored in classes if stored.is_pool}
            self._by_id = {stored.id: stored for stored in classes}

    def find(self, model: str) -> StoredClass | None:
        """Return the pool's class of a model, by any of its names; None when no agent ever offered it."""
        return self._of_pool.get(normalise_model(model))

    def by_id(self, class_id: int | None) -> StoredClass | None:
        """Return a class, the pool's or another; None for what has no class."""
        return self._by_id.get(class_id) if class_id is not None else None

    def all(self) -> list[StoredClass]:
        """Return the pool's class of every model, by name."""
        return list(self._of_pool.values())

"""Model classes: which vectors may be mixed, and which class of a model serves the pool."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select

from server.domain.model_class import ModelClass as Identity
from server.storage import rows
from server.storage.models import ModelClass


@dataclass(frozen=True, slots=True)
class StoredClass:
    """A model class as it stands in the table."""

    id: int
    #: `embedding` or `chat`.
    kind: str
    model: str
    digest: str
    dimensions: int
    engine: str
    quantisation: str
    context_length: int | None
    first_seen_at: int
    is_pool: bool

    @property
    def unverified(self) -> bool:
        """Whether its vectors come from agents that tell no digest."""
        return not self.digest

    def admits(self, class_id: int | None) -> bool:
        """Whether agents of a class (None: that tell none) may compute what is to be of this one, an embedding."""
        return class_id == self.id or (class_id is None and self.unverified)


_COLUMNS = (
    ModelClass.id,
    ModelClass.kind,
    ModelClass.model,
    ModelClass.digest,
    ModelClass.dimensions,
    ModelClass.engine,
    ModelClass.quantisation,
    ModelClass.context_length,
    ModelClass.first_seen_at,
    ModelClass.is_pool,
)


def find_or_add(
    connection: Connection, identity: Identity, *, quantisation: str, context_length: int | None, now: int
) -> int:
    """Return the id of a class; a new one is written, and the first of its model becomes the pool's."""
    known = connection.execute(
        _FIND,
        {
            "kind": identity.kind,
            "model": identity.model,
            "digest": identity.digest,
            "dimensions": identity.dimensions,
            "engine": identity.engine,
        },
    ).scalar()
    if known is not None:
        return known
    has_pool_class = of_pool(connection, identity.kind, identity.model) is not None
    added = connection.execute(
        insert(ModelClass)
        .values(
            kind=identity.kind,
            model=identity.model,
            digest=identity.digest,
            dimensions=identity.dimensions,
            engine=identity.engine,
            quantisation=quantisation,
            context_length=context_length,
            first_seen_at=now,
            is_pool=not has_pool_class,
        )
        .returning(ModelClass.id)
    )
    return added.scalar_one()


_FIND = select(ModelClass.id).where(
    ModelClass.kind == bindparam("kind"),
    ModelClass.model == bindparam("model"),
    ModelClass.digest == bindparam("digest"),
    ModelClass.dimensions == bindparam("dimensions"),
    ModelClass.engine == bindparam("engine"),
)


def of_pool(connection: Connection, kind: str, model: str) -> StoredClass | None:
    """Return the pool's class of a model."""
    found = connection.execute(
        select(*_COLUMNS).where(ModelClass.kind == kind, ModelClass.model == model, ModelClass.is_pool)
    )
    return rows.one(StoredClass, found.first())


def find(connection: Connection, class_id: int) -> StoredClass | None:
    """Return a class by its id."""
    return rows.one(StoredClass, connection.execute(select(*_COLUMNS).where(ModelClass.id == class_id)).first())


def every(connection: Connection) -> list[StoredClass]:
    """Return all classes, by model."""
    return rows.each(StoredClass, connection.execute(select(*_COLUMNS).order_by(ModelClass.model, ModelClass.id)))

"""Model classes at work: what a result has to be of, and who hears of a class that is new or no longer the pool's."""

from __future__ import annotations

from sqlalchemy import Connection

from server.domain.capability import embedding_capability, model_of
from server.domain.model_class import ModelClass, unverified_class
from server.services.pool import Pool
from server.storage import model_classes, tasks
from server.storage.fence import HeldTask
from server.storage.model_classes import StoredClass


def reload(pool: Pool) -> None:
    """Read the classes anew, after they may have changed in the database.

    Every agent whose right to work changed with them is looked at again, and told why it gets no work if it gets none.
    """
    changed = pool.catalogue.reload()
    for agent_id in pool.roster.offering(changed) if changed else ():
        pool.roster.refresh(agent_id)
        pool.agents.recall(agent_id)


def admit(
    connection: Connection, identity: ModelClass, *, quantisation: str, context_length: int | None, now: int
) -> int:
    """Return the id of a class that an agent offers; the first one of a model becomes the pool's.

    What was accepted while the model had none waits for agents of that class from then on.
    """
    class_id = model_classes.find_or_add(
        connection, identity, quantisation=quantisation, context_length=context_length, now=now
    )
    of_pool = model_classes.of_pool(connection, identity.kind, identity.model)
    if identity.kind == "embedding" and of_pool is not None:
        tasks.move_class(connection, capability=embedding_capability(identity.model), old=None, new=of_pool.id)
    return class_id


def expected(pool: Pool, connection: Connection, held: HeldTask) -> StoredClass | None:
    """Return the class that the vectors of a task have to be of; None while its model has none.

    What the catalogue does not know yet is looked up: a class may be as new as the transaction before.
    """
    if held.class_id is None:
        return model_classes.of_pool(connection, "embedding", model_of(held.capability))
    return pool.catalogue.by_id(held.class_id) or model_classes.find(connection, held.class_id)


def learn(connection: Connection, held: HeldTask, dimensions: int, now: int) -> int:
    """Make the unverified class of a model from its first result: it tells how long the vectors are. Returns its id."""
    identity = unverified_class(model_of(held.capability), dimensions)
    return admit(connection, identity, quantisation="", context_length=None, now=now)

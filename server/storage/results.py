"""Results of completed tasks, the payloads they end, and the cache of vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from server.storage.models import CachedVector, Payload, Result
from server.storage.prepared import Prepared

#: Bytes that a row of the cache and its index take beside the vector, about.
BYTES_BESIDE_VECTOR = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A completed task's result: what the task adds to its job's answer."""

    task_id: str
    agent_id: str
    #: int32 little-endian positions in the job's inputs.
    positions: bytes
    #: Of an embedding: little-endian float32, row by row.
    vectors: bytes = b""
    dimensions: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    #: JSON list of positions in the task that the engine cut.
    truncated: str = "[]"
    #: Of anything else: JSON.
    output: bytes | None = None

    @property
    def tokens(self) -> int:
        """Tokens read and written."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Cached:
    """A cached vector (little-endian float32) and the share of tokens its text had."""

    vector: bytes
    tokens: int


def store(connection: Connection, part: Part, attempt_id: str, now: int) -> None:
    """Store a completed task's result under the attempt that held the task."""
    _STORE.run(
        connection,
        {
            "task_id": part.task_id,
            "attempt_id": attempt_id,
            "agent_id": part.agent_id,
            "stored_at": now,
            "vectors": part.vectors,
            "dimensions": part.dimensions,
            "tokens": part.prompt_tokens,
            "completion_tokens": part.completion_tokens,
            "truncated": part.truncated,
            "output": part.output,
        },
    )


_STORE = Prepared(
    insert(Result),
    *("task_id", "attempt_id", "agent_id", "stored_at", "vectors", "dimensions", "tokens", "completion_tokens"),
    *("truncated", "output"),
)


def is_replay(connection: Connection, *, attempt_id: str, agent_id: str, content: bytes) -> bool:
    """Whether this very result of this attempt is stored already (the reply was lost, the agent sends again)."""
    row = connection.execute(_OF_ATTEMPT, {"attempt": attempt_id, "agent": agent_id}).first()
    return row is not None and content == (row.vectors if row.output is None else row.output)


_OF_ATTEMPT = select(Result.vectors, Result.output).where(
    Result.attempt_id == bindparam("attempt"), Result.agent_id == bindparam("agent")
)


def payload(connection: Connection, task_id: str) -> bytes:
    """Return what an agent was given with a task, as JSON."""
    body: bytes = _PAYLOAD.scalar(connection, {"task": task_id})
    return body


_PAYLOAD = Prepared(select(Payload.body).where(Payload.task_id == bindparam("task")))


def drop_payload(connection: Connection, task_id: str) -> bytes:
    """Delete a task's texts because it ended; returns the hashes of its texts, 32 bytes each."""
    return _DROP_PAYLOAD.scalar(connection, {"task": task_id}) or b""


_DROP_PAYLOAD = Prepared(delete(Payload).where(Payload.task_id == bindparam("task")).returning(Payload.hashes))


def drop_payloads(connection: Connection, task_ids: Sequence[str]) -> None:
    """Delete the texts of tasks that ended without a result."""
    if task_ids:
        connection.execute(_DROP_PAYLOADS, {"ids": task_ids})


_DROP_PAYLOADS = delete(Payload).where(Payload.task_id.in_(bindparam("ids", expanding=True)))


def keep_payload(connection: Connection, task_id: str, *, until: int) -> None:
    """Keep what a failed task asked for, for a while (ms since 1970)."""
    _KEEP_PAYLOAD.run(connection, {"task": task_id, "until": until})


_KEEP_PAYLOAD = Prepared(
    update(Payload).where(Payload.task_id == bindparam("task")).values(kept_until=bindparam("until"))
)


def remember(connection: Connection, *, scope: str, class_id: int, vectors: Sequence[tuple[bytes, bytes, int]]) -> None:
    """Put vectors into the cache; each is (text hash, vector, tokens). One that is there already stays."""
    if vectors:
        _REMEMBER.run_each(
            connection,
            [
                {"scope": scope, "class_id": class_id, "text_hash": text_hash, "vector": vector, "tokens": tokens}
                for text_hash, vector, tokens in vectors
            ],
        )


_REMEMBER = Prepared(
    upsert(CachedVector).on_conflict_do_nothing(), "scope", "class_id", "text_hash", "vector", "tokens"
)


def recall(connection: Connection, *, scope: str, class_id: int, hashes: Sequence[bytes]) -> dict[bytes, Cached]:
    """Look texts up in the cache by their hashes; what is not there is not in the answer."""
    found: dict[bytes, Cached] = {}
    for text_hash in hashes:
        row = _RECALL.first(connection, {"scope": scope, "class_id": class_id, "text_hash": text_hash})
        if row is not None:
            found[text_hash] = Cached(row[0], row[1])
    return found


_RECALL = Prepared(
    select(CachedVector.vector, CachedVector.tokens).where(
        CachedVector.scope == bindparam("scope"),
        CachedVector.class_id == bindparam("class_id"),
        CachedVector.text_hash == bindparam("text_hash"),
    )
)


def cache_span(connection: Connection) -> tuple[int, int, int]:
    """Return (oldest id, newest id, bytes of the newest vector) of the cache; zeros when it is empty."""
    oldest, newest = connection.execute(_CACHE_SPAN).one()
    if not newest:
        return 0, 0, 0
    size = connection.execute(select(func.length(CachedVector.vector)).where(CachedVector.id == newest)).scalar_one()
    return oldest, newest, size


# Two subqueries, because SQLite answers each from the end of the index, but scans for both at once.
_CACHE_SPAN = select(
    func.coalesce(select(func.min(CachedVector.id)).scalar_subquery(), 0),
    func.coalesce(select(func.max(CachedVector.id)).scalar_subquery(), 0),
)


def forget_through(connection: Connection, last_id: int) -> int:
    """Drop the cache's oldest vectors, up to and with an id; returns how many went."""
    return connection.execute(delete(CachedVector).where(CachedVector.id <= last_id)).rowcount

"""The agent's own client code on a real server: joining, submitting work, and what the database says afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

from desktop_agent.core.engines.base import ModelOffer
from desktop_agent.core.pool.server_api import ServerApi
from desktop_agent.core.pool.wire import Completed, Report, Task, Turn, info_body
from tests.factories import DIGEST, DIMENSIONS, MODEL, make_invite, vectors_of
from tests.live_pool import EMBEDDINGS, LivePool

REPORT = Report("working", "", "ollama 0.33.0")


def real_offer(model: str = MODEL, digest: str = DIGEST) -> ModelOffer:
    """Make an offer of the model that the server's tests use."""
    return ModelOffer(model, digest, "ollama", "0.33.0", "F16", DIMENSIONS, 512)


def told(*offers: ModelOffer) -> dict[str, Any]:
    """Make what the agent tells of itself."""
    return info_body(offers, "0.1.0", "My PC")


@asynccontextmanager
async def signed_in(live: LivePool, *offers: ModelOffer) -> AsyncIterator[tuple[ServerApi, str]]:
    """Join; give the connection and the agent's id."""
    async with ServerApi(live.url) as api:
        joined = await api.register(make_invite(live.pool), told(*offers))
        api.sign_in_as(joined.agent_id, joined.key)
        yield api, joined.agent_id


def submit(live: LivePool, *texts: str, **fields: Any) -> str:
    """Put texts in the queue as one request of a client of its own; gives the place of its task."""
    answer = live.client().post(f"{EMBEDDINGS}?wait=0", json={"model": MODEL, "input": list(texts), **fields})
    assert answer.status_code == 202, answer.text
    return str(answer.headers["location"])


def ask(*results: Any, max_tasks: int = 32, wait: int = 0, holding: tuple[str, ...] = ()) -> Turn:
    """Make a turn that asks for work, unless `max_tasks` is 0."""
    return Turn(results, max_tasks, 32, wait, holding, REPORT)


def completed(task: Task, **changes: Any) -> Completed:
    """Compute a task rightly, but for the changes."""
    right = {
        "lease_id": task.lease_id,
        "vectors": vectors_of(task.texts).tobytes(),
        "dimensions": DIMENSIONS,
        "tokens": 3 * len(task.texts),
        "truncated": (),
        "digest": DIGEST,
        "engine_ms": 1.5,
    }
    return Completed(**{**right, **changes})


def rows_of(live: LivePool, query: str) -> list[tuple[Any, ...]]:
    """Look into the server's database."""
    with closing(sqlite3.connect(f"file:{live.settings.database_path}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()

"""Answers: putting together what a job's tasks, and the cache, gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

from server.domain.embedding import dimensions_error
from server.domain.errors import WorkerFailed
from server.domain.vectors import as_array, cut
from server.storage.jobs import StoredJob
from server.storage.results import Cached, Part


@dataclass(frozen=True, slots=True)
class Embeddings:
    """A whole answer: one vector per input, in order."""

    #: count × dimensions, float32.
    vectors: NDArray[np.float32]
    #: The model's own count of tokens.
    tokens: int
    #: Positions of inputs that the engine cut.
    truncated: tuple[int, ...] = ()
    #: Ids of the agents that computed it; empty when all came from the cache.
    agents: tuple[str, ...] = ()
    #: How many inputs the cache answered.
    cached: int = 0

    @classmethod
    def from_cache(cls, cached: dict[int, Cached], dimensions: int) -> Embeddings:
        """Make an answer of cached vectors alone."""
        raw = b"".join(cached[position].vector for position in range(len(cached)))
        return cls(as_array(raw, dimensions), sum(entry.tokens for entry in cached.values()), cached=len(cached))

    def cut_to(self, dimensions: int | None) -> Embeddings:
        """Return the answer with shorter vectors, of length 1 again; itself where nothing is to be cut.

        Raises InvalidRequest where they would have to be longer, which nobody knew before the model's first result.
        """
        native = self.vectors.shape[1]
        if dimensions is None or dimensions == native:
            return self
        if dimensions > native:
            raise dimensions_error(dimensions, native)
        short = as_array(cut(self.vectors.tobytes(), native, dimensions), dimensions)
        return Embeddings(short, self.tokens, self.truncated, self.agents, self.cached)


@dataclass(frozen=True, slots=True)
class Output:
    """The answer of a job that is no embedding."""

    #: JSON: of a chat the engine's combined final answer, else whatever the agent gave.
    body: bytes
    agent_id: str
    prompt_tokens: int = 0
    completion_tokens: int = 0


Answer = Embeddings | Output


def stored_answer(job: StoredJob, parts: Sequence[Part | None]) -> Answer | None:
    """Put a completed job's answer together from what is stored; None when a part of it was deleted."""
    kept = [part for part in parts if part is not None]
    if len(kept) < len(parts):
        return None
    return answer_of(job.inputs, kept, _stored_cache(job, kept[0].dimensions))


def _stored_cache(job: StoredJob, dimensions: int) -> dict[int, Cached]:
    """Read back what the cache had answered; the tokens are only known in sum, and go to the first."""
    positions = _positions(job.cached_positions)
    if not len(positions):
        return {}
    vectors = as_array(job.cached_vectors, dimensions)
    return {
        position: Cached(vectors[row].tobytes(), 0 if row else job.cached_tokens)
        for row, position in enumerate(positions)
    }


def answer_of(inputs: int, parts: Sequence[Part], cached: dict[int, Cached]) -> Answer:
    """Put results and cached vectors at their inputs' places; an output stands for itself.

    Raises WorkerFailed for vectors of different lengths (of agents that do not tell which model they run).
    """
    first = parts[0]
    if first.output is not None:
        return Output(first.output, first.agent_id, first.prompt_tokens, first.completion_tokens)
    if any(part.dimensions != first.dimensions for part in parts):
        raise WorkerFailed("The agents that computed this run different models under one name.")
    vectors = np.empty((inputs, first.dimensions), dtype=np.float32)
    truncated: list[int] = []
    for part in parts:
        positions = _positions(part.positions)
        vectors[positions] = as_array(part.vectors, part.dimensions)
        if part.truncated != "[]":
            truncated.extend(int(positions[n]) for n in orjson.loads(part.truncated))
    for position, entry in cached.items():
        vectors[position] = as_array(entry.vector, first.dimensions)
    tokens = sum(part.tokens for part in parts) + sum(entry.tokens for entry in cached.values())
    agents = tuple(sorted({part.agent_id for part in parts}))
    return Embeddings(vectors, tokens, tuple(sorted(truncated)), agents, len(cached))


def _positions(packed: bytes) -> NDArray[np.int32]:
    return np.frombuffer(packed, dtype="<i4")

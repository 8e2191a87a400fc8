"""Embeddings in OffloadMQ's form: what its clients send, what its agents get and answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from server.domain import foreign_vectors

Json = dict[str, Any]

#: The fields of a payload that may hold the texts; the first that is there counts.
_TEXT_FIELDS = ("input", "texts", "text", "prompt")
#: Most tokens of one task that are believed.
_MAX_TOKENS = 10_000_000


def embedding_body(payload: object, model: str) -> Json:
    """Return a client's payload (a text, a list, or an object) as the body of an embeddings request."""
    if not isinstance(payload, dict):
        return {"model": model, "input": payload}
    texts = next((payload[name] for name in _TEXT_FIELDS if payload.get(name) is not None), None)
    return {"model": model, "input": texts, "truncate": payload.get("truncate")}


def agents_payload(stored: bytes, model: str) -> Json:
    """Return what an agent is handed of a stored embeddings task: the body of Ollama's `/api/embed`."""
    asked = orjson.loads(stored)
    return {"model": model, "input": asked["texts"], "truncate": asked["truncate"]}


@dataclass(frozen=True, slots=True)
class Vectors:
    """What an agent answered, as far as it can be read."""

    #: Little-endian float32, row by row.
    raw: bytes
    dimensions: int
    tokens: int
    #: Why it is no answer, in words; None where it is one.
    flaw: str | None


def read_vectors(output: object) -> Vectors:
    """Read an agent's answer: `embeddings`, and `prompt_eval_count` where its engine counts."""
    answer = output if isinstance(output, dict) else {}
    given = foreign_vectors.read_vectors(answer.get("embeddings"))
    if given.flaw is not None:
        return _wrong(f"The output's embeddings must be equally long lists of numbers, but {given.flaw}.")
    tokens = answer.get("prompt_eval_count") or 0
    if type(tokens) is not int or not 0 <= tokens <= _MAX_TOKENS:
        return _wrong("The output's prompt_eval_count must be a whole number from 0.")
    return Vectors(given.raw, given.dimensions, tokens, None)


def _wrong(flaw: str) -> Vectors:
    return Vectors(b"", 1, 0, flaw)

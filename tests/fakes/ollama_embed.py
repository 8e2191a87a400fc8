"""The fake Ollama's embedding: which texts it can read, how it fails on others, and the form of its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from .ollama_models import FakeModel, OllamaError, count_tokens

#: A text with this fails with NaN.
NAN = "<nan>"
#: A text with this crashes the runner, always, or the first time only.
EOF = "<eof>"
EOF_ONCE = "<eof-once>"


@dataclass(frozen=True, slots=True)
class EmbedCall:
    """One call of /api/embed, as it arrived."""

    body: dict[str, Any]
    texts: int


class Reader:
    """Reads texts as the runner does; it remembers which broke it."""

    def __init__(self) -> None:
        self._crashed_once: set[str] = set()

    def read(self, model: FakeModel, texts: list[str], *, truncate: bool) -> tuple[list[str], OllamaError | None]:
        """Give the texts as the model reads them, up to the first that fails the whole call."""
        read: list[str] = []
        for text in texts:
            failure = self._failure(model, text, truncate=truncate)
            read.append(model.cut(text) if count_tokens(text) > model.context_length else text)
            if failure:
                return read, failure
        return read, None

    def _failure(self, model: FakeModel, text: str, *, truncate: bool) -> OllamaError | None:
        if NAN in text:
            return OllamaError(400, "embedding contains NaN or Inf values")
        if EOF in text or (EOF_ONCE in text and text not in self._crashed_once):
            self._crashed_once.add(text)
            return OllamaError(500, 'do embedding request: Post "http://127.0.0.1:43210/embedding": EOF')
        if count_tokens(text) > model.context_length and not truncate:
            return OllamaError(400, "the input length exceeds the context length")
        return None


def texts_of(value: Any) -> list[str]:
    """Give the texts of an `input`."""
    if value is None or value == "":
        return []
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise OllamaError(400, "invalid input type")
    return texts


def embedded(model: str, embeddings: bytes, took: float, load_ns: int, tokens: int) -> bytes:
    """Write an answer around vectors that are written already."""
    total_ns = int(took * 1e9) + load_ns
    numbers = f',"total_duration":{total_ns},"load_duration":{load_ns},"prompt_eval_count":{tokens}}}'.encode()
    return b'{"model":' + orjson.dumps(model) + b',"embeddings":' + embeddings + numbers

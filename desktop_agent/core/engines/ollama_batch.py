"""One batch of texts through /api/embed, where a single bad text fails a whole call: find it, and keep the others."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import messages
from ..errors import EngineFailed
from .base import EmbedResult, TextFailure
from .ollama_client import COMPUTE_SECONDS, OllamaClient, OllamaRefused
from .ollama_errors import is_too_long, raise_if_not_about_the_input
from .ollama_presence import KEEP_ALIVE, load_ms
from .vectors import Matrix, share_tokens, unit_rows

#: Texts of one batch that may break the engine before the engine itself is held to be broken.
MAX_CRASHES = 2


class OllamaBatch:
    """The texts of one call to the engine, and what became of each so far."""

    def __init__(self, client: OllamaClient, model: str, texts: list[str], *, truncate: bool) -> None:
        self._client = client
        self._model = model
        self._texts = texts
        self._truncate = truncate
        #: First position → vectors of the texts from there on.
        self._spans: dict[int, Matrix] = {}
        self._tokens = [0] * len(texts)
        self._truncated: list[int] = []
        self._failures: list[TextFailure] = []
        self._crashes = 0
        #: Milliseconds that the first call waited for the model to be loaded; None where Ollama does not say.
        self.load_ms: float | None = None

    async def embed_span(self, first: int, end: int) -> None:
        """Embed the texts from `first` up to `end`, halving a failing span until the bad texts stand alone."""
        try:
            await self._call(first, end, truncate=False)
        except OllamaRefused as refusal:
            raise_if_not_about_the_input(refusal, self._model)
            if end - first == 1:
                await self._embed_alone(first, refusal)
                return
            middle = (first + end) // 2
            await self.embed_span(first, middle)
            await self.embed_span(middle, end)

    def result(self, engine_ms: float) -> EmbedResult:
        """Put the spans together."""
        spans = list(self._spans.values())
        widths = {span.shape[1] for span in spans}
        if len(widths) > 1:
            raise EngineFailed(messages.engine.ENGINE_MIXED_SIZES)
        dimensions = widths.pop() if widths else 0
        if len(spans) == 1 and not self._failures:
            vectors = spans[0].tobytes()
        else:
            matrix = np.zeros((len(self._texts), dimensions), dtype="<f4")
            for first, span in self._spans.items():
                matrix[first : first + len(span)] = span
            vectors = matrix.tobytes()
        truncated, failures = tuple(sorted(self._truncated)), tuple(self._failures)
        return EmbedResult(vectors, dimensions, tuple(self._tokens), truncated, failures, engine_ms)

    async def _call(self, first: int, end: int, *, truncate: bool) -> None:
        texts = self._texts[first:end]
        body = {"model": self._model, "input": texts, "truncate": truncate, "keep_alive": KEEP_ALIVE}
        answer = await self._client.post("/api/embed", body, COMPUTE_SECONDS)
        if self.load_ms is None:
            self.load_ms = load_ms(answer)
        self._spans[first] = unit_rows(answer.get("embeddings"), len(texts))
        self._tokens[first:end] = share_tokens(_count(answer.get("prompt_eval_count")), texts)

    async def _embed_alone(self, position: int, refusal: OllamaRefused) -> None:
        error = refusal.error.lower()
        if is_too_long(error):
            await self._cut(position)
        elif "nan" in error or "inf value" in error:
            self._fail(position, "engine_error", messages.engine.NAN_VECTOR)
        elif refusal.status == 400:
            self._fail(position, "input_invalid", messages.engine.ollama_refused(400))
            self._count_crash()
        else:
            await self._try_again(position)

    async def _cut(self, position: int) -> None:
        """Embed the beginning of a text that is too long, if its task asked for that."""
        if not self._truncate:
            self._fail(position, "input_too_long", messages.engine.TEXT_TOO_LONG)
            return
        try:
            await self._call(position, position + 1, truncate=True)
        except OllamaRefused as refusal:
            raise_if_not_about_the_input(refusal, self._model)
            self._fail(position, "input_too_long", messages.engine.TEXT_TOO_LONG)
        else:
            self._truncated.append(position)

    async def _try_again(self, position: int) -> None:
        """Give a text that broke the runner one more chance alone: the runner may have been broken by another."""
        try:
            await self._call(position, position + 1, truncate=False)
        except OllamaRefused as refusal:
            raise_if_not_about_the_input(refusal, self._model)
            self._fail(position, "input_too_long", messages.engine.TEXT_CRASHES_ENGINE)
            self._count_crash()

    def _count_crash(self) -> None:
        self._crashes += 1
        if self._crashes > MAX_CRASHES:
            raise EngineFailed(messages.engine.ENGINE_CRASHES)

    def _fail(self, position: int, code: str, message: str) -> None:
        self._failures.append(TextFailure(position, code, message))


def _count(value: Any) -> int:
    """Read a token count; Ollama leaves it out when it is 0."""
    return value if isinstance(value, int) and value > 0 else 0

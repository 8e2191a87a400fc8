"""A small engine inside the agent: WordLlama's table of word vectors, averaged. English, no download."""

from __future__ import annotations

import asyncio
import hashlib
import importlib.metadata
import importlib.util
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from .. import messages
from ..chat.payload import ChatRequest
from ..errors import EngineUnavailable, ModelMissing
from .base import ChatResult, EmbedResult, EngineHealth, EngineMemory, Heard, ModelOffer, TextFailure
from .vectors import Matrix

try:
    from tokenizers import Tokenizer
except ImportError:  # no wheel for this PC; the engine says so
    Tokenizer = None  # type: ignore[assignment, misc]

MODEL = "wordllama-256"
#: Tokens of one text. An average has no limit of its own; this one keeps a hostile text from taking minutes.
CONTEXT_LENGTH = 131_072
#: Characters up to which a call is computed at once; a longer one goes to a thread, so that heartbeats go on.
INLINE_CHARACTERS = 20_000
#: Table rows that are added up at a time: 4096 × 256 float32 are 4 MiB, whatever the length of the text.
_CHUNK_TOKENS = 4096

_WEIGHTS = "weights/l2_supercat_256.safetensors"
_TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"
_TENSOR = "embedding.weight"


@dataclass(frozen=True, slots=True)
class _Loaded:
    tokenizer: Any
    #: One row per token of the vocabulary; float16, mapped from the file, so that agents on one PC share its memory.
    table: NDArray[np.float16] | Matrix
    digest: str
    version: str
    dimensions: int


class EmbeddedEngine:
    """Offers `wordllama-256`, if the package with its data is installed. Its code is never imported."""

    name = "embedded"

    def __init__(self) -> None:
        self._loaded: _Loaded | None = None
        self._health = EngineHealth(available=False, reason=messages.states.STARTING)

    @property
    def health(self) -> EngineHealth:
        """Whether the data could be read."""
        return self._health

    async def inventory(self) -> tuple[ModelOffer, ...]:
        """Read the data once; later calls answer from memory."""
        try:
            loaded = await self._data()
        except EngineUnavailable as error:
            self._health = EngineHealth(available=False, reason=error.message)
            return ()
        self._health = EngineHealth(available=True, version=loaded.version)
        return (_offer(loaded),)

    async def embed(self, model: str, texts: list[str], *, truncate: bool) -> EmbedResult:
        """Average the word vectors of each text."""
        if model != MODEL:
            raise ModelMissing(messages.engine.model_missing(model))
        loaded = await self._data()
        if sum(map(len, texts)) <= INLINE_CHARACTERS:
            return _embed(loaded, texts, truncate=truncate)
        return await asyncio.to_thread(_embed, loaded, texts, truncate=truncate)

    async def chat(self, model: str, request: ChatRequest, heard: Heard) -> ChatResult:  # noqa: ARG002
        """Raise ModelMissing: a table of word vectors answers nobody."""
        raise ModelMissing(messages.engine.no_chat_here(self.name))

    async def _data(self) -> _Loaded:
        if self._loaded is None:
            self._loaded = await asyncio.to_thread(_load)
        return self._loaded

    @property
    def memory(self) -> EngineMemory:
        """Nothing that takes memory from anybody: the table is the file itself, mapped."""
        return EngineMemory()

    async def look(self) -> bool:
        """Nothing to look at."""
        return True

    async def free(self) -> None:
        """Nothing to free."""

    async def close(self) -> None:
        """Forget the data."""
        self._loaded = None


def _offer(loaded: _Loaded) -> ModelOffer:
    return ModelOffer(
        model=MODEL,
        digest=loaded.digest,
        engine=EmbeddedEngine.name,
        engine_version=loaded.version,
        quantisation="F16",
        dimensions=loaded.dimensions,
        context_length=CONTEXT_LENGTH,
    )


def _embed(loaded: _Loaded, texts: list[str], *, truncate: bool) -> EmbedResult:
    started = time.perf_counter()
    matrix = np.zeros((len(texts), loaded.dimensions), dtype="<f4")
    tokens = [0] * len(texts)
    truncated, failures = [], []
    # One long text must not make the batch's short ones as long as itself: they are tokenised one by one.
    for position, text in enumerate(texts):
        ids = loaded.tokenizer.encode(text.encode("utf-8", "replace").decode(), add_special_tokens=False).ids
        if len(ids) > CONTEXT_LENGTH:
            if not truncate:
                failures.append(TextFailure(position, "input_too_long", messages.engine.TEXT_TOO_LONG))
                continue
            truncated.append(position)
            ids = ids[:CONTEXT_LENGTH]
        tokens[position] = len(ids)
        matrix[position] = _average(loaded.table, ids)
    engine_ms = (time.perf_counter() - started) * 1000.0
    vectors = matrix.tobytes()
    return EmbedResult(vectors, loaded.dimensions, tuple(tokens), tuple(truncated), tuple(failures), engine_ms)


def _average(table: NDArray[np.float16] | Matrix, ids: Sequence[int]) -> Matrix:
    """Give the unit vector in the direction of the rows' mean; a text without tokens gets the diagonal."""
    total = np.zeros(table.shape[1], dtype=np.float32)
    for start in range(0, len(ids), _CHUNK_TOKENS):
        total += table[ids[start : start + _CHUNK_TOKENS]].sum(axis=0, dtype=np.float32)
    norm = float(np.sqrt(np.dot(total, total)))
    if norm == 0.0:
        return np.full(total.shape, 1.0 / np.sqrt(total.shape[0]), dtype=np.float32)
    return total / np.float32(norm)


def _load() -> _Loaded:
    if Tokenizer is None:
        raise EngineUnavailable(messages.engine.EMBEDDED_NO_TOKENIZERS)
    folder = _data_folder()
    weights, tokenizer_file = folder / _WEIGHTS, folder / _TOKENIZER
    try:
        table = _map_table(weights)
        tokenizer = Tokenizer.from_file(str(tokenizer_file))
        digest = hashlib.sha256(weights.read_bytes() + tokenizer_file.read_bytes()).hexdigest()
    except Exception as error:
        raise EngineUnavailable(messages.engine.embedded_broken(str(error)[:200])) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return _Loaded(tokenizer, table, digest, importlib.metadata.version("wordllama"), table.shape[1])


def _data_folder() -> Path:
    # Finding a top-level package does not import it, and this one must not be: it takes over the root logger.
    spec = importlib.util.find_spec("wordllama")
    if spec is None or not spec.submodule_search_locations:
        raise EngineUnavailable(messages.engine.EMBEDDED_NO_DATA)
    return Path(spec.submodule_search_locations[0])


def _map_table(path: Path) -> NDArray[np.float16] | Matrix:
    """Map the embedding table of a safetensors file: 8 bytes of header length, a JSON header, raw tensors."""
    with path.open("rb") as file:
        (header_length,) = struct.unpack("<Q", file.read(8))
        tensor = orjson.loads(file.read(header_length))[_TENSOR]
    dtype = {"F16": "<f2", "F32": "<f4"}[tensor["dtype"]]
    offset = 8 + header_length + tensor["data_offsets"][0]
    return np.memmap(path, dtype=dtype, mode="r", offset=offset, shape=tuple(tensor["shape"]))

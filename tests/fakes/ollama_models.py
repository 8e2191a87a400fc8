"""The fake Ollama's models: what it says about them, and the vectors they give."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: The beginning-of-sequence and end-of-sequence tokens that embedding models add.
SPECIAL_TOKENS = 2


class OllamaError(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True)
class FakeModel:
    """One model on the fake's disk."""

    name: str = "nomic-embed-text:latest"
    dimensions: int = 768
    context_length: int = 2048
    quantisation: str = "F16"
    architecture: str = "nomic-bert"
    capabilities: tuple[str, ...] = ("embedding",)
    #: Set for a model that runs on somebody else's computers.
    remote_host: str = ""
    size: int = 274_302_450
    #: Changes the digest, as another upload under the same name does.
    revision: int = 1

    @property
    def digest(self) -> str:
        """Give the 64 hexadecimal digits that Ollama would show."""
        return hashlib.sha256(f"{self.name} {self.revision} {self.quantisation}".encode()).hexdigest()

    def tag(self, *, detailed: bool) -> dict[str, Any]:
        """Give the entry of /api/tags; versions before 0.30 tell less."""
        entry: dict[str, Any] = {
            "name": self.name,
            "model": self.name,
            "modified_at": "2026-11-01T12:00:00Z",
            "size": self.size,
            "digest": self.digest,
            "details": {
                "parent_model": "",
                "format": "gguf",
                "family": self.architecture,
                "families": [self.architecture],
                "parameter_size": "137M",
                "quantization_level": self.quantisation,
            },
        }
        if self.remote_host:
            entry |= {"remote_host": self.remote_host, "remote_model": self.name.partition(":")[0]}
        if detailed:
            entry["capabilities"] = list(self.capabilities)
            entry["details"] |= {"context_length": self.context_length, "embedding_length": self.dimensions}
        return entry

    def show(self) -> dict[str, Any]:
        """Give the answer of /api/show."""
        info: dict[str, Any] = {
            "general.architecture": self.architecture,
            f"{self.architecture}.context_length": self.context_length,
            f"{self.architecture}.embedding_length": self.dimensions,
        }
        if "embedding" in self.capabilities:
            info[f"{self.architecture}.pooling_type"] = 1
        return {
            "modelfile": f"FROM {self.name}",
            "parameters": "",
            "template": "{{ .Prompt }}",
            "details": self.tag(detailed=False)["details"],
            "model_info": info,
            "capabilities": list(self.capabilities),
            "modified_at": "2026-11-01T12:00:00Z",
        }

    def cut(self, text: str) -> str:
        """Give as much of the text as the context holds."""
        return " ".join(text.split()[: self.context_length - SPECIAL_TOKENS])

    def vectors(self, texts: list[str]) -> NDArray[np.float32]:
        """Give the rows that /api/embed answers for the texts."""
        return expected_vectors(self.digest, texts, self.dimensions)


def chat_model(name: str = "qwen2.5:7b", *abilities: str, **changes: Any) -> FakeModel:
    """Make a model that chats, and can do no more than it is said to."""
    wanted = {"dimensions": 3584, "context_length": 32_768, "quantisation": "Q4_K_M", "size": 4_683_087_332, **changes}
    return FakeModel(name, architecture="qwen2", capabilities=("completion", *abilities), **wanted)


def count_tokens(text: str) -> int:
    """Count as the fake's tokenizer does: one for each word, and the two special ones."""
    return len(text.split()) + SPECIAL_TOKENS


def expected_vectors(digest: str, texts: list[str], dimensions: int) -> NDArray[np.float32]:
    """Give a unit float32 row per text that depends on nothing but model and text, so that any mix-up shows."""
    raw = b"".join(hashlib.shake_128(f"{digest} {text}".encode()).digest(2 * dimensions) for text in texts)
    rows = np.frombuffer(raw, dtype="<i2").reshape(len(texts), dimensions).astype(np.float64)
    rows /= np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, np.newaxis]
    return rows.astype(np.float32)


def expected_vector(digest: str, text: str, dimensions: int) -> NDArray[np.float32]:
    """Give the vector of one text."""
    row: NDArray[np.float32] = expected_vectors(digest, [text], dimensions)[0]
    return row

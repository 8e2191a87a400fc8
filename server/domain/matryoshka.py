"""Which models were trained so that the beginning of a vector is a good vector by itself."""

from __future__ import annotations

#: Families trained with Matryoshka representation learning, by how their names begin (model cards of their makers).
FAMILIES = (
    "nomic-embed-text",
    "mxbai-embed-large",
    "snowflake-arctic-embed2",
    "embeddinggemma",
    "qwen3-embedding",
    "text-embedding-3",
    "jina-embeddings-v3",
    "wordllama",
)


def is_matryoshka(model: str) -> bool:
    """Whether vectors of a model may be cut without much loss. A maker's name before a slash does not matter."""
    return model.rsplit("/", 1)[-1].lower().startswith(FAMILIES)

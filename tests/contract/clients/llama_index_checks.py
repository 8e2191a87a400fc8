"""What users of LlamaIndex do: `OpenAIEmbedding` with another address and the model under `model_name`."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import openai
from llama_index.embeddings.openai import OpenAIEmbedding  # type: ignore[import-not-found]

from tests.contract.clients.running import MODEL, SHORT_TIMEOUT, SLOW, TOO_LONG, Target, run


def embedder(target: Target, **changes: Any) -> Any:
    """The client as its users make it."""
    named = {"api_base": target.base_url, "api_key": target.key, "model_name": MODEL}
    return OpenAIEmbedding(**{**named, **changes})


def check_one(target: Target) -> None:
    """A text and a query: base64 on the way, numbers at the end."""
    client = embedder(target)
    vector = client.get_text_embedding("hello world")
    assert math.isclose(math.hypot(*vector), 1, abs_tol=1e-3)
    assert client.get_query_embedding("hello world") == vector


def check_many(target: Target) -> None:
    """More texts than one of its batches: every one gets its own vector."""
    client = embedder(target)
    texts = [f"node {n}" for n in range(150)]
    found = client.get_text_embedding_batch(texts)
    assert len({tuple(vector) for vector in found}) == 150
    assert found[149] == client.get_text_embedding("node 149")


def check_empty_text(target: Target) -> None:
    """It sends a list with an empty text, which is refused by default, in words that name it."""
    try:
        embedder(target).get_text_embedding_batch(["a", ""])
    except openai.BadRequestError as error:
        assert error.code == "empty_input"
    else:
        raise AssertionError("an empty text in a list was embedded")


def check_dimensions(target: Target) -> None:
    """Shorter vectors are sent for, and come."""
    assert len(embedder(target, dimensions=3).get_text_embedding("short")) == 3


def check_asynchronous(target: Target) -> None:
    """Both asynchronous forms."""

    async def ask() -> tuple[int, int]:
        client = embedder(target)
        return len(await client.aget_text_embedding("a")), len(await client.aget_text_embedding_batch(["a", "b"]))

    assert asyncio.run(ask()) == (8, 2)


def check_errors(target: Target) -> None:
    """The client's own classes come through."""
    cases: list[tuple[type[openai.APIStatusError], str, dict[str, Any]]] = [
        (openai.AuthenticationError, "a", {"api_key": "sk-wrong"}),
        (openai.NotFoundError, "a", {"model_name": "nobody-has-this"}),
        (openai.BadRequestError, TOO_LONG, {}),
    ]
    for kind, text, changes in cases:
        try:
            embedder(target, **changes).get_text_embedding(text)
        except openai.APIStatusError as error:
            assert type(error) is kind, error
        else:
            raise AssertionError(f"{kind.__name__} did not come")


def check_patience(target: Target) -> None:
    """A slow answer comes by a retry of the client below it."""
    assert embedder(target, timeout=SHORT_TIMEOUT, max_retries=10).get_text_embedding(SLOW)


if __name__ == "__main__":
    run("llama-index-embeddings-openai", globals())

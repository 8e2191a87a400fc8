"""`/v1/embeddings` and `/v1/models`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from server.web.schemas.base import Answer, Name, Request

Text = Annotated[str, Field(max_length=256_000)]
TokenId = Annotated[int, Field(ge=0, le=100_255)]


class WaitQuery(Request):
    """How long to wait."""

    wait: float = Field(
        10, ge=0, description="Seconds to wait at most, up to 30. Official SDKs say it in headers of their own."
    )


class WaitHeaders(Request):
    """How long to wait, for clients that say it in a header."""

    prefer: str = Field("", alias="Prefer", description="`wait=SECONDS`, as RFC 7240 has it.", examples=["wait=5"])


class EmbeddingsBody(Request):
    """What to embed."""

    model: Name | None = Field(
        None, description="Required, unless the operator set `EMBEDDING_MODEL`.", examples=["nomic-embed-text"]
    )
    input: (
        Text
        | Annotated[list[Text], Field(min_length=1, max_length=2048)]
        | Annotated[list[TokenId], Field(min_length=1)]
        | Annotated[list[Annotated[list[TokenId], Field(min_length=1)]], Field(min_length=1, max_length=2048)]
    ) = Field(description="A text, texts, or cl100k_base token ids of one or of several.")
    encoding_format: Literal["float", "base64"] | None = Field(
        "float", description="base64 is that of little-endian float32."
    )
    dimensions: int | None = Field(None, ge=1, le=65_536, description="At most the model's own.")
    truncate: bool | None = Field(False, description="Cut texts that are too long, instead of refusing them.")
    user: str | None = Field(None, description="Neither used nor kept.")


class Embedding(Answer):
    """The vector of one input."""

    object: Literal["embedding"]
    index: int
    embedding: list[float] | str = Field(description="Numbers, or base64 of little-endian float32.")


class EmbeddingsUsage(Answer):
    """Tokens, as the model counted them."""

    prompt_tokens: int
    total_tokens: int


class Embeddings(Answer):
    """The vectors, in the order of the inputs."""

    object: Literal["list"]
    data: list[Embedding]
    model: str
    usage: EmbeddingsUsage


class Pending(Answer):
    """The work goes on; the answer can be fetched at `Location`."""

    id: str
    status: Literal["pending"]


class ModelDetails(Answer):
    """What this pool knows of a model."""

    online_workers: int = Field(description="Agents online that can run it.")
    digest: str | None = Field(description="Null for a model whose agents do not tell which one it is.")
    kind: Literal["embedding", "chat"]
    dimensions: int | None
    context_length: int | None
    quantisation: str
    matryoshka: bool


class Model(Answer):
    """A model."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: Literal["embedpool"]
    embedpool: ModelDetails


class Models(Answer):
    """The models that a key may use."""

    object: Literal["list"]
    data: list[Model]

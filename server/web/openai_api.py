"""`/v1`: the OpenAI-compatible API."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from flask import Blueprint, Response, request

from server.domain.embedding import EmbeddingRequest, parse_embedding_request
from server.domain.matryoshka import is_matryoshka
from server.services import calls, overview
from server.services.assembling import Embeddings
from server.services.calls import Pending
from server.services.overview import ServedModel
from server.services.pool import Pool
from server.web import auth
from server.web.connection import client_gone
from server.web.describing import describe
from server.web.header_text import in_header
from server.web.json_body import json_response, read_json
from server.web.parts import pool
from server.web.pending import come_back, how_long
from server.web.schemas import embeddings as schemas
from server.web.schemas.embeddings import EmbeddingsBody, WaitHeaders, WaitQuery

blueprint = Blueprint("openai_api", __name__, url_prefix="/v1")


@blueprint.post("/embeddings")
@describe(
    body=EmbeddingsBody,
    query=WaitQuery,
    headers=WaitHeaders,
    answers={200: schemas.Embeddings, 202: schemas.Pending},
    errors=(404, 502, 504),
)
def create_embeddings() -> Response:
    """Embed one or many texts."""
    parts, client = pool(), auth.client()
    wanted = parse_embedding_request(
        read_json(), default_model=parts.settings.embedding_model or None, empty_input=parts.settings.empty_input
    )
    answer = calls.embed(parts, client, wanted, how_long(), client_gone(request.environ))
    return come_back(answer) if isinstance(answer, Pending) else _embeddings(parts, wanted, answer)


def _embeddings(parts: Pool, wanted: EmbeddingRequest, answer: Embeddings) -> Response:
    response = json_response(
        {
            "object": "list",
            "data": [
                {"object": "embedding", "index": index, "embedding": vector}
                for index, vector in enumerate(_encoded(answer, wanted.encoding_format))
            ],
            "model": wanted.model,
            "usage": {"prompt_tokens": answer.tokens, "total_tokens": answer.tokens},
        }
    )
    response.headers.extend(_headers(parts, wanted, answer))
    return response


def _encoded(answer: Embeddings, encoding_format: str) -> list[Any]:
    """Return each vector as base64 of little-endian float32, or as a row that is written as shortest float32."""
    if encoding_format == "float":
        return list(answer.vectors)
    raw = answer.vectors.astype("<f4", copy=False).tobytes()
    width = len(raw) // len(answer.vectors)
    return [b64encode(raw[start : start + width]).decode() for start in range(0, len(raw), width)]


def _headers(parts: Pool, wanted: EmbeddingRequest, answer: Embeddings) -> list[tuple[str, str]]:
    headers = [
        ("openai-version", "2020-10-01"),
        ("x-embedpool-cached", str(answer.cached)),
    ]
    model = parts.catalogue.find(wanted.model)
    if model is not None:
        headers.append(("x-embedpool-model-digest", in_header(f"{model.model}@{model.digest or 'unverified'}")))
        if answer.vectors.shape[1] < model.dimensions and not is_matryoshka(model.model):
            headers.append(("x-embedpool-warning", "matryoshka:false; this model was not trained to be cut"))
    if answer.agents:
        # The last characters tell agents apart without telling who they are.
        headers.append(("x-embedpool-agents", ", ".join(f"agent-{agent_id[-6:]}" for agent_id in answer.agents)))
    if answer.truncated:
        headers.append(("x-embedpool-truncated", ",".join(map(str, answer.truncated))))
    if wanted.ignored:
        headers.append(("x-embedpool-ignored", ", ".join(wanted.ignored)))
    return headers


@blueprint.get("/models")
@describe(answers={200: schemas.Models})
def list_models() -> Response:
    """List the models that the caller may use."""
    client = auth.client()
    served = overview.list_models(pool(), client, pool().clock.now())
    return json_response({"object": "list", "data": [_model(one, one.stored.model) for one in served]})


@blueprint.get("/models/<path:name>")
@describe(answers={200: schemas.Model}, errors=(404,))
def get_model(name: str) -> Response:
    """Describe one model; its name may hold slashes and colons."""
    client = auth.client()
    return json_response(_model(overview.find_model(pool(), client, name, pool().clock.now()), name))


def _model(served: ServedModel, name: str) -> dict[str, object]:
    stored = served.stored
    return {
        "id": name,
        "object": "model",
        "created": stored.first_seen_at // 1000,
        "owned_by": "embedpool",
        "embedpool": {
            "online_workers": served.online_agents,
            "digest": stored.digest or None,
            "kind": stored.kind,
            "dimensions": stored.dimensions or None,
            "context_length": stored.context_length,
            "quantisation": stored.quantisation,
            "matryoshka": stored.kind == "embedding" and is_matryoshka(stored.model),
        },
    }

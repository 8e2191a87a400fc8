"""`/v1/chat/completions`: OpenAI's chat, answered whole or as a stream."""

from __future__ import annotations

from typing import NoReturn

from flask import Blueprint, Response, request

from server.domain.chat_answer import Chunks, completion
from server.domain.chat_request import ChatRequest, parse_chat_request
from server.domain.errors import NotFound
from server.domain.patience import Patience
from server.services import chat_calls
from server.services.calls import Pending
from server.services.chat_calls import ChatAnswer
from server.services.known_keys import Client
from server.services.pool import Pool
from server.services.reading import SIGN_EVERY, Reading
from server.web import auth
from server.web.chat_events import ChatEvents
from server.web.connection import client_gone
from server.web.describing import EVENT_STREAM, JSON, Media, describe
from server.web.json_body import json_response, read_json
from server.web.parts import pool
from server.web.pending import come_back, how_long
from server.web.schemas.chat import ChatBody, ChatCompletion, CompletionBody
from server.web.schemas.embeddings import Pending as PendingAnswer
from server.web.schemas.embeddings import WaitHeaders, WaitQuery

blueprint = Blueprint("chat_api", __name__, url_prefix="/v1")


@blueprint.post("/chat/completions")
@describe(
    body=ChatBody,
    query=WaitQuery,
    headers=WaitHeaders,
    answers={200: Media({JSON: ChatCompletion, EVENT_STREAM: str}, "The answer, or its chunks"), 202: PendingAnswer},
    errors=(404, 502, 504),
)
def create_chat_completion() -> Response:
    """Answer a conversation."""
    parts, client = pool(), auth.client()
    wanted = parse_chat_request(read_json())
    waits = how_long()
    if wanted.stream:
        return _stream(parts, client, wanted, waits)
    gone = client_gone(request.environ)
    answer = chat_calls.ask(parts, client, wanted, waits, is_retry=_is_retry(), gone=gone)
    return come_back(answer) if isinstance(answer, Pending) else _completion(parts, wanted, answer)


@blueprint.post("/completions")
@describe(body=CompletionBody, answers={}, errors=(404,))
def create_completion() -> NoReturn:
    """Say where chats are answered: models here follow instructions, and are not asked to go on with a text."""
    raise NotFound(
        "This server has no legacy completions (POST /v1/completions). Send the text as a message to "
        "POST /v1/chat/completions."
    )


@blueprint.post("/responses")
@describe(body=CompletionBody, answers={}, errors=(404,))
def create_response() -> NoReturn:
    """Say where chats are answered: this server keeps no conversations."""
    raise NotFound(
        "This server has no Responses API (POST /v1/responses). Send the conversation to POST /v1/chat/completions."
    )


def _is_retry() -> bool:
    """Whether an official SDK says that this is not its first try."""
    return request.headers.get("x-stainless-retry-count", "0") != "0"


def _completion(parts: Pool, wanted: ChatRequest, answer: ChatAnswer) -> Response:
    response = json_response(completion(answer.heading, answer.output, wanted.tokens))
    response.headers.extend(_headers(parts, wanted))
    # The last characters tell agents apart without telling who they are.
    response.headers["x-embedpool-agents"] = f"agent-{answer.agent_id[-6:]}"
    return response


def _stream(parts: Pool, client: Client, wanted: ChatRequest, waits: Patience) -> Response:
    collection = chat_calls.begin(parts, client, wanted, waits, is_retry=False)
    # A client that gives up sooner has to hear from the server sooner.
    sign_every = min(SIGN_EVERY, waits.seconds) if waits.sdk else SIGN_EVERY
    reading = Reading(parts, client, collection, client_gone(request.environ), sign_every)
    chunks = Chunks(chat_calls.heading_of(parts, wanted, collection.waiter.job_id), wanted.include_usage)
    response = Response(ChatEvents(reading, chunks, wanted.tokens, wanted.one_call), mimetype="text/event-stream")
    response.headers.extend(_headers(parts, wanted))
    # Neither a cache nor a proxy may hold back what was written.
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _headers(parts: Pool, wanted: ChatRequest) -> list[tuple[str, str]]:
    headers = [("openai-version", "2020-10-01")]
    model = parts.catalogue.find(wanted.model, "chat")
    if model is not None:
        headers.append(("x-embedpool-model-digest", f"{model.model}@{model.digest}"))
    if wanted.ignored:
        headers.append(("x-embedpool-ignored", ", ".join(wanted.ignored)))
    return headers

"""`/v1/chat/completions`: OpenAI's chat, answered whole or as a stream."""

from __future__ import annotations

from typing import NoReturn

from flask import Blueprint, Response, request

from server.domain.chat_answer import completion
from server.domain.chat_request import ChatRequest, parse_chat_request
from server.domain.errors import NotFound
from server.services import chat_calls
from server.services.calls import Pending
from server.services.chat_calls import ChatAnswer
from server.services.pool import Pool
from server.web import auth, chat_events
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
    waits, gone = how_long(), client_gone(request.environ)
    if wanted.stream:
        return chat_events.stream(parts, client, wanted, waits, gone)
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
    response.headers.extend(chat_events.headers(parts, wanted))
    # The last characters tell agents apart without telling who they are.
    response.headers["x-embedpool-agents"] = f"agent-{answer.agent_id[-6:]}"
    return response

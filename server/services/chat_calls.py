"""A client's whole call for a chat: submit, wait, answer; or submit, and read along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from server.domain import ids
from server.domain.chat_answer import Heading, heading, one_call
from server.domain.chat_request import ChatRequest
from server.domain.errors import DeadlineExceeded
from server.domain.patience import Patience
from server.services import answers
from server.services.answers import Collection
from server.services.assembling import Output
from server.services.calls import REJOIN_AFTER, Pending
from server.services.chats import Chat, submit_chat
from server.services.giving_up import give_up, give_up_unless_retried
from server.services.known_keys import Client
from server.services.pool import Pool
from server.services.waiting import Gone

#: Tokens that an answer is taken to have when its client names no limit, and that agents let it have at most.
USUAL_ANSWER_TOKENS, MAX_ANSWER_TOKENS = 1000, 32_768


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """A chat's whole answer."""

    heading: Heading
    #: The engine's final answer, in the form that `domain/chat_output.py` lets through.
    output: dict[str, Any]
    agent_id: str


def ask(
    pool: Pool, client: Client, request: ChatRequest, patience: Patience, *, is_retry: bool, gone: Gone
) -> ChatAnswer | Pending:
    """Have a chat answered, waiting as long as the client does; one that hangs up cancels it.

    Raises DeadlineExceeded for an SDK whose deadline comes first (its retry joins the job), and whatever submitting
    and failing raise.
    """
    collection = begin(pool, client, request, patience, is_retry=is_retry)
    job_id = collection.waiter.job_id
    answer = answers.collect(pool, client, collection, patience.seconds, gone)
    if isinstance(answer, Output):
        output = orjson.loads(answer.body)
        output = one_call(output) if request.one_call else output
        return ChatAnswer(heading_of(pool, request, job_id), output, answer.agent_id)
    if gone():
        (give_up_unless_retried if patience.sdk else give_up)(pool, client.id, job_id)
    elif patience.sdk:
        raise DeadlineExceeded(
            "The pool is still answering this. Ask again: the same request joins the same work.",
            retry_after=REJOIN_AFTER,
        )
    return Pending(job_id)


def begin(pool: Pool, client: Client, request: ChatRequest, patience: Patience, *, is_retry: bool) -> Collection:
    """Submit a chat and say how its answer is collected; whoever calls this has to leave the waiter's place again."""
    chat = Chat(
        model=request.model,
        payload=orjson.dumps(request.payload),
        streams=request.stream,
        fingerprint=request.fingerprint,
        is_retry=is_retry,
        estimated_tokens=request.tokens + _answer_tokens(request),
    )
    submitted = submit_chat(
        pool,
        client,
        chat,
        on_the_line=request.stream or patience.seconds > 0,
        only_if_online=patience.sdk,
        now=pool.clock.now(),
    )
    return Collection(submitted.waiter, tasks=0 if submitted.joined else 1, inputs=1)


def heading_of(pool: Pool, request: ChatRequest, job_id: str) -> Heading:
    """Return what every part of the answer to a request begins with."""
    model = pool.catalogue.find(request.model, "chat")
    return heading(job_id, ids.time_of(job_id), request.model, model.digest if model else None)


def _answer_tokens(request: ChatRequest) -> int:
    wanted: int = request.payload["options"].get("num_predict", USUAL_ANSWER_TOKENS)
    return min(wanted, MAX_ANSWER_TOKENS)

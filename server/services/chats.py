"""Chats: validated request → task in the queue."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from server.domain import ids
from server.domain.capability import allows, chat_capability
from server.domain.chat_worker import fits_worker
from server.domain.errors import Forbidden
from server.services.known_keys import Client
from server.services.pool import Pool
from server.services.submission import (
    REGULAR,
    URGENT,
    Order,
    Submitted,
    refuse_unknown,
    refuse_what_cannot_wait,
    submit,
)
from server.storage.jobs import NewJob
from server.storage.task_values import NewTask

#: Seconds a chat may wait in the queue, and after which it is given up when it was begun in time.
TIME_TO_LIVE, RUNS_FOR = 600, 1800


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat that was asked for."""

    #: The name as the client wrote it.
    model: str
    #: JSON as the agent gets it: the body of Ollama's `/api/chat` without `model`.
    payload: bytes
    #: Whether the client reads along.
    streams: bool
    #: What a retry recognises its first try by.
    fingerprint: bytes
    #: Whether an earlier try of it may be joined.
    is_retry: bool
    #: Tokens that it takes at most, about: the prompt's, and what may be answered.
    estimated_tokens: int = 0


def submit_chat(
    pool: Pool, client: Client, chat: Chat, *, on_the_line: bool, only_if_online: bool, now: int
) -> Submitted:
    """Accept a chat: put it on disk and keep a place for the client that waits for it.

    Raises ModelNotFound, Forbidden, NoWorkersAvailable and QueueFull.
    """
    capability = chat_capability(chat.model)
    if not allows(client.capabilities, capability):
        raise Forbidden(f"This key may not use the model {chat.model}.", param="model")
    plain = fits_worker(orjson.loads(chat.payload))
    trust = client.trust
    refuse_unknown(pool, chat.model, capability, plain=plain, trust=trust, now=now)
    refuse_what_cannot_wait(pool, capability, only_if_online=only_if_online, plain=plain, trust=trust, now=now)
    order = Order(
        job=_new_job(client, chat, now),
        tasks=[
            NewTask(
                id=ids.new_ulid(now),
                capability=capability,
                kind="chat",
                class_id=None,
                body=chat.payload,
                plain=plain,
                reserved_tokens=chat.estimated_tokens,
            )
        ],
        priority=URGENT if on_the_line else REGULAR,
        runs_until=now + RUNS_FOR * 1000,
        # Two equal questions may be meant to get two answers; only a retry joins the first try.
        joins=chat.is_retry and not chat.streams,
        streams=chat.streams,
    )
    return submit(pool, client, order, now)


def _new_job(client: Client, chat: Chat, now: int) -> NewJob:
    return NewJob(
        id=ids.new_ulid(now),
        key_id=client.id,
        kind="chat",
        model=chat.model,
        class_id=None,
        fingerprint=chat.fingerprint,
        inputs=1,
        created_at=now,
        expires_at=now + TIME_TO_LIVE * 1000,
    )

"""`/worker`: what LLMeQueue's workers are handed and bring."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from server.web.schemas.base import Answer, FreeObject, Request


class WorkerTask(Answer):
    """A task in the form of such a worker."""

    id: str
    task_type: Literal["embedding", "chat"]
    payload: FreeObject = Field(
        description="Of an embedding `text` and `model`; of a chat `messages`, `model`, `temperature`, `max_tokens`."
    )


class NextTask(Answer):
    """What a worker does next."""

    task: WorkerTask | None


class Completion(Request):
    """A result."""

    result: Any = Field(
        description="Of an embedding a list of numbers; of a chat an object with `content` and `finish_reason`."
    )


class Completed(Answer):
    """The result was taken."""

    status: Literal["completed"]


class Failure(Request):
    """Why a worker cannot do a task."""

    error: str = ""


class Failed(Answer):
    """The failure was taken."""

    status: Literal["failed"]

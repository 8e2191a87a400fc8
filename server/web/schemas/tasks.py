"""`/tasks`: answers that are fetched later, as LLMeQueue has them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from server.web.schemas.base import Answer, Timestamp


class Task(Answer):
    """How a task stands."""

    id: str
    task_type: Literal["embedding", "chat", "task"]
    status: Literal["pending", "processing", "completed", "failed"]
    result: Any = Field(description="A vector, a list of vectors, a chat's answer, or whatever the agent gave.")
    error: str | None
    created_at: Timestamp
    updated_at: Timestamp


class TaskResult(Answer):
    """The result of a completed task."""

    id: str
    result: Any

"""Errors in the shapes of the three surfaces."""

from __future__ import annotations

from pydantic import Field

from server.web.schemas.base import Answer


class OpenAIErrorBody(Answer):
    """What went wrong."""

    message: str = Field(description="A whole sentence for a person.")
    type: str = Field(description="OpenAI's coarse class of the error.", examples=["invalid_request_error"])
    param: str | None = Field(description="The parameter at fault.")
    code: str | None = Field(description="A stable name.", examples=["model_not_found"])


class OpenAIError(Answer):
    """An error as OpenAI has it."""

    error: OpenAIErrorBody


class EnvelopeErrorBody(Answer):
    """What went wrong."""

    type: str = Field(description="A stable name.", examples=["bad_request"])
    message: str = Field(description="A whole sentence for a person.")
    status: int = Field(description="The HTTP status.", ge=400, le=599)


class EnvelopeError(Answer):
    """An error as OffloadMQ has it."""

    error: EnvelopeErrorBody


class DetailError(Answer):
    """An error as LLMeQueue has it."""

    detail: str = Field(description="A whole sentence for a person.")

"""What the schemas share."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

#: A time in the form of RFC 3339.
Timestamp = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
#: Seconds since 1970.
Epoch = Annotated[int, Field(ge=0, le=253_402_300_799, description="Seconds since 1970.")]
#: A name; other printable characters than ASCII's are taken too.
Name = Annotated[str, Field(pattern=r"^[!-~]([ -~]*[!-~])?$", max_length=200)]
#: An object whose content is its owner's business.
FreeObject = dict[str, Any]


class Request(BaseModel):
    """A body or a query that somebody sends; fields that are not told are ignored."""

    model_config = ConfigDict(defer_build=True)


class Answer(BaseModel):
    """What the server answers; it has no other fields."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class CamelRequest(Request):
    """A request with names in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, defer_build=True)


class CamelAnswer(Answer):
    """An answer with names in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", defer_build=True)

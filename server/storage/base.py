"""What all tables share."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import BigInteger, ColumnElement, Float, Integer, LargeBinary, Text, literal_column, text
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Root of all tables; integers are 64 bit wide, because times are milliseconds."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger().with_variant(Integer, "sqlite"),
        str: Text,
        float: Float,
        bytes: LargeBinary,
    }


def written_out(status: str) -> ColumnElement[str]:
    """Write a status into a statement instead of binding it.

    SQLite uses a partial index only for a condition that is written out: it cannot know what a parameter will be.
    """
    return literal_column(f"'{status}'", Text)


QUEUED, LEASED = written_out("queued"), written_out("leased")


def one_of(column: str, values: tuple[str, ...]) -> str:
    """Write the condition that a column has one of some values."""
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


def only(condition: str) -> dict[str, Any]:
    """Make an index partial, in the words of both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}

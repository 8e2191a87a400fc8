"""Statements of the hot path: built in SQLAlchemy Core, compiled once, run by the driver itself.

SQLAlchemy's own execution costs several times what SQLite needs for a keyed statement. What it would do at each call
(type conversion, result objects, defaults) none of these statements needs: they bind and return integers, floats, text
and bytes only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

Values = Mapping[str, Any]
Row = tuple[Any, ...]


class Prepared:
    """A Core statement whose parameters are bound by name."""

    def __init__(self, statement: ClauseElement, *columns: str) -> None:
        """Prepare a statement; `columns` are those that an INSERT gives, the others get their defaults."""
        self.statement = statement
        self._columns = columns
        #: By dialect: the statement's text, and the constants that stand in it.
        self._compiled: dict[str, tuple[str, dict[str, Any]]] = {}

    def first(self, connection: Connection, values: Values) -> Row | None:
        """Run it and return the first row, if there is one."""
        row: Row | None = self._execute(connection, values).fetchone()
        return row

    def scalar(self, connection: Connection, values: Values) -> Any:
        """Run it and return the first column of the first row; None where there is no row."""
        row = self._execute(connection, values).fetchone()
        return None if row is None else row[0]

    def all(self, connection: Connection, values: Values) -> list[Row]:
        """Run it and return all rows."""
        rows: list[Row] = self._execute(connection, values).fetchall()
        return rows

    def run(self, connection: Connection, values: Values) -> int:
        """Run it and return how many rows it changed."""
        count: int = self._execute(connection, values).rowcount
        return count

    def run_each(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Run it once for each of several sets of values."""
        text, constants = self._text(connection.dialect)
        cursor = connection.connection.cursor()
        cursor.executemany(text, [{**constants, **values} for values in rows])
        cursor.close()

    def _execute(self, connection: Connection, values: Values) -> Any:
        text, constants = self._text(connection.dialect)
        driver: Any = connection.connection.dbapi_connection
        return driver.execute(text, {**constants, **values})

    def _text(self, dialect: Dialect) -> tuple[str, dict[str, Any]]:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = self._compile(dialect)
        return compiled

    def _compile(self, dialect: Dialect) -> tuple[str, dict[str, Any]]:
        # A dialect of our own, because SQLite's numbers its parameters, and a name binds wherever it stands.
        style = "named" if dialect.name == "sqlite" else "pyformat"
        named = type(dialect)(paramstyle=style)  # type: ignore[call-arg]
        compiled = cast(SQLCompiler, self.statement.compile(dialect=named, column_keys=list(self._columns) or None))
        constants = {
            name: _plain(parameter.effective_value)
            for parameter, name in compiled.bind_names.items()
            if not parameter.required
        }
        return str(compiled), constants


def _plain(value: Any) -> Any:
    """Turn a status into the text that it is: drivers look at the exact type."""
    return str(value) if isinstance(value, str) else value

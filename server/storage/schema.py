"""Bringing a database file to the schema this program knows, with a copy of the file first."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from server.storage.database import open_writing_engine

log = logging.getLogger(__name__)


class SchemaTooNewError(Exception):
    """The file was written by a newer program; this one would damage it."""


class DatabaseDamagedError(Exception):
    """The file is not a sound SQLite database; it is left as it is."""


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Which schema a file has."""

    here: str
    #: The newest that this program knows.
    newest: str
    #: When the file was last upgraded from an older one (ms since 1970), as far as a copy beside it tells.
    upgraded_at: int | None


def state(connection: Connection, path: Path) -> SchemaState:
    """Tell which schema an open database has."""
    here = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    times = [int(copy.stat().st_mtime * 1000) for copy in path.parent.glob(_copy_name(path, "*"))]
    return SchemaState(here, _newest(), max(times, default=None))


@cache
def _newest() -> str:
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def migrate(path: Path) -> None:
    """Create the file or bring it up to date. Call it with the folder's lock held and nothing else open.

    Raises `SchemaTooNewError` or `DatabaseDamagedError`; the file is then untouched.
    """
    engine = open_writing_engine(path)
    try:
        with engine.connect() as connection:
            _check(connection, path)
            _migrate(connection, path)
    except DatabaseError as error:
        # SQLite finds some damage only when it comes upon it.
        if "malformed" in str(error.orig) or "not a database" in str(error.orig):
            raise _damaged(path, str(error.orig)) from None
        raise
    finally:
        engine.dispose()


def _migrate(connection: Connection, path: Path) -> None:
    config = _config()
    config.attributes["connection"] = connection
    script = ScriptDirectory.from_config(config)
    here = MigrationContext.configure(connection).get_current_revision()
    newest = script.get_current_head()
    if here == newest:
        return
    if here is not None:
        _refuse_unknown(script, here, path)
        _copy(connection, path, here)
    connection.exec_driver_sql("BEGIN EXCLUSIVE")
    try:
        command.upgrade(config, "head")
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")
    log.info("the database is at schema %s (was %s)", newest, here or "empty")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _check(connection: Connection, path: Path) -> None:
    verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if verdict != "ok":
        raise _damaged(path, str(verdict))


def _damaged(path: Path, why: str) -> DatabaseDamagedError:
    return DatabaseDamagedError(f"The database {path} is damaged ({why}). Nothing was changed. Restore a backup of it.")


def _refuse_unknown(script: ScriptDirectory, revision: str, path: Path) -> None:
    try:
        script.get_revision(revision)
    except CommandError:
        raise SchemaTooNewError(
            f"The database {path} has schema {revision}, which this version of EmbedPool does not know. "
            "Run the newer version that wrote it, or restore a backup made before the upgrade."
        ) from None


def _copy_name(path: Path, revision: str) -> str:
    return f"{path.name}.before-{revision}.bak"


def _copy(connection: Connection, path: Path, revision: str) -> None:
    """Keep the file as it was before the upgrade, beside itself."""
    copy = path.with_name(_copy_name(path, revision))
    copy.unlink(missing_ok=True)
    connection.exec_driver_sql("VACUUM INTO ?", (str(copy),))
    log.info("kept a copy of the database as %s", copy)

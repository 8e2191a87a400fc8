"""Migrating: from nothing, from an older schema with a copy first, and refusing what must not be touched."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from server.storage import models, schema
from server.storage.schema import DatabaseDamagedError, SchemaTooNewError

NEXT = '''
"""A later schema."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{newest}"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("client_keys", sa.Column("colour", sa.Text(), nullable=True))
    {more}
'''


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the place of a migrated database with a row in it."""
    path = tmp_path / "embedpool.db"
    schema.migrate(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO client_keys (id, key_hash, shown, name, capabilities, created_at) "
            "VALUES ('1', 'hash', 's', 'kept', '[]', 0)"
        )
    return path


def revision_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        found: str = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        return found


def names_of(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM client_keys")]


def newer_program(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, more: str = "pass") -> None:
    """Make the program know one migration more than the file at `path` has."""
    ours = Path(schema.__file__).parent / "migrations"
    theirs = folder / "program" / "migrations"
    (theirs / "versions").mkdir(parents=True)
    for file in (ours / "env.py", *(ours / "versions").glob("*.py")):
        (theirs / file.relative_to(ours)).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    later = NEXT.format(newest=revision_of(path), more=more)
    (theirs / "versions" / "9999_later.py").write_text(later, encoding="utf-8")
    monkeypatch.setattr(schema, "__file__", str(folder / "program" / "schema.py"))


def test_the_migrations_make_what_the_models_say(path: Path) -> None:
    """Between a migrated file and the models there is no difference, indexes and defaults included."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, models.Task.metadata) == []
    engine.dispose()


def test_the_checks_and_partial_indexes_are_those_of_the_models(path: Path, tmp_path: Path) -> None:
    """What the comparison above cannot see: CHECK constraints, and the conditions of partial indexes."""
    fresh = tmp_path / "models.db"
    engine = create_engine(f"sqlite:///{fresh}")
    models.Task.metadata.create_all(engine)
    engine.dispose()
    assert conditions_of(path) == conditions_of(fresh)
    assert sum(len(found) for found in conditions_of(path).values()) >= 15


def conditions_of(path: Path) -> dict[str, set[str]]:
    """Return the CHECKs of every table and the WHERE of every index, by name."""
    found: dict[str, set[str]] = {}
    with closing(sqlite3.connect(path)) as connection:
        for name, sql in connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"):
            words = " ".join(sql.split())
            if words.upper().startswith("CREATE TABLE"):
                found[name] = set(checks_of(words))
            elif " WHERE " in words:
                found[name] = {words.split(" WHERE ")[1]}
    return {name: conditions for name, conditions in found.items() if conditions}


def checks_of(words: str) -> Iterator[str]:
    """Find the CHECKs in a CREATE TABLE, name and condition."""
    for match in re.finditer(r"CONSTRAINT (\w+) CHECK \(", words):
        end, depth = match.end(), 1
        while depth:
            depth += {"(": 1, ")": -1}.get(words[end], 0)
            end += 1
        yield words[match.start() : end]


def test_migrating_again_changes_nothing(path: Path, tmp_path: Path) -> None:
    """The file and what lies beside it stay as they are."""
    schema.migrate(path)
    assert names_of(path) == ["kept"]
    assert list(tmp_path.glob("*.bak")) == []


def test_an_upgrade_keeps_the_data_and_a_copy(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file gets the new schema with its rows; beside it lies the file as it was before."""
    before = revision_of(path)
    newer_program(path, tmp_path, monkeypatch)
    schema.migrate(path)
    copy = tmp_path / f"embedpool.db.before-{before}.bak"
    assert (revision_of(path), names_of(path)) == ("9999", ["kept"])
    assert (revision_of(copy), names_of(copy)) == (before, ["kept"])


def test_an_upgrade_that_fails_is_undone(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it: the file has the schema and the rows that it had, and opens again."""
    before = revision_of(path)
    with monkeypatch.context() as patched:
        newer_program(path, tmp_path, patched, more='raise RuntimeError("half way")')
        with pytest.raises(RuntimeError, match="half way"):
            schema.migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        assert "colour" not in [row[1] for row in connection.execute("PRAGMA table_info(client_keys)")]
    assert (revision_of(path), names_of(path)) == (before, ["kept"])
    schema.migrate(path)


def test_a_newer_schema_is_refused_and_left_alone(path: Path) -> None:
    """In words that say what to do."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9998'")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.read_bytes()
    with pytest.raises(SchemaTooNewError, match="9998, which this version of EmbedPool does not know"):
        schema.migrate(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", ["text", "half", "page", "header"])
def test_a_damaged_file_is_refused_and_left_alone(path: Path, damage: str) -> None:
    """In words; it is never replaced by an empty one."""
    raw = path.read_bytes()
    broken = {
        "text": b"this is no database, but somebody's diary. " * 200,
        "half": raw[: len(raw) // 2],
        "page": raw[:8192] + b"\xff" * 4096 + raw[12288:],
        "header": b"\0" * 100 + raw[100:],
    }[damage]
    path.write_bytes(broken)
    with pytest.raises(DatabaseDamagedError, match="Nothing was changed"):
        schema.migrate(path)
    assert path.read_bytes() == broken

"""One move, one name, one place: only storage/tasks.py writes the status of a task."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.sources import Source, dotted, sources

WRITER = "server/storage/tasks.py"
TASK_TABLE = {"tasks", "Task", "TASKS", "task_table", "tasks_table"}
WRITES_TASKS_IN_SQL = re.compile(
    r"\b(insert\s+(or\s+\w+\s+)?into|replace\s+into|update(\s+or\s+\w+)?)\s+[\"`]?tasks\b", re.IGNORECASE
)


def chain(call: ast.Call) -> Iterator[ast.Call]:
    """The calls of `update(x).where(…).values(…)`, from the last to the first."""
    node: ast.AST = call
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Call):
            yield node
            node = node.func
        else:
            node = node.value


def written_table(call: ast.Call) -> str | None:
    """The table that `insert(x)`, `update(x)`, `x.insert()` or `x.update()` writes; None for any other call."""
    verb = dotted(call.func).split(".")[-1]
    if verb not in {"insert", "update"}:
        return None
    if isinstance(call.func, ast.Attribute) and not call.args:
        return dotted(call.func.value).split(".")[-1]
    return dotted(call.args[0]).split(".")[-1] if call.args else None


def names_status(key: ast.AST | None) -> bool:
    literal = isinstance(key, ast.Constant) and key.value == "status"
    return literal or (key is not None and dotted(key).split(".")[-1] == "status")


def sets_status(call: ast.Call) -> bool:
    """Whether this is `.values(status=…)` or `.values({"status": …})`."""
    if not (isinstance(call.func, ast.Attribute) and call.func.attr == "values"):
        return False
    in_dicts = (key for argument in call.args if isinstance(argument, ast.Dict) for key in argument.keys)
    return any(keyword.arg == "status" for keyword in call.keywords) or any(names_status(key) for key in in_dicts)


def is_write(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        tables = {table for part in chain(node) if (table := written_table(part))}
        # A statement whose table is not to be seen here might be the tasks': that counts as a write too.
        return bool(tables & TASK_TABLE) or (sets_status(node) and not tables)
    if isinstance(node, ast.Assign):
        # `self.status = …` is some object's own (waitress's tasks have one): no class of ours is a task's row.
        attributes = (target for target in node.targets if isinstance(target, ast.Attribute))
        return any(target.attr == "status" and dotted(target.value) != "self" for target in attributes)
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(WRITES_TASKS_IN_SQL.search(node.value))
    )


def writes_of_status(source: Source) -> list[str]:
    return sorted({source.place(node) for node in ast.walk(source.tree) if is_write(node)})


def test_only_the_task_storage_writes_a_status() -> None:
    """No other file of the server inserts or updates tasks, in Core, in the ORM or in SQL text."""
    others = [s for s in sources("server") if s.path != WRITER and "/migrations/" not in s.path]
    findings = [place for source in others for place in writes_of_status(source)]
    assert not findings, "\n".join(findings)


def test_the_task_storage_is_seen_to_write_it() -> None:
    """The check recognises the statements as this project really writes them."""
    writer = next(source for source in sources("server") if source.path == WRITER)
    assert writes_of_status(writer)


@pytest.mark.parametrize(
    "text",
    [
        "update(tasks).where(tasks.c.id == 1).values(status='queued')",
        "tasks.update().values({tasks.c.status: 'queued'})",
        "connection.execute(insert(models.tasks), [{'status': 'queued'}])",
        "sqlalchemy.update(Task).where(Task.id == 1).values({'status': 'queued'})",
        "statement.values(status=bindparam('to'))",
        "task.status = TaskStatus.FAILED",
        "text('UPDATE tasks SET status = :to')",
        "text(f'''INSERT INTO tasks (id, status) VALUES ({x})''')",
    ],
)
def test_a_second_writer_is_found(text: str) -> None:
    """Every way to write a task's status that SQLAlchemy offers is recognised."""
    assert writes_of_status(Source.of(text)) == ["example.py:1"]


@pytest.mark.parametrize(
    "text",
    [
        "select(tasks.c.status).where(tasks.c.status == 'queued')",
        "update(attempts).where(attempts.c.id == 1).values(status='lost')",
        "seen.update(other)",
        "if task.status == 'queued': pass",
        "class NotFound(Exception):\n    status = 404",
        "text('SELECT status FROM tasks')",
    ],
)
def test_reading_it_and_writing_other_tables_is_allowed(text: str) -> None:
    """Reading a status, and other tables' status columns, are not findings."""
    assert writes_of_status(Source.of(text)) == []

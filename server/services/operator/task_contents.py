"""What a task asks, for the operator's eyes: only where `SHOW_PROMPTS` is on, and only while it is kept."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from server.domain.errors import Forbidden, NotFound
from server.services.pool import Pool
from server.storage import events, task_details, task_records
from server.storage.task_records import TaskRecord

#: Characters of what a task asks, and of the end of its log, that are shown.
SHOWN = 20_000


@dataclass(frozen=True, slots=True)
class Contents:
    """What a task asks and what its agent logged, as plain text; nothing in it is to be believed."""

    record: TaskRecord
    #: The texts to embed; or one text, the JSON of anything else.
    texts: list[str]
    #: How many texts there are; more than `texts`, or longer ones, where it was cut.
    of: int
    cut: bool
    #: The end of what its agent logged.
    log: str


def contents(pool: Pool, task_id: str, now: int) -> Contents:
    """Return what a task asks, and write down that the operator looked at it.

    Raises Forbidden where the pool does not show it, NotFound when there is no such task or nothing of it is kept.
    """
    if not pool.settings.show_prompts:
        raise Forbidden("What a task asks is not shown in this pool: SHOW_PROMPTS is off.")
    with pool.database.read() as connection:
        record = task_records.find(connection, task_id)
        body = task_details.asked(connection, task_id)
        log = task_details.log_end(connection, task_id, SHOWN)
    if record is None:
        raise NotFound(f"There is no task {task_id[:64]}.")
    if body is None and not log:
        raise NotFound("What this task asked was deleted.")
    pool.database.write(
        lambda connection: events.record(
            connection, actor=events.OPERATOR, verb="task.prompt_shown", subject=record.id, now=now
        )
    )
    texts = [] if body is None else _texts(record.kind, body)
    shown = _bounded(texts)
    return Contents(record, shown, len(texts), shown != texts, log)


def _texts(kind: str, body: bytes) -> list[str]:
    asked = orjson.loads(body)
    if kind == "embedding" and isinstance(asked, dict) and isinstance(asked.get("texts"), list):
        return [str(text) for text in asked["texts"]]
    return [orjson.dumps(asked, option=orjson.OPT_INDENT_2).decode()]


def _bounded(texts: list[str]) -> list[str]:
    shown, room = [], SHOWN
    for text in texts:
        if room <= 0:
            break
        shown.append(text[:room])
        room -= len(text)
    return shown

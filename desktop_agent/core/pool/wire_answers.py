"""Checking what the server answers: it is believed only as far as it makes sense."""

from __future__ import annotations

from typing import Any

from .. import messages
from ..chat.payload import read_payload
from ..engines.base import CHAT, EMBEDDING
from ..errors import InputInvalid
from ..state import PoolStatus
from .wire import AnyTask, ChatTask, Failed, PoolPreview, Registered, Task, TurnAnswer

#: Most characters of an operator's words that are shown.
MAX_WORDS = 300
#: Larger numbers of texts, tasks or PCs make no sense.
MAX_COUNT = 10**15
#: Most characters of a version.
MAX_VERSION = 40


class OddAnswer(ValueError):
    """The answer is not what the protocol says; the text names the field."""


def read_registered(answer: Any) -> Registered:
    """Read the answer to `register`; raises OddAnswer."""
    fields = _object(answer, "the answer")
    return Registered(_text(fields, "agentId"), _text(fields, "key"), str(fields.get("pool") or ""))


def read_preview(answer: Any) -> PoolPreview:
    """Read what an invite is for; raises OddAnswer."""
    fields = _object(answer, "the answer")
    return PoolPreview(_read_words(fields.get("pool")) or "", _count(fields, "volunteers"))


def read_standing(answer: Any) -> PoolStatus:
    """Read how the pool stands; raises OddAnswer."""
    fields = _object(answer, "the answer")
    mine = _object(fields.get("mine"), "mine")
    return PoolStatus(
        agents_online=_count(fields, "agentsOnline"),
        texts_waiting=_count(fields, "textsWaiting"),
        texts_total=_count(mine, "texts"),
        tasks_total=_count(mine, "tasks"),
    )


def read_version(answer: Any) -> str:
    """Read which version of the agent there is; raises OddAnswer."""
    return _text(_object(answer, "the answer"), "version")[:MAX_VERSION]


def read_token(answer: Any) -> str:
    """Read the answer to `auth`; raises OddAnswer."""
    return _text(_object(answer, "the answer"), "token")


def read_leases(answer: Any) -> dict[str, str]:
    """Read the answer to `heartbeat` or `release`: lease → what became of it. Raises OddAnswer."""
    leases = _object(_object(answer, "the answer").get("leases"), "leases")
    return {lease: word for lease, word in leases.items() if isinstance(word, str)}


def read_turn(answer: Any, max_tasks: int) -> TurnAnswer:
    """Read the answer to a turn that asked for at most so many tasks; raises OddAnswer."""
    fields = _object(answer, "the answer")
    tasks: list[AnyTask] = []
    hopeless: list[Failed] = []
    # More than was asked for is left unread: unnamed in `holding`, it is handed out again.
    for entry in _list(fields.get("tasks", []), "tasks")[:max_tasks]:
        found = _read_task(_object(entry, "a task"))
        hopeless.append(found) if isinstance(found, Failed) else tasks.append(found)
    return TurnAnswer(
        outcomes=dict(_read_outcome(entry) for entry in _list(fields.get("results", []), "results")),
        tasks=tuple(tasks),
        hopeless=tuple(hopeless),
        skipped=_read_skipped(fields.get("skipped")),
        paused=_read_words(fields.get("paused")),
        poll_after_seconds=_number(fields.get("poll_after", 0), "poll_after", most=3600.0),
    )


def _read_outcome(entry: Any) -> tuple[str, str]:
    fields = _object(entry, "a result")
    return _text(fields, "lease_id"), _text(fields, "outcome")


def _read_skipped(value: Any) -> tuple[tuple[str, int], ...]:
    counts = value if isinstance(value, dict) else {}
    return tuple((reason, count) for reason, count in counts.items() if isinstance(count, int) and count > 0)


def _read_words(value: Any) -> str | None:
    """Give what somebody wrote for this PC's owner; only so much, in case it is hostile."""
    return "".join(c for c in value if c.isprintable())[:MAX_WORDS] if isinstance(value, str) else None


def _read_task(fields: dict[str, Any]) -> AnyTask | Failed:
    """Read one task. Without a lease id nobody could be told, so that is odd; anything else wrong fails the lease."""
    lease_id = _text(fields, "lease_id")
    kind, model = fields.get("kind"), fields.get("model")
    if kind not in (EMBEDDING, CHAT):
        return Failed(lease_id, "engine_error", messages.server.unknown_kind(str(kind)))
    if not isinstance(model, str):
        return Failed(lease_id, "engine_error", "The task has no model.")
    deadline = _number(fields.get("deadline_seconds", 120), "deadline_seconds", most=86_400.0)
    if kind == CHAT:
        return _read_chat(lease_id, model, fields.get("payload"), deadline)
    return _read_embedding(lease_id, model, fields.get("payload"), deadline)


def _read_embedding(lease_id: str, model: str, payload: Any, deadline_seconds: float) -> Task | Failed:
    if not isinstance(payload, dict):
        return Failed(lease_id, "engine_error", "The task has no payload.")
    texts, truncate = payload.get("texts"), payload.get("truncate", False)
    if not isinstance(texts, list) or not texts or not isinstance(truncate, bool):
        return Failed(lease_id, "input_invalid", "The task has no list of texts.", 0)
    for position, text in enumerate(texts):
        if not isinstance(text, str):
            return Failed(lease_id, "input_invalid", "This input is not a text.", position)
    return Task(lease_id, model, tuple(texts), truncate, deadline_seconds)


def _read_chat(lease_id: str, model: str, payload: Any, deadline_seconds: float) -> ChatTask | Failed:
    try:
        return ChatTask(lease_id, model, read_payload(payload), deadline_seconds)
    except InputInvalid as error:
        return Failed(lease_id, error.code, error.message, 0)


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise OddAnswer(f"{what} is no object")
    return value


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise OddAnswer(f"{what} is no list")
    return value


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise OddAnswer(f"{name} is no text")
    return value


def _count(fields: dict[str, Any], name: str) -> int:
    return int(_number(fields.get(name), name, most=MAX_COUNT))


def _number(value: Any, what: str, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise OddAnswer(f"{what} is no number from 0 to {most:g}")
    return float(value)

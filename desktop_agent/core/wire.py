"""The agent protocol's messages as frozen values: ours are built here, the server's are checked here."""

from __future__ import annotations

import base64
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from . import messages
from .engines.base import ModelOffer

#: Tier and capacity that we ask for; an invite's own win. Capacity: one batch computing, one waiting behind it.
DEFAULT_TIER = 5
CAPACITY = 64
#: Longest message about an error that is sent.
MAX_MESSAGE_CHARACTERS = 500


class OddAnswer(ValueError):
    """The answer is not what the protocol says; the text names the field."""


@dataclass(frozen=True, slots=True)
class Registered:
    """What joining gave."""

    agent_id: str
    key: str
    pool: str


@dataclass(frozen=True, slots=True)
class Task:
    """One task that was handed out to us, under a lease."""

    lease_id: str
    model: str
    texts: tuple[str, ...]
    truncate: bool
    #: Seconds after the claim beyond which heartbeats keep the lease no longer.
    deadline_seconds: float


@dataclass(frozen=True, slots=True)
class Completed:
    """A task's result."""

    lease_id: str
    #: Rows of little-endian float32.
    vectors: bytes
    dimensions: int
    tokens: int
    truncated: tuple[int, ...]
    digest: str
    engine_ms: float


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a task could not be done; `input` is the position of the text at fault, where one is."""

    lease_id: str
    code: str
    message: str
    input: int | None = None


Outcome = Completed | Failed


@dataclass(frozen=True, slots=True)
class Report:
    """What the agent says about itself in a turn."""

    status: str
    reason: str = ""
    engine: str = ""

    def body(self) -> dict[str, str]:
        """Give the protocol's form."""
        return {"status": self.status, "reason": self.reason[:MAX_MESSAGE_CHARACTERS], "engine": self.engine[:200]}


@dataclass(frozen=True, slots=True)
class Turn:
    """One request of the agent's loop: results, and how much more work is wanted."""

    results: tuple[Outcome, ...]
    max_tasks: int
    max_texts: int
    wait_seconds: int
    holding: tuple[str, ...]
    report: Report

    def body(self) -> dict[str, Any]:
        """Give the protocol's form."""
        return {
            "results": [_outcome_body(outcome) for outcome in self.results],
            "max_tasks": self.max_tasks,
            "max_texts": self.max_texts,
            "wait": self.wait_seconds,
            "holding": self.holding,
            "state": self.report.body(),
        }


@dataclass(frozen=True, slots=True)
class TurnAnswer:
    """What the server answered to a turn."""

    #: Lease → accepted, replayed, stale or refused.
    outcomes: Mapping[str, str]
    tasks: tuple[Task, ...]
    #: Tasks that we cannot even begin, already with the reason.
    hopeless: tuple[Failed, ...]
    #: Reason → how many waiting tasks were not for us.
    skipped: tuple[tuple[str, int], ...]
    poll_after_seconds: float


def _outcome_body(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Completed):
        return {
            "lease_id": outcome.lease_id,
            "vectors": base64.b64encode(outcome.vectors).decode("ascii"),
            "dimensions": outcome.dimensions,
            "tokens": outcome.tokens,
            "truncated": outcome.truncated,
            "digest": outcome.digest,
            "engine_ms": round(outcome.engine_ms, 3),
        }
    error: dict[str, Any] = {"code": outcome.code, "message": outcome.message[:MAX_MESSAGE_CHARACTERS]}
    if outcome.input is not None:
        error["input"] = outcome.input
    return {"lease_id": outcome.lease_id, "error": error}


def info_body(offers: Iterable[ModelOffer], app_version: str, display_name: str) -> dict[str, Any]:
    """Build what the server is told about this PC, at joining and whenever its models change."""
    offers = tuple(offers)
    return {
        "capabilities": [offer.capability for offer in offers],
        "tier": DEFAULT_TIER,
        "capacity": CAPACITY,
        "systemInfo": {
            "os": platform.system(),
            "client": "embedpool-agent",
            "runtime": "python",
            "cpuArch": platform.machine(),
            "totalMemoryGb": _memory_gib(),
            "gpu": None,
        },
        "appVersion": app_version,
        "displayName": display_name,
        "models": [_model_body(offer) for offer in offers],
    }


def _model_body(offer: ModelOffer) -> dict[str, Any]:
    return {
        "model": offer.model,
        "kind": offer.kind,
        "digest": offer.digest,
        "quantisation": offer.quantisation,
        "dimensions": offer.dimensions,
        "contextLength": offer.context_length,
        "engine": offer.engine,
        "engineVersion": offer.engine_version,
    }


def _memory_gib() -> int:
    """Give this PC's memory in whole GiB, 0 where the system does not tell."""
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
    except (AttributeError, ValueError, OSError):
        return 0


def read_registered(answer: Any) -> Registered:
    """Read the answer to `register`; raises OddAnswer."""
    fields = _object(answer, "the answer")
    return Registered(_text(fields, "agentId"), _text(fields, "key"), str(fields.get("pool") or ""))


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
    tasks: list[Task] = []
    hopeless: list[Failed] = []
    # More than was asked for is left unread: unnamed in `holding`, it is handed out again.
    for entry in _list(fields.get("tasks", []), "tasks")[:max_tasks]:
        found = _read_task(_object(entry, "a task"))
        tasks.append(found) if isinstance(found, Task) else hopeless.append(found)
    return TurnAnswer(
        outcomes=dict(_read_outcome(entry) for entry in _list(fields.get("results", []), "results")),
        tasks=tuple(tasks),
        hopeless=tuple(hopeless),
        skipped=_read_skipped(fields.get("skipped")),
        poll_after_seconds=_number(fields.get("poll_after", 0), "poll_after", most=3600.0),
    )


def _read_outcome(entry: Any) -> tuple[str, str]:
    fields = _object(entry, "a result")
    return _text(fields, "lease_id"), _text(fields, "outcome")


def _read_skipped(value: Any) -> tuple[tuple[str, int], ...]:
    counts = value if isinstance(value, dict) else {}
    return tuple((reason, count) for reason, count in counts.items() if isinstance(count, int) and count > 0)


def _read_task(fields: dict[str, Any]) -> Task | Failed:
    """Read one task. Without a lease id nobody could be told, so that is odd; anything else wrong fails the lease."""
    lease_id = _text(fields, "lease_id")
    kind, model, payload = fields.get("kind"), fields.get("model"), fields.get("payload")
    if kind != "embedding":
        return Failed(lease_id, "engine_error", messages.unknown_kind(str(kind)))
    if not isinstance(model, str) or not isinstance(payload, dict):
        return Failed(lease_id, "engine_error", "The task has no model or no payload.")
    texts, truncate = payload.get("texts"), payload.get("truncate", False)
    if not isinstance(texts, list) or not texts or not isinstance(truncate, bool):
        return Failed(lease_id, "input_invalid", "The task has no list of texts.", 0)
    for position, text in enumerate(texts):
        if not isinstance(text, str):
            return Failed(lease_id, "input_invalid", "This input is not a text.", position)
    deadline = _number(fields.get("deadline_seconds", 120), "deadline_seconds", most=86_400.0)
    return Task(lease_id, model, tuple(texts), truncate, deadline)


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


def _number(value: Any, what: str, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise OddAnswer(f"{what} is no number from 0 to {most:g}")
    return float(value)

"""The agent protocol's messages as frozen values, and the form that ours have on the wire."""

from __future__ import annotations

import base64
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ..chat.payload import ChatRequest
from ..engines.base import CHAT, ModelOffer
from .card_report import CardReport

#: Tier and capacity that we ask for; an invite's own win. Capacity: one batch computing, one waiting behind it.
DEFAULT_TIER = 5
CAPACITY = 64
#: Longest message about an error that is sent.
MAX_MESSAGE_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Registered:
    """What joining gave."""

    agent_id: str
    key: str
    pool: str


@dataclass(frozen=True, slots=True)
class PoolPreview:
    """What an invite is for."""

    pool: str
    #: PCs that belong to the pool.
    volunteers: int


@dataclass(frozen=True, slots=True)
class Task:
    """Texts to embed that were handed out to us, under a lease."""

    lease_id: str
    model: str
    texts: tuple[str, ...]
    truncate: bool
    #: Seconds after the claim beyond which heartbeats keep the lease no longer.
    deadline_seconds: float


@dataclass(frozen=True, slots=True)
class ChatTask:
    """A chat to answer that was handed out to us, under a lease."""

    lease_id: str
    model: str
    request: ChatRequest
    #: As that of a Task.
    deadline_seconds: float


AnyTask = Task | ChatTask


@dataclass(frozen=True, slots=True)
class Completed:
    """The vectors of a task."""

    lease_id: str
    #: Rows of little-endian float32.
    vectors: bytes
    dimensions: int
    tokens: int
    truncated: tuple[int, ...]
    digest: str
    engine_ms: float

    @property
    def size_bytes(self) -> int:
        """About how much of a request it takes."""
        return len(self.vectors)


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a chat."""

    lease_id: str
    #: The engine's final answer, in the protocol's form.
    output: dict[str, Any]
    digest: str
    engine_ms: float

    @property
    def size_bytes(self) -> int:
        """How much of a request it takes."""
        return len(orjson.dumps(self.output))


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a task could not be done; `input` is the position of the text at fault, where one is."""

    lease_id: str
    code: str
    message: str
    input: int | None = None

    @property
    def size_bytes(self) -> int:
        """Next to nothing."""
        return 0


Outcome = Completed | Answered | Failed


@dataclass(frozen=True, slots=True)
class Update:
    """What came of a chat's answer since the update before; empty as a sign of life."""

    lease_id: str
    #: Counts the updates of a lease, from 1.
    seq: int
    content: str
    thinking: str

    def body(self) -> dict[str, Any]:
        """Give the protocol's form."""
        return {"lease_id": self.lease_id, "seq": self.seq, "content": self.content, "thinking": self.thinking}


@dataclass(frozen=True, slots=True)
class Report:
    """What the agent says about itself in a turn."""

    status: str
    reason: str = ""
    #: The engines that are up, with their versions.
    engine: str = ""
    #: None where no card computes, or nobody can tell.
    gpu: CardReport | None = None
    texts_per_minute: int = 0

    def body(self) -> dict[str, Any]:
        """Give the protocol's form."""
        return {
            "status": self.status,
            "reason": self.reason[:MAX_MESSAGE_CHARACTERS],
            "engine": self.engine[:200],
            "gpu": None if self.gpu is None else self.gpu.body(),
            "texts_per_minute": self.texts_per_minute,
        }


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
    tasks: tuple[AnyTask, ...]
    #: Tasks that we cannot even begin, already with the reason.
    hopeless: tuple[Failed, ...]
    #: Reason → how many waiting tasks were not for us.
    skipped: tuple[tuple[str, int], ...]
    poll_after_seconds: float
    #: Why the operator lets this PC have no work, in words; None while it may have some.
    paused: str | None = None


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
    if isinstance(outcome, Answered):
        return {
            "lease_id": outcome.lease_id,
            "output": outcome.output,
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
    abilities = {"abilities": offer.abilities} if offer.kind == CHAT else {}
    return abilities | {
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

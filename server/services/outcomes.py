"""What agents report, what comes of it, and who is to be told once it is on disk."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import orjson

from server.domain.chat_output import check_output, clean_output
from server.services import classes
from server.services.metrics import Measured
from server.services.pool import Pool
from server.storage.results import Part


@dataclass(frozen=True, slots=True)
class Delivered:
    """Vectors that an agent reported, checked as far as can be without knowing the task."""

    lease_id: str
    vectors: bytes
    dimensions: int
    tokens: int
    digest: str
    #: JSON list of positions in the task.
    truncated: str
    engine_ms: float | None
    #: Why the vectors are wrong in themselves, in words; None where they are not.
    flaw: str | None


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a task that is no embedding, checked as far as can be without knowing the task."""

    lease_id: str
    #: JSON: of a chat the engine's combined final answer, else whatever the agent gave.
    output: bytes
    prompt_tokens: int
    completion_tokens: int
    engine_ms: float | None
    #: Why it is no answer, in words; None where it is one.
    flaw: str | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """An error that an agent reported; `text` is the position in the task of the text at fault."""

    lease_id: str
    code: str
    message: str
    text: int | None
    #: JSON that came with it, kept for the client; None for none.
    output: bytes | None = None
    #: Trying it elsewhere is not wanted, whatever the error is.
    final: bool = False


Report = Delivered | Answered | Reported


def read_answer(lease_id: str, output: object, engine_ms: float) -> Answered:
    """Read a chat's answer; what is none is refused as a wrong result, not as a bad request."""
    flaw = check_output(output)
    if flaw is not None or not isinstance(output, dict):
        return Answered(lease_id, b"{}", 0, 0, engine_ms, flaw or "The answer is no object.")
    cleaned = clean_output(output)
    return Answered(
        lease_id,
        orjson.dumps(cleaned),
        cleaned.get("prompt_eval_count", 0),
        cleaned.get("eval_count", 0),
        engine_ms,
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a report: accepted, replayed, stale or refused, and why."""

    lease_id: str
    outcome: str
    message: str | None = None


@dataclass(slots=True)
class Aftermath:
    """What is to be told once the transaction is on disk."""

    #: Capability and trust of each task that waits again, or waits for other agents now.
    requeued: list[tuple[str, int]] = field(default_factory=list)
    #: Results by job, for clients that wait for them.
    parts: list[tuple[str, Part]] = field(default_factory=list)
    #: Jobs that are over.
    finished: list[str] = field(default_factory=list)
    #: Whether the first result of a model made its class.
    learned_class: bool = False
    measured: Measured = field(default_factory=Measured)
    #: Completed tasks; each is (capability, texts, milliseconds that it took).
    completed: list[tuple[str, int, int]] = field(default_factory=list)
    #: Capabilities of tasks that ended failed.
    failed: list[str] = field(default_factory=list)
    #: Agents whose results were refused, one entry each.
    refused: list[str] = field(default_factory=list)

    def tell(self, pool: Pool) -> None:
        """Hand results over, wake who waits, and count."""
        if self.learned_class:
            # Before its client hears, whose next request is to find the class.
            classes.reload(pool)
        for job_id, part in self.parts:
            pool.jobs.deliver(job_id, part)
        for job_id in self.finished:
            pool.jobs.finish(job_id)
        for (capability, trust), count in Counter(self.requeued).items():
            pool.agents.wake(capability, count, trust=trust)
        pool.metrics.take(self.measured)
        for capability, texts, milliseconds in self.completed:
            pool.runtimes.add(capability, milliseconds)
            pool.throughput.add_completed(capability, texts)
        for capability in self.failed:
            pool.throughput.add_failed(capability)
        for agent_id in self.refused:
            pool.refusals.add(agent_id, pool.clock.now())

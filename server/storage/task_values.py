"""What the queue's moves are told: a task to queue, a claim to serve."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class NewTask:
    """A task about to be queued; its turn is drawn in the transaction that queues it."""

    id: str
    capability: str
    kind: str
    class_id: int | None
    #: JSON as the agent gets it.
    body: bytes
    #: How many texts it holds (1 for what is not an embedding).
    texts: int = 1
    #: int32 little-endian positions in the job's inputs.
    positions: bytes = bytes(4)
    #: sha256 of each text, 32 bytes each; empty for what is not cached.
    hashes: bytes = b""
    #: JSON object with what an OffloadMQ client sent beside the payload; None for work that came another way.
    envelope: str | None = None
    #: Tokens counted against the client's daily limit until the true count is known.
    reserved_tokens: int = 0
    turn: float = 0.0


@dataclass(frozen=True, slots=True)
class Claim:
    """Who claims what, and for how long; times are milliseconds since 1970. The names are the statement's."""

    agent: str
    of_capability: str
    of_class: int | None
    #: Random, new for each claim: with the task's id it makes a lease id that nobody can guess.
    nonce: str
    now: int
    lease_until: int
    hard_until: int
    max_tasks: int
    max_texts: int
    #: Priority class from which on tasks are looked at.
    least_priority: int
    #: How many agents could take a task: when all have failed at one, all may try again.
    eligible_agents: int
    #: Most texts in one task that the agent can take at all.
    most_texts: int = 1_000_000

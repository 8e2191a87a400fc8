"""What the queue's moves are told: a task to queue, a claim to serve."""

from __future__ import annotations

from dataclasses import dataclass, fields

from server.domain.trust import Trust


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
    #: Whether LLMeQueue's worker is able to do it: one text to embed, or a chat that asks for nothing but a text.
    plain: bool = False
    #: The only agent that may have it, where its client named one.
    runner: str | None = None
    #: The failed task that this one does again.
    retry_of: str | None = None
    turn: float = 0.0
    #: Least trust that an agent needs to have it; like the turn it is told in the transaction that queues the task.
    trust: int = Trust.OWN


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
    #: How many agents could take a task that any agent may see, a vetted one may, only an own one: when all of those
    #: have failed at it, all may try again.
    eligible_agents: int
    eligible_vetted: int = 0
    eligible_own: int = 0
    #: How many more could take a plain task that any agent may see: they are able to do nothing else.
    plain_agents: int = 0
    #: Most texts in one task that the agent can take at all.
    most_texts: int = 1_000_000
    #: Whether the agent is able to do plain tasks only.
    plain_only: bool = False
    #: Since when a regular task has to wait to be looked at: younger ones are left to agents of a higher tier.
    waiting_since: int = 2**53
    #: Most trust of those agents: what needs more is not left to them.
    left_trust: int = Trust.OWN

    def values(self) -> dict[str, object]:
        """Return what the statement binds; `dataclasses.asdict` would copy each value deeply."""
        return {name: getattr(self, name) for name in _CLAIM_NAMES}


_CLAIM_NAMES = tuple(field.name for field in fields(Claim))

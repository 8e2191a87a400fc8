"""When a task that failed is tried again, by whom, and when it is given up."""

from __future__ import annotations

from typing import Literal

#: Attempts that may count against a task before it ends `failed`: enough to get past two bad PCs and a reboot.
MAX_CHARGED_ATTEMPTS = 4

#: Free releases of one task. Volunteers come back all the time, but a task given back this often is going in circles.
MAX_RELEASES = 20

#: Different agents that may fail at a task before it is called poison: three PCs do not break by chance.
POISON_AGENTS = 3

#: Different agents that must say that a text is at fault, so that one bad agent cannot end other people's tasks.
AGREEING_AGENTS = 2

#: Seconds that a lease lives without a heartbeat.
LEASE_SECONDS = 60

#: Seconds that the lease of a foreign agent lives between two words of it, by kind of task: it sends no heartbeats,
#: and says nothing while it waits for an answer that is not streamed.
FOREIGN_LEASE_SECONDS = {"embedding": 120, "chat": 300, "task": 300}

#: Seconds that the lease of LLMeQueue's worker lives: it says nothing until it is done.
WORKER_LEASE_SECONDS = 150

#: Seconds between an agent's heartbeats: three may be lost before the lease is.
HEARTBEAT_SECONDS = 15

#: Seconds that one attempt may take in all, by kind of task; heartbeats do not extend it, so a hung engine is found.
HARD_CAP_SECONDS = {"embedding": 120, "chat": 600, "task": 3600}

#: Seconds between two looks for lapsed leases.
RECLAIM_EVERY_SECONDS = 5

#: Seconds past its lapse before a lease is taken away: a heartbeat on its way still counts. With the lease and the
#: interval, a dead agent's task is queued again within 75 s.
RECLAIM_GRACE_SECONDS = 10

#: Seconds of silence after which an agent counts as offline.
AGENT_OFFLINE_SECONDS = 90

#: The longest pause before another try, in seconds, before jitter.
MAX_BACKOFF_SECONDS = 60

Verdict = Literal["retry", "exhausted", "poison", "permanent"]


def backoff_seconds(charged: int, jitter: float) -> float:
    """Return how long a task rests after its `charged`-th counted failure, in seconds.

    Nothing after the first one, because the next agent is most likely fine; then 2, 4, 8 … up to 60, times 0.5 to 1.5.
    `jitter` is a random number in [0, 1); it keeps tasks that failed together from coming back together.
    """
    if charged <= 1:
        return 0.0
    # Bounding the exponent keeps an absurd count from becoming a number of a million digits.
    doubled = 2 ** min(charged - 1, MAX_BACKOFF_SECONDS)
    return float(min(MAX_BACKOFF_SECONDS, doubled) * (0.5 + jitter))


def verdict_after_failure(charged: int, failed_agents: int, permanent: bool, others_can_try: bool) -> Verdict:
    """Decide what becomes of a task after a counted failure or a lost lease.

    Args:
        charged: attempts counted against the task, this one included.
        failed_agents: different agents among them, this one included; where `permanent`, those that blamed the text.
        permanent: the error is about the text, which no other try will change.
        others_can_try: an agent that has not failed at it could still take it.
    """
    if permanent and (failed_agents >= AGREEING_AGENTS or not others_can_try):
        return "permanent"
    if failed_agents >= POISON_AGENTS:
        return "poison"
    return "exhausted" if charged >= MAX_CHARGED_ATTEMPTS else "retry"

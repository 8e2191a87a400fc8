"""What must be true of the queue, in plain Python: the model that the real services are held against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

FINAL = {"completed", "failed", "canceled", "expired"}
ABOUT_THE_TEXT = {"input_too_long", "input_invalid"}
LEASE_MS, GRACE_MS, HARD_CAP_MS = 60_000, 10_000, 120_000
MOST_CHARGED, POISON, AGREEING = 4, 3, 2


@dataclass(eq=False)
class Job:
    id: str
    client: int
    texts: tuple[str, ...]
    expires_at: int
    tasks: list[Task] = field(default_factory=list)
    #: Whether its answer reached a client, and whether the database knows that.
    fetched: bool = False
    noted: bool = False

    @property
    def over(self) -> bool:
        return all(task.status in FINAL for task in self.tasks)

    @property
    def status(self) -> str:
        present = {task.status for task in self.tasks}
        for bad in ("failed", "expired", "canceled"):
            if bad in present:
                return bad
        return {frozenset({"completed"}): "completed", frozenset({"queued"}): "pending"}.get(
            frozenset(present), "processing"
        )


@dataclass(eq=False)
class Task:
    id: str
    job: Job
    texts: list[str]
    #: (priority, turn, id): its place in the line.
    place: tuple[int, float, str]
    not_before: int
    #: Least trust that an agent needs to have it.
    trust: int
    status: str = "queued"
    charged: int = 0
    lease: Lease | None = None
    #: Agents that failed or lost it → the codes they gave.
    spoilt: dict[str, set[str]] = field(default_factory=dict)

    def claimable(self, agent: str, now: int, trusts: Mapping[str, int], online: Iterable[str]) -> bool:
        able = [one for one in online if trusts[one] >= self.trust]
        tried = [one for one in self.spoilt if trusts[one] >= self.trust]
        fresh = agent not in self.spoilt or len(tried) >= len(able)
        waits = self.status == "queued" and self.not_before <= now < self.job.expires_at
        return waits and trusts[agent] >= self.trust and fresh


@dataclass(eq=False)
class Lease:
    id: str
    task: Task
    agent: str
    until: int
    hard_until: int
    live: bool = True
    delivered: bytes | None = None


@dataclass
class Model:
    #: What each client's key asks for, and what each agent has.
    clients_trust: list[int]
    agents_trust: dict[str, int]
    jobs: dict[str, Job] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)
    #: (client, text) whose vector the cache has.
    cache: set[tuple[int, str]] = field(default_factory=set)

    def pardon(self, until: int) -> None:
        for lease in self.live():
            lease.until, lease.hard_until = max(lease.until, until), max(lease.hard_until, until)

    def live(self, agent: str | None = None) -> list[Lease]:
        return [lease for lease in self.leases.values() if lease.live and agent in (None, lease.agent)]

    def joinable(self, client: int, texts: tuple[str, ...], now: int) -> Job | None:
        equal = [job for job in self.jobs.values() if (job.client, job.texts) == (client, texts)]
        return next((job for job in equal if not job.noted and job.expires_at > now), None)

    def next_for(self, agent: str, now: int, online: set[str], room: int, max_texts: int, least: int) -> list[str]:
        """Say which tasks a claim must give, in order: those that fit, but at least one."""
        line = [
            task
            for task in self.tasks.values()
            if task.place[0] >= least and task.claimable(agent, now, self.agents_trust, online)
        ]
        chosen: list[str] = []
        texts = 0
        for task in sorted(line, key=lambda task: task.place)[:room]:
            texts += len(task.texts)
            if chosen and texts > max_texts:
                break
            chosen.append(task.id)
        return chosen

    def claim(self, task: Task, agent: str, lease_id: str, now: int) -> None:
        assert task.status == "queued", "a task was handed out that did not wait"
        task.status, task.charged = "leased", task.charged + 1
        task.lease = self.leases[lease_id] = Lease(lease_id, task, agent, now + LEASE_MS, now + HARD_CAP_MS)

    def complete(self, lease: Lease, vectors: bytes) -> None:
        self._end(lease.task, "completed")
        lease.delivered = vectors
        self.cache |= {(lease.task.job.client, text) for text in lease.task.texts}

    def release(self, lease: Lease, now: int) -> None:
        lease.task.charged -= 1
        self._requeue(lease.task, now)

    def fail(self, lease: Lease, code: str, online: Iterable[str], now: int) -> None:
        """Charge a failure or a lost lease; `not_before` is then read from the table (its jitter is random)."""
        task = lease.task
        task.spoilt.setdefault(lease.agent, set()).add(code)
        if code in ABOUT_THE_TEXT:
            agreeing = sum(code in codes for codes in task.spoilt.values())
            able = {one for one in online if self.agents_trust[one] >= task.trust}
            hopeless = agreeing >= AGREEING or not able - task.spoilt.keys()
        else:
            hopeless = len(task.spoilt) >= POISON
        if hopeless or task.charged >= MOST_CHARGED:
            self._end(task, "failed")
            self.cancel(task.job)
        else:
            self._requeue(task, now)

    def ask_for_trust(self, client: int, trust: int, now: int) -> None:
        """A key asks for more, also for what is under way; or for less, from now on."""
        self.clients_trust[client] = trust
        for task in self.tasks.values():
            if task.job.client == client and task.status not in FINAL:
                task.trust = max(task.trust, trust)
        self._take_back(now)

    def trust_agent(self, agent: str, trust: int, now: int) -> None:
        """An agent is trusted more, or less and gives back what it may not have any more."""
        self.agents_trust[agent] = trust
        self._take_back(now)

    def _take_back(self, now: int) -> None:
        for lease in self.live():
            if self.agents_trust[lease.agent] < lease.task.trust:
                self.release(lease, now)

    def cancel(self, job: Job, status: str = "canceled") -> None:
        for task in job.tasks:
            if task.status not in FINAL:
                self._end(task, status)

    def forget(self, created_before: int, time_to_live: int) -> None:
        """Drop old jobs, as retention does."""
        for job in [job for job in self.jobs.values() if job.expires_at - time_to_live < created_before]:
            del self.jobs[job.id]
            for task in job.tasks:
                del self.tasks[task.id]
        self.leases = {key: lease for key, lease in self.leases.items() if lease.task.id in self.tasks}

    def _requeue(self, task: Task, now: int) -> None:
        self._drop_lease(task)
        task.status, task.not_before = "queued", now

    def _end(self, task: Task, status: str) -> None:
        assert task.status not in FINAL, "a final status was left"
        self._drop_lease(task)
        task.status = status

    def _drop_lease(self, task: Task) -> None:
        if task.lease is not None:
            task.lease.live, task.lease = False, None

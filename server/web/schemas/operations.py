"""`/management`: what the operator does with agents and tasks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from server.web.schemas.base import Answer, CamelAnswer, CamelRequest, FreeObject, Request, Timestamp
from server.web.schemas.operator import AgentReport, TrustWord

Status = Literal["queued", "leased", "completed", "failed", "canceled", "expired"]
Kind = Literal["embedding", "chat", "task"]
Limit = Annotated[int, Field(ge=1, description="Entries at most.")]
Cursor = Annotated[str | None, Field(None, description="Of the page before; absent for the first page.")]


class Reset(Answer):
    """What there was is gone."""

    result: Literal["Reset successful"]


class AgentsCleanup(Answer):
    """How many agents were taken out of the pool, and after how many silent days."""

    deleted: int
    ttl_days: int


class PauseBody(CamelRequest):
    """Why an agent gets no work; its volunteer reads it."""

    message: str | None = Field("", max_length=500)


class OverrideBody(CamelRequest):
    """The operator's word in the place of the agent's; null takes it back, what is absent stays as it is."""

    tier: int | None = Field(None, ge=0, le=255)
    capacity: int | None = Field(None, ge=1, le=2**32 - 1)
    trust: TrustWord | None = Field(None, description="Null gives the word back to its invite.")


class AgentOffer(CamelAnswer):
    """Something that an agent offers."""

    capability: str
    class_id: int | None
    in_pool: bool = Field(description="Whether it gets work for it: false where the pool runs another class.")
    engine_version: str | None


class AgentWork(CamelAnswer):
    """A task that an agent computes now."""

    task_id: str
    capability: str
    since: Timestamp


class InviteName(CamelAnswer):
    """The invite that an agent joined with."""

    id: str
    name: str


class AgentDetails(AgentReport):
    """An agent with what it offers and computes."""

    offers: list[AgentOffer]
    work: list[AgentWork]
    invite: InviteName | None


class TaskQuery(Request):
    """Which tasks."""

    status: Status | None = None
    capability: str | None = Field(None, description="Such as `embed.nomic-embed-text`.")
    agent: str | None = Field(None, description="Id of an agent that tried it.")
    key: str | None = Field(None, description="Id of the client key that asked.")
    older_than: int | None = Field(None, ge=0, description="Submitted more than so many seconds ago.")
    newer_than: int | None = Field(None, ge=0, description="Submitted less than so many seconds ago.")
    kind: Kind | None = None
    error: str | None = Field(None, description="Code of the error; without a status, of what failed.")
    id: str | None = Field(None, description="Id of a task or of a job, or how it begins.")
    limit: Limit | None = Field(50, le=500)
    cursor: Cursor
    after: str | None = Field(None, description="`newer` of a page: the tasks after it, instead of those before.")


class TaskClient(CamelAnswer):
    """The client key that asked."""

    id: str
    name: str


class Task(CamelAnswer):
    """A task, without its content."""

    id: str
    job_id: str
    key: TaskClient
    kind: Kind
    capability: str
    class_id: int | None
    status: Status
    urgent: bool
    texts: int
    job_tasks: int = Field(description="How many tasks its job has.")
    created_at: Timestamp
    not_before: Timestamp
    expires_at: Timestamp
    finished_at: Timestamp | None
    attempts_made: int
    attempts_charged: int
    releases: int
    error_code: str | None
    retry_of: str | None


class Tasks(CamelAnswer):
    """A page of tasks, newest first."""

    items: list[Task]
    cursor: str | None = Field(description="For the next page; null where nothing is left.")
    newer: str | None = Field(description="For the page before, as `after`; null on the first.")


class Attempt(CamelAnswer):
    """One agent's try."""

    agent_id: str
    agent_name: str | None
    status: Literal["leased", "completed", "failed", "released", "lost", "canceled"]
    started_at: Timestamp
    lease_until: Timestamp
    ended_at: Timestamp | None
    error_code: str | None
    error_message: str | None
    engine_ms: float | None


class TaskResult(CamelAnswer):
    """What came of a task, without its content."""

    agent_id: str
    agent_name: str | None
    stored_at: Timestamp
    bytes: int
    dimensions: int
    tokens: int
    completion_tokens: int


class TaskTimings(CamelAnswer):
    """Where its time went, in milliseconds: all attempts together."""

    waited: int = Field(description="In the queue.")
    held: int = Field(description="With agents.")
    engine: int | None = Field(description="Of that, in their engines, as they say.")
    overhead: int | None = Field(description="Of that, not in their engines: on the way, mostly.")
    total: int


class TaskWait(CamelAnswer):
    """Why it waits."""

    why: Literal["resting", "runner", "nobody", "paused", "trust", "busy"]
    ahead: int = Field(description="Tasks that are claimed before it, up to 1,000.")
    agents: int = Field(description="Agents online that may have it.")
    until: Timestamp | None = Field(description="Until when it rests after a failure.")


class TaskDetails(Task):
    """A task with its attempts, without its content."""

    error_message: str | None
    attempts: list[Attempt]
    retried_as: str | None
    kept_until: Timestamp | None = Field(description="Until when it can be run again.")
    result: TaskResult | None
    timings: TaskTimings
    wait: TaskWait | None = Field(description="Null where it does not wait.")


class NamedTasks(CamelRequest):
    """Which tasks, by their ids."""

    ids: list[str] = Field(max_length=500)


class ManyDone(CamelAnswer):
    """What came of an act on many tasks."""

    done: int = Field(description="Tasks for which it was done.")
    refused: dict[str, int] = Field(description="Why it was not done for others, and for how many.")


class Canceled(CamelAnswer):
    """The task that was canceled."""

    id: str
    job_id: str
    status: Literal["canceled"]


class Rerun(CamelAnswer):
    """The task that does it again."""

    id: str
    retry_of: str
    status: Literal["queued"]


class TaskId(Answer):
    """OffloadMQ's name of a task."""

    cap: str
    id: str


class ForeignCancel(Answer):
    """What OffloadMQ says of a cancellation."""

    id: TaskId
    status: Literal["canceled", "cancelRequested"]
    message: str


class TaskQueue(Answer):
    """A priority class, as OffloadMQ shows it."""

    assigned: list[FreeObject]
    unassigned: list[FreeObject]


class TaskQueues(Answer):
    """Both priority classes, the newest tasks of each."""

    urgent: TaskQueue
    regular: TaskQueue

"""`/agent` and `/private/agent`: what agents and the server say to each other."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from server.web.schemas.base import Answer, CamelAnswer, CamelRequest, FreeObject, Name, Request

Capability = Annotated[Name, Field(examples=["embed.nomic-embed-text"])]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:+/@-]*$", max_length=128)]
LeaseId = Annotated[str, Field(max_length=100)]


class Offer(CamelRequest):
    """A model that the agent's engine has."""

    model: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]*$", max_length=200)]
    kind: Literal["embedding", "chat"]
    digest: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:+/@-]+$", max_length=128)]
    quantisation: Word | None = ""
    dimensions: int | None = Field(None, ge=1, le=65_536)
    context_length: int | None = Field(None, ge=1, le=100_000_000)
    engine: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:+/@-]+$", max_length=128)]
    engine_version: Word | None = ""


class Gpu(Request):
    """A graphics card; its memory is `vramGb` or `vramMb`."""

    vendor: str = Field(max_length=500)
    model: str = Field(max_length=500)


class SystemInfo(CamelRequest):
    """The agent's PC, for the operator; at most 4 KiB of JSON. Its memory is `totalMemoryGb` or `totalMemoryMb`.

    Our own agent may leave out what it likes.
    """

    client: str = Field(max_length=500, description="`embedpool-agent` for our own.")
    os: str = Field(max_length=500)
    runtime: str = Field(max_length=500)
    cpu_arch: str = Field(max_length=500)
    gpu: Gpu | None = None


class AgentDescription(CamelRequest):
    """What an agent says of itself."""

    capabilities: list[Capability] = Field(max_length=500)
    tier: int = Field(ge=0, le=255)
    capacity: int = Field(ge=1, le=2**32 - 1)
    system_info: SystemInfo
    app_version: str | None = Field(None, max_length=200)
    display_name: str | None = Field(None, max_length=50)
    models: list[Offer] | None = Field(None, max_length=200)


class Registration(AgentDescription):
    """An agent that joins, with its invite."""

    api_key: str = Field(max_length=512, description="The invite's code.")


class Registered(CamelAnswer):
    """The agent's identity; the key is shown this once."""

    agent_id: str
    key: str
    message: str
    pool: str


class InviteCode(CamelRequest):
    """An invite that somebody thinks of using."""

    code: str = Field(max_length=512, description="The invite's code.")


class InvitePreview(CamelAnswer):
    """The pool that an invite is for."""

    pool: str
    volunteers: int = Field(description="PCs that belong to the pool.")


class Done(CamelAnswer):
    """What the agent did since it joined."""

    texts: int
    tasks: int


class PoolStanding(CamelAnswer):
    """How the pool stands, for the agent's volunteer."""

    pool: str
    agents_online: int
    texts_waiting: int = Field(description="Up to 10 s old; a chat counts as one text.")
    mine: Done


class Updated(CamelAnswer):
    """What is known of the agent was replaced."""

    agent_id: str
    key: Literal[""]
    message: str


class Credentials(CamelRequest):
    """An agent's key."""

    agent_id: str = Field(max_length=64)
    key: str = Field(max_length=512)


class Token(CamelAnswer):
    """A token, and when it expires."""

    token: str
    expires_in: int = Field(description="Seconds since 1970.")


class Status(Answer):
    """All is well."""

    status: Literal["ok"]


class Message(Answer):
    """What was done, in words."""

    message: str


class TaskError(Request):
    """What went wrong with a task."""

    code: str | None = Field("engine_error", max_length=50)
    message: str | None = Field("", max_length=2000)
    input: int | None = Field(None, ge=0, le=4096, description="Position of the text at fault.")


class Result(Request):
    """What came of a lease: `vectors` with `dimensions`, or `output`, or `error`."""

    lease_id: LeaseId
    vectors: str | None = Field(None, description="base64 of count × dimensions little-endian float32.")
    dimensions: int | None = Field(None, ge=1, le=65_536)
    tokens: int | None = Field(0, ge=0, le=10_000_000)
    truncated: list[Annotated[int, Field(ge=0, lt=4096)]] | None = None
    digest: str | None = Field("", max_length=256)
    engine_ms: float | None = Field(0, ge=0, le=3_600_000)
    output: FreeObject | None = Field(None, description="A chat's final answer, as Ollama gives it.")
    error: TaskError | None = None


class Turn(Request):
    """Results, and how much more the agent takes."""

    results: list[Result] | None = Field(None, max_length=256)
    max_tasks: int | None = Field(1, ge=0, le=256)
    max_texts: int | None = Field(32, ge=1, le=256)
    wait: float | None = Field(0, ge=0, le=30, description="Seconds to wait for work.")
    holding: list[LeaseId] | None = Field(None, max_length=1024)
    state: FreeObject | None = None


class TurnOutcome(Answer):
    """What came of a result."""

    lease_id: str
    outcome: Literal["accepted", "replayed", "stale", "refused"]
    message: str = ""


class LeasedTask(Answer):
    """A task that is the agent's now."""

    task_id: str
    lease_id: str
    capability: str
    kind: Literal["embedding", "chat", "task"]
    model: str
    payload: Any
    lease_seconds: int
    deadline_seconds: int


class TurnReply(Answer):
    """What came of the results, and the next tasks."""

    results: list[TurnOutcome]
    tasks: list[LeasedTask]
    skipped: dict[str, int] = Field(description="Why tasks that wait were not given.")
    paused: str = Field("", description="There while the operator lets the agent have no work: why.")
    poll_after: int = Field(description="Seconds to stay away.")


class Leases(Request):
    """Leases that the agent holds."""

    leases: list[LeaseId] = Field(max_length=1024)
    state: FreeObject | None = None


class Held(Answer):
    """Whether each lease is still the agent's."""

    leases: dict[str, Literal["held", "lost"]]


class Released(Answer):
    """Whether each lease was given back."""

    leases: dict[str, Literal["released", "lost"]]


class Update(Request):
    """What was written since the last update of a lease."""

    lease_id: LeaseId
    seq: int = Field(ge=1, le=1_000_000)
    content: str | None = Field("", max_length=65_536)
    thinking: str | None = Field("", max_length=65_536)


class Progress(Request):
    """What was written of chats under way."""

    updates: list[Update] | None = Field(None, max_length=64)

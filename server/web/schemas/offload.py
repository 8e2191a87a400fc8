"""`/api` and the part of `/private/agent` that OffloadMQ's agents use."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from server.web.schemas.base import Answer, CamelAnswer, CamelRequest, FreeObject, Name, Request, Timestamp

Status = Literal["queued", "assigned", "starting", "running", "completed", "failed", "cancelRequested", "canceled"]
Texts = dict[str, Annotated[str, Field(max_length=8192)]]
FileText = Annotated[str, Field(max_length=8192)]
Seconds = Annotated[int, Field(ge=0, le=2**63)]


class KeyInBody(CamelRequest):
    """The key, for clients that send it in the body."""

    api_key: str | None = Field(None, max_length=2000)


class TaskId(Request):
    """A task's name."""

    cap: str
    id: str


class FileReference(CamelRequest):
    """A file that the agent fetches itself; this server does nothing with it."""

    path: str = Field(max_length=8192)
    bucket: FileText | None = None
    git_clone: FileText | None = None
    get: FileText | None = None
    post: FileText | None = None
    request: FileText | None = None
    http_login: FileText | None = None
    http_password: FileText | None = None
    http_auth_header: FileText | None = None
    custom_header: Texts | None = None
    s3_file: FileText | None = Field(None, alias="s3File")
    custom_auth: FileText | None = None


class TaskSubmission(KeyInBody):
    """A task for whatever agent has its capability."""

    capability: Name = Field(examples=["llm.qwen2.5:7b", "debug.echo"])
    payload: Any = Field(description="What its agent gets: any JSON.")
    urgent: bool | None = Field(False, description="Wait for it.")
    restartable: bool | None = False
    fetch_files: list[FileReference] = Field([], max_length=200)
    file_bucket: list[str] = Field([], alias="file_bucket", max_length=200, description="This server keeps no files.")
    output_bucket: str | None = Field(None, alias="output_bucket", description="This server keeps no files.")
    timeout_secs: Seconds | None = None
    max_wait_secs: Seconds | None = None
    runtime_secs: Seconds | None = None
    artifacts: list[FileReference] = Field([], max_length=200)
    data_preparation: Texts | None = None


class Duration(Answer):
    """A time."""

    secs: int
    nanos: int


class NamedTask(Answer):
    """A task's name."""

    cap: str
    id: str


class Submitted(Answer):
    """A task that waits in the queue."""

    id: NamedTask
    capability: str
    status: Literal["queued"]
    message: str


class Vanished(Answer):
    """An urgent task that nobody did in time."""

    id: NamedTask
    status: Literal["failed"]
    message: str


class HistoryEntry(Answer):
    """What happened when."""

    timestamp: Timestamp
    description: str


class TaskData(CamelAnswer):
    """What was submitted; the key is never in it."""

    capability: str
    urgent: bool
    restartable: bool = False
    payload: Any
    fetch_files: list[FreeObject]
    file_bucket: list[str] = Field(alias="file_bucket")
    output_bucket: str | None = Field(alias="output_bucket")
    timeout_secs: int | None
    max_wait_secs: int | None
    runtime_secs: int | None
    artifacts: list[FreeObject]
    data_preparation: FreeObject
    api_key: Literal[""]


class UnassignedTask(CamelAnswer):
    """A task that waits."""

    id: NamedTask
    data: TaskData
    created_at: Timestamp


class AssignedTask(CamelAnswer):
    """A task that an agent has, or had."""

    id: NamedTask
    data: TaskData
    agent_id: str
    status: Status
    history: list[HistoryEntry]
    created_at: Timestamp
    assigned_at: Timestamp
    result: Any
    log: str | None
    stage: str | None
    typical_runtime_seconds: Duration | None
    typical_runtime_parameters: None
    cancel_requested_at: Timestamp | None
    finished_at: Timestamp | None
    last_update_at: Timestamp | None


class PolledTask(CamelAnswer):
    """How a task stands."""

    id: NamedTask
    status: Status
    created_at: Timestamp
    stage: str = Field("", description="There while it is under way.")
    output: Any = Field(None, description="There once it is over.")
    log: str | None
    typical_runtime_seconds: Duration | None


class Canceled(Answer):
    """What was done about a task."""

    id: NamedTask
    status: Literal["cancelRequested", "canceled"]
    message: str


class ProgressReport(CamelRequest):
    """What an agent says of a task under way."""

    id: TaskId = Field(description="The task of the path.")
    status: Status | Literal["pending"] | None = Field(None, description="`starting` or `running`.")
    stage: str | None = None
    log_update: str | None = None


class TaskResolution(Request):
    """What came of a task."""

    id: TaskId = Field(description="The task of the path.")
    capability: str | None = None
    status: FreeObject = Field(
        description='`{"success": seconds}`, `{"failure": [words, seconds]}` or `{"notExecuted": words}`.'
    )
    output: Any = None


class LogLine(CamelRequest):
    """A line for the operator."""

    severity: Literal["INFO", "ERROR", "CRITICAL"] = Field(description="In small letters too.")
    text: str = Field(max_length=20_000)
    agent_id: str | None = None
    agent_name: str | None = None
    machine_fingerprint: str | None = None


class KeptLogLine(CamelAnswer):
    """The line as it was kept."""

    record_id: str
    agent_id: str
    agent_name: str
    machine_fingerprint: str
    severity: Literal["INFO", "ERROR", "CRITICAL"]
    text: str
    timestamp: Timestamp

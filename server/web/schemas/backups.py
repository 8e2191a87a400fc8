"""`/management/backups`: copies of the database."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from server.web.schemas.base import Answer, CamelAnswer, Request, Timestamp


class BackupWait(Request):
    """How long to wait for it."""

    wait: int | None = Field(0, ge=0, le=60, description="Seconds to wait until it is done; 0 to be answered at once.")


class BackupRun(CamelAnswer):
    """A backup that was begun: how far it is, or how it ended."""

    name: str
    state: Literal["running", "done", "failed"]
    bytes: int = Field(description="Bytes written so far, or its size.")
    expected_bytes: int | None = Field(description="About how many there will be, while it is running.")
    problem: str | None = Field(description="Why it failed.")


class Backup(CamelAnswer):
    """A backup as it lies in the data folder."""

    name: str
    bytes: int
    made: Timestamp


class Backups(CamelAnswer):
    """The backups, newest first, and the one begun last since the server started."""

    items: list[Backup]
    last: BackupRun | None


class BackupDeleted(Answer):
    """Which one was deleted."""

    deleted: str

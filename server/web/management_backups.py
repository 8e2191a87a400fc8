"""`/management/backups`: copies of the database, made while the server runs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, send_file

from server.services import backups
from server.services.backup_desk import Outcome, Progress
from server.web import query
from server.web.describing import Media, describe
from server.web.json_body import json_response
from server.web.parts import pool
from server.web.schemas import backups as schemas
from server.web.timestamps import timestamp

blueprint = Blueprint("management_backups", __name__, url_prefix="/backups")

BINARY = "application/octet-stream"
#: Seconds that a request may wait for its backup.
MAX_WAIT = 60


@blueprint.post("/create")
@describe(query=schemas.BackupWait, answers={200: schemas.BackupRun}, errors=(400, 409))
def create_backup() -> Response:
    """Begin a backup of the database; the newest `BACKUPS_KEPT` are kept."""
    seconds = query.whole("wait", 0, MAX_WAIT) or 0
    begun = backups.start(pool())
    pool().backups.wait(seconds)
    last = pool().backups.last
    return json_response(_run_json(last if last and last.name == begun.name else pool().backups.progress or begun))


@blueprint.get("/list")
@describe(answers={200: schemas.Backups})
def list_backups() -> Response:
    """List the backups, and how far the one is that is being made."""
    last = pool().backups.progress or pool().backups.last
    found = backups.list_backups(pool())
    items = [{"name": one.name, "bytes": one.size, "made": timestamp(one.made_at)} for one in found]
    return json_response({"items": items, "last": _run_json(last) if last else None})


@blueprint.get("/<name>")
@describe(answers={200: Media({BINARY: bytes}, "The backup: an SQLite database")}, errors=(404,))
def get_backup(name: str) -> Response:
    """Download a backup."""
    return sent_backup(name)


@blueprint.post("/delete/<name>")
@describe(answers={200: schemas.BackupDeleted}, errors=(404,))
def delete_backup(name: str) -> Response:
    """Delete a backup."""
    backups.delete(pool(), name, pool().clock.now())
    return json_response({"deleted": name})


def sent_backup(name: str) -> Response:
    """Answer with a backup's file, read as it is sent."""
    path = backups.take(pool(), name, pool().clock.now())
    response = send_file(path.absolute(), mimetype=BINARY, as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _run_json(run: Progress | Outcome) -> dict[str, Any]:
    if isinstance(run, Progress):
        written = {"state": "running", "bytes": run.done, "expectedBytes": run.expected, "problem": None}
    else:
        state = "failed" if run.problem else "done"
        written = {"state": state, "bytes": run.size, "expectedBytes": None, "problem": run.problem or None}
    return {"name": run.name, **written}

"""Reading what OffloadMQ's clients and agents send. JSON with a wrong or missing field is answered with 422."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import request

from server.domain.capability import queue_of, valid_capability
from server.domain.errors import InvalidRequest, NotFound, Unprocessable, UnsupportedMediaType
from server.domain.offload import STATUSES, TOLD, task_text
from server.services.foreign_reports import Resolution, Word
from server.services.offload_submission import Submission
from server.web import fields
from server.web.fields import Body
from server.web.json_body import read_json

#: Fields of a reference to a file; what is not sent is null. The server does nothing with them.
FILE_FIELDS = (
    *("path", "bucket", "gitClone", "get", "post", "request", "httpLogin", "httpPassword"),
    *("httpAuthHeader", "customHeader", "s3File", "customAuth"),
)
#: References to files and preparations in one task, and characters of one text in them.
MAX_FILES, MAX_FILE_TEXT = 200, 8192
#: Seconds that fit the fields' type in OffloadMQ.
MAX_SECONDS = 2**63
#: Longest stage (characters); what is longer is cut. Longest text of a log (characters).
MAX_STAGE, MAX_LOG = 500, 16 * 2**20


@contextmanager
def unprocessable() -> Iterator[None]:
    """Answer a field that is missing or wrong with OffloadMQ's status for that."""
    try:
        yield
    except InvalidRequest as error:
        raise Unprocessable(error.message, param=error.param) from None


def read_body() -> Body:
    """Return the request's body, which has to be called JSON and be an object."""
    check_is_called_json()
    body = read_json()
    if not isinstance(body, dict):
        raise Unprocessable("The JSON body must be an object.")
    return body


def check_is_called_json() -> None:
    """Insist on a Content-Type that says JSON."""
    kind = request.mimetype
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise UnsupportedMediaType("Expected request with `Content-Type: application/json`")


def read_submission(body: Body) -> Submission:
    """Read a submission.

    Raises Unprocessable, and NotFound for a bucket: this server keeps none.
    """
    with unprocessable():
        capability = fields.text(body, "capability")
        if not valid_capability(queue_of(capability)):
            raise InvalidRequest("capability is none: 1 to 200 printable characters.", param="capability")
        if "payload" not in body:
            raise InvalidRequest("payload is missing; it may be null.", param="payload")
        urgent, envelope = _flag(body, "urgent"), _envelope(body)
        timeout, max_wait = (envelope[name] for name in ("timeoutSecs", "maxWaitSecs"))
    _refuse_buckets(envelope)
    return Submission(
        capability=queue_of(capability),
        payload=body["payload"],
        urgent=urgent,
        timeout_seconds=timeout,
        max_wait_seconds=max_wait,
        envelope={"urgent": urgent, **envelope},
    )


def _envelope(body: Body) -> dict[str, Any]:
    return {
        "restartable": _flag(body, "restartable"),
        "fetchFiles": [_file(entry, "fetchFiles") for entry in _list(body, "fetchFiles")],
        "file_bucket": fields.texts(body, "file_bucket", most=MAX_FILES) if "file_bucket" in body else [],
        "output_bucket": fields.optional_text(body, "output_bucket"),
        **{
            name: fields.optional_whole(body, name, 0, MAX_SECONDS)
            for name in ("timeoutSecs", "maxWaitSecs", "runtimeSecs")
        },
        "artifacts": [_file(entry, "artifacts") for entry in _list(body, "artifacts")],
        "dataPreparation": _texts_by_name(body, "dataPreparation") or {},
    }


def _list(body: Body, name: str) -> list[Body]:
    if name in body and body[name] is None:
        raise InvalidRequest(f"{name} must be a list of objects; it is null.", param=name)
    return fields.entries(body, name, most=MAX_FILES)


def _file(entry: Body, where: str) -> dict[str, Any]:
    try:
        fields.text(entry, "path", longest=MAX_FILE_TEXT)
        return {
            name: _texts_by_name(entry, name)
            if name == "customHeader"
            else fields.optional_text(entry, name, longest=MAX_FILE_TEXT)
            for name in FILE_FIELDS
        }
    except InvalidRequest as error:
        raise InvalidRequest(f"{where}: {error.message}", param=where) from None


def _texts_by_name(body: Body, name: str) -> dict[str, str] | None:
    if body.get(name) is None:
        return None
    found: Mapping[str, Any] = fields.mapping(body, name)
    if len(found) > MAX_FILES or not all(
        isinstance(value, str) and len(value) <= MAX_FILE_TEXT for value in found.values()
    ):
        raise InvalidRequest(f"{name} must be an object of strings.", param=name)
    return dict(found)


def _flag(body: Body, name: str) -> bool:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise InvalidRequest(f"{name} must be true or false.", param=name)
    return bool(value)


def _refuse_buckets(envelope: Mapping[str, Any]) -> None:
    for bucket in envelope["file_bucket"]:
        raise NotFound(f"Bucket {bucket[:100]} not found: this server keeps no files")
    if envelope["output_bucket"] is not None:
        raise NotFound(f"Output bucket {envelope['output_bucket'][:100]} not found: this server keeps no files")


def check_task_id(body: Body, capability: str, task_id: str) -> None:
    """Insist on the task in a report's body being the one in its path."""
    with unprocessable():
        if body.get("id") is None:
            raise InvalidRequest("id is missing.", param="id")
        named = fields.mapping(body, "id")
        said = queue_of(fields.text(named, "cap")), fields.text(named, "id")
    if said != (capability, task_id):
        raise InvalidRequest(task_text(*said))


def read_word(body: Body) -> Word:
    """Read what an agent says of a task under way."""
    with unprocessable():
        log = fields.optional_text(_printable(body, "logUpdate"), "logUpdate", longest=MAX_LOG)
        stage = fields.optional_text(_printable(body, "stage"), "stage", longest=MAX_LOG)
        status = fields.optional_text(body, "status")
        if status is not None and status not in STATUSES:
            raise InvalidRequest("status is unknown.", param="status")
    if status is not None and status not in TOLD:
        raise InvalidRequest(f"Status {status[:1].upper()}{status[1:]} cannot be set via progress update")
    return Word(log or "", stage if stage is None else stage[:MAX_STAGE], status)


def _printable(body: Body, name: str) -> Body:
    """Return the body with a text in which NUL, which no database keeps, is shown as unknown."""
    value = body.get(name)
    return {**body, name: value.replace("\0", "\ufffd")} if isinstance(value, str) else body


def read_resolution(body: Body) -> Resolution:
    """Read what came of a task: `{"success": seconds}`, `{"failure": [words, seconds]}`, `{"notExecuted": words}`."""
    with unprocessable():
        fields.optional_text(body, "capability")
        said = fields.mapping(body, "status")
        if len(said) != 1:
            raise InvalidRequest("status must be an object with one of success, failure, notExecuted.", param="status")
        ((how, detail),) = said.items()
        return Resolution(_error(how, detail), body.get("output"))


def _error(how: str, detail: Any) -> tuple[str, str] | None:
    if how == "success" and _is_number(detail):
        return None
    if how == "failure" and isinstance(detail, list) and len(detail) == 2 and _is_number(detail[1]):
        return "engine_error", _words(detail[0])
    if how == "notExecuted":
        return "not_executed", _words(detail)
    raise InvalidRequest(f"status.{how[:50]} is unknown, or what it holds is wrong.", param="status")


def _words(value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidRequest("status must say in words what went wrong.", param="status")
    return value.replace("\0", "\ufffd")[: fields.MAX_TEXT]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

"""Logging: one line per event, with the request's id, and no secret in it."""

from __future__ import annotations

import contextvars
import logging
import re
import sys
from datetime import UTC, datetime

import orjson

from server.settings import Settings

#: Id of the request that a thread serves; empty in background threads.
request_id_of_thread: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")

#: What looks like one of our keys, a bearer token or a JWT. Bounded repeats: a log line must never be slow to write.
_SECRET = re.compile(
    r"ep_(?:live|agent|inv)_[\w-]{1,100}|(?i:bearer)\s{1,4}[^\s\"',]{1,1000}|eyJ[\w-]{1,400}\.[\w-]{1,800}\.?[\w-]{0,400}"
)
#: Longest message written (characters); what an outsider can put into one is bounded before.
MAX_MESSAGE = 4000


class RedactingFilter(logging.Filter):
    """Adds the request's id to a record and takes secrets and control characters out of its text."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; always lets it through."""
        record.request_id = request_id_of_thread.get()
        record.msg = redact(record.getMessage())[:MAX_MESSAGE]
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info), keep_lines=True)
        return True


def redact(text: str, *, keep_lines: bool = False) -> str:
    """Return a text without secrets, on one line unless its lines are to be kept."""
    text = _SECRET.sub("[secret]", text)
    return text if keep_lines else "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        event = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := getattr(record, "request_id", ""):
            event["request_id"] = request_id
        if record.exc_text:
            event["exception"] = record.exc_text
        return orjson.dumps(event).decode()


def set_up(settings: Settings) -> None:
    """Send all log records to standard error in the format that the settings name."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RedactingFilter())
    if settings.log_format == "json":
        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    # alembic and waitress tell at INFO what only their makers want to know; a full queue is counted elsewhere.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)

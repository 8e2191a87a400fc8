"""The agent's log: a rotating file and standard error, with everything secret taken out."""

from __future__ import annotations

import logging
import logging.handlers
import re
import sys
from collections.abc import Iterable
from pathlib import Path

#: Name of the newest log file; the older ones end in .1 to .4.
LOG_NAME = "agent.log"
#: Size at which a log file is put aside, in bytes, and how many are kept.
MAX_BYTES = 1_000_000
KEEP_FILES = 5
#: A string shorter than this is no secret that could be found by itself.
MIN_SECRET_CHARACTERS = 8

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
_END = r"[^\s\"'<>()\[\]{},;]+"
_REDACTIONS = (
    # JSON web tokens, wherever they stand.
    (re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), "<token>"),
    (re.compile(r"(?i)((?:bearer|basic)\s+)[^\s\"',;]+"), r"\1<token>"),
    # What the pool makes says what it is: invites, agents' keys, clients' keys.
    (re.compile(r"\bep_(inv|agent|live)_[\w-]+"), r"ep_\1_<secret>"),
    # Links that the system hands over, and links that people paste, percent-encoded ones too.
    (re.compile(rf"(?i)(embedpool:){_END}"), r"\1<link>"),
    (re.compile(rf"(?i)((?:/|%2f)join(?:/|%2f)){_END}"), r"\1<code>"),
    (
        re.compile(
            r"(?i)(\"?\b(?:key|apikey|api_key|token|code|secret|password)\"?\s*(?:[:=]|%3d)\s*\"?)[^\s\"',;&}]+"
        ),
        r"\1<secret>",
    ),
    # A user and a password in an address.
    (re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://)[^\s/@\"']+@"), r"\1<user>@"),
)
#: Strings of this process that are never written.
_hidden: set[str] = set()


def hide(secret: str) -> None:
    """Never write this string into a log, a report or diagnostics of this process, in whatever form."""
    if len(secret) >= MIN_SECRET_CHARACTERS:
        _hidden.add(secret)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Give the text with keys, tokens and invite codes replaced; of a known key the last 4 characters stay."""
    for secret in {*_hidden, *secrets}:
        text = text.replace(secret, f"<key …{secret[-4:]}>")
    for pattern, replacement in _REDACTIONS:
        text = pattern.sub(replacement, text)
    return text


class RedactingFormatter(logging.Formatter):
    """Formats a record, exception included, and takes the secrets out of the result."""

    def __init__(self) -> None:
        super().__init__(_FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        """Give the line without secrets."""
        return redact(super().format(record))


def start_logging(folder: Path, *, verbose: bool) -> None:
    """Log to `agent.log` in the folder and to standard error (which a windowed Windows program has not)."""
    formatter = RedactingFormatter()
    file = logging.handlers.RotatingFileHandler(
        folder / LOG_NAME, maxBytes=MAX_BYTES, backupCount=KEEP_FILES - 1, encoding="utf-8", delay=True
    )
    handlers: list[logging.Handler] = [file]
    if sys.stderr is not None:
        handlers.append(logging.StreamHandler(sys.stderr))
    root = logging.getLogger()
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
    # They write every request's address, many times a second.
    for name in ("httpx", "httpcore", "asyncio", "keyring"):
        logging.getLogger(name).setLevel(logging.WARNING)


def last_lines(folder: Path, count: int) -> list[str]:
    """Give the newest lines of the log, the oldest of them first; none where there is no log yet."""
    lines: list[str] = []
    for file in _newest_first(folder):
        try:
            text = file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            break
        lines = text.splitlines()[-(count - len(lines)) :] + lines
        if len(lines) >= count:
            break
    return lines


def _newest_first(folder: Path) -> list[Path]:
    return [folder / LOG_NAME, *(folder / f"{LOG_NAME}.{number}" for number in range(1, KEEP_FILES))]

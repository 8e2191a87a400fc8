"""The agent's log: a rotating file and standard error, with everything secret taken out."""

from __future__ import annotations

import logging
import logging.handlers
import re
import sys
from pathlib import Path

#: Size at which a log file is put aside, in bytes, and how many are kept.
MAX_BYTES = 1_000_000
KEEP_FILES = 3

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
_REDACTIONS = (
    # JSON web tokens, wherever they stand.
    (re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), "<token>"),
    (re.compile(r"(?i)(bearer\s+)[^\s\"',;]+"), r"\1<token>"),
    (re.compile(r"(?i)(\"?\b(?:key|apikey|api_key|token|code|secret)\"?\s*[:=]\s*\"?)[^\s\"',;&}]+"), r"\1<secret>"),
    (re.compile(r"(/join/)[^\s\"'<>]+"), r"\1<code>"),
)


def redact(text: str, secrets: frozenset[str] = frozenset()) -> str:
    """Give the text with keys, tokens and invite codes replaced; of a known key the last 4 characters stay."""
    for secret in secrets:
        text = text.replace(secret, f"<key …{secret[-4:]}>")
    for pattern, replacement in _REDACTIONS:
        text = pattern.sub(replacement, text)
    return text


class RedactingFormatter(logging.Formatter):
    """Formats a record, exception included, and takes the secrets out of the result."""

    def __init__(self) -> None:
        super().__init__(_FORMAT)
        self._secrets: frozenset[str] = frozenset()

    def hide(self, secret: str) -> None:
        """Never write this string."""
        if len(secret) >= 8:
            self._secrets |= {secret}

    def format(self, record: logging.LogRecord) -> str:
        """Give the line without secrets."""
        return redact(super().format(record), self._secrets)


def start_logging(folder: Path, *, verbose: bool) -> RedactingFormatter:
    """Log to `agent.log` in the folder and to standard error (which a windowed Windows program has not)."""
    formatter = RedactingFormatter()
    file = logging.handlers.RotatingFileHandler(
        folder / "agent.log", maxBytes=MAX_BYTES, backupCount=KEEP_FILES - 1, encoding="utf-8", delay=True
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
    return formatter

"""No key, token or invite code gets into the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_agent.core.logs import RedactingFormatter, redact, start_logging

KEY = "cebb5784-3fd1-4a0e-9c3a-5f6b7c8d9e0f"


@pytest.fixture
def clean_logging() -> Iterator[None]:
    """Give the root logger back as it was."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abc.def.ghi sent", "abc.def.ghi"),
        ('body {"agentId": "a", "key": "topsecretkey"}', "topsecretkey"),
        ('body {"apiKey":"topsecretkey"}', "topsecretkey"),
        ("GET https://pool.example.org/join/ep_inv_secret failed", "ep_inv_secret"),
        ("embedpool://join?server=https://x&code=ep_inv_secret", "ep_inv_secret"),
        ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl lost", "eyJzdWIiOiJhIn0"),
    ],
)
def test_secrets_are_taken_out_by_their_form(text: str, secret: str) -> None:
    """What looks like a secret is replaced, and the rest of the line stays."""
    assert secret not in redact(text)
    assert redact(text).split()[0] == text.split(maxsplit=1)[0] or "<" in redact(text)


def test_ordinary_lines_stay_as_they_are() -> None:
    """Words about keys are not keys."""
    line = "The pool refused this PC's key (Incorrect credentials). 3 tasks failed: The model x is missing."
    assert redact(line) == line


def test_a_known_key_is_taken_out_of_everything() -> None:
    """The key that the agent loaded is hidden wherever it stands, tracebacks included; its last 4 characters stay."""
    formatter = RedactingFormatter()
    formatter.hide(KEY)
    try:
        raise ValueError(f"odd {KEY}")
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    line = formatter.format(logging.LogRecord("a", logging.ERROR, __file__, 1, "with %s", (KEY,), info))
    assert KEY not in line
    assert line.count("…9e0f") == 2


@pytest.mark.usefixtures("clean_logging")
def test_the_log_file_has_the_lines_and_not_the_secrets(tmp_path: Path) -> None:
    """The file in the folder gets what is logged, redacted; HTTP libraries' lines stay out."""
    start_logging(tmp_path, verbose=False).hide(KEY)
    logging.getLogger("desktop_agent.test").info("working with %s", KEY)
    logging.getLogger("httpx").info("HTTP Request: POST https://pool.example.org/private/agent/turn")
    content = (tmp_path / "agent.log").read_text("utf-8")
    assert "working with <key …9e0f>" in content
    assert "HTTP Request" not in content

"""No key, token or invite code gets into the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_agent.core import logs
from desktop_agent.core.logs import RedactingFormatter, hide, last_lines, redact, start_logging

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


@pytest.fixture
def hidden(monkeypatch: pytest.MonkeyPatch) -> str:
    """Hide the key for the length of a test."""
    monkeypatch.setattr(logs, "_hidden", set[str]())
    hide(KEY)
    return KEY


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abc.def.ghi sent", "abc.def.ghi"),
        ('body {"agentId": "a", "key": "topsecretkey"}', "topsecretkey"),
        ('body {"apiKey":"topsecretkey"}', "topsecretkey"),
        ("GET https://pool.example.org/join/ep_inv_secret failed", "ep_inv_secret"),
        ("embedpool://join?server=https://x&code=ep_inv_secret", "ep_inv_secret"),
        ("embedpool:join?code=ep_inv_secret&server=https://x", "ep_inv_secret"),
        ("opening embedpool://join/anything-secret now", "anything-secret"),
        ("GET /?next=https%3A%2F%2Fpool.example.org%2Fjoin%2Fsecretcode", "secretcode"),
        ("link embedpool://join?server=x&code%3Dsecretcode", "secretcode"),
        ("the invite ep_inv_9c1dSecret-_x is used", "9c1dSecret-_x"),
        ("the agent's ep_agent_9c1dSecret", "9c1dSecret"),
        ("the client's ep_live_name_9c1dSecret", "9c1dSecret"),
        ("Proxy https://user:hunter22@proxy.example.org refused", "hunter22"),
        ("Authorization: Basic dXNlcjpodW50ZXIy", "dXNlcjpodW50ZXIy"),
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


@pytest.mark.usefixtures("hidden")
def test_a_known_key_is_taken_out_of_everything() -> None:
    """The key that the agent loaded is hidden wherever it stands, tracebacks included; its last 4 characters stay."""
    formatter = RedactingFormatter()
    try:
        raise ValueError(f"odd {KEY}")
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    line = formatter.format(logging.LogRecord("a", logging.ERROR, __file__, 1, "with %s", (KEY,), info))
    assert KEY not in line
    assert line.count("…9e0f") == 2


@pytest.mark.usefixtures("clean_logging", "hidden")
def test_the_log_file_has_the_lines_and_not_the_secrets(tmp_path: Path) -> None:
    """The file in the folder gets what is logged, redacted; HTTP libraries' lines stay out."""
    start_logging(tmp_path, verbose=False)
    logging.getLogger("desktop_agent.test").info("working with %s", KEY)
    logging.getLogger("httpx").info("HTTP Request: POST https://pool.example.org/private/agent/turn")
    content = (tmp_path / "agent.log").read_text("utf-8")
    assert "working with <key …9e0f>" in content
    assert "HTTP Request" not in content


@pytest.mark.usefixtures("clean_logging")
def test_old_lines_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is five files of the set size; the newest lines are found across them, in their order."""
    monkeypatch.setattr(logs, "MAX_BYTES", 2_000)
    start_logging(tmp_path, verbose=False)
    for number in range(400):
        logging.getLogger("desktop_agent.test").info("line %d", number)
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["agent.log", *(f"agent.log.{number}" for number in range(1, 5))]
    assert max(file.stat().st_size for file in files) <= 2_000
    newest = last_lines(tmp_path, 50)
    assert [line.rpartition(" ")[2] for line in newest] == [str(number) for number in range(350, 400)]
    assert 50 < len(last_lines(tmp_path, 10_000)) < 400
    assert last_lines(tmp_path / "nowhere", 5) == []

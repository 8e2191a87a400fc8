"""The official Python client, newest and previous major version, against the real server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import openai
import pytest

from tests.contract import openai_checks
from tests.contract.conftest import SLOW
from tests.factories import MODEL
from tests.live_pool import LivePool
from tests.scripted_agent import ScriptedAgent

ROOT = Path(__file__).resolve().parents[2]
#: Where packaging/dev/setup.sh puts the previous major version.
OPENAI2 = ROOT / ".venv" / "openai2"

Served = tuple[LivePool, ScriptedAgent]


@pytest.mark.parametrize("name", openai_checks.CHECKS)
def test_the_newest_client_works(served: Served, name: str) -> None:
    """Everything that its users do, in this process."""
    live, agent = served
    assert int(openai.__version__.partition(".")[0]) >= 3
    openai_checks.CHECKS[name](live.url, live.issue_key(), MODEL)
    assert agent.texts.count(SLOW) <= 1, "the retries joined the work that was under way"


def test_the_previous_major_version_works(served: Served) -> None:
    """The same with openai 2, in a process of its own: many programs still have it."""
    live, agent = served
    assert OPENAI2.is_dir(), "run `make setup` first: it installs the previous version of the client"
    before = agent.texts.count(SLOW)
    script = Path(openai_checks.__file__)
    done = subprocess.run(
        [sys.executable, str(script), live.url, live.issue_key(), MODEL],
        env={**os.environ, "PYTHONPATH": str(OPENAI2)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("openai 2."), done.stdout
    assert agent.texts.count(SLOW) == before + 1

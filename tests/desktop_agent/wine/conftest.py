"""A Windows Python under Wine, where somebody has set one up."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

#: Names the python.exe; docs/contributing.md says how to get one.
VARIABLE = "EMBEDPOOL_WINE_PYTHON"
PROBE = Path(__file__).with_name("probe.py")
#: Seconds; the first start of Wine in a session takes longest.
LIMIT_SECONDS = 120

Probe: TypeAlias = Callable[[str], dict[str, Any]]


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark of these tests."""
    config.addinivalue_line("markers", "wine: runs Windows code under Wine; skipped where that is not set up")


@pytest.fixture(scope="session")
def probe() -> Probe:
    """Give what runs one of the probes on Windows' API and returns what it found."""
    python = os.environ.get(VARIABLE)
    if not python:
        pytest.skip(f"{VARIABLE} does not name a python.exe")
    wine = shutil.which("wine")
    if wine is None:
        pytest.skip("wine is not installed")

    def run(name: str) -> dict[str, Any]:
        # Wine shows this system's files below Z:. Python for Windows needs pipes, not files, for its three streams.
        ended = subprocess.run(
            [wine, python, "Z:" + str(PROBE).replace("/", "\\"), name],
            input="",
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
            env={**os.environ, "WINEDEBUG": "-all", "PYTHONDONTWRITEBYTECODE": "1"},
        )
        assert ended.returncode == 0, ended.stderr
        found: dict[str, Any] = json.loads(ended.stdout)
        return found

    return run

"""Imports run one way: the contracts of pyproject.toml hold, nothing is circular, the agent's core lives without Qt."""

from __future__ import annotations

import graphlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

from tests.architecture.sources import ROOT

#: Imports every module below desktop_agent.core and the command line where PySide6 cannot be had; prints their number.
WITHOUT_QT = """
import importlib, pkgutil, sys
sys.modules["PySide6"] = None
import desktop_agent.cli, desktop_agent.core
names = [module.name for module in pkgutil.walk_packages(desktop_agent.core.__path__, "desktop_agent.core.")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""

#: The modules that the contracts name, as empty files.
SKELETON = [
    "server/web",
    "server/services",
    "server/storage",
    "server/domain",
    "desktop_agent/core",
    "desktop_agent/ui",
    "desktop_agent/app",
    "desktop_agent/cli",
]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check a folder's packages against the pyproject.toml that lies in it."""
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert command, "import-linter is not installed beside this Python"
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(
        [command, "--no-cache", "--no-logo"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def import_without_qt(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_QT], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def other_project(tmp_path: Path) -> Path:
    """A tiny project with our contracts, that keeps them all."""
    for name in SKELETON:
        module = tmp_path / name / "__init__.py"
        module.parent.mkdir(parents=True)
        module.touch()
        (tmp_path / name).parent.joinpath("__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold() -> None:
    """Floors, plain domain, Flask in the web floor, server and agent apart, no Qt in the core: import-linter agrees."""
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_project_that_keeps_the_contracts_passes(other_project: Path) -> None:
    """The tiny project is good as it is, so that what breaks it below is the line written there."""
    result = lint_imports(other_project)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("server/storage", "import server.services", "imports run downward only"),
        ("server/domain", "import time", "The domain is plain Python"),
        ("server/services", "import flask", "Flask lives in the web floor"),
        ("desktop_agent/core", "import server.domain", "never import each other"),
        ("desktop_agent/core", "import PySide6.QtCore", "knows no Qt"),
    ],
)
def test_each_contract_can_be_broken(other_project: Path, module: str, line: str, contract: str) -> None:
    """One forbidden import in the tiny project makes exactly the contract against it fail."""
    (other_project / module / "broken.py").write_text(f"{line}\n", encoding="utf-8")
    result = lint_imports(other_project)
    broken = [row for row in result.stdout.splitlines() if row.endswith("BROKEN")]
    assert result.returncode == 1
    assert len(broken) == 1
    assert contract in broken[0]


def test_no_module_imports_itself_in_a_circle() -> None:
    """The modules of server and desktop_agent can be put in an order in which each imports only earlier ones."""
    graph = grimp.build_graph("server", "desktop_agent", cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(list(graphlib.TopologicalSorter(imports).static_order())) == len(graph.modules)


def test_core_and_command_line_need_no_qt() -> None:
    """Every module of desktop_agent.core, and the command line, can be imported where there is no PySide6."""
    result = import_without_qt(ROOT)
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) > 0


def test_qt_in_the_core_is_noticed(other_project: Path) -> None:
    """One module of the tiny project's core that wants Qt makes the same probe fail."""
    assert import_without_qt(other_project).returncode == 0
    (other_project / "desktop_agent/core/broken.py").write_text("from PySide6 import QtCore\n", encoding="utf-8")
    result = import_without_qt(other_project)
    assert result.returncode == 1
    assert "broken.py" in result.stderr

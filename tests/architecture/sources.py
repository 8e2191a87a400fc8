"""The project's own source as the architecture tests see it: files, parsed once, and the functions in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file: its path below the root, its text and its tree."""

    path: str
    text: str
    tree: ast.Module

    @classmethod
    def of(cls, text: str, path: str = "example.py") -> Source:
        return cls(path, text, ast.parse(text))

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, FUNCTION))

    def place(self, node: ast.AST) -> str:
        """`path:line` of a node, as editors and terminals understand it."""
        return f"{self.path}:{getattr(node, 'lineno', 0)}"


@cache
def sources(folder: str) -> tuple[Source, ...]:
    """Every Python file below a folder of the root; never empty, so that no rule is kept by there being no code."""
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files, f"{folder} holds no Python file"
    return tuple(Source.of(file.read_text(encoding="utf-8"), file.relative_to(ROOT).as_posix()) for file in files)


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a chain of names; an empty string for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (left := dotted(node.value)):
        return f"{left}.{node.attr}"
    return ""

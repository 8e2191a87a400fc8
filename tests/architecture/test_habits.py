"""Habits that cost other queues dearly, and that no file here may take up."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.sources import Source, dotted, sources


def local_imports(source: Source) -> list[str]:
    return sorted(
        {
            source.place(node)
            for function in source.functions()
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
    )


def wakes_everybody(source: Source) -> list[str]:
    return [
        source.place(node)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute | ast.Name) and dotted(node).split(".")[-1] in {"notify_all", "notifyAll"}
    ]


def reads_environment(source: Source) -> list[str]:
    """Uses of os.environ and os.getenv, however they were imported; a request's own `environ` is none of them."""
    names = {"environ", "environb", "getenv", "getenvb", "putenv"}
    places = []
    for node in ast.walk(source.tree):
        attribute = isinstance(node, ast.Attribute) and dotted(node.value) == "os" and node.attr in names
        imported = isinstance(node, ast.ImportFrom) and node.module == "os" and {a.name for a in node.names} & names
        if attribute or imported:
            places.append(source.place(node))
    return places


@pytest.mark.parametrize("folder", ["server", "desktop_agent"])
def test_imports_stand_at_the_top(folder: str) -> None:
    """No function imports anything: a local import hides a cycle or a cost."""
    findings = [place for source in sources(folder) for place in local_imports(source)]
    assert not findings, "\n".join(findings)


def test_the_server_wakes_only_whom_it_has_work_for() -> None:
    """`notify_all` is never called: waking a thousand waiters for one task is the thundering herd."""
    findings = [place for source in sources("server") for place in wakes_everybody(source)]
    assert not findings, "\n".join(findings)


def test_only_settings_reads_the_environment() -> None:
    """`os.environ` and `os.getenv` appear in no server file but settings.py."""
    others = [source for source in sources("server") if source.path != "server/settings.py"]
    findings = [place for source in others for place in reads_environment(source)]
    assert not findings, "\n".join(findings)


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (local_imports, "def f():\n    import json\n"),
        (local_imports, "class A:\n    async def f(self):\n        if self:\n            from os import path\n"),
        (wakes_everybody, "condition.notify_all()"),
        (wakes_everybody, "self.ready.notify_all()"),
        (reads_environment, "import os\nx = os.environ['A']"),
        (reads_environment, "import os\nx = os.getenv('A')"),
        (reads_environment, "from os import environ"),
    ],
)
def test_every_check_finds_its_habit(check: object, text: str) -> None:
    """Each check above reports a seeded example of what it is there to find."""
    assert callable(check)
    assert len(check(Source.of(text))) == 1


def test_a_requests_environ_is_not_the_environment() -> None:
    """Reading WSGI's `environ` stays allowed."""
    assert reads_environment(Source.of("x = request.environ['waitress.client_disconnected']\nenviron = {}\n")) == []

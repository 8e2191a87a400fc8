"""A pool that means harm, in a network of its own: a program that serves it, a fake Ollama, and traps.

    python -m tests.e2e.hostile_pool LOG

Between any two good answers it gives one that could make a careless agent go elsewhere, read a file or start a process.
Whatever connects to a trap, on any address, is written to LOG, as is everything that the test waits for.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson

from tests.fakes.http_server import HttpAnswer, HttpRequest, HttpServer, precise_loop
from tests.fakes.ollama import FakeOllama
from tests.fakes.pool import FakePool, PoolTask

#: Where the pool and Ollama listen; in the tests' network every address leads to this very program.
POOL, OLLAMA = ("10.77.0.1", 8000), ("127.0.0.1", 11434)
#: A third address, where links and redirects lead; and the ports at which traps lie, on all addresses.
ELSEWHERE = "http://10.77.0.2:4444"
TRAPS = (80, 443, 4444, 8080)
#: Bytes above the most that an agent reads of one answer.
TOO_MANY = 65 * 1024 * 1024
_SHELL = "import os; os.system('touch /tmp/embedpool-was-here')"


async def _flood() -> AsyncIterator[bytes]:
    for _ in range(TOO_MANY // 1_048_576):
        yield b" " * 1_048_576


def _to(status: int, where: str) -> HttpAnswer:
    headers = {"Location": where, "Refresh": f"0; url={where}", "Alt-Svc": 'h2="10.77.0.2:4444"', "Link": f"<{where}>"}
    return HttpAnswer(status, b'{"results":[],"tasks":[]}', headers=headers)


def _json(value: object) -> HttpAnswer:
    return HttpAnswer(200, orjson.dumps(value))


def _task(**changes: Any) -> HttpAnswer:
    """An answer to a turn whose one task is wrong in some way."""
    body = {**PoolTask("t", "nomic-embed-text", ["a text"], False, 60.0, lease_id="evil").body(), **changes}
    return _json({"results": [], "tasks": [body], "skipped": {}, "poll_after": 0})


def attacks() -> dict[str, HttpAnswer]:
    """Give every attack by its name, in the order in which they are made."""
    return {
        "redirect": _to(302, f"{ELSEWHERE}/turn"),
        "redirect that keeps the method": _to(307, f"{ELSEWHERE}/turn"),
        "redirect to a file": _to(308, "file:///etc/passwd"),
        "created elsewhere": _to(201, f"{ELSEWHERE}/created"),
        "answer with links": _to(200, f"{ELSEWHERE}/linked"),
        "proxy wanted": HttpAnswer(407, b"{}", headers={"Proxy-Authenticate": "Basic", "Location": ELSEWHERE}),
        "flood": HttpAnswer(200, b"", pieces=_flood()),
        "packed": HttpAnswer(200, b"\x1f\x8b\x08\x00" + b"\0" * 64, headers={"Content-Encoding": "gzip"}),
        "page": HttpAnswer(200, f'<meta http-equiv="refresh" content="0;{ELSEWHERE}">'.encode(), "text/html"),
        "nothing": HttpAnswer(200, b""),
        "no object": _json([]),
        "deep": HttpAnswer(200, b"[" * 100_000 + b"]" * 100_000),
        "not text": HttpAnswer(200, b'{"tasks":"\xff\xfe"}'),
        "no numbers": HttpAnswer(200, b'{"results":[],"tasks":[],"poll_after":1e999}'),
        "words for numbers": _json({"results": [], "tasks": [], "skipped": {}, "poll_after": "soon"}),
        "tasks that are none": _json({"results": [], "tasks": [1, None, "x", {}, []], "skipped": {}, "poll_after": 0}),
        "too many tasks": _json({"results": [], "tasks": [{}] * 10_000, "skipped": {}, "poll_after": 0}),
        "unknown kind": _task(kind="shell", payload={"cmd": _SHELL, "texts": ["x"]}),
        "template": _task(payload={"texts": ["{0.__class__.__init__.__globals__}", "%s%n", "$(id)", "`id`"]}),
        "address for a text": _task(payload={"texts": [{"url": f"{ELSEWHERE}/text"}], "truncate": False}),
        "file for a model": _task(model="../../../../etc/passwd"),
        "address for a model": _task(model=f"{ELSEWHERE}/model"),
        "lease that is a path": _task(lease_id="../../agent-key", task_id="/etc/passwd"),
        "lease that is a list": _task(lease_id=["x"]),
        "endless deadline": _task(deadline_seconds=1e308),
        "chat that reads files": _task(
            kind="chat",
            payload={
                "messages": [
                    {"role": "user", "content": "x", "images": ["file:///etc/passwd", f"{ELSEWHERE}/cat.png"]}
                ],
                "tools": [{"type": "function", "function": {"name": "os.system", "parameters": {}}}],
                "keep_alive": -1,
                "options": {"num_gpu": 0},
            },
        ),
        "update that runs": _json({"results": [], "tasks": [], "update": f"{ELSEWHERE}/setup.exe", "run": _SHELL}),
    }


class HostilePool:
    """Gives a good answer and a bad one by turns; first of all to joining, then to asking for work."""

    def __init__(self, log: Path) -> None:
        self.pool = FakePool()
        self._log = log
        self._attacks = list(attacks().items())
        self._joins = [_to(307, f"{ELSEWHERE}/register"), _json({"agentId": ["x"], "key": {"file": "/etc/passwd"}})]
        self._good = False

    def note(self, what: str, value: object) -> None:
        """Write a line that the test reads."""
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps([what, value]) + "\n")

    async def handle(self, request: HttpRequest) -> HttpAnswer:
        """Answer one request."""
        if request.path == "/agent/register" and self._joins:
            return self._joins.pop(0)
        if request.path != "/private/agent/turn":
            return await self.pool.handle(request)
        self._good = not self._good
        if not self._good and self._attacks:
            name, answer = self._attacks.pop(0)
            self.note("attack", name)
            return answer
        return await self._honest(request)

    async def _honest(self, request: HttpRequest) -> HttpAnswer:
        """Have something to do, so that no good answer takes long; tell of what was done after the last attack."""
        task = self.pool.submit("a text")
        answer = await self.pool.handle(request)
        if not self._attacks and any(one.result for one in self.pool.leased.values() if one is not task):
            self.note("worked", True)
        return answer


async def _serve(log: Path) -> None:
    hostile = HostilePool(log)

    async def trap(request: HttpRequest) -> HttpAnswer:
        hostile.note("trapped", [request.path, request.headers])
        return HttpAnswer(404, b"")

    for port in TRAPS:
        await HttpServer(trap).listen(port, "0.0.0.0")
    await HttpServer(FakeOllama().handle).listen(OLLAMA[1], OLLAMA[0])
    await HttpServer(hostile.handle).listen(POOL[1], POOL[0])
    hostile.note("up", True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=precise_loop) as runner:
        runner.run(_serve(Path(sys.argv[1])))

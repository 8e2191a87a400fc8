"""A fake pool: the server's side of the agent protocol in memory, for tests of the agent alone."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

from .http_server import HttpAnswer, HttpRequest

INVITE = "invite-code-1"
KEY = "cebb5784-key-of-the-agent"
AGENT_ID = "01M80BR2P7MGEZ79NB14NP39QZ"

Answer = tuple[int, dict[str, Any]]


@dataclass(slots=True)
class PoolTask:
    """A task in the pool's queue, and everything that happened to it."""

    task_id: str
    model: str
    texts: list[Any]
    truncate: bool
    deadline_seconds: float
    kind: str = "embedding"
    lease_id: str = ""
    #: What the agent reported last, in the protocol's form.
    result: dict[str, Any] | None = None
    releases: list[str] = field(default_factory=list)
    #: What a chat asks; None for texts to embed.
    chat: Any = None
    #: What progress told of the answer: the last seq, and the text of all updates.
    seq: int = 0
    content: str = ""
    thinking: str = ""

    def body(self) -> dict[str, Any]:
        """Give the protocol's form."""
        return {
            "task_id": self.task_id,
            "lease_id": self.lease_id,
            "capability": f"{'embed' if self.chat is None else 'llm'}.{self.model}",
            "kind": self.kind,
            "model": self.model,
            "payload": {"texts": self.texts, "truncate": self.truncate} if self.chat is None else self.chat,
            "lease_seconds": 60,
            "deadline_seconds": self.deadline_seconds,
        }


class FakePool:
    """Hands tasks out and takes results; a test looks at everything afterwards."""

    def __init__(self) -> None:
        self.queue: list[PoolTask] = []
        self.leased: dict[str, PoolTask] = {}
        self.turns: list[dict[str, Any]] = []
        self.heartbeats: list[dict[str, Any]] = []
        self.releases: list[dict[str, Any]] = []
        self.infos: list[dict[str, Any]] = []
        self.registrations: list[dict[str, Any]] = []
        self.logins = 0
        #: What the pool says of itself, and how often it was asked.
        self.standing: dict[str, Any] = {
            "pool": "Test pool",
            "agentsOnline": 37,
            "textsWaiting": 1280,
            "mine": {"texts": 8412, "tasks": 300},
        }
        self.looks = 0
        #: The version of the agent that goes with it.
        self.agent_version = "0.1.0"
        self.left = False
        #: Whether the agent's key is still good.
        self.knows_key = True
        #: What the next requests get instead of an answer, first in first out; path → answers.
        self.instead: dict[str, list[Answer]] = {}
        #: Changes the answer of a turn before it is sent.
        self.twist: Callable[[dict[str, Any]], None] = lambda _: None
        #: What heartbeats and progress answer for leases; held unless named here.
        self.lost: set[str] = set()
        #: Updates of chats in the order of their coming, with the time of the loop's clock.
        self.updates: list[tuple[float, dict[str, Any]]] = []
        #: Requests of progress, each with its updates; those under way now, and the most that ever were at once.
        self.progress: list[list[dict[str, Any]]] = []
        self.progressing = self.most_progressing = 0
        #: Closed: progress is not answered until the test lets it.
        self.progress_gate = asyncio.Event()
        self.progress_gate.set()
        #: How many of the next requests of progress are taken, but have their answer lost on the way.
        self.progress_answers_lost = 0
        self.skipped: dict[str, int] = {}
        #: Turns that are waiting for work at this moment.
        self.waiting = 0
        self._token = 0
        self._numbers = itertools.count(1)
        self._changed = asyncio.Event()

    def submit(self, *texts: Any, model: str = "nomic-embed-text", **options: Any) -> PoolTask:
        """Queue one task."""
        defaults = {"truncate": False, "deadline_seconds": 120.0}
        task = PoolTask(f"task-{next(self._numbers)}", model, list(texts), **{**defaults, **options})
        self.queue.append(task)
        self.touch()
        return task

    def submit_chat(self, payload: Any, *, model: str = "qwen2.5:7b", **options: Any) -> PoolTask:
        """Queue one chat."""
        return self.submit(model=model, kind="chat", chat=payload, **{"deadline_seconds": 600.0, **options})

    def touch(self) -> None:
        """Wake everything that waits for a change."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, condition: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait until the condition holds; fails after so many seconds."""
        async with asyncio.timeout(seconds):
            while not condition():
                await self._changed.wait()

    def forget_tokens(self) -> None:
        """Make every token that was given worthless, as a restart with a new secret does."""
        self._token += 1

    def transport(self) -> httpx.MockTransport:
        """Give the pool as a transport, without a socket."""

        async def handle(request: httpx.Request) -> httpx.Response:
            headers = dict(request.headers.items())
            answer = await self.handle(HttpRequest(request.method, request.url.path, request.content, headers))
            if answer.drop:
                raise httpx.ReadError("cut")
            return httpx.Response(answer.status, stream=httpx.ByteStream(answer.body))

        return httpx.MockTransport(handle)

    async def handle(self, request: HttpRequest) -> HttpAnswer:
        """Answer one request."""
        await asyncio.sleep(0)  # requests of one moment overlap, as on a network
        scripted = self.instead.get(request.path)
        if scripted:
            status, body = scripted.pop(0)
            self.touch()
            return HttpAnswer(status, orjson.dumps(body), drop=status == 0)
        status, body = await self._answer(request)
        self.touch()
        return HttpAnswer(status, orjson.dumps(body), drop=status == 0)

    async def _answer(self, request: HttpRequest) -> Answer:
        body = orjson.loads(request.body or b"{}")
        if request.path == "/agent/register":
            return self._register(body)
        if request.path == "/agent/invite":
            return self._preview(body)
        if request.path == "/agent/version":
            return 200, {"version": self.agent_version}
        if request.path == "/agent/auth":
            return self._login(body)
        if request.headers.get("authorization") != f"Bearer token-{self._token}":
            return _error(403, "Authorization failed: Incorrect token")
        match request.path.removeprefix("/private/agent/"):
            case "turn":
                return 200, await self._turn(body)
            case "heartbeat":
                self.heartbeats.append(body)
                return 200, {"leases": {lease: "lost" if lease in self.lost else "held" for lease in body["leases"]}}
            case "progress":
                return await self._take_progress(body)
            case "release":
                return 200, self._release(body)
            case "info/update":
                self.infos.append(body)
                return 200, {"agentId": AGENT_ID, "key": "", "message": "Updated"}
            case "ping":
                return 200, {"status": "ok"}
            case "pool":
                self.looks += 1
                return 200, self.standing
            case "leave":
                self.left = True
                return 200, {"message": "Left"}
        return _error(404, "Not found")

    def _register(self, body: dict[str, Any]) -> Answer:
        self.registrations.append(body)
        if body["apiKey"] != INVITE:
            return _error(403, "Authorization failed: This invite is unknown, used up or has run out.")
        return 200, {"agentId": AGENT_ID, "key": KEY, "message": "Registered", "pool": "Test pool"}

    def _preview(self, body: dict[str, Any]) -> Answer:
        if body["code"] != INVITE:
            return _error(403, "Authorization failed: This invite is unknown, used up or has run out.")
        return 200, {"pool": "Test pool", "volunteers": 37}

    def _login(self, body: dict[str, Any]) -> Answer:
        self.logins += 1
        if not self.knows_key or body != {"agentId": AGENT_ID, "key": KEY}:
            return _error(403, "Incorrect credentials")
        return 200, {"token": f"token-{self._token}", "expiresIn": 1795913822}

    async def _turn(self, body: dict[str, Any]) -> dict[str, Any]:
        self.turns.append(body)
        outcomes = [self._take(result) for result in body["results"]]
        self.touch()
        tasks = self._hand_out(body)
        if body["max_tasks"] and not tasks:
            tasks = await self._wait_for_work(body)
        answer = {"results": outcomes, "tasks": tasks, "skipped": {} if tasks else self.skipped, "poll_after": 0}
        self.twist(answer)
        return answer

    async def _wait_for_work(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        self.waiting += 1
        self.touch()
        try:
            async with asyncio.timeout(body["wait"]):
                while not (tasks := self._hand_out(body)):
                    await self._changed.wait()
        except TimeoutError:
            return []
        finally:
            self.waiting -= 1
        return tasks

    def _hand_out(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        tasks: list[PoolTask] = []
        texts = 0
        while self.queue and len(tasks) < body["max_tasks"]:
            texts += len(self.queue[0].texts)
            if tasks and texts > body["max_texts"]:
                break
            task = self.queue.pop(0)
            task.lease_id = f"lease-{next(self._numbers)}"
            self.leased[task.lease_id] = task
            tasks.append(task)
        return [task.body() for task in tasks]

    def _take(self, result: dict[str, Any]) -> dict[str, str]:
        task = self.leased.get(result["lease_id"])
        if task is None:
            return {"lease_id": result["lease_id"], "outcome": "stale"}
        outcome = "accepted" if task.result is None else "replayed"
        task.result = result
        return {"lease_id": result["lease_id"], "outcome": outcome}

    async def _take_progress(self, body: dict[str, Any]) -> Answer:
        self.progressing += 1
        self.most_progressing = max(self.most_progressing, self.progressing)
        self.progress.append(body["updates"])
        words = {update["lease_id"]: self._advance(update) for update in body["updates"]}
        self.touch()
        try:
            await self.progress_gate.wait()
        finally:
            self.progressing -= 1
        if self.progress_answers_lost:
            self.progress_answers_lost -= 1
            return 0, {}
        return 200, {"leases": words}

    def _advance(self, update: dict[str, Any]) -> str:
        self.updates.append((asyncio.get_running_loop().time(), update))
        task = self.leased.get(update["lease_id"])
        if task is None or update["lease_id"] in self.lost:
            return "lost"
        if update["seq"] > task.seq:
            assert update["seq"] == task.seq + 1, "an update is missing"
            task.seq = update["seq"]
            task.content += update["content"]
            task.thinking += update["thinking"]
        return "held"

    def _release(self, body: dict[str, Any]) -> dict[str, Any]:
        self.releases.append(body)
        words = {}
        for lease in body["leases"]:
            task = self.leased.pop(lease, None)
            words[lease] = "released" if task else "lost"
            if task:
                task.releases.append(body["reason"])
        return {"leases": words}


def _error(status: int, message: str) -> Answer:
    return status, {"error": {"type": "error", "message": message, "status": status}}

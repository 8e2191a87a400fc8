"""A client and agents of OffloadMQ, written from its contract alone: they know nothing of this server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx

Json = dict[str, Any]
#: Seconds for any answer: it only ends a test that hangs.
ANSWER_SECONDS = 60
#: Seconds that a test gives something to happen.
PATIENCE_SECONDS = 30


def wait_until(happened: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    """Return what a question answers once it is true."""
    deadline = time.monotonic() + seconds
    while not (answer := happened()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
    return answer


class OffloadClient:
    """A client program: the older ones say their key in the body, the newer ones in a header."""

    def __init__(self, url: str, key: str, *, in_header: bool = False) -> None:
        headers = {"X-API-Key": key} if in_header else {}
        self._in_body = {} if in_header else {"apiKey": key}
        self.http = httpx.Client(base_url=url, timeout=ANSWER_SECONDS, trust_env=False, headers=headers)

    def post(self, path: str, body: Json | None = None) -> httpx.Response:
        """Send a request with the key where this client says it."""
        return self.http.post(path, json={**self._in_body, **(body or {})})

    def submit(self, capability: str, payload: Any, **more: Any) -> Json:
        """Queue a task and return its id."""
        answer = self.post("/api/task/submit", {"capability": capability, "payload": payload, **more})
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == "queued"
        found: Json = answer.json()["id"]
        return found

    def blocking(self, capability: str, payload: Any, **more: Any) -> httpx.Response:
        """Have an urgent task done."""
        body = {"capability": capability, "payload": payload, "urgent": True, **more}
        return self.post("/api/task/submit_blocking", body)

    def poll(self, task: Json) -> httpx.Response:
        """Ask how a task stands."""
        return self.post(f"/api/task/poll/{quote(task['cap'], safe='')}/{task['id']}")

    def standing(self, task: Json) -> Json:
        """Return how a task stands."""
        answer = self.poll(task)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def cancel(self, task: Json) -> httpx.Response:
        """Cancel a task."""
        return self.post(f"/api/task/cancel/{quote(task['cap'], safe='')}/{task['id']}")

    def close(self) -> None:
        """Drop the connections."""
        self.http.close()


class OffloadAgent:
    """An agent program, as both generations have in common; the seed's encodes capabilities twice."""

    #: How often a capability is percent-encoded in a path.
    encodings = 2

    def __init__(self, url: str, invite: str, *capabilities: str, tier: int = 5, capacity: int = 1) -> None:
        self.http = httpx.Client(base_url=url, timeout=ANSWER_SECONDS, trust_env=False)
        self.description = {
            "capabilities": list(capabilities),
            "tier": tier,
            "capacity": capacity,
            "systemInfo": self.system_info(),
            **self.about(),
        }
        joined = self.http.post("/agent/register", json={"apiKey": invite, **self.description})
        assert joined.status_code == 200, joined.text
        self.joined = joined.json()
        self.id: str = self.joined["agentId"]
        self.authenticate()

    def system_info(self) -> Json:
        """What the first generation says of its PC."""
        return {
            "os": "Linux",
            "client": "offload-client.py",
            "runtime": "python",
            "cpuArch": "x86_64",
            "totalMemoryMb": 24105,
            "gpu": {"vendor": "NVIDIA", "model": "RTX 3060", "vramMb": 12288},
        }

    def about(self) -> Json:
        """What else the agent says of itself."""
        return {}

    def authenticate(self) -> None:
        """Exchange the key for a token."""
        proof = {"agentId": self.id, "key": self.joined["key"]}
        answer = self.http.post("/agent/auth", json=proof)
        assert answer.status_code == 200, answer.text
        assert answer.json()["expiresIn"] > time.time()
        self.http.headers["Authorization"] = f"Bearer {answer.json()['token']}"

    def where(self, task: Json) -> str:
        """Return a task's place in a path."""
        capability = task["cap"]
        for _ in range(self.encodings):
            capability = quote(capability, safe="")
        return f"{capability}/{task['id']}"

    def poll(self, *, urgent: bool = False) -> Json | None:
        """Look what there is."""
        answer = self.http.get(f"/private/agent/task/poll{'_urgent' if urgent else ''}")
        assert answer.status_code == 200, answer.text
        found: Json | None = answer.json()
        return found

    def await_task(self, *, urgent: bool = False) -> Json:
        """Poll until there is a task; return it as the poll shows it."""
        found: Json = wait_until(lambda: self.poll(urgent=urgent))
        return found

    def try_take(self, task: Json) -> httpx.Response:
        """Try to take a task."""
        return self.http.post(f"/private/agent/take/{self.where(task)}", json={})

    def take(self, task: Json) -> Json:
        """Take a task, and insist on getting it."""
        answer = self.try_take(task)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def work(self, *, urgent: bool = False) -> Json:
        """Poll and take the next task."""
        return self.take(self.await_task(urgent=urgent)["id"])

    def progress(self, task: Json, **word: Any) -> httpx.Response:
        """Say how a task goes."""
        return self.http.post(f"/private/agent/task/progress/{self.where(task)}", json={"id": task, **word})

    def resolve(self, task: Json, output: Any = None, **status: Any) -> httpx.Response:
        """Report what came of a task; success unless told otherwise."""
        body = {"id": task, "capability": task["cap"], "status": status or {"success": 12.5}, "output": output}
        return self.http.post(f"/private/agent/task/resolve/{self.where(task)}", json=body)

    def close(self) -> None:
        """Drop the connections."""
        self.http.close()


class SeedAgent(OffloadAgent):
    """The first generation, of January 2026."""


class NewerAgent(OffloadAgent):
    """The second one, of August 2026, over HTTP."""

    encodings = 1

    def system_info(self) -> Json:
        """What the second generation says of its PC."""
        return {
            "os": "Linux",
            "client": "offload-agent",
            "runtime": "python",
            "cpuArch": "x86_64",
            "cpuModel": "Xeon",
            "machineId": "a8ab30b6",
            "totalMemoryGb": 24,
            "gpu": None,
        }

    def about(self) -> Json:
        """Its version, and the name its person gave it."""
        return {"appVersion": "2.0.0+g1a2b3c4", "displayName": "Xeon 24GB"}


def in_background(call: Callable[[], Any]) -> Callable[[], Any]:
    """Start a call in a thread; what is returned waits for it and gives its answer."""
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(call()), daemon=True)
    thread.start()

    def finish() -> Any:
        thread.join(ANSWER_SECONDS)
        assert answers, "it did not answer"
        return answers[0]

    return finish

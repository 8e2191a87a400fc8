"""An agent of a few lines that speaks the real protocol over real HTTP, and misbehaves when a test tells it to."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import httpx
import numpy as np
from numpy.typing import NDArray

from tests.factories import DIGEST, DIMENSIONS, MODEL, vectors_of

#: Seconds for any answer: far above the longest poll, so that it only ends a test that hangs.
ANSWER_SECONDS = 60
#: Seconds of one poll of an agent that runs by itself: it ends that soon after its block.
POLL_SECONDS = 0.1

#: The chat model that a scripted agent offers when a test asks for one.
CHAT_MODEL = "qwen2.5:7b"

Task = dict[str, Any]
Result = dict[str, Any]


def tokens_of(text: str) -> int:
    """How many tokens this agent's engine counts in a text."""
    return len(text.split()) + 1


def packed(rows: NDArray[np.float32]) -> str:
    """Vectors as they travel."""
    return base64.b64encode(rows.astype("<f4").tobytes()).decode()


def offer(model: str = MODEL, **changes: Any) -> dict[str, Any]:
    """What an agent says of one embedding model."""
    return {
        "model": model,
        "kind": "embedding",
        "digest": DIGEST,
        "quantisation": "F16",
        "dimensions": DIMENSIONS,
        "contextLength": 512,
        "engine": "scripted",
        "engineVersion": "1.0",
        **changes,
    }


def chat_offer(model: str = CHAT_MODEL, **changes: Any) -> dict[str, Any]:
    """What an agent says of one chat model."""
    return offer(model, kind="chat", dimensions=None, abilities=["tools"], **changes)


def chat_output(content: str = "", *, reason: str = "stop", **message: Any) -> dict[str, Any]:
    """The final answer of an engine that counts a token in each word."""
    return {
        "model": "as the engine calls it",
        "created_at": "2026-01-31T12:00:00Z",
        "message": {"role": "assistant", "content": content, **message},
        "done": True,
        "done_reason": reason,
        "prompt_eval_count": 11,
        "eval_count": tokens_of(content),
        "total_duration": 1_500_000,
    }


def description(*offers: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The body of a registration, without its invite."""
    offers = offers or (offer(),)
    return {
        "capabilities": [f"{'llm' if one['kind'] == 'chat' else 'embed'}.{one['model']}" for one in offers],
        "tier": 5,
        "capacity": 64,
        "systemInfo": {"os": "Test", "client": "embedpool-agent"},
        "appVersion": "0.1.0",
        "displayName": "Scripted",
        "models": list(offers),
        **changes,
    }


class ScriptedAgent:
    """A registered agent. `with agent:` lets it run turns in a thread; without, a test takes each turn by hand."""

    def __init__(self, url: str, invite: str, *offers: dict[str, Any], **changes: Any) -> None:
        self.offers = {one["model"].removesuffix(":latest"): one for one in offers or (offer(),)}
        # There is no TLS here, and reading the certificates takes longer than most requests.
        self._http = httpx.Client(base_url=url, timeout=ANSWER_SECONDS, trust_env=False, verify=False)
        joined = self._http.post("/agent/register", json={"apiKey": invite, **description(*offers, **changes)})
        assert joined.status_code == 200, joined.text
        self.id, self.key = joined.json()["agentId"], joined.json()["key"]
        self.token = self.authenticate()
        #: Makes the result of a task, or None to say nothing of it; exchange it and the agent misbehaves.
        self.behaviour: Callable[[Task], Result | None] = self.result
        #: Every task that it was given, and the outcome of every result that it sent.
        self.tasks: list[Task] = []
        self.outcomes: list[dict[str, Any]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"agent {self.id}", daemon=True)
        self._failure: BaseException | None = None

    @property
    def texts(self) -> list[str]:
        """Every text that it was asked to embed, in order, repeats included."""
        return [text for task in self.tasks if task["kind"] == "embedding" for text in task["payload"]["texts"]]

    def authenticate(self) -> str:
        """Exchange the key for a fresh token."""
        answer = self._http.post("/agent/auth", json={"agentId": self.id, "key": self.key})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    def post(self, path: str, body: Any = None) -> httpx.Response:
        """Send a request below /private/agent with the agent's token."""
        return self._http.post(
            f"/private/agent/{path}", json=body or {}, headers={"Authorization": f"Bearer {self.token}"}
        )

    def get(self, path: str) -> httpx.Response:
        """Ask below /private/agent with the agent's token."""
        return self._http.get(f"/private/agent/{path}", headers={"Authorization": f"Bearer {self.token}"})

    def turn(self, *results: Result, **changes: Any) -> dict[str, Any]:
        """Take one turn by hand and return the reply."""
        answer = self.post("turn", {"results": list(results), **changes})
        assert answer.status_code == 200, answer.text
        reply: dict[str, Any] = answer.json()
        self.tasks += reply["tasks"]
        self.outcomes += reply["results"]
        return reply

    def claim(self, *, wait: float = 20, **changes: Any) -> Task:
        """Wait for one task and return it."""
        reply = self.turn(max_tasks=1, wait=wait, **changes)
        assert len(reply["tasks"]) == 1, reply
        task: Task = reply["tasks"][0]
        return task

    def result(self, task: Task, **changes: Any) -> Result:
        """The right result of a task, with some fields exchanged; a chat is answered with its last message."""
        if task["kind"] == "chat":
            said = task["payload"]["messages"][-1]["content"]
            return {"lease_id": task["lease_id"], "output": chat_output(f"You said: {said}"), **changes}
        model, texts = self.offers[task["model"]], task["payload"]["texts"]
        return {
            "lease_id": task["lease_id"],
            "vectors": packed(vectors_of(texts, model["dimensions"])),
            "dimensions": model["dimensions"],
            "tokens": sum(map(tokens_of, texts)),
            "digest": model["digest"],
            "engine_ms": 1.5,
            **changes,
        }

    def answer(self, task: Task, content: str = "", **message: Any) -> dict[str, Any]:
        """Report the final answer to a chat and return what came of it."""
        return self.report({"lease_id": task["lease_id"], "output": chat_output(content, **message)})

    def tell(self, task: Task, seq: int, content: str = "", thinking: str = "") -> str:
        """Tell what was written of a chat since the last time; returns whether the lease is held or lost."""
        update = {"lease_id": task["lease_id"], "seq": seq, "content": content, "thinking": thinking}
        answer = self.post("progress", {"updates": [update]})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["leases"][task["lease_id"]])

    def report(self, result: Result) -> dict[str, Any]:
        """Send one result alone and return what came of it."""
        outcome: dict[str, Any] = self.turn(result, max_tasks=0)["results"][0]
        return outcome

    def fail(self, task: Task, code: str, position: int | None = None) -> dict[str, Any]:
        """Report an error of a task and return what came of it."""
        error = {"code": code, "message": f"It broke: {code}.", "input": position}
        return self.report({"lease_id": task["lease_id"], "error": error})

    def close(self) -> None:
        """End the thread, if it runs, and drop the connection."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(ANSWER_SECONDS)
        self._http.close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()
        if self._failure and error is None:
            raise self._failure

    def _run(self) -> None:
        results: list[Result] = []
        try:
            while not self._stop.is_set() or results:
                tasks = self.turn(*results, max_tasks=0 if self._stop.is_set() else 8, wait=POLL_SECONDS)["tasks"]
                results = [result for task in tasks if (result := self.behaviour(task)) is not None]
        except BaseException as failure:  # noqa: BLE001 (raised again where the block ends)
            self._failure = failure

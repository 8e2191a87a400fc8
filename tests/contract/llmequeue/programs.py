"""A worker and a client of LLMeQueue, written from the description of its API alone. They know nothing of ours."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import httpx

#: Seconds for any answer, so that a test that hangs ends.
ANSWER_SECONDS = 60
#: Seconds that a worker sleeps when there is nothing to do: the first time, and at most; it grows by half.
FIRST_SLEEP, LONGEST_SLEEP = 0.02, 0.2

Task = dict[str, Any]


class Worker:
    """Polls for tasks, computes each, and brings the result. It has no heartbeat. `with worker:` lets it run."""

    def __init__(self, url: str, token: str, embed: Callable[[str, str], Any], chat: Callable[[Task], Any]) -> None:
        self._http = httpx.Client(
            base_url=url, timeout=ANSWER_SECONDS, trust_env=False, headers={"Authorization": f"Bearer {token}"}
        )
        self._embed, self._chat = embed, chat
        #: Every payload that it was handed, and the status of each answer to what it brought.
        self.payloads: list[Task] = []
        self.answers: list[int] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="LLMeQueue worker", daemon=True)

    def next(self) -> Task | None:
        """Ask for a task."""
        answer = self._http.post("/worker/next")
        answer.raise_for_status()
        task: Task | None = answer.json()["task"]
        if task is not None:
            self.payloads.append(task["payload"])
        return task

    def work(self, task: Task) -> httpx.Response:
        """Compute a task and bring what came of it, as its type says; what breaks is reported as a failure."""
        payload = task["payload"]
        try:
            if task["task_type"] == "embedding":
                assert isinstance(payload["text"], str), "this worker takes one text at a time"
                result = self._embed(payload["text"], payload["model"])
            else:
                result = self._chat(payload)
        except RuntimeError as error:
            return self.post(f"fail/{task['id']}", {"error": str(error)})
        return self.post(f"complete/{task['id']}", {"result": result})

    def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """Send a request below /worker."""
        return self._http.post(f"/worker/{path}", json=body, **options)

    def close(self) -> None:
        """End it, when its task is done."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(ANSWER_SECONDS)
        self._http.close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        sleep = FIRST_SLEEP
        while not self._stop.is_set():
            task = self.next()
            if task is None:
                self._stop.wait(sleep)
                sleep = min(LONGEST_SLEEP, sleep * 1.5)
            else:
                sleep = FIRST_SLEEP
                self.answers.append(self.work(task).status_code)


class Client:
    """Asks, and fetches later what did not come at once."""

    def __init__(self, url: str, token: str) -> None:
        self.http = httpx.Client(
            base_url=url, timeout=ANSWER_SECONDS, trust_env=False, headers={"Authorization": f"Bearer {token}"}
        )

    def embed(self, text: str, model: str, **query: Any) -> list[float]:
        """Return a text's vector, whenever it is there."""
        answer = self._ask("/v1/embeddings", {"input": text, "model": model}, query)
        if "data" in answer:
            vector: list[float] = answer["data"][0]["embedding"]
            return vector
        fetched: list[float] = self.fetch(answer["id"])
        return fetched

    def chat(self, text: str, model: str, **query: Any) -> str:
        """Return the answer to one message, whenever it is there."""
        body = {"messages": [{"role": "user", "content": text}], "model": model, "temperature": 0.7}
        answer = self._ask("/v1/chat/completions", body, query)
        if "choices" in answer:
            return str(answer["choices"][0]["message"]["content"])
        return str(self.fetch(answer["id"])["content"])

    def fetch(self, task_id: str) -> Any:
        """Wait for a task and return its result."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while (task := self.look(task_id))["status"] not in {"completed", "failed"}:
            assert time.monotonic() < deadline, task
            time.sleep(0.02)
        assert task["status"] == "completed", task
        result = self.http.get(f"/tasks/{task_id}/result").json()
        assert result == {"id": task_id, "result": task["result"]}
        return result["result"]

    def look(self, task_id: str) -> Task:
        """Return how a task stands."""
        answer = self.http.get(f"/tasks/{task_id}")
        answer.raise_for_status()
        task: Task = answer.json()
        return task

    def close(self) -> None:
        """Drop the connection."""
        self.http.close()

    def _ask(self, path: str, body: Any, query: dict[str, Any]) -> dict[str, Any]:
        answer = self.http.post(path, json=body, params=query)
        assert answer.status_code in {200, 202}, answer.text
        found: dict[str, Any] = answer.json()
        if "id" in found and answer.status_code == 202:
            assert answer.headers["location"] == f"/tasks/{found['id']}"
        return found

"""Clients of the pool: the official SDK, and plain HTTP for what it cannot say."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import httpx
import numpy as np
import openai
from numpy.typing import NDArray

from tests.fakes.ollama_models import FakeModel, expected_vectors

#: In every text of these tests, so that a text in a log is found.
TEXT_MARK = "walrus"
#: Seconds that the SDK waits for one answer; its call is answered a little earlier, or as soon as there is one.
SDK_SECONDS = 170.0

Rows = NDArray[np.float32]
T = TypeVar("T")


def texts_of(number: int, name: str = "text") -> list[str]:
    """Make different texts of different lengths."""
    return [f"{TEXT_MARK} {name} {n}" + " and more" * (n % 7) for n in range(number)]


def right_rows(model: FakeModel, texts: Sequence[str]) -> Rows:
    """The vectors that the fake Ollama computes for texts, row by row."""
    return expected_vectors(model.digest, list(texts), model.dimensions)


def sdk(url: str, key: str, *, retries: int = 0, seconds: float = SDK_SECONDS) -> openai.OpenAI:
    """Make the official client."""
    direct = openai.DefaultHttpxClient(trust_env=False)
    return openai.OpenAI(base_url=f"{url}/v1", api_key=key, timeout=seconds, max_retries=retries, http_client=direct)


def plain(url: str, key: str) -> httpx.Client:
    """Make a client of plain HTTP."""
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=url, timeout=SDK_SECONDS, trust_env=False, headers=headers)


def rows_of(embeddings: Sequence[Any]) -> Rows:
    """Put an SDK answer's vectors together, checking that they came in order."""
    assert [one.index for one in embeddings] == list(range(len(embeddings)))
    return np.array([one.embedding for one in embeddings], dtype=np.float64).astype(np.float32)


def fetch(client: httpx.Client, job_id: str) -> list[Rows]:
    """Ask for a job by its id: its vectors in a list of one, or an empty list while it is under way."""
    answer = client.get(f"/tasks/{job_id}").raise_for_status().json()
    assert answer["status"] in ("pending", "processing", "completed"), answer
    return [np.atleast_2d(answer["result"]).astype(np.float32)] if answer["status"] == "completed" else []


def same(one: Rows, other: Rows) -> bool:
    """Whether the vectors are the same to the last bit."""
    return one.shape == other.shape and one.tobytes() == other.tobytes()


def in_background(work: Callable[[], T]) -> Future[T]:
    """Run work in a thread that does not keep a failing test alive."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 (raised again where the result is asked for)
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


@contextmanager
def repeating(*works: Callable[[], object]) -> Iterator[list[Future[None]]]:
    """Repeat each work in a thread of its own until the block ends; then raise what one of them raised."""
    over = threading.Event()

    def repeat(work: Callable[[], object]) -> None:
        while not over.is_set():
            work()

    running = [in_background(partial(repeat, work)) for work in works]
    try:
        yield running
    finally:
        over.set()
    for one in running:
        one.result(SDK_SECONDS)

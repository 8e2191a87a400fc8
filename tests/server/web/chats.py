"""Asking a pool something, as clients do: whole, along the stream, and byte by byte."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import orjson

from tests import raw_http
from tests.scripted_agent import CHAT_MODEL
from tests.sse import Event, events

CHAT = "/v1/chat/completions"
HELLO = {"role": "user", "content": "Hello!"}


def question(**changes: Any) -> dict[str, Any]:
    """Hello to the usual model, or what a test wants to say."""
    return {"model": CHAT_MODEL, "messages": [HELLO], **changes}


def ask(client: httpx.Client, path: str = CHAT, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
    """Ask, and wait for what comes."""
    return client.post(path, json=question(**body), headers=headers)


@contextmanager
def asking(client: httpx.Client, **body: Any) -> Iterator[Future[httpx.Response]]:
    """Ask in another thread, for tests that take the agent's turns by hand."""
    with ThreadPoolExecutor(1) as threads:
        yield threads.submit(ask, client, f"{CHAT}?wait=30", **body)


@contextmanager
def reading(client: httpx.Client, **body: Any) -> Iterator[Iterator[Event]]:
    """Ask for a stream and give its events; leaving the block closes the connection."""
    with client.stream("POST", CHAT, json=question(stream=True, **body)) as response:
        assert response.status_code == 200, response.read()
        yield events(response)


def raw_question(key: str, **headers: str) -> bytes:
    """A whole request of a client that will close its connection."""
    body = orjson.dumps(question())
    named = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines = ("Host: localhost", f"Authorization: Bearer {key}", f"Content-Length: {len(body)}", *named)
    return raw_http.request(f"POST {CHAT}?wait=30", *lines, body=body)

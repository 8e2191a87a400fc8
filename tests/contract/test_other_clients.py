"""Requests as other programs send them, byte for byte what matters of them."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest

from tests.factories import MODEL, vector_of, vectors_of
from tests.live_pool import LivePool
from tests.scripted_agent import ScriptedAgent

Served = tuple[LivePool, ScriptedAgent]

OPENAI_NODE = {
    "x-stainless-lang": "js",
    "x-stainless-retry-count": "0",
    "x-stainless-runtime": "node",
    "openai-organization": "org-x",
}


def post(live: LivePool, body: dict[str, Any], **headers: str) -> Any:
    """Ask for embeddings and return the parsed answer."""
    answer = live.client(**headers).post("/v1/embeddings", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_open_webui(served: Served) -> None:
    """A list and a model, a prefix field of its own, headers that name a person; it reads `data[i].embedding`."""
    live, _ = served
    body = {"input": ["search_query: a", "b"], "model": MODEL, "prefix": "search_query: "}
    found = post(live, body, X_OpenWebUI_User_Name="Ann", X_OpenWebUI_User_Email="ann@example.org")
    assert np.array_equal(np.array([one["embedding"] for one in found["data"]], np.float32), vectors_of(body["input"]))
    assert [model["id"] for model in live.client().get("/v1/models").json()["data"]] == [MODEL, "org/other:q8"]


def test_open_webui_without_a_key_gets_an_answer_that_it_can_show(served: Served) -> None:
    """It sends `Authorization: Bearer ` with an empty key: that is a 401 as for any wrong one."""
    answer = served[0].caller({"Authorization": "Bearer"}).post("/v1/embeddings", json={"input": ["a"], "model": MODEL})
    assert answer.status_code == 401
    assert answer.json()["error"]["message"]


def test_haystack(served: Served) -> None:
    """`encoding_format: float`, documents as a list; it calls `dict(response.usage)`."""
    found = post(served[0], {"model": MODEL, "input": ["one doc", "two"], "encoding_format": "float"})
    assert dict(found["usage"]) == {"prompt_tokens": 5, "total_tokens": 5}
    assert all(isinstance(number, float) for number in found["data"][1]["embedding"])


@pytest.mark.parametrize("options", [{}, {"timeout": 600}, {"user": "proxy-user", "encoding_format": None}])
def test_litellm(served: Served, options: dict[str, Any]) -> None:
    """The SDK's headers, texts as a list, no encoding: numbers are what it wants then."""
    headers = {"x-stainless-lang": "python", "x-stainless-read-timeout": "600", "user-agent": "litellm/1.106.2"}
    found = post(served[0], {"model": MODEL, "input": ["a"], **options}, **headers)
    assert found["data"][0]["embedding"] == pytest.approx(vector_of("a").tolist())
    assert found["object"] == "list"


def test_openai_node(served: Served) -> None:
    """base64 by default: old versions break on anything else, silently."""
    found = post(served[0], {"model": MODEL, "input": "a", "encoding_format": "base64"}, **OPENAI_NODE)
    raw = found["data"][0]["embedding"]
    assert isinstance(raw, str)
    assert base64.b64decode(raw) == vector_of("a").tobytes()


def test_llama_index(served: Served) -> None:
    """100 texts in base64, a read timeout of 60 s."""
    texts = [f"node {n}" for n in range(100)]
    headers = {"x-stainless-lang": "python", "x-stainless-read-timeout": "60"}
    found = post(served[0], {"input": texts, "model": MODEL, "encoding_format": "base64"}, **headers)
    assert b"".join(base64.b64decode(one["embedding"]) for one in found["data"]) == vectors_of(texts).tobytes()


def test_curl_without_a_content_type(served: Served) -> None:
    """`curl -d` sends a form's type, and people copy commands without -H."""
    answer = (
        served[0]
        .client(Content_Type="application/x-www-form-urlencoded")
        .post("/v1/embeddings", content=b'{"model": "%s", "input": "a"}' % MODEL.encode())
    )
    assert answer.status_code == 200


def test_llmequeue(served: Served) -> None:
    """`X-API-Key`, a 202 with the id, then the task until it is completed: one text's result is its vector."""
    live, _ = served
    client = live.caller({"X-API-Key": live.issue_key()})
    made = client.post("/v1/embeddings", params={"wait": "0"}, json={"model": MODEL, "input": "queued"})
    assert made.status_code == 202
    client.post("/v1/embeddings", json={"model": MODEL, "input": "queued"})
    task = client.get(f"/tasks/{made.json()['id']}").json()
    assert task["status"] == "completed"
    assert task["result"] == pytest.approx(vector_of("queued").tolist())

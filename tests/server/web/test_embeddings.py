"""`POST /v1/embeddings`: what is asked for is what comes back."""

from __future__ import annotations

import base64
import re
import struct
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest

from tests.factories import DIGEST, DIMENSIONS, MODEL, vector_of, vectors_of
from tests.live_pool import EMBEDDINGS
from tests.scripted_agent import ScriptedAgent, Task, offer, tokens_of
from tests.server.web.conftest import PLAIN_MODEL, Start, Steady

#: "hello world" and "good night" in cl100k_base.
HELLO_WORLD, GOOD_NIGHT = [15339, 1917], [19045, 3814]


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("hello world", ["hello world"]),
        (["hello world"], ["hello world"]),
        (["b", "a", "b"], ["b", "a", "b"]),
        (HELLO_WORLD, ["hello world"]),
        ([HELLO_WORLD, GOOD_NIGHT], ["hello world", "good night"]),
        ("", [""]),
        (" \n\t two  spaces ", [" \n\t two  spaces "]),
        ("Grüße, 東京 👩‍👩‍👧 \u200f\ue000", ["Grüße, 東京 👩‍👩‍👧 \u200f\ue000"]),
    ],
)
def test_every_shape_of_input_is_read(steady: Steady, value: object, texts: list[str]) -> None:
    """Texts and token arrays become exactly those texts at the agent: each vector is the one of its text."""
    data = steady.embed(value).json()["data"]
    assert np.array_equal(np.array([one["embedding"] for one in data], dtype=np.float32), vectors_of(texts))


def test_the_answer_has_openais_shape(steady: Steady) -> None:
    """Exactly the documented fields, `index` the position, `usage` two whole numbers: the model's own count."""
    body = steady.embed(["three small words", "one"]).json()
    assert list(body) == ["object", "data", "model", "usage"]
    assert body["object"] == "list"
    assert body["model"] == MODEL
    assert body["usage"] == {"prompt_tokens": 6, "total_tokens": 6}
    assert [one["index"] for one in body["data"]] == [0, 1]
    assert {(one["object"], tuple(one)) for one in body["data"]} == {("embedding", ("object", "index", "embedding"))}


def test_base64_is_little_endian_float32_and_equals_the_numbers(steady: Steady) -> None:
    """Both formats carry the same float32 numbers, bit for bit."""
    texts = ["as numbers and as base64", "twice"]
    as_text = [one["embedding"] for one in steady.embed(texts, encoding_format="base64").json()["data"]]
    as_numbers = [one["embedding"] for one in steady.embed(texts, encoding_format="float").json()["data"]]
    unpacked = [struct.unpack(f"<{DIMENSIONS}f", base64.b64decode(text, validate=True)) for text in as_text]
    assert np.array_equal(np.array(unpacked, np.float32), np.array(as_numbers, np.float32))
    assert np.array_equal(np.array(unpacked, np.float32), vectors_of(texts))


def test_numbers_are_the_default_and_as_short_as_float32_allows(steady: Steady) -> None:
    """Without `encoding_format` numbers come, and none has more digits than its float32 needs."""
    written = re.search(r'"embedding":\[([^\]]+)\]', steady.embed("shortest").text)
    assert written is not None
    numbers = written[1].split(",")
    assert [float(number) for number in numbers] == [float(str(value)) for value in vector_of("shortest")]
    assert max(len(number.lstrip("-0.").partition("e")[0]) for number in numbers) <= 9


def test_the_order_of_many_inputs_is_kept(steady: Steady) -> None:
    """A request of many tasks, with repeats, is answered in the order of its inputs."""
    texts = [f"text {n * 7919 % 150}" for n in range(300)]
    body = steady.embed(texts, encoding_format="base64").json()
    got = b"".join(base64.b64decode(one["embedding"]) for one in body["data"])
    assert got == vectors_of(texts).tobytes()
    assert [one["index"] for one in body["data"]] == list(range(300))
    assert body["usage"]["prompt_tokens"] == sum(map(tokens_of, texts))


def test_2048_inputs_are_the_most(steady: Steady) -> None:
    """2048 inputs are answered, 2049 are refused in the words that clients look for."""
    texts = [f"{n}" for n in range(2048)]
    body = steady.embed(texts, encoding_format="base64").json()
    assert base64.b64decode(body["data"][2047]["embedding"]) == vector_of("2047").tobytes()
    refused = steady.client.post(EMBEDDINGS, json={"model": MODEL, "input": [*texts, "one more"]})
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "too_many_inputs"
    assert "array length must be 2048 or less" in refused.json()["error"]["message"]


def test_unknown_fields_are_ignored_and_named(steady: Steady) -> None:
    """What other servers understand does no harm here; the client is told that it did nothing."""
    answer = steady.embed("fields", keep_alive="5m", options={"num_ctx": 5}, input_type=None, prefix="q: ")
    assert answer.headers["x-embedpool-ignored"] == "keep_alive, options, prefix"
    assert "x-embedpool-ignored" not in steady.embed("fields").headers


def test_a_field_name_cannot_write_a_header(steady: Steady) -> None:
    """A name that could break the header is left out of it."""
    names: dict[str, Any] = {"a\r\nSet-Cookie: b=c": 1, "ключ": 2, "fine": 3}
    answer = steady.embed("fields", **names)
    assert answer.headers["x-embedpool-ignored"] == "fine"
    assert "set-cookie" not in answer.headers


def test_who_the_user_is_is_neither_told_nor_kept(steady: Steady) -> None:
    """`user` and the headers that name a person stand in no answer and in no file."""
    answer = steady.embed("no names", user="canary-user", headers={"X-OpenWebUI-User-Email": "canary-mail"})
    assert "canary" not in answer.text + str(answer.headers)
    assert b"canary" not in steady.live.on_disk()


def test_optional_fields_may_be_null(steady: Steady) -> None:
    """Null is as good as absent."""
    body = steady.embed("null", dimensions=None, encoding_format=None, user=None, truncate=None).json()
    assert len(body["data"][0]["embedding"]) == DIMENSIONS


@pytest.mark.parametrize("wanted", [1, 5, DIMENSIONS])
def test_shorter_vectors_have_length_one_again(steady: Steady, wanted: int) -> None:
    """`dimensions` gives the beginning of the vector, brought to length 1; all of it is the vector itself."""
    answer = steady.embed("cut me", dimensions=wanted)
    got = np.array(answer.json()["data"][0]["embedding"])
    beginning = vector_of("cut me")[:wanted].astype(np.float64)
    assert got == pytest.approx(beginning / np.linalg.norm(beginning), abs=1e-6)
    assert "x-embedpool-warning" not in answer.headers


def test_cutting_a_model_that_was_not_made_for_it_is_warned_of(steady: Steady) -> None:
    """It is done, and a header says what it is worth; the whole vector comes without."""
    assert "matryoshka:false" in steady.embed("cut", model=PLAIN_MODEL, dimensions=4).headers["x-embedpool-warning"]
    assert "x-embedpool-warning" not in steady.embed("cut", model=PLAIN_MODEL, dimensions=16).headers


def test_longer_vectors_than_the_model_has_are_refused(steady: Steady) -> None:
    """Never a length that was not asked for."""
    answer = steady.client.post(EMBEDDINGS, json={"model": MODEL, "input": "a", "dimensions": DIMENSIONS + 1})
    error = answer.json()["error"]
    assert (answer.status_code, error["param"], error["code"]) == (400, "dimensions", "invalid_dimensions")
    assert "This model does not support specifying dimensions" in error["message"]


@pytest.mark.parametrize("name", [MODEL, f"{MODEL}:latest"])
def test_the_model_is_called_as_the_client_calls_it(steady: Steady, name: str) -> None:
    """The answer repeats the client's name for the model; a header has the exact one."""
    answer = steady.embed("name", model=name)
    assert answer.json()["model"] == name
    assert answer.headers["x-embedpool-model-digest"] == f"{MODEL}@{DIGEST}"


def test_every_answer_has_openais_headers(steady: Steady) -> None:
    """Request id, time, version and the rate-limit set, in the forms that clients parse."""
    answer = steady.embed("headers")
    assert re.fullmatch(r"req_[0-9a-f]{24}", answer.headers["x-request-id"])
    assert answer.headers["x-request-id"] != steady.embed("headers").headers["x-request-id"]
    assert answer.headers["openai-processing-ms"].isdigit()
    assert answer.headers["openai-version"] == "2020-10-01"
    assert answer.headers["content-type"] == "application/json"
    for what in ("requests", "tokens"):
        limit, remaining = (int(answer.headers[f"x-ratelimit-{name}-{what}"]) for name in ("limit", "remaining"))
        assert 0 < remaining <= limit
        assert re.fullmatch(r"(\d+(ms|s|m|h))+", answer.headers[f"x-ratelimit-reset-{what}"])


def test_who_computed_it_is_told_without_telling_who_it_is(steady: Steady) -> None:
    """The header has the end of the agent's id, not all of it."""
    answer = steady.embed("a text that nobody asked for before")
    assert answer.headers["x-embedpool-agents"] == f"agent-{steady.agent.id[-6:]}"
    assert steady.agent.id not in str(answer.headers)


def test_a_request_without_model_gets_the_operators_choice(start: Start) -> None:
    """EMBEDDING_MODEL stands in where a request names none, and the answer says which it was."""
    live = start(embedding_model=MODEL)
    with live.agent() as agent:
        answer = live.client().post(EMBEDDINGS, json={"input": "no model"})
    assert answer.json()["model"] == MODEL
    assert agent.texts == ["no model"]


def test_an_operator_may_allow_empty_inputs(start: Start) -> None:
    """EMPTY_INPUT=embed takes an empty text inside an array like any other."""
    live = start(empty_input="embed")
    with live.agent():
        answer = live.client().post(EMBEDDINGS, json={"model": MODEL, "input": ["hello", ""]})
    assert np.array_equal(np.float32(answer.json()["data"][1]["embedding"]), vector_of(""))


def test_texts_that_the_engine_cut_are_named_and_not_remembered(start: Start) -> None:
    """`truncate` reaches the agent; what it cut comes back by its place in the request, and nothing is cached."""
    live = start()

    def cut_the_last(agent: ScriptedAgent, task: Task) -> dict[str, object]:
        assert task["payload"]["truncate"] is True
        return agent.result(task, truncated=[len(task["payload"]["texts"]) - 1])

    with live.agent(offer()) as agent:
        agent.behaviour = lambda task: cut_the_last(agent, task)
        client, wanted = live.client(), {"model": MODEL, "input": [f"text {n}" for n in range(40)], "truncate": True}
        first = client.post(EMBEDDINGS, json=wanted)
        again = client.post(EMBEDDINGS, json={**wanted, "input": ["text 31"]})
    assert first.headers["x-embedpool-truncated"] == "31,39"
    assert again.headers["x-embedpool-truncated"] == "0"
    assert again.headers["x-embedpool-cached"] == "0"
    assert agent.texts.count("text 31") == 2


@pytest.mark.parametrize("model", ["modell-für-alle", "模型", "nomic-🦉:latest", "a model, with a comma"])
def test_a_model_may_have_any_name(start: Start, model: str) -> None:
    """Its name stands in a header, which holds ASCII only."""
    live = start()
    with live.agent(offer(model)):
        answer = live.client().post(EMBEDDINGS, json={"model": model, "input": "x", "🦉\r\nx-evil": 1})
    assert answer.status_code == 200, answer.text
    assert unquote(answer.headers["x-embedpool-model-digest"]) == f"{model.removesuffix(':latest')}@{DIGEST}"

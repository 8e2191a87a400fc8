"""Whatever a body holds: the right 4xx in OpenAI's shape, nothing stored, and the server goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.factories import MODEL
from tests.live_pool import EMBEDDINGS
from tests.server.web.conftest import Start, Steady

SLASH_U = b"\\u"


def body(value: Any = "a", **fields: Any) -> bytes:
    """A request that is right but for what is given."""
    return json.dumps({"model": MODEL, "input": value, **fields}, ensure_ascii=False).encode()


def with_input(raw: bytes) -> bytes:
    """A request whose `input` is written by hand."""
    return b'{"model":"%s","input":%s}' % (MODEL.encode(), raw)


#: What it is, its bytes, and code and param of the 400 that answers it.
MALFORMED: list[tuple[str, bytes, str, str | None]] = [
    ("nothing", b"", "invalid_json", None),
    ("space", b" \n", "invalid_json", None),
    ("no json", b"model=x&input=y", "invalid_json", None),
    ("half an object", b'{"model": "x"', "invalid_json", None),
    ("two objects", body() + body(), "invalid_json", None),
    ("single quotes", b"{'model': 'x'}", "invalid_json", None),
    ("a trailing comma", b'{"model": "x",}', "invalid_json", None),
    ("NaN", with_input(b"NaN"), "invalid_json", None),
    ("Infinity", with_input(b"[-Infinity]"), "invalid_json", None),
    ("a number beyond float64", with_input(b"1e400"), "invalid_json", None),
    ("a lone high surrogate", with_input(b'"' + SLASH_U + b'd800"'), "invalid_json", None),
    ("a lone low surrogate", with_input(b'["a","' + SLASH_U + b'dc00"]'), "invalid_json", None),
    ("a surrogate as UTF-8", with_input(b'"\xed\xa0\x80"'), "invalid_json", None),
    ("invalid UTF-8", with_input(b'"\xff\xfe"'), "invalid_json", None),
    ("UTF-16", body().decode().encode("utf-16"), "invalid_json", None),
    ("a byte order mark", b"\xef\xbb\xbf" + body(), "invalid_json", None),
    ("a raw control character", with_input(b'"\x01"'), "invalid_json", None),
    ("100,000 brackets", b"[" * 100_000, "invalid_json", None),
    ("100,000 closed brackets", with_input(b"[" * 100_000 + b"]" * 100_000), "invalid_json", None),
    ("100,000 objects", b'{"a":' * 100_000, "invalid_json", None),
    ("a list", b"[]", "invalid_json", None),
    ("a text", b'"input"', "invalid_json", None),
    ("a number", b"1", "invalid_json", None),
    ("null", b"null", "invalid_json", None),
    ("no model", b'{"input": "a"}', "invalid_request", "model"),
    ("a null model", body(model=None), "invalid_request", "model"),
    ("an empty model", body(model=""), "invalid_request", "model"),
    ("a number for a model", body(model=5), "invalid_request", "model"),
    ("a list for a model", body(model=[MODEL]), "invalid_request", "model"),
    ("a model with a NUL", body(model="a\0b"), "invalid_request", "model"),
    ("a model of many characters", body(model="m" * 10_000), "invalid_request", "model"),
    ("no input", b'{"model": "%s"}' % MODEL.encode(), "invalid_input", "input"),
    ("a null input", body(None), "invalid_input", "input"),
    ("a number for input", body(5), "invalid_input", "input"),
    ("true for input", body(True), "invalid_input", "input"),
    ("an object for input", body({"a": 1}), "invalid_input", "input"),
    ("an empty list", body([]), "empty_input", "input"),
    ("an empty list inside", body([[]]), "empty_input", "input"),
    ("an empty list among others", body([[15339], []]), "empty_input", "input"),
    ("an empty text among others", body(["a", ""]), "empty_input", "input"),
    ("texts and numbers", body(["a", 1]), "invalid_input", "input"),
    ("texts and lists", body(["a", [1]]), "invalid_input", "input"),
    ("texts in lists", body([["a"]]), "invalid_input", "input"),
    ("null among texts", body(["a", None]), "invalid_input", "input"),
    ("objects", body([{"text": "a"}]), "invalid_input", "input"),
    ("lists in lists in lists", body([[[1]]]), "invalid_input", "input"),
    ("a negative token", body([-1]), "invalid_token_id", "input"),
    ("a token beyond the vocabulary", body([100_300]), "invalid_token_id", "input"),
    ("a huge token", with_input(b"[%s]" % (b"9" * 30)), "invalid_token_id", "input"),
    ("a token that is no whole number", body([1.5]), "invalid_token_id", "input"),
    ("a token that is true", body([[True]]), "invalid_token_id", "input"),
    ("a NUL", body("a\0b"), "invalid_input", "input"),
    ("a NUL in the second text", body(["a", "b\0"]), "invalid_input", "input"),
    ("2049 texts", body(["a"] * 2049), "too_many_inputs", "input"),
    ("300,001 tokens", body([1] * 300_001), "max_tokens_per_request", None),
    ("a text of 300 kB", body("word " * 60_000), "context_length_exceeded", "input"),
    ("another encoding format", body(encoding_format="hex"), "invalid_encoding_format", "encoding_format"),
    ("a number for the encoding", body(encoding_format=1), "invalid_encoding_format", "encoding_format"),
    ("zero dimensions", body(dimensions=0), "invalid_dimensions", "dimensions"),
    ("negative dimensions", body(dimensions=-5), "invalid_dimensions", "dimensions"),
    ("half a dimension", body(dimensions=1.5), "invalid_dimensions", "dimensions"),
    ("whole dimensions as a float", body(dimensions=5.0), "invalid_dimensions", "dimensions"),
    ("true dimensions", body(dimensions=True), "invalid_dimensions", "dimensions"),
    ("dimensions as text", body(dimensions="5"), "invalid_dimensions", "dimensions"),
    ("huge dimensions", body(dimensions=10**30), "invalid_dimensions", "dimensions"),
    ("truncate as text", body(truncate="yes"), "invalid_request", "truncate"),
]


@pytest.mark.parametrize(("raw", "code", "param"), [one[1:] for one in MALFORMED], ids=[one[0] for one in MALFORMED])
def test_a_malformed_body_is_refused_and_leaves_nothing(
    steady: Steady, raw: bytes, code: str, param: str | None
) -> None:
    """400 with OpenAI's four fields, saying what is wrong and where; no row is written; the server goes on."""
    before = steady.live.rows()
    answer = steady.client.post(EMBEDDINGS, content=raw)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/json"
    error = answer.json()["error"]
    assert list(error) == ["message", "type", "param", "code"]
    assert (error["code"], error["param"]) == (code, param)
    assert error["type"] == ("max_tokens_per_request" if code == "max_tokens_per_request" else "invalid_request_error")
    assert len(error["message"]) < 600, "a message is a sentence, not an echo of the body"
    assert steady.live.rows() == before
    assert steady.client.get("/health").status_code == 200


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (body(["a", ""]), ["'$.input' is invalid", "input[1]"]),
        (body(["a", "b", "\0"]), ["'$.input' is invalid", "input[2]", "NUL"]),
        (body([]), ["'$.input' is invalid"]),
        (body([1] * 300_001), ["Requested 300001 tokens, max 300000 tokens per request"]),
        (body("word " * 60_000), ["This model's maximum context length is"]),
        (b'{"input": "a"}', ["you must provide a model parameter"]),
        (b"{", ["We could not parse the JSON body of your request", "HINT"]),
        (body([100_300]), ["token 100300", "cl100k_base", "check_embedding_ctx_length=False"]),
    ],
)
def test_the_message_has_the_words_that_clients_look_for(steady: Steady, raw: bytes, words: list[str]) -> None:
    """LiteLLM and others sort errors by these words, and people have nothing else to go by."""
    message = steady.client.post(EMBEDDINGS, content=raw).json()["error"]["message"]
    assert [word for word in words if word not in message] == [], message
    assert "rate limit" not in message.lower().replace("-", " ").replace("_", " ")


def test_the_last_of_two_equal_names_counts(steady: Steady) -> None:
    """A name given twice is no error, as with every JSON parser in use; the last one wins."""
    answer = steady.client.post(EMBEDDINGS, content=b'{"model":"x","input":"a","model":"%s"}' % MODEL.encode())
    assert answer.status_code == 200
    assert answer.json()["model"] == MODEL


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "", "nonsense"],
)
def test_the_body_is_read_whatever_its_type_says(steady: Steady, content_type: str) -> None:
    """`curl -d` calls JSON a form; nobody means it."""
    answer = steady.client.post(EMBEDDINGS, content=body(), headers={"Content-Type": content_type})
    assert answer.status_code == 200, answer.text


def test_a_body_without_length_is_read(steady: Steady) -> None:
    """A chunked body is as good as one with a length."""
    answer = steady.client.post(EMBEDDINGS, content=iter([body()[:10], body()[10:]]))
    assert answer.status_code == 200, answer.text


def test_text_of_any_script_survives(start: Start) -> None:
    """Every kind of character that JSON can carry reaches the agent as it was."""
    texts = ["\x01\x7f\x85\u2028", "\ufeff\ufffe\uffff", "𝔘𝔫𝔦", "a\u0301", "﷽" * 100, "\U0010ffff", "\\ud800", "\r\n\t"]
    live = start()
    with live.agent() as agent:
        answer = live.client().post(EMBEDDINGS, json={"model": MODEL, "input": texts})
    assert answer.status_code == 200, answer.text
    assert agent.texts == texts

"""What an embeddings request becomes: its fingerprint, its tasks, and the errors found later."""

from __future__ import annotations

import hashlib
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain import embedding
from server.domain.embedding import EmbeddingRequest, parse_embedding_request


def parse(**body: object) -> EmbeddingRequest:
    return parse_embedding_request({"model": "m"} | body, default_model=None)


def test_fingerprints_of_what_needs_other_vectors_differ() -> None:
    """Model, truncation, texts, their number, order and borders all count."""
    requests = [
        parse(input=["ab", "c"]),
        parse(input=["a", "bc"]),
        parse(input=["abc"]),
        parse(input=["c", "ab"]),
        parse(input=["ab", "c", "c"]),
        parse(input=["ab", "c "]),
        parse(input=["ab", "c"], truncate=True),
        parse(input=["ab", "c"], model="n"),
        parse(input=["b", "c"], model="ma"),
    ]
    assert len({embedding.fingerprint(request) for request in requests}) == len(requests)


def test_fingerprints_of_what_only_looks_different_are_equal() -> None:
    """How vectors are written and how long they are cut does not matter, nor whether the text came as tokens."""
    plain = embedding.fingerprint(parse(input="hello world"))
    assert plain == embedding.fingerprint(parse(input=["hello world"], dimensions=5, encoding_format="base64", x=1))
    assert plain == embedding.fingerprint(parse(input=[15339, 1917]))


def test_text_hash_is_of_the_exact_bytes() -> None:
    assert embedding.text_hash("é ") == hashlib.sha256(b"\xc3\xa9 ").digest()
    assert embedding.text_hash("é") != embedding.text_hash("e\u0301")


@settings(deadline=None)
@given(st.lists(st.text(max_size=60)), st.integers(1, 5), st.integers(1, 20))
def test_split_covers_everything_in_order_within_the_limits(texts: list[str], max_texts: int, max_tokens: int) -> None:
    """Consecutive, complete, never too many; over the token limit only a text that is so alone."""
    ranges = embedding.split(texts, max_texts, max_tokens)
    assert [position for each in ranges for position in each] == list(range(len(texts)))
    for each in ranges:
        assert 1 <= len(each) <= max_texts
        assert len(each) == 1 or sum(embedding.estimate_tokens(texts[position]) for position in each) <= max_tokens


@settings(deadline=None)
@given(st.lists(st.text(max_size=60)), st.integers(1, 5), st.integers(1, 20))
def test_split_makes_no_more_tasks_than_needed(texts: list[str], max_texts: int, max_tokens: int) -> None:
    """The first text of a range would not have fitted into the range before it."""
    ranges = embedding.split(texts, max_texts, max_tokens)
    for before, after in itertools.pairwise(ranges):
        joined = [embedding.estimate_tokens(texts[position]) for position in (*before, after[0])]
        assert len(joined) > max_texts or sum(joined) > max_tokens


def test_split_by_default() -> None:
    """2048 short texts are 64 tasks of 32; long ones make smaller tasks."""
    assert [len(each) for each in embedding.split(["short"] * 2048)] == [32] * 64
    assert [len(each) for each in embedding.split(["x" * 12_000] * 5)] == [2, 2, 1]
    assert embedding.split([]) == []


@pytest.mark.parametrize("text", ["", "a", "word " * 1000, "слово " * 1000, "字" * 1000, "👍" * 100])
def test_estimates_are_between_1_and_the_number_of_characters(text: str) -> None:
    assert 1 <= embedding.estimate_tokens(text) <= len(text) + 1
    assert embedding.estimate_tokens(text) == len(text.encode()) // 4 + 1


@pytest.mark.parametrize(
    ("limit", "got", "words"),
    [
        (2048, None, "maximum context length is 2048 tokens, however input[7] is longer."),
        (
            8192,
            8610,
            "maximum context length is 8192 tokens, "
            "however you requested 8610 tokens (8610 in your prompt; 0 for the completion) with input[7].",
        ),
        (None, None, "maximum context length is exceeded by input[7]."),
        (None, 9000, "maximum context length is exceeded by input[7], which has 9000 tokens."),
    ],
)
def test_context_error(limit: int | None, got: int | None, words: str) -> None:
    """The words that LiteLLM looks for, the model's real context, the input at fault and the way out."""
    error = embedding.context_error(7, limit, got)
    assert error.message.startswith("This model's " + words)
    assert '"truncate": true' in error.message
    assert (error.status, error.param, error.code) == (400, "input", "context_length_exceeded")


def test_dimensions_error() -> None:
    error = embedding.dimensions_error(1024, 768)
    assert (error.status, error.param, error.code) == (400, "dimensions", "invalid_dimensions")
    assert "1024" in error.message
    assert "768" in error.message

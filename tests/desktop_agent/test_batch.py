"""Merging tasks into one call and splitting its result: every task gets its own rows, and all tokens are shared out."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from desktop_agent.core.engines.base import EmbedResult, TextFailure
from desktop_agent.core.pool.wire import Completed, Failed
from desktop_agent.core.work.batch import merge, split
from tests.desktop_agent.parts import DIGEST, DIMENSIONS, rows, task
from tests.fakes.ollama_models import expected_vectors


def result_for(texts: list[str], *failures: TextFailure, truncated: tuple[int, ...] = ()) -> EmbedResult:
    vectors = expected_vectors(DIGEST, texts, DIMENSIONS)
    vectors[[failure.position for failure in failures]] = 0
    tokens = tuple(len(text) for text in texts)
    return EmbedResult(vectors.tobytes(), DIMENSIONS, tokens, truncated, failures, 10.0)


@given(st.lists(st.lists(st.text(max_size=9), min_size=1, max_size=5), min_size=1, max_size=12))
def test_every_task_gets_its_own_rows_and_tokens(tasks: list[list[str]]) -> None:
    """However tasks are merged, each gets the vectors of its own texts, and no token or millisecond is lost."""
    (batch,) = merge(task(f"lease-{number}", *texts) for number, texts in enumerate(tasks))
    outcomes = split(batch, result_for(batch.texts), DIGEST)
    for number, (texts, outcome) in enumerate(zip(tasks, outcomes, strict=True)):
        assert isinstance(outcome, Completed)
        assert outcome.lease_id == f"lease-{number}"
        expected = expected_vectors(DIGEST, texts, DIMENSIONS)
        assert np.array_equal(rows(outcome.vectors, DIMENSIONS), expected)
        assert outcome.tokens == sum(len(text) for text in texts)
    assert abs(sum(one.engine_ms for one in outcomes if isinstance(one, Completed)) - 10.0) < 1e-9


def test_models_and_rules_are_not_mixed() -> None:
    """Two models, or one with and one without truncation, are calls of their own; the order of the rest stays."""
    tasks = [
        task("1", "a"),
        task("2", "b", model="other"),
        task("3", "c", truncate=True),
        task("4", "d", "e"),
    ]
    found = [(batch.model, batch.truncate, batch.texts) for batch in merge(tasks)]
    assert found == [
        ("nomic-embed-text", False, ["a", "d", "e"]),
        ("other", False, ["b"]),
        ("nomic-embed-text", True, ["c"]),
    ]


def test_a_bad_text_fails_its_own_task_only() -> None:
    """The task of the bad text fails with the position inside that task; its neighbours are complete."""
    (batch,) = merge([task("1", "a"), task("2", "b", "bad", "c"), task("3", "d")])
    outcomes = split(batch, result_for(batch.texts, TextFailure(2, "input_too_long", "too long")), DIGEST)
    assert outcomes[1] == Failed("2", "input_too_long", "too long", 1)
    assert [type(outcome) for outcome in outcomes] == [Completed, Failed, Completed]


def test_an_engines_failure_at_one_text_names_no_input() -> None:
    """Only errors that are about the text say which one: the others are no fault of the client's."""
    (batch,) = merge([task("1", "a")])
    (outcome,) = split(batch, result_for(["a"], TextFailure(0, "engine_error", "NaN")), DIGEST)
    assert outcome == Failed("1", "engine_error", "NaN", None)


def test_cut_texts_are_named_by_their_place_in_the_task() -> None:
    """Positions of the merged call become positions in each task."""
    (batch,) = merge([task("1", "a", "b"), task("2", "c", "d")])
    first, second = split(batch, result_for(batch.texts, truncated=(1, 2)), DIGEST)
    assert isinstance(first, Completed)
    assert isinstance(second, Completed)
    assert (first.truncated, second.truncated) == ((1,), (0,))

"""The real embedded engine: its data, its vectors, its limits, and what it says where it cannot work."""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from desktop_agent.core.engines import embedded
from desktop_agent.core.engines.base import EmbedResult
from desktop_agent.core.engines.embedded import CONTEXT_LENGTH, INLINE_CHARACTERS, MODEL, EmbeddedEngine
from desktop_agent.core.errors import EngineUnavailable, ModelMissing
from tests.desktop_agent.parts import rows, run


def embed(*texts: str, truncate: bool = False) -> EmbedResult:
    return run(EmbeddedEngine().embed(MODEL, list(texts), truncate=truncate))


def matrix(*texts: str) -> NDArray[np.float32]:
    return rows(embed(*texts).vectors, 256)


def test_it_offers_one_model_of_its_own_name() -> None:
    """The offer has everything that makes vectors comparable, and never another model's name."""
    engine = EmbeddedEngine()
    (offer,) = run(engine.inventory())
    assert (offer.capability, offer.dimensions, offer.engine) == ("embed.wordllama-256", 256, "embedded")
    assert len(offer.digest) == 64
    assert offer.engine_version == "0.4.0.post1"
    assert engine.health.available


def test_like_texts_are_near() -> None:
    """A sentence is nearer to one that means the like than to one that does not."""
    cat, kitten, tax = matrix("The cat sleeps on the sofa", "A kitten naps on the couch", "Income tax is due in April")
    assert cat @ kitten > cat @ tax + 0.2


@pytest.mark.parametrize("text", ["", " ", "\x00", "😀", "\ud800", "日本語のテキスト", "a" * 500])
def test_every_text_has_a_unit_vector(text: str) -> None:
    """Empty, odd and broken texts too: length 1, finite, the same in any company."""
    alone, beside = matrix(text), matrix("something else", text)
    assert abs(float(np.linalg.norm(alone[0])) - 1.0) < 1e-5
    assert np.isfinite(alone).all()
    assert np.array_equal(alone[0], beside[1])


def test_tokens_are_counted_by_text() -> None:
    """The count is the tokenizer's own, for each text."""
    result = embed("hello", "hello hello hello", "")
    assert result.tokens[1] > result.tokens[0] > result.tokens[2] == 0


def test_a_long_text_fails_alone_or_is_cut() -> None:
    """A text over the limit fails without its company, or is cut when its task allows it."""
    long = "word " * (CONTEXT_LENGTH + 10)
    strict = embed("short", long)
    assert [(failure.position, failure.code) for failure in strict.failures] == [(1, "input_too_long")]
    assert np.array_equal(rows(strict.vectors, 256)[0], matrix("short")[0])
    cut = embed("short", long, truncate=True)
    assert (cut.failures, cut.truncated, cut.tokens[1]) == ((), (1,), CONTEXT_LENGTH)


def test_a_long_call_gives_the_same_as_a_short_one() -> None:
    """A call that goes to a thread computes what the others compute."""
    filler = "word " * (INLINE_CHARACTERS // 5)
    assert np.array_equal(matrix("hello", filler)[0], matrix("hello")[0])


def test_another_model_is_missing() -> None:
    """It computes nothing under a strange name."""
    with pytest.raises(ModelMissing):
        run(EmbeddedEngine().embed("nomic-embed-text", ["a"], truncate=False))


def test_the_package_is_never_imported() -> None:
    """Its data is read, its code is not: that takes over the root logger."""
    run(EmbeddedEngine().inventory())
    assert "wordllama" not in sys.modules


def test_without_the_package_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a PC without the data nothing is offered, the reason names the package, and a call fails as unavailable."""

    def find_nothing(_name: str) -> ModuleSpec | None:
        return None

    monkeypatch.setattr(importlib.util, "find_spec", find_nothing)
    engine = EmbeddedEngine()
    assert run(engine.inventory()) == ()
    assert "wordllama" in engine.health.reason
    with pytest.raises(EngineUnavailable):
        run(engine.embed(MODEL, ["a"], truncate=False))


def test_without_the_tokenizer_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a PC without the tokenizers package the reason names that."""
    monkeypatch.setattr(embedded, "Tokenizer", None)
    engine = EmbeddedEngine()
    assert run(engine.inventory()) == ()
    assert "tokenizers" in engine.health.reason


def test_damaged_data_is_a_reason_and_no_crash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A half-downloaded package makes the engine unavailable, in words."""
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "l2_supercat_256.safetensors").write_bytes(b"\x05\0\0\0\0\0\0\0{}   ")
    spec = ModuleSpec("wordllama", None, is_package=True)
    assert spec.submodule_search_locations is not None
    spec.submodule_search_locations.append(str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: spec)
    engine = EmbeddedEngine()
    assert run(engine.inventory()) == ()
    assert "cannot be read" in engine.health.reason

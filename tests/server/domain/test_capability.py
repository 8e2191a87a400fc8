"""Capabilities are taken apart, compared and refused as documented."""

from __future__ import annotations

import pytest

from server.domain import capability as cap


@pytest.mark.parametrize(
    ("text", "base", "attributes"),
    [
        ("debug.echo", "debug.echo", ()),
        ("llm.qwen2.5vl:7b[vision;size:5Gb;tools]", "llm.qwen2.5vl:7b", ("vision", "size:5Gb", "tools")),
        ("a[;x;;]", "a", ("x",)),
        ("a[b[c];d]", "a", ("b[c]", "d")),
        ("a[", "a", ()),
        ("a[]", "a", ()),
    ],
)
def test_parts(text: str, base: str, attributes: tuple[str, ...]) -> None:
    """The base ends at the first `[`; attributes lie between it and the last `]`, without empty ones."""
    assert cap.base(text) == base
    assert cap.attributes(text) == attributes


@pytest.mark.parametrize(
    ("model", "capability"),
    [
        ("nomic-embed-text", "embed.nomic-embed-text"),
        ("nomic-embed-text:latest", "embed.nomic-embed-text"),
        ("nomic-embed-text:v1.5", "embed.nomic-embed-text:v1.5"),
        ("hf.co/org/M-GGUF:Q4_K_M", "embed.hf.co/org/M-GGUF:Q4_K_M"),
        ("latest", "embed.latest"),
    ],
)
def test_embedding_capability(model: str, capability: str) -> None:
    """Only Ollama's default tag is left out, and the model can be read back, dots and all."""
    assert cap.embedding_capability(model) == capability
    assert cap.model_of(capability) == cap.normalise_model(model)


def test_a_name_without_a_family_has_no_model() -> None:
    assert cap.model_of("echo") == ""


@pytest.mark.parametrize(
    ("patterns", "capability", "expected"),
    [
        (["*"], "anything.at:all", True),
        ([], "embed.a", False),
        (["embed.*"], "embed.a", True),
        (["embed.*"], "embedding.a", False),
        (["embed.a"], "embed.a", True),
        (["embed.a"], "embed.ab", False),
        (["embed.ab"], "embed.a", False),
        (["llm.*", "embed.a"], "embed.a", True),
        (["llm.m[vision]"], "llm.m", True),
        (["llm.m"], "llm.m[vision;tools]", True),
        (["llm.m[x]"], "llm.m[y]", True),
        (["llm.*"], "llm.m[vision]", True),
        (["EMBED.a"], "embed.a", False),
        ([""], "embed.a", False),
        (["e*d.a"], "embed.a", False),
    ],
)
def test_allows(patterns: list[str], capability: str, expected: bool) -> None:
    """`*` alone is everything, at the end a prefix, elsewhere nothing special; attributes never matter."""
    assert cap.allows(patterns, capability) is expected


@pytest.mark.parametrize(
    "text", ["a", "embed.x/y:z", "custom.deploy[branch:string]", "llm.模型", "two words", "x" * 200]
)
def test_valid(text: str) -> None:
    assert cap.valid_capability(text)


@pytest.mark.parametrize("text", ["", " a", "a ", "a\n", "a\0b", "a\tb", "x" * 201, "a\u202eb", "\ud800"])
def test_invalid(text: str) -> None:
    """Nothing that breaks a log line, a header or a page gets in as a name."""
    assert not cap.valid_capability(text)


@pytest.mark.parametrize(
    "name", ["gpt-oss:120b-cloud", "x:cloud", "org/x:CLOUD", "minimax-cloud", "minimax-cloud:latest"]
)
def test_cloud_models(name: str) -> None:
    """The forms in which Ollama names models that it sends to its makers."""
    assert cap.is_cloud_model(name)


@pytest.mark.parametrize("name", ["cloud", "cloudy:7b", "cloud-embed:latest", "x:cloudless", "nomic-embed-text"])
def test_local_models(name: str) -> None:
    assert not cap.is_cloud_model(name)

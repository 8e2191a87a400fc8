"""An agent's description of its models is believed only where it makes sense."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.errors import InvalidRequest
from server.domain.model_class import ModelClass, ModelOffer, parse_offers, told_class

NOMIC: dict[str, object] = {
    "model": "nomic-embed-text",
    "kind": "embedding",
    "digest": "0a109f422b47e3a30ba2b10eca18548e944e8a23073ee3f3e947efcf3c45e59f",
    "quantisation": "F16",
    "dimensions": 768,
    "contextLength": 2048,
    "engine": "ollama",
    "engineVersion": "0.14.2",
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def test_every_field_is_read() -> None:
    """The example of the protocol's description."""
    digest = str(NOMIC["digest"])
    expected = ModelOffer("nomic-embed-text", "embedding", digest, "F16", 768, 2048, "ollama", "0.14.2")
    assert parse_offers([NOMIC]) == (expected,)
    assert expected.model_class == ModelClass("nomic-embed-text", digest, 768, "ollama")


def test_what_the_engine_does_not_say_may_be_missing() -> None:
    """Model, kind, digest and engine are needed; a model whose vectors' length is unknown has no class yet."""
    (offer,) = parse_offers([{"model": "m", "kind": "embedding", "digest": "d", "engine": "ollama", "later": "field"}])
    assert offer == ModelOffer("m", "embedding", "d", "", None, None, "ollama", "")
    assert offer.model_class is None


def test_foreign_agents_say_nothing_of_models() -> None:
    assert parse_offers(None) == ()
    assert parse_offers([]) == ()


def test_the_default_tag_is_left_out() -> None:
    (offer,) = parse_offers([NOMIC | {"model": "nomic-embed-text:latest"}])
    assert offer.model == "nomic-embed-text"


def test_quantisation_and_versions_do_not_make_a_class() -> None:
    """The digest covers the quantisation, and an engine's version alone must not lock an agent out."""
    one, other = (
        parse_offers([NOMIC | extra])[0].model_class for extra in ({}, {"quantisation": "", "engineVersion": "9"})
    )
    assert one == other


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"model": None}, "model"),
        ({"model": ""}, "model"),
        ({"model": "x" * 201}, "model"),
        ({"model": "a\nb"}, "model"),
        ({"model": "a[b]"}, "model"),
        ({"model": 7}, "model"),
        ({"kind": "image"}, "kind"),
        ({"kind": None}, "kind"),
        ({"kind": []}, "kind"),
        ({"digest": None}, "digest"),
        ({"digest": ""}, "digest"),
        ({"digest": "x" * 129}, "digest"),
        ({"digest": "a\r\nb"}, "digest"),
        ({"digest": "é"}, "digest"),
        ({"digest": 5}, "digest"),
        ({"quantisation": ["F16"]}, "quantisation"),
        ({"dimensions": 0}, "dimensions"),
        ({"dimensions": -1}, "dimensions"),
        ({"dimensions": True}, "dimensions"),
        ({"dimensions": 768.0}, "dimensions"),
        ({"dimensions": 65_537}, "dimensions"),
        ({"dimensions": "768"}, "dimensions"),
        ({"contextLength": 0}, "contextLength"),
        ({"contextLength": 10**9}, "contextLength"),
        ({"engine": None}, "engine"),
        ({"engine": {}}, "engine"),
        ({"engineVersion": "1" * 129}, "engineVersion"),
    ],
)
def test_the_wrong_field_is_named(change: dict[str, object], field: str) -> None:
    """A person who reads the agent's log finds the place."""
    with pytest.raises(InvalidRequest) as caught:
        parse_offers([NOMIC | {"model": "another"}, NOMIC | change])
    assert caught.value.param == f"models[1].{field}"
    assert caught.value.message.startswith(f"models[1].{field} ")


@pytest.mark.parametrize("name", ["gpt-oss:120b-cloud", "embed:cloud"])
def test_cloud_models_are_refused(name: str) -> None:
    """A volunteer's own account must not be used for strangers' texts."""
    with pytest.raises(InvalidRequest, match=r"models\[0\]\.model .*cloud"):
        parse_offers([NOMIC | {"model": name}])


def test_a_model_is_offered_once() -> None:
    """Two digests under one name would leave open which one computes."""
    with pytest.raises(InvalidRequest, match=r"models\[1\]\.model .*twice"):
        parse_offers([NOMIC, NOMIC | {"model": "nomic-embed-text:latest", "digest": "other"}])


@pytest.mark.parametrize("raw", [{}, "nomic", 1, True])
def test_models_must_be_a_list(raw: object) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_offers(raw)
    assert caught.value.param == "models"


def test_the_number_of_models_is_limited() -> None:
    offers = [NOMIC | {"model": f"m{number}"} for number in range(201)]
    assert len(parse_offers(offers[:200])) == 200
    with pytest.raises(InvalidRequest, match="201"):
        parse_offers(offers)


@settings(deadline=None)
@given(st.one_of(JSON, st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(NOMIC, JSON)), max_size=3)))
def test_nothing_else_is_raised(raw: object) -> None:
    """Whatever JSON an agent sends, it gets a model list or a 400."""
    try:
        offers = parse_offers(raw)
    except InvalidRequest as error:
        assert error.status == 400
    else:
        assert all(isinstance(offer, ModelOffer) for offer in offers)


def test_a_class_told_in_attributes() -> None:
    """The digest with or without its algorithm, the engine Ollama unless another is named."""
    digest = "0A" * 32
    wanted = ModelClass("nomic-embed-text", digest.lower(), 768, "ollama")
    assert told_class(f"embed.nomic-embed-text:latest[digest:{digest};dimensions:768]") == wanted
    assert told_class(f"embed.nomic-embed-text[size:1Gb; dimensions:768; digest: sha256:{digest}]") == wanted
    named = told_class(f"embed.org/m:q8[digest:{digest};dimensions:8;engine:tei]")
    assert named == ModelClass("org/m:q8", digest.lower(), 8, "tei")


@pytest.mark.parametrize("capability", ["embed.m", "embed.m[]", "embed.m[size:5Gb]", "embed.m[dimensions:768]"])
def test_attributes_without_a_digest_tell_no_class(capability: str) -> None:
    """They only inform."""
    assert told_class(capability) is None

"""Every rule of an embeddings request."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain import cl100k, embedding
from server.domain.embedding import EmbeddingRequest, parse_embedding_request
from server.domain.embedding_input import EmptyInput
from server.domain.errors import ContextLengthExceeded, InvalidJson, InvalidRequest, PoolError, TooManyTokens

ANY_TEXT = st.text(st.characters(exclude_categories=()))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)

BODIES = st.fixed_dictionaries(
    {},
    optional={
        "model": st.just("m") | JSON,
        "input": st.lists(ANY_TEXT) | st.lists(st.lists(st.integers(-2, 100_300), max_size=3)) | JSON,
        "dimensions": st.none() | st.integers(1, 99) | JSON,
        "encoding_format": st.sampled_from([None, "float", "base64"]) | JSON,
        "truncate": st.none() | st.booleans() | JSON,
        "other": JSON,
    },
)


def parse(**body: object) -> EmbeddingRequest:
    """Parse a body that has a model unless it says otherwise."""
    return parse_embedding_request({"model": "m"} | body, default_model=None)


def refused(**body: object) -> PoolError:
    with pytest.raises(PoolError) as caught:
        parse(**body)
    return caught.value


def test_the_smallest_request() -> None:
    assert parse(input="hello") == EmbeddingRequest("m", ("hello",), None, "float", False, ())


def test_every_field() -> None:
    request = parse(input=["a", "b"], dimensions=256, encoding_format="base64", truncate=True, user="someone")
    assert request == EmbeddingRequest("m", ("a", "b"), 256, "base64", True, ())


def test_null_is_absent() -> None:
    """Clients that write every option send null for those not set."""
    body = {
        "input": "a",
        "dimensions": None,
        "encoding_format": None,
        "truncate": None,
        "user": None,
        "keep_alive": None,
    }
    assert parse(**body) == parse(input="a")


@pytest.mark.parametrize(
    ("value", "inputs"),
    [
        ("hello", ("hello",)),
        ("", ("",)),
        (["a"], ("a",)),
        (["a", "b", "a"], ("a", "b", "a")),
        ([15339, 1917], ("hello world",)),
        ([[15339, 1917]], ("hello world",)),
        ([[15339], [1917]], ("hello", " world")),
        ([100257], ("<|endoftext|>",)),
        (["  spaces \n stay "], ("  spaces \n stay ",)),
        (["é", "e\u0301"], ("é", "e\u0301")),
    ],
)
def test_the_four_shapes(value: object, inputs: tuple[str, ...]) -> None:
    """A list of numbers is one text, a list of lists several; nothing is normalised."""
    assert parse(input=value).inputs == inputs


def test_2048_inputs_are_allowed_and_one_more_is_not() -> None:
    """For texts and for token lists; a list of token ids is one input, however long."""
    assert len(parse(input=["a"] * 2048).inputs) == 2048
    assert len(parse(input=[[64]] * 2048).inputs) == 2048
    assert parse(input=[64] * 8191).inputs == ("a" * 8191,)
    for too_many in (["a"] * 2049, [[64]] * 2049):
        error = refused(input=too_many)
        assert (error.code, error.param) == ("too_many_inputs", "input")
        assert error.message.startswith("'$.input' is invalid")
        assert "array length must be 2048 or less" in error.message


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        (None, "invalid_input", "missing"),
        (5, "invalid_input", "neither"),
        (True, "invalid_input", "neither"),
        ({"text": "a"}, "invalid_input", "neither"),
        ([], "empty_input", "the list is empty"),
        ([[]], "empty_input", "input[0] is an empty list"),
        ([[1], []], "empty_input", "input[1] is an empty list"),
        ([""], "empty_input", "input[0] is an empty string"),
        (["a", "", "b", ""], "empty_input", "input[1] is an empty string"),
        (["a", 1], "invalid_input", "different"),
        ([1, "a"], "invalid_input", "different"),
        ([[1], "a"], "invalid_input", "different"),
        ([1, [1]], "invalid_input", "different"),
        ([None], "invalid_input", "different"),
        (["a", None], "invalid_input", "different"),
        ([{}], "invalid_input", "different"),
        ([["a"]], "invalid_input", "token ids only"),
        ([[1], [[1]]], "invalid_input", "token ids only"),
        ([[None]], "invalid_input", "token ids only"),
        ("a\0b", "invalid_input", "input[0] has a NUL"),
        (["a", "b\0"], "invalid_input", "input[1] has a NUL"),
        ([[64], [188]], "invalid_input", "input[1] has a NUL"),
        ("\ud83d", "invalid_input", "input[0] has half of a surrogate pair"),
        (["a\ud83d", "\ude00b"], "invalid_input", "input[0] has half of a surrogate pair"),
        (["ok", "é", "\udfff"], "invalid_input", "input[2] has half of a surrogate pair"),
    ],
)
def test_wrong_input(value: object, code: str, words: str) -> None:
    """A 400 that says which input is wrong and why, in words that clients look for."""
    error = refused(input=value)
    assert (type(error), error.status, error.type) == (InvalidRequest, 400, "invalid_request_error")
    assert (error.param, error.code) == ("input", code)
    assert error.message.startswith("'$.input' is invalid: ")
    assert "Please check the API reference: https://platform.openai.com/docs/api-reference." in error.message
    assert words in error.message


@pytest.mark.parametrize("value", [[-1], [[15339, 100300]], [True], [1.5], [[1.0]], [1, False], [2**70]])
def test_wrong_tokens(value: object) -> None:
    """Numbers that are no token ids get the error that tells LangChain's users what to set."""
    error = refused(input=value)
    assert (error.status, error.param, error.code) == (400, "input", "invalid_token_id")
    assert "check_embedding_ctx_length=False" in error.message


def test_empty_texts_can_be_let_in() -> None:
    """The operator's choice for clients that send them; lists of nothing stay wrong."""
    body = {"model": "m", "input": ["a", "", "b"]}
    request = parse_embedding_request(body, default_model=None, empty_input="embed")
    assert request.inputs == ("a", "", "b")
    empty_lists: tuple[list[object], ...] = ([], [[]])
    for nothing in empty_lists:
        with pytest.raises(InvalidRequest, match="empty"):
            parse_embedding_request({"model": "m", "input": nothing}, default_model=None, empty_input="embed")


@pytest.mark.parametrize("model", [None, ""])
def test_the_default_model(model: str | None) -> None:
    """A request that names none gets the server's, or OpenAI's words where there is none."""
    request = parse_embedding_request({"model": model, "input": "a"}, default_model="house-model")
    assert request.model == "house-model"
    error = refused(model=model, input="a")
    assert (error.status, error.param, error.message) == (400, "model", "you must provide a model parameter")


@pytest.mark.parametrize("model", ["nomic-embed-text:latest", "hf.co/org/M-GGUF:Q4_K_M", "模型"])
def test_the_name_is_kept_as_written(model: str) -> None:
    """The answer repeats it."""
    assert parse(model=model, input="a").model == model


@pytest.mark.parametrize("model", [5, ["m"], {}, True, "a\nb", " m", "m\0", "x" * 201, "\ud800"])
def test_wrong_model(model: object) -> None:
    error = refused(model=model, input="a")
    assert (error.status, error.param) == (400, "model")


@pytest.mark.parametrize("dimensions", [0, -1, 1.0, 1.5, True, False, "256", [256], 65_537, 10**30])
def test_wrong_dimensions(dimensions: object) -> None:
    """`True` is not 1, and no number makes us reserve memory."""
    error = refused(input="a", dimensions=dimensions)
    assert (error.status, error.param, error.code) == (400, "dimensions", "invalid_dimensions")


@pytest.mark.parametrize("dimensions", [1, 768, 65_536])
def test_right_dimensions(dimensions: int) -> None:
    assert parse(input="a", dimensions=dimensions).dimensions == dimensions


@pytest.mark.parametrize(
    ("value", "expected"),
    [("float", "float"), ("FLOAT", "float"), ("base64", "base64"), ("Base64", "base64")],
)
def test_encoding_format_in_any_case(value: str, expected: str) -> None:
    assert parse(input="a", encoding_format=value).encoding_format == expected


@pytest.mark.parametrize("value", ["int8", "", 1, ["float"], True, "x" * 10_000, "\ud800\n"])
def test_wrong_encoding_format(value: object) -> None:
    """The message names both formats and stays short and printable whatever was sent."""
    error = refused(input="a", encoding_format=value)
    assert (error.status, error.param, error.code) == (400, "encoding_format", "invalid_encoding_format")
    assert "Supported values: ['float', 'base64']." in error.message
    assert len(error.message) < 200
    assert error.message.isprintable()


@pytest.mark.parametrize("value", ["true", 1, 0, [], "END"])
def test_wrong_truncate(value: object) -> None:
    error = refused(input="a", truncate=value)
    assert (error.status, error.param) == (400, "truncate")


@pytest.mark.parametrize("body", [None, [], "text", 5, True, [{"model": "m", "input": "a"}]])
def test_the_body_must_be_an_object(body: object) -> None:
    with pytest.raises(InvalidJson, match="We could not parse the JSON body of your request") as caught:
        parse_embedding_request(body, default_model="m")
    assert (caught.value.status, caught.value.code) == (400, "invalid_json")


def test_unknown_fields_are_named_and_ignored() -> None:
    """In the client's order; `user` is nobody's business, and null asks for nothing."""
    request = parse(input="a", keep_alive="5m", options={}, user="x", input_type="query", task=None)
    assert request.ignored == ("keep_alive", "options", "input_type")


def test_ignored_names_fit_into_a_header() -> None:
    """A name with a line break, a comma, a strange or a thousand letters is not repeated; many are not all named."""
    strange = {"a\r\nSet-Cookie: x": 1, "b,c": 1, "": 1, "é": 1, "x" * 65: 1, "\ud800": 1, "fine-1.0": 1}
    assert parse(input="a", **strange).ignored == ("fine-1.0",)
    assert len(parse(input="a", **{f"f{number}": 1 for number in range(1000)}).ignored) == 20


@pytest.mark.parametrize("value", ["x" * 262_145, ["a", "é" * 131_073], ["a", "𝄞" * 65_537]])
def test_a_text_beyond_any_model_is_refused(value: object) -> None:
    """Counted in UTF-8 bytes, whatever the script; LiteLLM recognises the words."""
    error = refused(input=value)
    position = 0 if isinstance(value, str) else 1
    assert isinstance(error, ContextLengthExceeded)
    assert f"This model's maximum context length is 65536 tokens, however input[{position}] has 26214" in error.message
    assert "truncate" not in error.message


@pytest.mark.parametrize("value", ["x" * 262_144, "é" * 131_072, ["𝄞" * 65_536]])
def test_a_text_of_the_full_size_is_not(value: object) -> None:
    assert parse(input=value).inputs


def test_a_request_beyond_300000_tokens_is_refused() -> None:
    """OpenAI's words, with the estimate."""
    error = refused(input=["word " * 5000] * 80)
    assert (type(error), error.status) == (TooManyTokens, 400)
    assert error.message == "Requested 500080 tokens, max 300000 tokens per request"
    assert error.type == error.code == "max_tokens_per_request"


def test_the_border_of_an_estimated_request() -> None:
    """Up to a half above the limit, the estimate may be at fault and the request is let in."""
    assert parse(input=["x" * 199_996] * 9).inputs
    assert isinstance(refused(input=["x" * 199_996] * 8 + ["x" * 200_000]), TooManyTokens)


def test_counted_tokens_are_exact() -> None:
    """A client that counted up to the limit is let in, whatever we would have estimated; one more token is refused."""
    token = cl100k.vocabulary().index(b" " * 16)
    arrays = [[token] * 1000] * 300
    assert sum(map(embedding.estimate_tokens, parse(input=arrays).inputs)) > 450_000
    error = refused(input=[*arrays, [token]])
    assert error.message == "Requested 300001 tokens, max 300000 tokens per request"
    assert refused(input=[token] * 400_000).message == "Requested 400000 tokens, max 300000 tokens per request"


@settings(deadline=None, max_examples=400)
@given(BODIES | JSON, st.none() | st.just("house-model"), st.sampled_from(["reject", "embed"]))
def test_any_json_is_understood_or_refused(body: object, default_model: str | None, empty_input: EmptyInput) -> None:
    """Nothing but a PoolError with status 400 comes out, and its message can be sent as JSON in UTF-8."""
    try:
        request = parse_embedding_request(body, default_model=default_model, empty_input=empty_input)
    except PoolError as error:
        assert error.status == 400
        assert json.dumps(error.message, ensure_ascii=False).encode()
    else:
        assert 1 <= len(request.inputs) <= 2048
        assert len(embedding.fingerprint(request)) == 32
        assert "".join(request.inputs).encode().count(0) == 0
        assert ", ".join(request.ignored).isascii()

"""An embeddings request: what a client may ask for, and how it is taken apart into texts and tasks.

The rules and the wording are those of OpenAI's `POST /v1/embeddings`, because client libraries read the messages:
LiteLLM looks for "This model's maximum context length is", others for "'$.input' is invalid".
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from server.domain.embedding_input import MAX_REQUEST_TOKENS, EmptyInput, read_inputs, too_many_tokens
from server.domain.errors import ContextLengthExceeded, InvalidJson, InvalidRequest
from server.domain.model_class import MAX_DIMENSIONS
from server.domain.request_fields import ignored_fields, requested_model

EncodingFormat = Literal["float", "base64"]

#: How far our estimate of a text's tokens may be above the client's own count, so that nobody who counted right is
#: refused: plain English with long words has 5.5 bytes in a token.
ESTIMATE_SLACK = 1.5

#: UTF-8 bytes in one text: more than any model reads, and little enough for every engine to take in.
MAX_TEXT_BYTES = 256 * 1024

#: UTF-8 bytes in one token: 4 to 5 in English, about 3.5 in German, Russian and Markdown, 2.5 to 3 in Chinese, Hindi,
#: Arabic and Thai, 2 in hexadecimal.
BYTES_PER_TOKEN = 4

#: Texts and estimated tokens in one task: seconds of work for a small GPU, so that little is lost with a PC.
MAX_TASK_TEXTS = 32
MAX_TASK_TOKENS = 8000

#: `user` is dropped without a word: it names a person, and nothing may keep it.
_KNOWN_FIELDS = frozenset({"model", "input", "dimensions", "encoding_format", "truncate", "user"})


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """A request that obeys every rule which can be checked without knowing the model."""

    #: The name as the client wrote it; the answer repeats it.
    model: str
    #: 1 to 2048 texts, in the client's order, token arrays decoded.
    inputs: tuple[str, ...]
    #: Numbers wanted in every vector; None for the model's own.
    dimensions: int | None
    encoding_format: EncodingFormat
    #: Cut texts that are too long for the model, where otherwise the request fails.
    truncate: bool
    #: Names of fields that mean nothing here, fit to stand in a header.
    ignored: tuple[str, ...]


def parse_embedding_request(
    body: object, *, default_model: str | None, empty_input: EmptyInput = "reject"
) -> EmbeddingRequest:
    """Check a parsed JSON body; a field that is null counts as absent.

    Args:
        body: what the JSON parser made of it.
        default_model: the model of a request that names none; None to insist on one.
        empty_input: what to do with an empty text inside a list. A single empty text is always embedded,
            as OpenAI does.

    Raises:
        InvalidRequest: a rule is broken; `param` names the field, `code` the rule.
        ContextLengthExceeded: one text is longer than any model's context.
        TooManyTokens: all texts together are.
    """
    if not isinstance(body, dict):
        raise InvalidJson(
            "We could not parse the JSON body of your request. (HINT: it must be a JSON object such as "
            '{"model": "nomic-embed-text", "input": "some text"}.)'
        )
    model = requested_model(body.get("model"), default_model)
    dimensions = _dimensions(body.get("dimensions"))
    encoding_format = _encoding_format(body.get("encoding_format"))
    truncate = _truncate(body.get("truncate"))
    texts, counted = read_inputs(body.get("input"), empty_input)
    _refuse_long_text(texts)
    if not counted:
        _refuse_long_request(texts)
    return EmbeddingRequest(model, texts, dimensions, encoding_format, truncate, ignored_fields(body, _KNOWN_FIELDS))


def fingerprint(request: EmbeddingRequest) -> bytes:
    """Return a sha256 that is equal for requests that need the same vectors: model, truncation and the exact texts.

    Dimensions and encoding only change how the answer is shown.
    """
    texts = [text.encode() for text in (request.model, *request.inputs)]
    # All lengths come first, so that no two lists of texts give the same bytes.
    header = struct.pack(f"<?Q{len(texts)}Q", request.truncate, len(texts), *map(len, texts))
    return hashlib.sha256(header + b"".join(texts)).digest()


def text_hash(text: str) -> bytes:
    """Return the sha256 of the text's exact UTF-8 bytes: nothing is normalised, not even a space."""
    return hashlib.sha256(text.encode()).digest()


def estimate_tokens(text: str) -> int:
    """Return about how many tokens a text has, at least 1; within a factor of two for a page in any language."""
    return _utf8_length(text) // BYTES_PER_TOKEN + 1


def split(texts: Sequence[str], max_texts: int = MAX_TASK_TEXTS, max_tokens: int = MAX_TASK_TOKENS) -> list[range]:
    """Share texts out among tasks: consecutive ranges of positions, each within both limits.

    A text that is over the token limit by itself gets a range of its own.
    """
    ranges: list[range] = []
    start = tokens = 0
    for position, text in enumerate(texts):
        size = estimate_tokens(text)
        if position > start and (position - start >= max_texts or tokens + size > max_tokens):
            ranges.append(range(start, position))
            start, tokens = position, 0
        tokens += size
    if texts:
        ranges.append(range(start, len(texts)))
    return ranges


def context_error(position: int, limit: int | None, got: int | None) -> ContextLengthExceeded:
    """Make the error for a text that the model cannot read whole.

    Args:
        position: the text's place in the request.
        limit: tokens that the model reads; None where its engine does not say.
        got: tokens of the text; None where nobody counted.
    """
    text = f"input[{position}]"
    if limit is None:
        fact = f"exceeded by {text}" + ("" if got is None else f", which has {got} tokens")
    elif got is None:
        fact = f"{limit} tokens, however {text} is longer"
    else:
        prompt = f"{got} tokens ({got} in your prompt; 0 for the completion)"
        fact = f"{limit} tokens, however you requested {prompt} with {text}"
    return ContextLengthExceeded(
        f"This model's maximum context length is {fact}. "
        'Please reduce your prompt, or send "truncate": true to have it cut.',
        param="input",
    )


def dimensions_error(wanted: int, native: int) -> InvalidRequest:
    """Make the error for vectors that would have to be longer than the model makes them."""
    return InvalidRequest(
        f"This model does not support specifying dimensions above {native}, but dimensions is {wanted}. "
        f"Leave it out, or send a number from 1 to {native}.",
        param="dimensions",
        code="invalid_dimensions",
    )


def _dimensions(value: object) -> int | None:
    if value is None:
        return None
    # bool is an int to isinstance.
    if type(value) is not int or not 1 <= value <= MAX_DIMENSIONS:
        raise InvalidRequest(
            f"dimensions must be a whole number from 1 to {MAX_DIMENSIONS}, and not more than the model has.",
            param="dimensions",
            code="invalid_dimensions",
        )
    return value


def _encoding_format(value: object) -> EncodingFormat:
    if value is None:
        return "float"
    lower = value.lower() if isinstance(value, str) else ""
    if lower not in ("float", "base64"):
        raise InvalidRequest(
            f"Invalid value for 'encoding_format' = {_quoted(value)}. Supported values: ['float', 'base64'].",
            param="encoding_format",
            code="invalid_encoding_format",
        )
    return cast(EncodingFormat, lower)


def _truncate(value: object) -> bool:
    if value is None:
        return False
    if not isinstance(value, bool):
        raise InvalidRequest("truncate must be true or false.", param="truncate")
    return value


def _refuse_long_text(texts: tuple[str, ...]) -> None:
    # No character has more than 4 bytes in UTF-8, so most requests need no closer look.
    if 4 * max(map(len, texts)) <= MAX_TEXT_BYTES:
        return
    for position, text in enumerate(texts):
        size = _utf8_length(text)
        if size > MAX_TEXT_BYTES:
            raise _long_text(position, size)


def _long_text(position: int, size: int) -> ContextLengthExceeded:
    return ContextLengthExceeded(
        f"This model's maximum context length is {MAX_TEXT_BYTES // BYTES_PER_TOKEN} tokens, however input[{position}] "
        f"has {size} bytes, and a text may have {MAX_TEXT_BYTES} at most. Please split it into shorter texts.",
        param="input",
    )


def _refuse_long_request(texts: tuple[str, ...]) -> None:
    # A character is at most one estimated token, and every text may be rounded up by one.
    if sum(map(len, texts)) + len(texts) <= MAX_REQUEST_TOKENS:
        return
    tokens = sum(map(estimate_tokens, texts))
    if tokens > MAX_REQUEST_TOKENS * ESTIMATE_SLACK:
        raise too_many_tokens(tokens)


def _utf8_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _quoted(value: object) -> str:
    return ascii(value[:40]) if isinstance(value, str) else f"a value of type {type(value).__name__}"

"""The `input` of an embeddings request: four shapes become one list of readable texts."""

from __future__ import annotations

from itertools import chain
from typing import Literal, NamedTuple

from server.domain import cl100k
from server.domain.errors import InvalidRequest, TooManyTokens

EmptyInput = Literal["reject", "embed"]

#: Inputs in one request; OpenAI's limit, which clients fill.
MAX_INPUTS = 2048

#: Tokens in one request; OpenAI's limit, which LangChain fills.
MAX_REQUEST_TOKENS = 300_000

_NUMBERS = {int, bool, float}
_REFERENCE = "Please check the API reference: https://platform.openai.com/docs/api-reference."
_SHAPES = "send a text, a list of texts, a list of token ids, or a list of lists of token ids"


class Inputs(NamedTuple):
    """What `input` means."""

    #: 1 to 2048 texts in the client's order.
    texts: tuple[str, ...]
    #: The client sent tokens, and their number is known to be within the limit; texts' tokens can only be estimated.
    counted: bool


def read_inputs(value: object, empty_input: EmptyInput) -> Inputs:
    """Read a text, a list of texts, a list of token ids (which is one text) or a list of such lists.

    Raises:
        InvalidRequest: a rule is broken; the message names the first input at fault, `code` the rule.
        TooManyTokens: token lists are longer than a request may be.
    """
    inputs = _as_texts(value, empty_input)
    texts = inputs.texts
    # All texts are looked at as one; only where that finds something, one by one.
    whole = "".join(texts) if len(texts) > 1 else texts[0]
    if not _readable(whole):
        raise _unreadable(texts)
    return inputs


def too_many_tokens(tokens: int) -> TooManyTokens:
    """Make the error for a request with this many tokens in all."""
    return TooManyTokens(f"Requested {tokens} tokens, max {MAX_REQUEST_TOKENS} tokens per request")


def _as_texts(value: object, empty_input: EmptyInput) -> Inputs:
    if isinstance(value, str):
        return Inputs((value,), counted=False)
    if not isinstance(value, list):
        raise _invalid(f"it is {'missing' if value is None else 'neither a text nor a list'}; {_SHAPES}")
    if not value:
        raise _invalid("the list is empty", "empty_input")
    # A longer list is refused whatever comes after, and millions of elements take their time.
    kinds = set(map(type, value[: MAX_REQUEST_TOKENS + 1]))
    if kinds <= _NUMBERS:
        return Inputs(_decoded([value]), counted=True)
    if len(value) > MAX_INPUTS:
        raise _invalid(f"array length must be {MAX_INPUTS} or less, but it is {len(value)}", "too_many_inputs")
    if kinds == {str}:
        return Inputs(_texts(value, empty_input), counted=False)
    if kinds == {list}:
        return Inputs(_decoded(value), counted=True)
    raise _invalid(f"its elements are of different or unknown kinds; {_SHAPES}")


def _texts(texts: list[str], empty_input: EmptyInput) -> tuple[str, ...]:
    if empty_input == "reject" and "" in texts:
        position = texts.index("")
        raise _invalid(f"input[{position}] is an empty string; leave it out, or send it alone", "empty_input")
    return tuple(texts)


def _decoded(arrays: list[list[int]]) -> tuple[str, ...]:
    if [] in arrays:
        raise _invalid(f"input[{arrays.index([])}] is an empty list", "empty_input")
    tokens = sum(map(len, arrays))
    if tokens > MAX_REQUEST_TOKENS:
        raise too_many_tokens(tokens)
    if not set(map(type, chain.from_iterable(arrays))) <= _NUMBERS:
        raise _invalid(f"a list inside a list must have token ids only; {_SHAPES}")
    return tuple(map(cl100k.decode, arrays))


def _readable(text: str) -> bool:
    if "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unreadable(texts: tuple[str, ...]) -> InvalidRequest:
    position, text = next((position, text) for position, text in enumerate(texts) if not _readable(text))
    what = "a NUL character (U+0000)" if "\0" in text else "half of a surrogate pair (U+D800 to U+DFFF)"
    return _invalid(f"input[{position}] has {what}, which is not text")


def _invalid(why: str, code: str = "invalid_input") -> InvalidRequest:
    return InvalidRequest(f"'$.input' is invalid: {why}. {_REFERENCE}", param="input", code=code)

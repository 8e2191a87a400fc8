"""Token arrays back to text, with the vocabulary that clients tokenise with: cl100k_base.

LangChain sends `"input": [[15339, 1917]]` by default. The vocabulary is tiktoken's (MIT licence, Copyright (c) 2022
OpenAI, Shantanu Jain; `cl100k_base.NOTICE.txt` has it). It lies beside this file as `cl100k_base.zlib`: 100,256 length
bytes, then the tokens' bytes by rank, compressed with zlib. A test rebuilds the published file from it and compares its
sha256.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from threading import Lock

from server.domain.errors import InvalidRequest

#: Ordinary tokens; their ids are their ranks.
ORDINARY_TOKENS = 100_256

#: Tokens beyond the vocabulary file. The ids between them mean nothing.
SPECIAL_TOKENS = {
    100_257: b"<|endoftext|>",
    100_258: b"<|fim_prefix|>",
    100_259: b"<|fim_middle|>",
    100_260: b"<|fim_suffix|>",
    100_276: b"<|endofprompt|>",
}

_DATA = Path(__file__).with_name("cl100k_base.zlib")
_loading = Lock()


def preload() -> None:
    """Read the vocabulary now (0.05 s), so that the first request with tokens need not wait for it."""
    with _loading:
        _table()


def vocabulary() -> list[bytes]:
    """Return the ordinary tokens' bytes, by rank."""
    data = zlib.decompress(_DATA.read_bytes())
    lengths, text = data[:ORDINARY_TOKENS], data[ORDINARY_TOKENS:]
    return [text[start:end] for start, end in pairwise(accumulate(lengths, initial=0))]


def decode(tokens: Sequence[int]) -> str:
    """Return the text that these tokens stand for.

    Clients cut long texts between tokens, which may be inside a character: what is left of one becomes U+FFFD instead
    of an error.
    Raises InvalidRequest (`invalid_token_id`) naming the first id that is not a token; a bool or a float is none.
    """
    preload()
    table = _table()
    # The types are looked at first, because a dict finds True and 1.0 under 1.
    if set(map(type, tokens)) <= {int}:
        with suppress(KeyError):
            return b"".join([table[token] for token in tokens]).decode("utf-8", "replace")
    raise _not_a_token(next(token for token in tokens if type(token) is not int or token not in table))


@cache
def _table() -> dict[int, bytes]:
    return dict(enumerate(vocabulary())) | SPECIAL_TOKENS


def _not_a_token(wrong: object) -> InvalidRequest:
    # A number may have thousands of digits, which neither fit a message nor may be printed.
    name = str(wrong) if isinstance(wrong, int | float) and abs(wrong) < 2**64 else "id"
    return InvalidRequest(
        f"token {name} is not in cl100k_base; send text, or set check_embedding_ctx_length=False",
        param="input",
        code="invalid_token_id",
    )

"""Token arrays become the text they were made of, and the vocabulary is the published one."""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain import cl100k
from server.domain.errors import InvalidRequest

#: What tiktoken itself expects of `cl100k_base.tiktoken`.
PUBLISHED_SHA256 = "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"

#: The name under which tiktoken looks for that file in its cache: sha1 of its address.
CACHE_NAME = "9b5ad71b2ce5302211f9c61530b329a4922fc6a4"

SAMPLES = [
    "hello world",
    "The quick brown fox jumps over the lazy dog. It's 3.14159, isn't it?",
    "Größenwahn, naïveté, señor, ångström, İstanbul",
    "Съешь же ещё этих мягких французских булок",
    "敏捷的棕色狐狸跳过了懒狗。いろはにほへと 다람쥐 헌 쳇바퀴에",
    "نص عربي مع أرقام ١٢٣ ועברית",
    "हिन्दी में कुछ शब्द, ไทย, ქართული, ᐃᓄᒃᑎᑐᑦ",
    "👩‍👩‍👧‍👦 🏳️‍🌈 🇨🇭 👍🏽 🫠",
    "def f(x):\n\treturn {k: v for k, v in x.items()}  # \r\n" + " " * 90,
    "∀ε>0 ∃δ: |x|<δ ⇒ |f(x)|≤ε",
    "<|endoftext|> written by a person",
    "\ufeff\u200b\u202e mixed \U0010ffff",
]


def published_file() -> bytes:
    """Rebuild `cl100k_base.tiktoken`: a line per token, its bytes in base64 and its rank."""
    lines = (b"%s %d\n" % (base64.b64encode(token), rank) for rank, token in enumerate(cl100k.vocabulary()))
    return b"".join(lines)


@pytest.fixture(scope="module")
def encoding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tiktoken.Encoding]:
    """The tokeniser that clients use, reading the file made of our data instead of the network."""
    folder: Path = tmp_path_factory.mktemp("tiktoken")
    (folder / CACHE_NAME).write_bytes(published_file())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", str(folder))
        yield tiktoken.get_encoding("cl100k_base")


def test_the_vocabulary_is_the_published_one() -> None:
    """The published file can be rebuilt, byte for byte, from what we ship."""
    assert hashlib.sha256(published_file()).hexdigest() == PUBLISHED_SHA256


def test_the_licence_lies_beside_it() -> None:
    notice = Path(cl100k.__file__).with_name("cl100k_base.NOTICE.txt").read_text(encoding="utf-8")
    assert "MIT License" in notice
    assert PUBLISHED_SHA256 in notice


@pytest.mark.parametrize("text", SAMPLES)
def test_samples_come_back(encoding: tiktoken.Encoding, text: str) -> None:
    """What tiktoken encodes, in any script, is decoded to the same text."""
    assert cl100k.decode(encoding.encode(text, disallowed_special=())) == text


@settings(deadline=None)
@given(text=st.text())
def test_any_text_comes_back(encoding: tiktoken.Encoding, text: str) -> None:
    """The same for texts that nobody thought of."""
    assert cl100k.decode(encoding.encode(text, disallowed_special=())) == text


@settings(deadline=None)
@given(tokens=st.lists(st.integers(0, cl100k.ORDINARY_TOKENS - 1) | st.sampled_from([*cl100k.SPECIAL_TOKENS])))
def test_any_tokens_mean_what_tiktoken_says(encoding: tiktoken.Encoding, tokens: list[int]) -> None:
    """Also where they are not anybody's text, and for the special ones."""
    assert cl100k.decode(tokens) == encoding.decode(tokens)


def test_specials_are_tiktokens(encoding: tiktoken.Encoding) -> None:
    """The five tokens beyond the file, and no others."""
    specials = {encoding.encode_single_token(name): name.encode() for name in encoding.special_tokens_set}
    assert specials == cl100k.SPECIAL_TOKENS


def test_a_cut_inside_a_character_is_no_error(encoding: tiktoken.Encoding) -> None:
    """LangChain cuts long texts after 8191 tokens, wherever that is; the whole characters survive."""
    tokens = encoding.encode("ab 👩‍👩‍👧‍👦 cd")
    halves = [cl100k.decode(tokens[:place]) + cl100k.decode(tokens[place:]) for place in range(1, len(tokens))]
    assert any("\ufffd" in half for half in halves)
    assert all(half.startswith("ab") and half.endswith("cd") for half in halves)


def test_no_tokens_are_no_text() -> None:
    assert cl100k.decode([]) == ""


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        (-1, "-1"),
        (100_256, "100256"),
        (100_261, "100261"),
        (100_275, "100275"),
        (100_277, "100277"),
        (100_300, "100300"),
        (2**63, str(2**63)),
        pytest.param(10**5000, "id", id="huge"),
        (True, "True"),
        (1.0, "1.0"),
        (float("nan"), "id"),
        ("hello", "id"),
        (None, "id"),
        ([1], "id"),
    ],
)
@pytest.mark.parametrize("place", [0, 2])
def test_what_is_no_token_is_refused(wrong: object, name: str, place: int) -> None:
    """Not taken for another token, as -1 and True are by a list, 1.0 by a dict."""
    tokens: list[object] = [15339, 1917]
    tokens.insert(place, wrong)
    with pytest.raises(InvalidRequest) as caught:
        cl100k.decode(tokens)  # type: ignore[arg-type]  # the wrong types are the point
    assert (caught.value.status, caught.value.param, caught.value.code) == (400, "input", "invalid_token_id")
    assert caught.value.message == (
        f"token {name} is not in cl100k_base; send text, or set check_embedding_ctx_length=False"
    )


def test_threads_may_come_first_together() -> None:
    """The vocabulary is read once, however many requests arrive before it is there."""
    cl100k._table.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(cl100k.decode, itertools.repeat([15339, 1917], 32)))
    assert set(texts) == {"hello world"}
    assert cl100k._table.cache_info().misses == 1

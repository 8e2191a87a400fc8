"""LangChain's `OpenAIEmbeddings` as it is by default: it sends arrays of tokens, and cuts where a text is long."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest
import tiktoken
from langchain_openai import OpenAIEmbeddings
from pydantic import SecretStr

from tests.factories import MODEL, vector_of
from tests.live_pool import LivePool
from tests.scripted_agent import ScriptedAgent
from tests.server.domain.test_cl100k import CACHE_NAME, published_file

Served = tuple[LivePool, ScriptedAgent]

#: Tokens after which LangChain cuts a text.
CUT_AFTER = 8191

TEXTS = [
    "Plain English.",
    "Grüße aus Köln — „mit“ ß",
    "東京は日本の首都です。",
    "Привет, мир",
    "مرحبا بالعالم",
    "नमस्ते दुनिया",
    "👩‍👩‍👧‍👦 family, 🏳️‍🌈 flag, 👍🏽",
    "a\u0301 = á? \u200b\ufeff",
    "def f(x):\n\treturn x ** 2\n",
    "<|endoftext|> is text here",
]


@pytest.fixture(scope="module", autouse=True)
def encoding(tmp_path_factory: pytest.TempPathFactory) -> tiktoken.Encoding:
    """Give the tokeniser that LangChain uses, which would download its vocabulary, the one that we ship."""
    folder = tmp_path_factory.mktemp("tiktoken")
    (folder / CACHE_NAME).write_bytes(published_file())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", str(folder))
        return tiktoken.get_encoding("cl100k_base")


def langchain(live: LivePool, **options: Any) -> OpenAIEmbeddings:
    """The client as its users make it: address, key, model, and nothing else."""
    address: dict[str, Any] = {"base_url": f"{live.url}/v1", "api_key": SecretStr(live.issue_key())}
    return OpenAIEmbeddings(model=MODEL, **address, **options)


async def embed_query_then_close(client: OpenAIEmbeddings, text: str) -> list[float]:
    """Ask, then close the connection within the loop that opened it, which LangChain leaves to its users."""
    found = await client.aembed_query(text)
    await client.async_client._client.close()
    return found


def test_documents_of_any_script_arrive_as_they_were(served: Served) -> None:
    """The token arrays become the very texts at the agent, and each gets its vector."""
    live, agent = served
    before = len(agent.texts)
    found = langchain(live).embed_documents(TEXTS)
    assert agent.texts[before:] == TEXTS
    for text, vector in zip(TEXTS, found, strict=True):
        assert vector == pytest.approx(vector_of(text).tolist(), abs=1e-6)


def test_a_query_and_its_asynchronous_form(served: Served) -> None:
    """Both ways of asking for a single text."""
    client = langchain(served[0])
    expected = pytest.approx(vector_of("What is the capital?").tolist(), abs=1e-6)
    assert client.embed_query("What is the capital?") == expected
    assert asyncio.run(embed_query_then_close(client, "What is the capital?")) == expected


@pytest.mark.parametrize("unit", ["many words of a long text ", "👩‍👩‍👧‍👦🏳️‍🌈 ", "東京は日本の首都です。"])
def test_a_long_text_is_cut_into_several_arrays(served: Served, encoding: tiktoken.Encoding, unit: str) -> None:
    """Its parts are embedded and averaged; a cut inside a character does no harm."""
    live, agent = served
    tokens = encoding.encode(unit * 30_000)[: 2 * CUT_AFTER + 100]
    text = encoding.decode(tokens)
    tokens = encoding.encode(text)
    before = len(agent.texts)
    (found,) = langchain(live).embed_documents([text])
    cut = [tokens[start : start + CUT_AFTER] for start in range(0, len(tokens), CUT_AFTER)]
    parts = [encoding.decode(part) for part in cut]
    assert sorted(agent.texts[before:]) == sorted(set(parts))
    mean = np.average([vector_of(part).astype(np.float64) for part in parts], axis=0, weights=[len(p) for p in cut])
    assert found == pytest.approx((mean / np.linalg.norm(mean)).tolist(), abs=1e-5)


def test_an_empty_text_gets_a_vector(served: Served) -> None:
    """LangChain asks for `""` where a text has no tokens: it is answered."""
    found = langchain(served[0]).embed_documents(["", "not empty"])
    assert [len(vector) for vector in found] == [8, 8]
    assert found[1] == pytest.approx(vector_of("not empty").tolist(), abs=1e-6)


def test_without_its_length_check_it_sends_texts(served: Served) -> None:
    """What other servers need works here too, and shorter vectors with it."""
    found = langchain(served[0], check_embedding_ctx_length=False, dimensions=4).embed_documents(["as text"])
    assert len(found[0]) == 4


def test_1500_documents_in_batches(served: Served) -> None:
    """More than one call's worth: every document gets its own vector."""
    texts = [f"document number {n}" for n in range(1500)]
    found = langchain(served[0]).embed_documents(texts)
    assert [vector for n, vector in enumerate(found) if vector != pytest.approx(vector_of(texts[n]).tolist())] == []

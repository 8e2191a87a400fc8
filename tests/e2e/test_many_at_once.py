"""Many texts, many clients, several agents: nothing is mixed up."""

from __future__ import annotations

import random
from contextlib import ExitStack
from functools import partial

import openai
import pytest

from tests.e2e.clients import in_background, right_rows, rows_of, same, sdk, texts_of
from tests.e2e.conftest import MODEL, Stage
from tests.fakes.ollama_models import count_tokens

NAME = "nomic-embed-text"
CLIENTS, CALLS = 10, 40


def test_two_agents_share_one_large_request(stage: Stage) -> None:
    """2048 texts in one call: both agents take part, order, vectors and usage are exact."""
    server = stage.server()
    ollamas = [stage.ollama(ms_per_text=0.5), stage.ollama(ms_per_text=0.5)]
    agents = [stage.agent(server, f"pc-{number}", ollama) for number, ollama in enumerate(ollamas)]
    texts = texts_of(2048)
    with sdk(server.url, stage.client_key(server)) as client:
        raw = client.embeddings.with_raw_response.create(model=NAME, input=texts)
    answer = raw.parse()
    assert same(rows_of(answer.data), right_rows(MODEL, texts))
    assert answer.usage.prompt_tokens == answer.usage.total_tokens == sum(map(count_tokens, texts))
    assert sorted(raw.headers["x-embedpool-agents"].split(", ")) == sorted(agent.signature for agent in agents)
    shares = [ollama.texts for ollama in ollamas]
    assert sum(shares) == 2048
    assert min(shares) >= 512, shares
    assert {task["attempts_made"] for task in server.tasks()} == {1}
    server.check_soundness()


def chat_away(client: openai.OpenAI, seed: int) -> int:
    """Make calls of a few texts, some new, some asked for before by this or by other clients; return how many."""
    chance = random.Random(seed)
    for _ in range(CALLS):
        # From few texts, so that the cache and calls in flight at the same time are met all the time.
        texts = chance.choices(texts_of(150), k=chance.randint(1, 6))
        answer = client.embeddings.create(model=NAME, input=texts)
        assert same(rows_of(answer.data), right_rows(MODEL, texts)), f"client {seed}"
    return CALLS


@pytest.mark.parametrize("shared", ["false", "true"], ids=["own-cache", "shared-cache"])
def test_ten_clients_never_get_each_others_vectors(stage: Stage, shared: str) -> None:
    """Hundreds of small calls of ten clients through two agents, cache and joining on: each answer is exactly right."""
    server = stage.server(CACHE_SHARED=shared)
    for name in ("one", "two"):
        stage.agent(server, name, stage.ollama(ms_per_text=1.0))
    keys = [stage.client_key(server, f"client {number}") for number in range(CLIENTS // 2)]
    with ExitStack() as open_clients:
        # Two clients have one key each time, so that equal calls of one key meet.
        clients = [open_clients.enter_context(sdk(server.url, key)) for key in keys for _ in range(2)]
        calls = [in_background(partial(chat_away, client, seed)) for seed, client in enumerate(clients)]
        assert [call.result(120) for call in calls] == [CALLS] * CLIENTS
    assert server.rows("SELECT id FROM tasks WHERE attempts_made <> 1") == []
    assert server.rows("SELECT id FROM jobs WHERE cached_tokens > 0"), "the cache was never met"
    server.check_soundness()

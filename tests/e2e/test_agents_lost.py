"""Agents that vanish: killed, suspended past their lease, asked to end while they compute."""

from __future__ import annotations

from functools import partial

import pytest

from tests.e2e.clients import fetch, in_background, plain, right_rows, rows_of, same, sdk, texts_of
from tests.e2e.conftest import MODEL, Stage
from tests.e2e.programs import until

NAME = "nomic-embed-text"
#: A dead agent's task is queued again within 75 s; more for the PC that runs all of this.
RECLAIM_SECONDS = 110.0


@pytest.mark.chaos
def test_a_killed_and_a_suspended_agent_lose_their_tasks_to_another(stage: Stage) -> None:
    """Both leases are taken back, a third agent finishes; the suspended one's late result is thrown away.

    One agent is killed while it computes, another is suspended. When the second wakes up, long after its lease, it
    delivers its result for a task that the third is computing: that is stale, changes nothing, and it goes on to work
    on fresh tasks.
    """
    server = stage.server()
    key = stage.client_key(server)
    dying_ollama, sleeping_ollama, healthy_ollama = stage.ollama(), stage.ollama(), stage.ollama()
    for ollama in (dying_ollama, sleeping_ollama, healthy_ollama):
        ollama.hold()
    of_dying, of_sleeping, fresh = texts_of(32, "dying"), texts_of(20, "sleeping"), texts_of(40, "fresh")
    dying = stage.agent(server, "dying", dying_ollama)
    with sdk(server.url, key) as client:
        embed = partial(client.embeddings.with_raw_response.create, model=NAME)
        calls = [in_background(partial(embed, input=of_dying))]
        until(lambda: dying_ollama.held and server.leased_to(dying.id) == 1, "the first agent computes")
        dying.program.kill()

        sleeping = stage.agent(server, "sleeping", sleeping_ollama)
        calls.append(in_background(partial(embed, input=of_sleeping)))
        until(lambda: sleeping_ollama.held and server.leased_to(sleeping.id) == 1, "the second agent computes")
        sleeping.program.freeze()
        # Its result waits in its connection to Ollama when it wakes up.
        sleeping_ollama.let_go()
        until(lambda: sleeping_ollama.texts == len(of_sleeping), "the result is computed")

        healthy = stage.agent(server, "healthy", healthy_ollama)
        until(lambda: server.leased_to(healthy.id) == 2, "the third agent has both tasks", RECLAIM_SECONDS)
        sleeping.program.thaw()
        # The third agent has its hands full: this is for the one that woke up.
        raw = embed(input=fresh)
        assert same(rows_of(raw.parse().data), right_rows(MODEL, fresh))
        assert raw.headers["x-embedpool-agents"] == sleeping.signature
        sleeping.program.until(lambda: sleeping.counters["results_unwanted"] == 1, "the late result is refused")
        assert server.leased_to(healthy.id) == 2
        assert not any(call.done() for call in calls)

        healthy_ollama.let_go()
        for call, texts in zip(calls, (of_dying, of_sleeping), strict=True):
            raw = call.result(60)
            assert same(rows_of(raw.parse().data), right_rows(MODEL, texts))
            assert raw.headers["x-embedpool-agents"] == healthy.signature
    assert [task["attempts_charged"] for task in server.tasks()] == [2, 2, 1, 1]
    counts = {name: (agent["tasksCompleted"], agent["tasksLost"]) for name, agent in server.agents().items()}
    assert counts == {"dying": (0, 1), "sleeping": (2, 1), "healthy": (2, 0)}
    server.check_soundness()


@pytest.mark.chaos
def test_no_task_is_handed_to_an_agent_that_is_already_gone(stage: Stage) -> None:
    """An idle agent is killed while its request for work waits at the server: the next task is another agent's."""
    server = stage.server()
    gone, there = stage.agent(server, "gone", stage.ollama()), stage.joined_agent(server, "there", stage.ollama())
    with sdk(server.url, stage.client_key(server)) as client:
        client.embeddings.create(model=NAME, input="first")
        gone.program.kill()
        # The dead agent is the first in line until the server looks for it.
        there.program.start()
        there.until_it_is("ready")
        raw = client.embeddings.with_raw_response.create(model=NAME, input=texts_of(3))
    assert raw.headers["x-embedpool-agents"] == there.signature
    assert [task["attempts_made"] for task in server.tasks()] == [1, 1]


@pytest.mark.chaos
def test_an_agent_that_comes_back_from_a_crash_goes_on_with_its_tasks(stage: Stage) -> None:
    """Killed while it computes and started again at once: it is handed the same leases again, nobody is charged."""
    server, ollama = stage.server(), stage.ollama()
    agent = stage.agent(server, "crashing", ollama)
    texts = texts_of(50)
    ollama.hold()
    with plain(server.url, stage.client_key(server)) as client:
        accepted = client.post("/v1/embeddings?wait=0", json={"model": NAME, "input": texts}).json()
        until(lambda: ollama.held and server.leased_to(agent.id) == 2, "both tasks are being computed")
        agent.program.kill()
        ollama.let_go()
        agent.program.start()
        (answer,) = until(lambda: fetch(client, accepted["id"]), "the agent goes on")
    assert same(answer, right_rows(MODEL, texts))
    assert [(task["attempts_made"], task["attempts_charged"]) for task in server.tasks()] == [(1, 1), (1, 1)]
    server.check_soundness()


@pytest.mark.chaos
def test_an_agent_asked_to_end_gives_its_task_back_at_once(stage: Stage) -> None:
    """SIGTERM while it computes: the leases are released uncharged, the exit code is 0, another agent goes on."""
    server, held = stage.server(), stage.ollama()
    leaving = stage.agent(server, "leaving", held)
    texts = texts_of(50)
    held.hold()
    with plain(server.url, stage.client_key(server)) as client:
        accepted = client.post("/v1/embeddings?wait=0", json={"model": NAME, "input": texts})
        assert accepted.status_code == 202, accepted.text
        until(lambda: held.held and server.leased_to(leaving.id) == 2, "both tasks are being computed")
        assert leaving.program.terminate() == 0
        for task in server.tasks():
            assert (task["status"], task["attempts_charged"]) == ("queued", 0), task
            assert task["releases"] >= 1
        assert "EmbedPool is not running on this PC." in leaving.status()

        stage.agent(server, "staying", stage.ollama())
        (answer,) = until(lambda: fetch(client, accepted.json()["id"]), "the other agent finishes")
    assert same(answer, right_rows(MODEL, texts))
    server.check_soundness()

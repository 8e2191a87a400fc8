"""Agents that vanish: killed, suspended past their lease, asked to end while they compute."""

from __future__ import annotations

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

    One agent is killed in the middle of two tasks. Another is suspended in the middle of one, and resumed long after
    its lease: what it then delivers is stale, changes nothing, and it goes on to work on fresh tasks.
    """
    server = stage.server()
    key = stage.client_key(server)
    dying_ollama, sleeping_ollama = stage.ollama(), stage.ollama()
    dying = stage.agent(server, "dying", dying_ollama)
    of_dying, of_sleeping = texts_of(64, "dying"), texts_of(20, "sleeping")
    dying_ollama.hold()
    sleeping_ollama.hold()
    with sdk(server.url, key) as client:
        first = in_background(lambda: client.embeddings.with_raw_response.create(model=NAME, input=of_dying))
        dying.program.until(lambda: server.leased_to(dying.id) == 2, "both tasks are at the first agent")
        until(lambda: dying_ollama.held, "the first agent computes")
        dying.program.kill()

        sleeping = stage.agent(server, "sleeping", sleeping_ollama)
        second = in_background(lambda: client.embeddings.with_raw_response.create(model=NAME, input=of_sleeping))
        sleeping.program.until(lambda: server.leased_to(sleeping.id) == 1, "the task is at the second agent")
        until(lambda: sleeping_ollama.held, "the second agent computes")
        sleeping.program.freeze()
        # Its result waits in its connection to Ollama when it wakes up.
        sleeping_ollama.let_go()
        until(lambda: sleeping_ollama.texts == len(of_sleeping), "the result is computed")

        healthy = stage.agent(server, "healthy", stage.ollama())
        for call, texts in ((first, of_dying), (second, of_sleeping)):
            raw = call.result(RECLAIM_SECONDS)
            assert same(rows_of(raw.parse().data), right_rows(MODEL, texts))
            assert raw.headers["x-embedpool-agents"] == healthy.signature
        assert [task["attempts_charged"] for task in server.tasks()] == [2, 2, 2]
        results = server.rows("SELECT * FROM results ORDER BY task_id")

        healthy.command("pause")
        until(lambda: server.agents()["healthy"]["state"]["status"] == "paused", "the third agent is paused")
        sleeping.program.thaw()
        afterwards = client.embeddings.with_raw_response.create(model=NAME, input=texts_of(40, "afterwards"))
        assert same(rows_of(afterwards.parse().data), right_rows(MODEL, texts_of(40, "afterwards")))
        assert afterwards.headers["x-embedpool-agents"] == sleeping.signature
        sleeping.program.until(lambda: sleeping.counters["results_unwanted"] == 1, "the late result is refused")
        assert server.rows("SELECT * FROM results ORDER BY task_id")[: len(results)] == results
        of_operator = server.agents()["sleeping"]
        assert (of_operator["tasksCompleted"], of_operator["tasksLost"]) == (2, 1)
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
        assert "No agent is running." in leaving.status()

        stage.agent(server, "staying", stage.ollama())
        (answer,) = until(lambda: fetch(client, accepted.json()["id"]), "the other agent finishes")
    assert same(answer, right_rows(MODEL, texts))
    server.check_soundness()

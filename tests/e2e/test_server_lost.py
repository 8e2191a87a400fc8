"""Servers that vanish: killed under load, killed for longer than a lease, asked to end while everybody waits."""

from __future__ import annotations

import itertools
import random
import time
from contextlib import ExitStack
from functools import partial

import httpx
import openai
import pytest

from tests.e2e.clients import fetch, in_background, plain, repeating, right_rows, rows_of, same, sdk, texts_of
from tests.e2e.conftest import MODEL, Stage
from tests.e2e.pool_server import PoolServer
from tests.e2e.programs import until

NAME = "nomic-embed-text"
KILLS = 4
#: What a server has to do before it is killed the next time: requests accepted, tasks completed.
ACCEPTED_BETWEEN_KILLS, COMPLETED_BETWEEN_KILLS = 20, 10


class Submitter:
    """Submits without waiting, and remembers what was accepted."""

    def __init__(self, client: httpx.Client, name: str) -> None:
        self._client = client
        self._name = name
        self._numbers = itertools.count()
        #: Id of each accepted job → its texts.
        self.accepted: dict[str, list[str]] = {}

    def submit_one(self) -> None:
        """Submit one request; what happens to one whose answer was cut off is unknown, and nobody's promise."""
        number = next(self._numbers)
        # One in four is more than one task.
        texts = texts_of(40 if number % 4 == 0 else 3, f"{self._name} {number}")
        try:
            answer = self._client.post("/v1/embeddings?wait=0", json={"model": NAME, "input": texts})
        except httpx.TransportError:
            time.sleep(0.1)
            return
        assert answer.status_code == 202, answer.text
        self.accepted[answer.json()["id"]] = texts

    def check_one(self) -> None:
        """Fetch one of the jobs so far: it is known, and what is visible of it is right."""
        ids = list(self.accepted)
        try:
            if ids:
                self.is_done(random.choice(ids))
        except httpx.TransportError:
            time.sleep(0.1)

    def is_done(self, job_id: str) -> bool:
        """Whether a job is completed; then it has the right vectors."""
        answers = fetch(self._client, job_id)
        assert all(same(answer, right_rows(MODEL, self.accepted[job_id])) for answer in answers)
        return bool(answers)


class Talker:
    """Calls with the SDK, one call after the other, and insists on every answer."""

    def __init__(self, client: openai.OpenAI, name: str) -> None:
        self._client = client
        self._name = name
        self.answers = 0

    def call_once(self) -> None:
        """Make one call, which the SDK repeats until it has an answer."""
        texts = texts_of(1 + self.answers % 5, f"{self._name} {self.answers}")
        answer = self._client.embeddings.create(model=NAME, input=texts)
        assert same(rows_of(answer.data), right_rows(MODEL, texts))
        self.answers += 1


def kill_and_restart(server: PoolServer, submitters: list[Submitter]) -> None:
    """Kill the server in the middle of work: it accepts, hands out and completes."""
    accepted = sum(len(one.accepted) for one in submitters) + ACCEPTED_BETWEEN_KILLS
    completed = server.count_tasks("completed") + COMPLETED_BETWEEN_KILLS

    def is_in_the_middle() -> bool:
        return (
            sum(len(one.accepted) for one in submitters) >= accepted
            and server.count_tasks("completed") >= completed
            and server.count_tasks("leased") > 0
        )

    server.program.until(is_in_the_middle, "the server accepts, hands out and completes")
    server.program.kill()
    server.start()


@pytest.mark.chaos
def test_a_server_killed_again_and_again_loses_no_accepted_task(stage: Stage) -> None:
    """SIGKILL under load, four times: every accepted id ends completed, with its own vectors; nobody is charged."""
    server = stage.server()
    ollamas = [stage.ollama(ms_per_text=2.0), stage.ollama(ms_per_text=2.0)]
    agents = [stage.agent(server, f"pc-{number}", ollama) for number, ollama in enumerate(ollamas)]
    with ExitStack() as open_clients:
        submitters, talkers = [], []
        for number in range(3):
            client = open_clients.enter_context(plain(server.url, stage.client_key(server)))
            submitters.append(Submitter(client, f"submitter {number}"))
            talker = open_clients.enter_context(sdk(server.url, stage.client_key(server), retries=40))
            talkers.append(Talker(talker, f"talker {number}"))
        works = [work for one in submitters for work in (one.submit_one, one.check_one)]
        with repeating(*works, *(one.call_once for one in talkers)):
            for _ in range(KILLS):
                kill_and_restart(server, submitters)
        for submitter in submitters:
            for job_id in submitter.accepted:
                until(partial(submitter.is_done, job_id), f"{job_id} is completed")
        assert all(one.answers for one in talkers)
    until(lambda: server.count_tasks("queued", "leased") == 0, "what nobody asked for again is done, too")
    # What was being computed when the server died was delivered afterwards: nothing had to be done again.
    assert server.rows("SELECT id FROM tasks WHERE attempts_made <> 1 OR attempts_charged <> 1") == []
    assert sum(ollama.texts for ollama in ollamas) == sum(task["texts"] for task in server.tasks())
    assert [agent.program.is_running for agent in agents] == [True, True]
    assert server.stop() == 0
    server.check_soundness()


@pytest.mark.chaos
def test_an_outage_longer_than_a_lease_is_not_the_agents_fault(stage: Stage) -> None:
    """A lease that ran out while the server was dead lives on after its restart; its result is taken, uncharged."""
    server, ollama = stage.server(), stage.ollama()
    busy = stage.agent(server, "busy", ollama)
    ollama.hold()
    texts = texts_of(10)
    with plain(server.url, stage.client_key(server)) as client:
        accepted = client.post("/v1/embeddings?wait=0", json={"model": NAME, "input": texts}).json()
        until(lambda: ollama.held and server.leased_to(busy.id) == 1, "the task is being computed")
        server.program.kill()
        server.let_leases_lapse()
        server.start()
        idle = stage.agent(server, "idle", stage.ollama())
        # A round of the sweeper takes lapsed leases away first, then writes down who was seen.
        until(lambda: server.was_seen_in_database(idle.id), "the server has looked for lapsed leases")
        assert server.leased_to(busy.id) == 1
        ollama.let_go()
        (answer,) = until(lambda: fetch(client, accepted["id"]), "the result is delivered")
    assert same(answer, right_rows(MODEL, texts))
    assert [(task["attempts_made"], task["attempts_charged"]) for task in server.tasks()] == [(1, 1)]
    assert server.agents()["busy"]["tasksCompleted"] == 1


@pytest.mark.chaos
def test_a_result_computed_while_the_server_was_gone_is_delivered(stage: Stage) -> None:
    """The engine ends while there is no server to tell: the result is kept, and taken after the restart."""
    server, ollama = stage.server(), stage.ollama()
    agent = stage.agent(server, "attic", ollama)
    ollama.hold()
    texts = texts_of(10)
    with plain(server.url, stage.client_key(server)) as client:
        accepted = client.post("/v1/embeddings?wait=0", json={"model": NAME, "input": texts}).json()
        until(lambda: ollama.held and server.leased_to(agent.id) == 1, "the task is being computed")
        server.program.kill()
        ollama.let_go()
        agent.program.until(lambda: agent.counters["tasks_done"] == 1, "the agent has the result")
        agent.until_it_is("offline")
        server.start()
        (answer,) = until(lambda: fetch(client, accepted["id"]), "the result is delivered")
    assert same(answer, right_rows(MODEL, texts))
    assert ollama.texts == len(texts)
    assert [task["attempts_made"] for task in server.tasks()] == [1]
    server.check_soundness()


@pytest.mark.chaos
def test_a_server_asked_to_end_answers_everybody_first(stage: Stage) -> None:
    """SIGTERM: waiting clients and agents are answered, the exit code is 0; after the restart retries are answered."""
    server, ollamas = stage.server(), [stage.ollama(), stage.ollama()]
    agents = [stage.agent(server, name, ollama) for name, ollama in zip(("busy", "idle"), ollamas, strict=True)]
    with ExitStack() as open_clients:
        client = open_clients.enter_context(sdk(server.url, stage.client_key(server), retries=20))
        other = open_clients.enter_context(plain(server.url, stage.client_key(server)))
        probe = partial(other.post, "/v1/embeddings?wait=30", json={"model": NAME, "input": texts_of(1, "probe")})
        assert probe().status_code == 200
        for ollama in ollamas:
            ollama.hold()
        embed = partial(client.embeddings.create, model=NAME)
        calls = [in_background(partial(embed, input=texts_of(2, f"call {number}"))) for number in range(5)]
        waits = partial(other.post, "/v1/embeddings?wait=30", json={"model": NAME, "input": texts_of(2, "waits")})
        waiting = in_background(waits)
        until(lambda: clients_waiting(probe()) == 6 and any(ollama.held for ollama in ollamas), "six clients wait")
        assert server.stop() == 0
        told = waiting.result(5)
        assert told.status_code == 503, told.text
        assert int(told.headers["retry-after"]) >= 1
        assert not any(call.done() for call in calls)
        assert "did not end in time" not in server.program.output
        server.start()
        until(lambda: clients_waiting(probe()) == 5, "the SDK's retries wait")
        for ollama in ollamas:
            ollama.let_go()
        for number, call in enumerate(calls):
            assert same(rows_of(call.result(60).data), right_rows(MODEL, texts_of(2, f"call {number}")))
        assert waits().status_code == 200
    # Each retry found the job of its first try: nothing was asked for twice, and nothing computed twice.
    assert len(server.tasks()) == 7
    assert {task["attempts_made"] for task in server.tasks()} == {1}
    assert all(agent.program.is_running for agent in agents)
    server.check_soundness()


def clients_waiting(answer: httpx.Response) -> int:
    """How many clients wait for an answer now, as an answer from the cache tells."""
    limits = [int(answer.headers[f"x-ratelimit-{kind}-requests"]) for kind in ("limit", "remaining")]
    return limits[0] - limits[1]

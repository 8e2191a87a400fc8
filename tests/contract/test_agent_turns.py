"""The agent's own code against a real server: what is asked and answered is understood to the last field."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from desktop_agent.core.errors import KeyRefused, RequestRefused, ServerBusy
from desktop_agent.core.http.lean_transport import LeanTransport
from desktop_agent.core.pool.server_api import ServerApi
from desktop_agent.core.pool.wire import Completed, Failed, Task, TurnAnswer
from server.domain.errors import Unavailable
from server.services import dispatch
from tests.desktop_agent.parts import run, until
from tests.desktop_agent.real_pool import (
    REPORT,
    ask,
    completed,
    real_offer,
    rows_of,
    signed_in,
    submit,
    told,
)
from tests.factories import MODEL, make_invite, vector_of
from tests.live_pool import LivePool, live_pool


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LivePool]:
    with live_pool(tmp_path) as opened:
        yield opened


async def claim(api: ServerApi) -> Task:
    (task,) = (await api.turn(ask())).tasks
    assert isinstance(task, Task)
    return task


def test_a_turn_is_read_to_the_last_field(live: LivePool) -> None:
    """A task with its texts and rule, an empty answer, and what the operator sees of the agent's own words."""

    async def story() -> None:
        async with signed_in(live, real_offer()) as (api, agent_id):
            assert await api.turn(ask()) == TurnAnswer({}, (), (), (), 0.0)
            submit(live, "one", "zwei – ☃", truncate=True)
            (task,) = (await api.turn(ask())).tasks
            assert task == Task(task.lease_id, MODEL, ("one", "zwei – ☃"), True, task.deadline_seconds)
            assert 60 < task.deadline_seconds <= 120
            assert rows_of(live, "SELECT id, agent_id, status FROM attempts") == [(task.lease_id, agent_id, "leased")]
            (listed,) = live.operator().get("/management/agents/list").json()
            assert listed["state"] == REPORT.body()

    run(story())


def test_a_result_is_accepted_once_and_replayed_after(live: LivePool) -> None:
    """The client gets exactly these vectors; sent again the result is known, from another agent it is stale."""

    async def story() -> None:
        async with signed_in(live, real_offer()) as (api, _), signed_in(live, real_offer()) as (other, _):
            place, client = submit(live, "a text"), live.client()
            task = await claim(api)
            result = completed(task)
            assert (await other.turn(ask(result, max_tasks=0))).outcomes == {task.lease_id: "stale"}
            assert (await api.turn(ask(result, max_tasks=0))).outcomes == {task.lease_id: "accepted"}
            assert (await api.turn(ask(result, max_tasks=0))).outcomes == {task.lease_id: "replayed"}
            assert client.get(place).status_code == 404, "another client's key sees nothing"
            assert rows_of(live, "SELECT tokens, dimensions FROM results") == [(3, 8)]
            (stored,) = rows_of(live, "SELECT vectors FROM results")[0]
            assert stored == vector_of("a text").tobytes()
            assert rows_of(live, "SELECT attempts_charged, status FROM tasks") == [(1, "completed")]

    run(story())


@pytest.mark.parametrize(
    "changes",
    [{"vectors": b"\x00" * 32}, {"vectors": vector_of("x").tobytes()[:-4], "dimensions": 7}, {"digest": "of another"}],
)
def test_a_wrong_result_is_refused_and_counted(live: LivePool, changes: dict[str, object]) -> None:
    """No unit vector, another size, another model: `refused`, and the task waits for somebody else."""

    async def story() -> None:
        async with signed_in(live, real_offer()) as (api, _), signed_in(live, real_offer()) as (_, _):
            await asyncio.to_thread(submit, live, "a text")
            task = await claim(api)
            answer = await api.turn(ask(completed(task, **changes), max_tasks=0))
            assert answer.outcomes == {task.lease_id: "refused"}
            assert rows_of(live, "SELECT results_refused FROM agents ORDER BY results_refused DESC") == [(1,), (0,)]

    run(story())


async def reasons(api: ServerApi) -> tuple[tuple[str, int], ...]:
    """Ask for work until the server, which counts every few seconds, says why there is none."""
    async with asyncio.timeout(20):
        while not (answer := await api.turn(ask())).skipped:
            assert answer.tasks == ()
            await asyncio.sleep(0.05)
    return answer.skipped


def test_an_error_of_this_pc_arrives_with_its_code(live: LivePool) -> None:
    """Another PC gets the task, this one does not, and knows why."""

    async def story() -> None:
        async with signed_in(live, real_offer()) as (api, _), signed_in(live, real_offer()) as (other, _):
            await other.turn(ask(max_tasks=0))
            submit(live, "a text")
            task = await claim(api)
            error = Failed(task.lease_id, "out_of_memory", "m" * 9000)
            assert (await api.turn(ask(error, max_tasks=0))).outcomes == {task.lease_id: "accepted"}
            (attempt,) = rows_of(live, "SELECT status, error_code, length(error_message) FROM attempts")
            assert attempt == ("failed", "out_of_memory", 500)
            assert await reasons(api) == (("already_failed_here", 1),)
            assert (await claim(other)).texts == ("a text",)

    run(story())


def test_an_error_of_a_text_names_the_text(live: LivePool) -> None:
    """When two PCs say so, the client is told which of its inputs is at fault."""

    async def story() -> None:
        async with signed_in(live, real_offer()) as (api, _), signed_in(live, real_offer()) as (other, _):
            await other.turn(ask(max_tasks=0))
            submit(live, "fine", "bad")
            for pc in (api, other):
                task = await claim(pc)
                await pc.turn(ask(Failed(task.lease_id, "input_too_long", "Too long.", 1), max_tasks=0))
            query = "SELECT status, error_code, error_position FROM tasks"
            assert rows_of(live, query) == [("failed", "input_too_long", 1)]

    run(story())


def test_why_there_is_no_work_is_understood(live: LivePool) -> None:
    """Another version of the model, a model that this PC has not: both reasons arrive with their numbers."""

    async def story() -> None:
        async with (
            signed_in(live, real_offer()),
            signed_in(live, real_offer(digest="another")) as (differing, _),
            signed_in(live, real_offer("other-model")) as (poor, _),
        ):
            submit(live, "a text")
            assert await reasons(differing) == (("model_class_differs", 1),)
            assert await reasons(poor) == (("not_offered", 1),)

    run(story())


def test_leases_are_kept_lost_and_given_back(live: LivePool) -> None:
    """Heartbeat and release say of each lease what became of it; leaving releases what is still held."""

    async def story() -> None:
        async with signed_in(live, real_offer()) as (api, _):
            submit(live, "a text")
            task = await claim(api)
            state = REPORT.body()
            assert await api.heartbeat((task.lease_id, "x"), state) == {task.lease_id: "held", "x": "lost"}
            assert await api.release((task.lease_id, "x"), "user_active") == {task.lease_id: "released", "x": "lost"}
            assert await api.heartbeat((task.lease_id,), state) == {task.lease_id: "lost"}
            again = await claim(api)
            await api.leave()
            assert rows_of(live, "SELECT status, attempts_charged, releases FROM tasks") == [("queued", 0, 2)]
            with pytest.raises(KeyRefused):
                await api.heartbeat((again.lease_id,), state)

    run(story())


def test_a_task_that_got_lost_on_its_way_comes_again(live: LivePool) -> None:
    """`holding` is looked at in turns that ask for work: an unnamed lease is handed out again, under its own id."""

    async def story() -> None:
        async with signed_in(live, real_offer()) as (api, _):
            submit(live, "a text")
            task = await claim(api)
            assert (await api.turn(ask(max_tasks=0))).tasks == ()
            (again,) = (await api.turn(ask())).tasks
            assert isinstance(again, Task)
            assert (again.lease_id, again.texts) == (task.lease_id, task.texts)
            assert (await api.turn(ask(holding=(task.lease_id,)))).tasks == ()

    run(story())


def test_a_full_house_says_when_to_come_back(tmp_path: Path) -> None:
    """One turn too many is answered at once, with a pause; a server that goes down ends every wait with another."""

    async def story() -> None:
        with live_pool(tmp_path, max_agent_polls=1) as live:
            async with signed_in(live, real_offer()) as (api, _), signed_in(live, real_offer()) as (late, _):
                waiting = asyncio.create_task(api.turn(ask(wait=25)))
                await until(lambda: live.pool.agents.gate.in_use == 1)
                assert (await late.turn(ask(wait=25))).poll_after_seconds == 10
                await asyncio.to_thread(live.serving.stop)
                assert (await waiting).poll_after_seconds == 3

    run(story())


def test_too_much_at_once_is_understood(tmp_path: Path) -> None:
    """413 arrives as such even when the server hangs up before it has read everything."""

    async def story() -> None:
        with live_pool(tmp_path, max_body_mib=1) as live:
            async with signed_in(live, real_offer()) as (api, _):
                huge = Completed("lease", bytes(9 * 2**20), 8, 1, (), "", 1.0)
                for _ in range(5):
                    with pytest.raises(RequestRefused) as caught:
                        await api.turn(ask(huge, max_tasks=0))
                    assert caught.value.status == 413
                await api.turn(ask())

    run(story(), 60)


def test_a_server_that_can_store_nothing_now_is_busy(live: LivePool, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 is no refusal of what was sent, but a pause as long as Retry-After says."""

    def full(*_: object) -> None:
        raise Unavailable("The database cannot store anything now. Try again later.", retry_after=7)

    async def story() -> None:
        async with signed_in(live, real_offer()) as (api, _):
            monkeypatch.setattr(dispatch, "turn", full)
            with pytest.raises(ServerBusy) as caught:
                await api.turn(ask())
            assert caught.value.retry_after == 7

    run(story())


def test_the_agent_is_told_what_is_wrong_with_its_words(live: LivePool) -> None:
    """A 400 is a refusal that names the field, not a lost connection."""

    async def story() -> None:
        async with ServerApi(live.url) as api:
            with pytest.raises(RequestRefused, match="display_name") as caught:
                await api.register(make_invite(live.pool), {**told(real_offer()), "displayName": "x" * 51})
            assert caught.value.status == 400

    run(story())


def test_the_server_answers_the_lean_transport_as_any_other(live: LivePool) -> None:
    """Head, body and status of the same request are those that httpx's own transport gets."""

    async def story() -> None:
        async with ServerApi(live.url) as api, httpx.AsyncClient() as plain:
            theirs = await plain.post(f"{live.url}/agent/register", json={"apiKey": "nonsense"})
            with pytest.raises(RequestRefused) as caught:
                await api.register("nonsense", {})
            assert caught.value.status == theirs.status_code
            assert caught.value.message == theirs.json()["error"]["message"]
            theirs = await plain.get(f"{live.url}/private/agent/ping")
            async with httpx.AsyncClient(transport=LeanTransport()) as lean:
                ours = await lean.get(f"{live.url}/private/agent/ping")
                assert (ours.status_code, ours.json()) == (403, theirs.json())

    run(story())

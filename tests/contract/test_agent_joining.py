"""The agent's own code against a real server: joining, tokens, models that come later, and being removed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import jwt
import pytest

from desktop_agent.core.data_folder import DataFolder
from desktop_agent.core.engines.catalogue import Catalogue
from desktop_agent.core.errors import KeyRefused, RequestRefused
from desktop_agent.core.pool import enrolment
from desktop_agent.core.pool.links import parse_invite
from desktop_agent.core.pool.membership import Membership, load_membership
from desktop_agent.core.pool.server_api import ServerApi
from desktop_agent.core.pool.wire import Task
from desktop_agent.core.settings import Settings
from server.services import invitations, tokens
from tests.desktop_agent.hosting import make_host
from tests.desktop_agent.parts import GatedEngine, run, until
from tests.desktop_agent.real_pool import ask, completed, real_offer, rows_of, signed_in, submit, told
from tests.factories import MODEL, make_invite
from tests.live_pool import LivePool, live_pool


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LivePool]:
    with live_pool(tmp_path / "server", pool_name="Garden") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder.open(tmp_path / "agent")


def connect(server: str, allow_insecure: bool) -> ServerApi:
    return ServerApi(server, allow_insecure=allow_insecure)


def join(live: LivePool, folder: DataFolder, code: str, *, name: str = "My PC", engine: GatedEngine) -> Membership:
    return run(
        enrolment.join(
            folder,
            Settings(installation_id="i"),
            parse_invite(f"{live.url}/join/{code}"),
            Catalogue([engine]),
            connect,
            app_version="0.1.0",
            name=name,
            key_in_file=True,
            insecure_http=False,
        )
    )


def listed(live: LivePool) -> list[dict[str, object]]:
    found: list[dict[str, object]] = live.operator().get("/management/agents/list").json()
    return found


def test_joining_leaves_the_same_on_both_sides(live: LivePool, folder: DataFolder) -> None:
    """Name, pool, models and key: what the PC keeps is what the operator sees; leaving takes both away."""
    member = join(live, folder, make_invite(live.pool), engine=GatedEngine(real_offer()))
    assert (member.server, member.pool, member.display_name) == (live.url, "Garden", "My PC")
    (agent,) = listed(live)
    assert (agent["uid"], agent["displayName"]) == (member.agent_id, "My PC")
    assert [one["id"] for one in live.client().get("/v1/models").json()["data"]] == [MODEL]
    assert run(enrolment.leave(folder, Settings(installation_id="i"), connect)) is None
    assert (listed(live), load_membership(folder.membership), folder.key_file.exists()) == ([], None, False)


def test_a_pc_with_a_long_name_can_join(live: LivePool, folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host name that is longer than a server takes does not keep the PC out; it is cut."""
    monkeypatch.setattr("platform.node", lambda: "h" * 200)
    member = join(live, folder, make_invite(live.pool), name="", engine=GatedEngine(real_offer()))
    assert listed(live)[0]["displayName"] == member.display_name == "h" * 50


def used(live: LivePool) -> str:
    code = make_invite(live.pool, max_uses=1)
    live.agent(invite=code)
    return code


def revoked(live: LivePool) -> str:
    code = make_invite(live.pool)
    invitations.revoke_invite(live.pool, code, live.pool.clock.now())
    return code


def expired(live: LivePool) -> str:
    expires_at = live.pool.clock.now() + 20
    code = make_invite(live.pool, expires_at=expires_at)
    while live.pool.clock.now() <= expires_at:
        time.sleep(0.005)
    return code


@pytest.mark.parametrize(
    ("code_of", "words"),
    [
        (used, "This invite has been used. Ask the pool for a new one."),
        (revoked, "This invite was revoked. Ask the pool for a new one."),
        (expired, "This invite has run out. Ask the pool for a new one."),
        (lambda _: "never-was-one", "This invite is not one of this pool."),
    ],
)
def test_a_worthless_invite_is_told_and_nothing_is_left(
    live: LivePool, folder: DataFolder, code_of: Callable[[LivePool], str], words: str
) -> None:
    """The volunteer reads why, under the agent's own title; no key, no membership, no agent."""
    code, before = code_of(live), listed(live)
    with pytest.raises(RequestRefused) as caught:
        join(live, folder, code, engine=GatedEngine(real_offer()))
    assert caught.value.title == "The pool said no"
    assert caught.value.message.endswith(words)
    assert caught.value.status == 403
    assert (load_membership(folder.membership), folder.key_file.exists(), listed(live)) == (None, False, before)


def test_a_pc_without_a_model_joins_and_a_model_that_comes_ends_its_wait(live: LivePool) -> None:
    """No capabilities, no models: it is registered all the same. A model that comes ends the turn that waits.

    The next turn finds work; one that nobody ended would have waited 25 s without knowing of the model.
    """

    async def story() -> None:
        async with signed_in(live) as (api, _), asyncio.timeout(20):
            waiting = asyncio.create_task(api.turn(ask(wait=25)))
            await until(lambda: live.pool.agents.gate.in_use == 1)
            await api.update_info(told(real_offer()))
            answer = await waiting
            assert (answer.tasks, answer.poll_after_seconds) == ((), 0.0)
            submit(live, "a text")
            (task,) = (await api.turn(ask(wait=25))).tasks
            assert isinstance(task, Task)
            done = await api.turn(ask(completed(task), max_tasks=0))
            assert done.outcomes == {task.lease_id: "accepted"}

    run(story())


def test_a_token_that_ran_out_is_renewed_without_a_word(live: LivePool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server refuses the old token; the agent fetches another and the request succeeds."""

    async def story() -> None:
        async with signed_in(live) as (api, agent_id):
            short = lambda secret, subject, *, native, now: (  # noqa: E731  (the server's own, with a life that is over)
                jwt.encode({"sub": subject, "aud": tokens.AUDIENCE, "exp": now // 1000 - 1}, secret, "HS256"),
                now // 1000 - 1,
            )
            with monkeypatch.context() as patch:
                patch.setattr(tokens, "issue", short)
                with pytest.raises(KeyRefused, match="JWT token invalid"):
                    await api.turn(ask())
            assert (await api.turn(ask())).tasks == ()
            assert listed(live)[0]["uid"] == agent_id

    run(story())


def test_a_new_secret_of_the_server_is_survived(tmp_path: Path) -> None:
    """Restarted with another JWT secret, the server takes the same key, and the agent's next request succeeds."""

    async def story() -> None:
        with live_pool(tmp_path, jwt_secret="one secret " * 4) as live:
            address = live.url.removeprefix("http://")
            async with signed_in(live, real_offer()) as (api, agent_id):
                await api.turn(ask())
                await asyncio.to_thread(live.serving.stop)
                with live_pool(tmp_path, jwt_secret="another one " * 4, server_address=address) as again:
                    submit(again, "a text")
                    (task,) = (await api.turn(ask())).tasks
                    assert isinstance(task, Task)
                    assert task.texts == ("a text",)
                    assert rows_of(again, "SELECT agent_id, status FROM attempts") == [(agent_id, "leased")]

    run(story())


@pytest.mark.parametrize("act", ["delete/{}", "{}/revoke_key"])
def test_an_agent_that_the_operator_removed_stops_with_its_words(live: LivePool, folder: DataFolder, act: str) -> None:
    """The whole agent: its wait ends at once, and its last state tells what to do."""
    engine = GatedEngine(real_offer())
    member = join(live, folder, make_invite(live.pool), engine=engine)

    async def story() -> None:
        host = make_host(folder, connect, lambda _: Catalogue([engine]))
        running = asyncio.create_task(host.run(asyncio.Event()))
        await until(lambda: live.pool.agents.gate.in_use == 1)
        removed = live.operator().post(f"/management/agents/{act.format(member.agent_id)}")
        assert removed.status_code == 200, removed.text
        with pytest.raises(KeyRefused, match=r"Incorrect credentials\)\. Join again"):
            await running

    run(story())
    assert "Join again" in folder.state.read_text("utf-8")

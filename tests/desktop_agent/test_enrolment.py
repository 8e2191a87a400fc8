"""Joining uses an invite only when its key can be kept; leaving works with the server gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from desktop_agent.core.data_folder import DataFolder
from desktop_agent.core.engines.catalogue import Catalogue
from desktop_agent.core.errors import (
    AlreadyJoined,
    DataFolderUnusable,
    KeyStoreError,
    NotJoined,
    RequestRefused,
    ServerUnreachable,
)
from desktop_agent.core.pool import enrolment
from desktop_agent.core.pool.credentials import FileKeyStore
from desktop_agent.core.pool.links import Invite
from desktop_agent.core.pool.membership import Membership, load_membership
from desktop_agent.core.pool.server_api import ServerApi
from desktop_agent.core.settings import Settings
from tests.desktop_agent.parts import GatedEngine, offer, run
from tests.fakes.pool import AGENT_ID, INVITE, KEY, Answer, FakePool

SERVER = "http://127.0.0.1:9"
SETTINGS = Settings(installation_id="i")


def join(
    pool: FakePool, folder: DataFolder, code: str = INVITE, *, name: str = "My PC", in_file: bool = True
) -> Membership:
    catalogue = Catalogue([GatedEngine(offer("a"))])

    def connect(server: str, allow_insecure: bool) -> ServerApi:
        return ServerApi(server, allow_insecure=allow_insecure, transport=pool.transport())

    return run(
        enrolment.join(
            folder,
            SETTINGS,
            Invite(SERVER, code),
            catalogue,
            connect,
            app_version="0.1.0",
            name=name,
            key_in_file=in_file,
            insecure_http=False,
        )
    )


def leave(pool: FakePool, folder: DataFolder) -> object:
    return run(enrolment.leave(folder, SETTINGS, lambda server, _: ServerApi(server, transport=pool.transport())))


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder.open(tmp_path / "data")


def test_joining_keeps_key_and_membership(folder: DataFolder) -> None:
    """The server learns name and models; the key is kept, and the folder knows where we belong."""
    pool = FakePool()
    member = join(pool, folder)
    assert load_membership(folder.membership) == member
    assert (member.agent_id, member.pool, member.display_name) == (AGENT_ID, "Test pool", "My PC")
    assert run(FileKeyStore(folder.key_file).load()) == KEY
    assert KEY not in folder.membership.read_text()
    (registration,) = pool.registrations
    assert registration["capabilities"] == ["embed.a"]
    assert registration["displayName"] == "My PC"


def test_without_a_name_the_pc_has_its_own(folder: DataFolder) -> None:
    """Nobody is called nothing."""
    assert join(FakePool(), folder, name="  ").display_name


def test_a_refused_invite_leaves_nothing_behind(folder: DataFolder) -> None:
    """No key, no membership; the server's reason is told."""
    with pytest.raises(RequestRefused, match="used up"):
        join(FakePool(), folder, "wrong-code")
    assert load_membership(folder.membership) is None
    assert not folder.key_file.exists()


def test_without_a_key_store_the_invite_is_not_used(folder: DataFolder) -> None:
    """Here is no key store: the error comes before the server is asked, so the invite stays good."""
    pool = FakePool()
    with pytest.raises(KeyStoreError, match="in a file that only you can read"):
        join(pool, folder, in_file=False)
    assert pool.registrations == []


def test_a_key_that_cannot_be_kept_is_given_back(folder: DataFolder) -> None:
    """When storing fails after all, the server is told to forget the agent whose key nobody has."""
    pool = FakePool()
    folder.key_file.mkdir()
    (folder.key_file / "x").touch()
    with pytest.raises(KeyStoreError):
        join(pool, folder)
    assert pool.left
    assert load_membership(folder.membership) is None


def test_a_membership_that_cannot_be_kept_is_given_back(folder: DataFolder) -> None:
    """A disk that fails after the key was kept: the key goes again, and the server forgets the agent."""

    class Blocking(FakePool):
        def _register(self, body: dict[str, Any]) -> Answer:
            folder.membership.mkdir()
            (folder.membership / "x").touch()
            return super()._register(body)

    pool = Blocking()
    with pytest.raises(DataFolderUnusable):
        join(pool, folder)
    assert pool.left
    assert not folder.key_file.exists()


def test_a_long_host_name_is_cut(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server takes 50 characters; a PC whose own name is longer can join all the same."""
    monkeypatch.setattr("platform.node", lambda: "x" * 64)
    assert join(FakePool(), folder, name="").display_name == "x" * 50


def test_this_pc_has_left_before_the_server_hears_of_it(folder: DataFolder) -> None:
    """An agent that runs beside is refused from that moment on, and must find that this PC left."""
    pool = FakePool()
    join(pool, folder)
    belonged: list[bool] = []

    class Watching(ServerApi):
        async def leave(self) -> None:
            belonged.append(folder.membership.exists())
            await super().leave()

    run(enrolment.leave(folder, SETTINGS, lambda server, _: Watching(server, transport=pool.transport())))
    assert (belonged, pool.left) == ([False], True)


def test_one_pool_at_a_time(folder: DataFolder) -> None:
    """A second join is refused before the second invite is used."""
    pool = FakePool()
    join(pool, folder)
    with pytest.raises(AlreadyJoined, match="already belongs to Test pool"):
        join(pool, folder)
    assert len(pool.registrations) == 1


def test_leaving_forgets_on_both_sides(folder: DataFolder) -> None:
    """The server deletes our key, we delete it too, and a new invite can be used."""
    pool = FakePool()
    join(pool, folder)
    assert leave(pool, folder) is None
    assert pool.left
    assert not folder.key_file.exists()
    with pytest.raises(NotJoined):
        leave(pool, folder)
    join(pool, folder)


@pytest.mark.parametrize("trouble", ["server", "key"])
def test_leaving_works_without_server_or_key(folder: DataFolder, trouble: str) -> None:
    """What stands in the way is told, and this PC is free all the same."""
    pool = FakePool()
    join(pool, folder)
    if trouble == "server":
        pool.instead["/agent/auth"] = [(0, {})]
        expected: type[Exception] = ServerUnreachable
    else:
        folder.key_file.unlink()
        expected = KeyStoreError
    assert isinstance(leave(pool, folder), expected)
    assert load_membership(folder.membership) is None

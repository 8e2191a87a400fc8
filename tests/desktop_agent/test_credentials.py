"""The key is kept in a real key store, or in a private file when its owner said so, and nowhere else."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.errors import InitError, KeyringLocked, PasswordDeleteError

from desktop_agent.core.credentials import SERVICE, FileKeyStore, SystemKeyStore
from desktop_agent.core.errors import KeyMissing, KeyStoreError, KeyStoreMissing
from tests.desktop_agent.parts import run

SERVER = "https://pool.example.org"


class MemoryKeyring(KeyringBackend):
    """A key store that works."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}
        self.threads: set[int] = set()
        #: Raised by every call when set.
        self.error: Exception | None = None
        #: Forgets what it is given.
        self.forgetful = False

    def _enter(self) -> None:
        self.threads.add(threading.get_ident())
        if self.error:
            raise self.error

    def get_password(self, service: str, username: str) -> str | None:
        self._enter()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._enter()
        if not self.forgetful:
            self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._enter()
        if self.entries.pop((service, username), None) is None and not self.forgetful:
            raise PasswordDeleteError("not found")


@pytest.fixture
def backend() -> Iterator[MemoryKeyring]:
    """Have the system's key store be one in memory."""
    before, memory = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


def use(other: KeyringBackend) -> None:
    keyring.set_keyring(other)


def test_a_key_comes_back_and_goes(backend: MemoryKeyring) -> None:
    """Kept, read and deleted, under a name with server and installation; deleting twice is no error."""
    store = SystemKeyStore(SERVER, "installation")
    run(store.check())
    run(store.store("secret"))
    assert backend.entries == {(SERVICE, f"{SERVER} installation"): "secret"}
    assert run(store.load()) == "secret"
    run(store.delete())
    run(store.delete())
    assert backend.entries == {}
    with pytest.raises(KeyMissing):
        run(store.load())


@pytest.mark.usefixtures("backend")
def test_two_installations_do_not_share_a_key() -> None:
    """Two agents of one user on one PC, and one agent's two servers, have entries of their own."""
    stores = [SystemKeyStore(SERVER, "one"), SystemKeyStore(SERVER, "two"), SystemKeyStore("https://other", "one")]
    for number, store in enumerate(stores):
        run(store.store(f"key {number}"))
    assert [run(store.load()) for store in stores] == ["key 0", "key 1", "key 2"]


def test_the_key_store_is_asked_off_the_event_loop(backend: MemoryKeyring) -> None:
    """It may wait for minutes on a password: heartbeats must go on meanwhile."""
    run(SystemKeyStore(SERVER, "i").store("secret"))
    assert threading.get_ident() not in backend.threads


@pytest.mark.parametrize(
    "error",
    [KeyringLocked("locked"), InitError("Prompt dismissed"), RuntimeError("org.freedesktop.DBus.Error"), OSError("x")],
)
def test_every_backends_error_is_told_in_words(backend: MemoryKeyring, error: Exception) -> None:
    """Whatever a backend raises is a KeyStoreError that names the way out."""
    backend.error = error
    store = SystemKeyStore(SERVER, "i")
    for call in (store.check, store.load, store.delete):
        with pytest.raises(KeyStoreError, match="--key-file"):
            run(call())
    with pytest.raises(KeyStoreError, match="--key-file"):
        run(store.store("secret"))


class PlaintextKeyring(MemoryKeyring):
    """Stands for the one of keyrings.alt, which keeps keys readable."""


PlaintextKeyring.__module__ = "keyrings.alt.file"


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("unsafe", [fail.Keyring, null.Keyring, PlaintextKeyring])
def test_a_store_that_keeps_nothing_safe_is_refused(unsafe: type[KeyringBackend]) -> None:
    """No key store, one that forgets, one that writes in the clear: refused, with the flag in the sentence."""
    use(unsafe())
    with pytest.raises(KeyStoreMissing, match="--key-file"):
        run(SystemKeyStore(SERVER, "i").check())
    with pytest.raises(KeyStoreMissing):
        run(SystemKeyStore(SERVER, "i").store("secret"))


@pytest.mark.usefixtures("backend")
def test_a_chain_with_an_unsafe_link_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain falls through to its unsafe link when the safe one is locked; an empty one keeps nothing."""
    for links in ([], [MemoryKeyring(), PlaintextKeyring()]):
        monkeypatch.setattr(chainer.ChainerBackend, "backends", links)
        use(chainer.ChainerBackend())  # type: ignore[no-untyped-call]
        with pytest.raises(KeyStoreMissing):
            run(SystemKeyStore(SERVER, "i").check())


def test_a_store_that_forgets_is_found_before_the_invite_is_used(backend: MemoryKeyring) -> None:
    """The check reads its trial entry back."""
    backend.forgetful = True
    with pytest.raises(KeyStoreMissing):
        run(SystemKeyStore(SERVER, "i").check())


def test_a_key_file_is_private(tmp_path: Path) -> None:
    """Only its owner can read it; it comes back, and goes."""
    store = FileKeyStore(tmp_path / "agent-key")
    run(store.check())
    run(store.store("secret"))
    if os.name == "posix":
        assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert run(store.load()) == "secret"
    run(store.delete())
    run(store.delete())
    with pytest.raises(KeyMissing):
        run(store.load())


@pytest.mark.skipif(os.name != "posix", reason="file rights of another kind")
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """A key that may be known to others is not used silently."""
    store = FileKeyStore(tmp_path / "agent-key")
    run(store.store("secret"))
    store.path.chmod(0o640)
    with pytest.raises(KeyStoreError, match="chmod 600"):
        run(store.load())


@pytest.mark.parametrize(("content", "error"), [(b"", KeyMissing), (b" \n", KeyMissing), (b"\xff\xfe", KeyStoreError)])
def test_a_damaged_key_file_is_an_error_in_words(tmp_path: Path, content: bytes, error: type[KeyStoreError]) -> None:
    """An empty or unreadable file is no key."""
    path = tmp_path / "agent-key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(error):
        run(FileKeyStore(path).load())


def test_a_key_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A full or read-only disk is a KeyStoreError too."""
    with pytest.raises(KeyStoreError):
        run(FileKeyStore(tmp_path / "missing" / "agent-key").store("secret"))

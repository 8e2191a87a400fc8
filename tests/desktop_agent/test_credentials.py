"""The key is kept in a real key store, or in a private file when its owner said so, and nowhere else."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.errors import InitError, KeyringError, KeyringLocked, PasswordDeleteError, PasswordSetError

from desktop_agent.core.errors import KeyMissing, KeyStoreError, KeyStoreLocked, KeyStoreMissing
from desktop_agent.core.pool import credentials
from desktop_agent.core.pool.credentials import SERVICE, FileKeyStore, SystemKeyStore
from tests.desktop_agent.parts import run

SERVER = "https://pool.example.org"
ROOT = Path(__file__).parents[2]


class MemoryKeyring(KeyringBackend):
    """A key store that works."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}
        self.threads: set[int] = set()
        #: Raised by every call when set.
        self.error: Exception | None = None
        #: Forgets what it is given; keeps what is to be deleted.
        self.forgetful = self.keeps = False
        #: It was asked for anything; and its owner has answered its prompt.
        self.asked, self.password_given = threading.Event(), threading.Event()
        self.password_given.set()

    def _enter(self) -> None:
        self.threads.add(threading.get_ident())
        self.asked.set()
        self.password_given.wait()
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
        if self.keeps and (service, username) in self.entries:
            raise PasswordDeleteError("it stays")
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


LOCKED = [
    KeyringLocked("Failed to unlock the collection!"),
    InitError("Failed to create the collection: Prompt dismissed."),
    KeyringError("Can't get password from keychain: (-25308, 'Unknown Error')"),
    PasswordSetError("Cancelled by user"),
]
BROKEN = [
    RuntimeError("org.freedesktop.DBus.Error.NoReply"),
    OSError("no space left"),
    PasswordSetError("The store refuses."),
    ValueError(),
]


@pytest.mark.parametrize(
    ("error", "told"), [(e, KeyStoreLocked) for e in LOCKED] + [(e, KeyStoreError) for e in BROKEN]
)
def test_every_backends_error_is_told_in_words(
    backend: MemoryKeyring, error: Exception, told: type[KeyStoreError]
) -> None:
    """Whatever a backend raises is one of ours, with a way out: a locked store is to be unlocked, and tried again."""
    backend.error = error
    store = SystemKeyStore(SERVER, "i")
    for call in (store.check, store.load, store.delete, lambda: store.store("secret")):
        with pytest.raises(KeyStoreError, match=r"[Tt]ry again, or keep the key in a file") as raised:
            run(call())
        assert type(raised.value) is told
        assert "--key-file" in raised.value.hint


def test_a_delete_that_fails_is_told(backend: MemoryKeyring) -> None:
    """Nothing to delete is fine; a key that stays all the same is not."""
    store = SystemKeyStore(SERVER, "i")
    run(store.store("secret"))
    backend.keeps = True
    with pytest.raises(KeyStoreError):
        run(store.delete())
    backend.entries.clear()
    run(store.delete())


class PlaintextKeyring(MemoryKeyring):
    """Stands for the one of keyrings.alt, which keeps keys readable."""


PlaintextKeyring.__module__ = "keyrings.alt.file"


@pytest.fixture
def no_other_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no store come up late: the tests may run on a desktop that has a real one."""
    monkeypatch.setattr(credentials, "_LATE_BACKENDS", ())


@pytest.mark.usefixtures("backend", "no_other_store")
@pytest.mark.parametrize(
    ("unsafe", "words"),
    [
        (fail.Keyring, "no key store was found"),
        (null.Keyring, "does not keep secrets safe"),
        (PlaintextKeyring, "does not keep secrets safe"),
    ],
)
def test_a_store_that_keeps_nothing_safe_is_refused(unsafe: type[KeyringBackend], words: str) -> None:
    """No key store, one that forgets, one that writes in the clear: refused, and each said as it is."""
    use(unsafe())
    store = SystemKeyStore(SERVER, "i")
    for call in (store.check, store.load, store.delete, lambda: store.store("secret")):
        with pytest.raises(KeyStoreMissing, match=f"{words}.* or keep the key in a file"):
            run(call())


@pytest.mark.usefixtures("backend", "no_other_store")
def test_a_chain_with_an_unsafe_link_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain falls through to its unsafe link when the safe one is locked; an empty one keeps nothing."""
    for links in ([], [MemoryKeyring(), PlaintextKeyring()]):
        monkeypatch.setattr(chainer.ChainerBackend, "backends", links)
        use(chainer.ChainerBackend())  # type: ignore[no-untyped-call]
        with pytest.raises(KeyStoreMissing):
            run(SystemKeyStore(SERVER, "i").check())


@pytest.mark.usefixtures("backend")
def test_a_store_that_comes_up_later_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its owner installs one because we said so, and tries again: no restart is needed."""
    use(fail.Keyring())  # type: ignore[no-untyped-call]
    name = f"{MemoryKeyring.__module__}.{MemoryKeyring.__qualname__}"
    monkeypatch.setattr(credentials, "_LATE_BACKENDS", ("keyring.backends.NotHere.Keyring", name))
    store = SystemKeyStore(SERVER, "i")
    run(store.store("secret"))
    assert run(store.load()) == "secret"


def test_nobody_has_to_wait_for_a_prompt(backend: MemoryKeyring) -> None:
    """A wait for a password can be given up; the next call takes its turn after the prompt is gone."""

    async def story() -> None:
        store = SystemKeyStore(SERVER, "i")
        waiting = asyncio.create_task(store.store("first"))
        await asyncio.to_thread(backend.asked.wait, 10)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        second = asyncio.create_task(store.load())
        await asyncio.sleep(0)
        backend.password_given.set()
        assert await second == "first"

    backend.password_given.clear()
    run(story())


def test_a_prompt_does_not_keep_the_program_from_ending() -> None:
    """The loop closes, and Python ends, while a store still waits for its password."""
    program = (
        "import asyncio, threading, keyring\n"
        "from tests.desktop_agent.test_credentials import MemoryKeyring\n"
        "from desktop_agent.core.pool.credentials import SystemKeyStore\n"
        "store = MemoryKeyring()\n"
        "store.password_given.clear()\n"
        "keyring.set_keyring(store)\n"
        "async def main():\n"
        "    asyncio.create_task(SystemKeyStore('s', 'i').load())\n"
        "    while not store.asked.is_set():\n"
        "        await asyncio.sleep(0.01)\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")


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

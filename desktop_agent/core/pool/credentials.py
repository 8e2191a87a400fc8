"""Where this PC's key lives: the system's key store, or, when its owner said so, a file only the owner can read."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import stat
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import keyring
import keyring.core
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, NoKeyringError, PasswordDeleteError

from .. import messages
from ..errors import AgentError, KeyMissing, KeyStoreError, KeyStoreLocked, KeyStoreMissing
from ..files import write_bytes

SERVICE = "EmbedPool Agent"
#: Backends that keep nothing, or keep it readable for everybody: worse than an honest question to the owner.
_NO_BACKEND = "keyring.backends.fail."
_UNSAFE_BACKENDS = ("keyring.backends.null.", "keyrings.alt.")
#: Stores that may come up after this program has looked for one: their owner has just installed or started them.
_LATE_BACKENDS = (
    "keyring.backends.SecretService.Keyring",
    "keyring.backends.kwallet.DBusKeyring",
    "keyring.backends.libsecret.Keyring",
)
#: What backends say of a store that is locked, when they say it with other errors than KeyringLocked: a prompt that was
#: dismissed, or could not be shown; macOS' numbers for the same.
_LOCKED = re.compile(r"prompt dismissed|is locked|\blocked\b|-25308|-25293|cancell?ed by user", re.IGNORECASE)

T = TypeVar("T")


class KeyStore(Protocol):
    """A place for one key."""

    async def check(self) -> None:
        """Raise KeyStoreError if a key could not be kept here; asked before an invite is used up."""

    async def load(self) -> str:
        """Give the key; raises KeyMissing when it is not there, KeyStoreError when the store fails."""

    async def store(self, key: str) -> None:
        """Keep the key; raises KeyStoreError."""

    async def delete(self) -> None:
        """Forget the key; none is no error. Raises KeyStoreError."""


@dataclass(frozen=True, slots=True)
class SystemKeyStore:
    """The key store of the operating system, under a name of this server and this installation."""

    server: str
    installation_id: str

    @property
    def user(self) -> str:
        """Name of the entry."""
        return f"{self.server} {self.installation_id}"

    async def check(self) -> None:
        """Keep a trial entry and take it away again."""
        await _in_thread(self._check)

    async def load(self) -> str:
        """Give the key."""
        key = await _in_thread(lambda: _backend().get_password(SERVICE, self.user))
        if not key:
            raise KeyMissing(messages.joining.key_missing(messages.joining.SYSTEM_KEY_STORE))
        return key

    async def store(self, key: str) -> None:
        """Keep the key."""
        await _in_thread(lambda: _backend().set_password(SERVICE, self.user, key))

    async def delete(self) -> None:
        """Forget the key."""
        await _in_thread(self._delete)

    def _check(self) -> None:
        backend, trial = _backend(), f"{self.user} trial"
        backend.set_password(SERVICE, trial, "trial")
        kept = backend.get_password(SERVICE, trial)
        with contextlib.suppress(PasswordDeleteError):
            backend.delete_password(SERVICE, trial)
        if kept != "trial":
            raise KeyStoreMissing(messages.joining.key_store_forgets(_name(backend)))

    def _delete(self) -> None:
        backend = _backend()
        try:
            backend.delete_password(SERVICE, self.user)
        except PasswordDeleteError:
            # Backends say so when there is nothing to delete, too.
            if backend.get_password(SERVICE, self.user) is not None:
                raise


@dataclass(frozen=True, slots=True)
class FileKeyStore:
    """A file with mode 0600, for PCs without a desktop, and only when the owner asked for it."""

    path: Path

    async def check(self) -> None:
        """Nothing to try: the data folder was made by us."""

    async def load(self) -> str:
        """Give the key; refuses a file that other users could read."""
        try:
            mode = self.path.stat().st_mode
            key = self.path.read_text("utf-8").strip()
        except FileNotFoundError:
            raise KeyMissing(messages.joining.key_missing(messages.joining.key_file(self.path))) from None
        except (OSError, UnicodeDecodeError) as error:
            raise KeyStoreError(messages.joining.key_store_failed(str(error))) from error
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise KeyStoreError(messages.joining.key_file_open(self.path))
        if not key:
            raise KeyMissing(messages.joining.key_missing(messages.joining.key_file(self.path)))
        return key

    async def store(self, key: str) -> None:
        """Keep the key."""
        try:
            write_bytes(self.path, key.encode() + b"\n")
        except OSError as error:
            raise KeyStoreError(messages.joining.key_store_failed(str(error))) from error

    async def delete(self) -> None:
        """Forget the key."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise KeyStoreError(messages.joining.key_store_failed(str(error))) from error


#: Two prompts for the same password side by side would confuse their owner, and some backends' connection.
_one_at_a_time = threading.Lock()


async def _in_thread(call: Callable[[], T]) -> T:
    """Run a key store's call off the event loop: it can wait for minutes on its owner's password.

    Cancelled, nobody waits for it any more, but the prompt stays until its owner closes it. The thread is no reason for
    the program not to end.
    """
    answer: Future[T] = Future()

    def run() -> None:
        answer.set_running_or_notify_cancel()
        try:
            with _one_at_a_time:
                answer.set_result(call())
        except BaseException as error:  # noqa: BLE001  (whatever it is, whoever waits has to hear of it)
            answer.set_exception(error)

    threading.Thread(target=run, name="key-store", daemon=True).start()
    try:
        return await asyncio.wrap_future(answer)
    except AgentError:
        raise
    except Exception as error:
        raise _in_words(error) from error


def _in_words(error: Exception) -> KeyStoreError:
    """Say what a backend's error means."""
    if isinstance(error, KeyringLocked) or _LOCKED.search(str(error)):
        return KeyStoreLocked(messages.joining.KEY_STORE_LOCKED)
    if isinstance(error, NoKeyringError):
        return KeyStoreMissing(messages.joining.key_store_missing(_name(keyring.get_keyring())))
    reason = str(error) or type(error).__name__
    return KeyStoreError(messages.joining.key_store_failed(reason.rstrip(".!")))


def _backend() -> KeyringBackend:
    backend = keyring.get_keyring()
    if _name(backend).startswith(_NO_BACKEND):
        backend = _late_backend() or backend
    parts = [_name(part) for part in _parts(backend)]
    unsafe = next((name for name in parts if name.startswith(_UNSAFE_BACKENDS)), "")
    if unsafe:
        raise KeyStoreMissing(messages.joining.key_store_unsafe(unsafe))
    if not parts or any(name.startswith(_NO_BACKEND) for name in parts):
        raise KeyStoreMissing(messages.joining.key_store_missing(_name(backend)))
    return backend


def _late_backend() -> KeyringBackend | None:
    """Look for a store that has come up since the start: `keyring` itself looks only once."""
    for name in _LATE_BACKENDS:
        try:
            late = keyring.core.load_keyring(name)
        except Exception:  # noqa: BLE001, S112  (each says in its own way that it is not here)
            continue
        keyring.set_keyring(late)
        return late
    return None


def _parts(backend: KeyringBackend) -> list[KeyringBackend]:
    """Give the backends that a chain would try, or the one that is no chain."""
    chained = getattr(backend, "backends", None)
    return [backend] if chained is None else list(chained)


def _name(backend: KeyringBackend) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"

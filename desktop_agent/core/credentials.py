"""Where this PC's key lives: the system's key store, or, when its owner said so, a file only the owner can read."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from . import messages
from .errors import AgentError, KeyMissing, KeyStoreError, KeyStoreMissing
from .files import write_bytes

SERVICE = "EmbedPool Agent"
#: Backends that keep nothing, or keep it readable for everybody: worse than an honest question to the owner.
_REFUSED_BACKENDS = ("keyring.backends.fail.", "keyring.backends.null.", "keyrings.alt.")

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
            raise KeyMissing(messages.key_missing("the system's key store"))
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
        backend.delete_password(SERVICE, trial)
        if kept != "trial":
            raise KeyStoreMissing(messages.key_store_missing(_name(backend)))

    def _delete(self) -> None:
        try:
            _backend().delete_password(SERVICE, self.user)
        except PasswordDeleteError:
            return


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
            raise KeyMissing(messages.key_missing(f"the file {self.path}")) from None
        except (OSError, UnicodeDecodeError) as error:
            raise KeyStoreError(messages.key_store_failed(str(error))) from error
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise KeyStoreError(messages.key_file_open(self.path))
        if not key:
            raise KeyMissing(messages.key_missing(f"the file {self.path}"))
        return key

    async def store(self, key: str) -> None:
        """Keep the key."""
        try:
            write_bytes(self.path, key.encode() + b"\n")
        except OSError as error:
            raise KeyStoreError(messages.key_store_failed(str(error))) from error

    async def delete(self) -> None:
        """Forget the key."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise KeyStoreError(messages.key_store_failed(str(error))) from error


async def _in_thread(call: Callable[[], T]) -> T:
    """Run a key store's call off the event loop: it can wait for minutes on its owner's password."""
    try:
        return await asyncio.to_thread(call)
    except AgentError:
        raise
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise KeyStoreError(messages.key_store_failed(reason.rstrip("."))) from error


def _backend() -> KeyringBackend:
    backend = keyring.get_keyring()
    refused = [part for part in _parts(backend) if _name(part).startswith(_REFUSED_BACKENDS)]
    if refused or not _parts(backend):
        raise KeyStoreMissing(messages.key_store_missing(_name(backend)))
    return backend


def _parts(backend: KeyringBackend) -> list[KeyringBackend]:
    """Give the backends that a chain would try, or the one that is no chain."""
    chained = getattr(backend, "backends", None)
    return [backend] if chained is None else list(chained)


def _name(backend: KeyringBackend) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"

"""The key in GNOME's real key store, on a D-Bus session of the test's own: kept, locked, unlocked, deleted."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse"
#: Unlocks the store before anybody asks for it, prints the bus's address once it answers, stays until its input ends.
SESSION = """
printf %s "$STORE_PASSWORD" | gnome-keyring-daemon --unlock --components=secrets --foreground >&2 &
until dbus-send --session --print-reply --dest=org.freedesktop.DBus /org/freedesktop/DBus \
    org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q 'boolean true'
do sleep 0.05; done
echo "$DBUS_SESSION_BUS_ADDRESS"
cat > /dev/null
kill $!
"""
#: Locks everything in the store, as its owner does in Seahorse, or the system when it goes to sleep.
LOCK = "import secretstorage as s; s.get_default_collection(s.dbus_init()).lock()"
#: Unlocks it with the password in the environment, where its owner would type it in a prompt.
UNLOCK = """
import os, secretstorage as s
from secretstorage.util import DBusAddressWrapper, format_secret, open_session
bus = s.dbus_init()
secret = format_secret(open_session(bus), os.environ["STORE_PASSWORD"].encode(), "text/plain")
inside = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"
where = s.get_default_collection(bus).collection_path
DBusAddressWrapper("/org/freedesktop/secrets", inside, bus).call("UnlockWithMasterPassword", "o(oayays)", where, secret)
"""
STORE = "asyncio.run(SystemKeyStore('https://pool.example.org', 'installation').{call})"
PROGRAM = """
import asyncio, sys
from desktop_agent.core.pool.credentials import SystemKeyStore
from desktop_agent.core.errors import KeyStoreError
try:
    print({store})
except KeyStoreError as error:
    print(type(error).__name__)
"""

pytestmark = pytest.mark.skipif(
    not (shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon")),
    reason="there is no dbus-run-session and gnome-keyring here; `make setup` installs them on Debian",
)


class RealStore:
    """A session with an unlocked store; every call is a process of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment

    def call(self, call: str) -> str:
        """Call a method of the agent's key store; gives what it answered, or its error's name."""
        return self._python(PROGRAM.format(store=STORE.format(call=call)))

    def lock(self) -> None:
        """Lock it."""
        self._python(LOCK)

    def unlock(self) -> None:
        """Unlock it again."""
        self._python(UNLOCK)

    def _python(self, program: str) -> str:
        command = [sys.executable, "-W", "error", "-c", program]
        ended = subprocess.run(
            command, cwd=ROOT, env=self._environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()


@contextmanager
def session() -> Iterator[RealStore]:
    # The store's socket lies in there, and the name of a socket has at most 107 characters.
    with tempfile.TemporaryDirectory(prefix="store-", ignore_cleanup_errors=True) as folder:
        home = {"HOME": folder, "XDG_RUNTIME_DIR": folder, "XDG_DATA_HOME": folder, "STORE_PASSWORD": PASSWORD}
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **home}
        command = ["dbus-run-session", "--", "sh", "-c", SESSION]
        with subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address, "the key store did not come up"
            yield RealStore({**environment, "DBUS_SESSION_BUS_ADDRESS": address})


@pytest.fixture
def store() -> Iterator[RealStore]:
    """Run an unlocked store."""
    with session() as running:
        yield running


def test_a_key_is_kept_for_other_processes_and_deleted(store: RealStore) -> None:
    """Stored by one process, read by the next, gone after leaving; deleting twice is no error."""
    assert store.call("check()") == "None"
    assert store.call("load()") == "KeyMissing"
    assert store.call("store('secret')") == "None"
    assert store.call("load()") == "secret"
    assert store.call("delete()") == "None"
    assert store.call("delete()") == "None"
    assert store.call("load()") == "KeyMissing"


def test_a_locked_store_says_so_and_works_once_it_is_unlocked(store: RealStore) -> None:
    """Every call tells that it is locked, not that the key is gone; nothing is lost by it."""
    store.call("store('secret')")
    store.lock()
    for call in ("load()", "store('other')", "delete()", "check()"):
        assert store.call(call) == "KeyStoreLocked", call
    store.unlock()
    assert store.call("load()") == "secret"

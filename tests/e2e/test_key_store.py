"""The agent's key in a real key store: GNOME's, on a D-Bus session of the test's own."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_agent.core.pool.credentials import SERVICE
from desktop_agent.core.settings import load_settings
from tests.e2e.agent_process import AgentProcess
from tests.e2e.clients import right_rows, rows_of, same, sdk, texts_of
from tests.e2e.conftest import MODEL, Stage
from tests.e2e.programs import neutral_environment, run

#: Unlocks the store with a password, says where its bus is once it answers, and stays.
_SESSION = """
printf password | gnome-keyring-daemon --unlock --components=secrets --foreground &
until dbus-send --session --print-reply --dest=org.freedesktop.DBus /org/freedesktop/DBus \
    org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q 'boolean true'
do sleep 0.1; done
printf %s "$DBUS_SESSION_BUS_ADDRESS" > "$1.part"
mv "$1.part" "$1"
wait
"""


@pytest.fixture
def key_store(stage: Stage) -> Iterator[dict[str, str]]:
    """Run an unlocked key store; gives the variables with which programs find it."""
    if not shutil.which("dbus-run-session"):
        pytest.skip("there is no dbus-run-session here; `make setup` installs it on Debian")
    # The store's socket lies in there, and the name of a socket has at most 107 characters.
    with tempfile.TemporaryDirectory(prefix="key-store-") as folder:
        address = Path(folder, "address")
        here = {"HOME": folder, "XDG_RUNTIME_DIR": folder}
        session = stage.program("key-store", "dbus-run-session", "--", "sh", "-c", _SESSION, "sh", str(address), **here)
        session.until(address.exists, "the key store answers")
        yield {**here, "DBUS_SESSION_BUS_ADDRESS": address.read_text(encoding="ascii")}
        session.kill()


class Entry:
    """An agent's entry in the key store, looked up by somebody else than the agent."""

    def __init__(self, agent: AgentProcess) -> None:
        self._agent = agent
        self._user = f"{agent.server} {load_settings(agent.data / 'settings.json').installation_id}"

    @property
    def key(self) -> str:
        """The key; empty when there is none."""
        command = [sys.executable, "-m", "keyring", "get", SERVICE, self._user]
        return run(command, self._agent.data, self._agent.environment).stdout.strip()


def test_the_key_lives_in_the_key_store_and_nowhere_else(stage: Stage, key_store: dict[str, str]) -> None:
    """`join` puts the key there, `run` works with it, no file of the agent holds it, `leave` takes it away."""
    server = stage.server()
    agent = stage.new_agent("desktop", stage.ollama(), **key_store)
    agent.join(server.issue_invite())
    entry = Entry(agent)
    key = entry.key
    assert len(key) >= 20
    agent.program.start()
    agent.until_it_is("ready")
    with sdk(server.url, stage.client_key(server)) as client:
        answer = client.embeddings.create(model="nomic-embed-text", input=texts_of(5))
    assert same(rows_of(answer.data), right_rows(MODEL, texts_of(5)))
    files = [file for file in agent.data.rglob("*") if file.is_file()]
    assert files
    assert [file for file in files if key.encode() in file.read_bytes()] == []
    assert agent.program.terminate() == 0
    agent.command("leave")
    assert entry.key == ""


def test_without_a_key_store_nothing_is_used_up_and_the_way_out_is_named(stage: Stage) -> None:
    """`join` refuses in words before it spends the invite; with --key-file the same invite works."""
    server = stage.server()
    agent = stage.new_agent("no-desktop", stage.ollama())
    link = server.issue_invite()
    refused = agent.join(link, code=1)
    assert "To keep the key in a file, join with --key-file." in refused
    assert server.agents() == {}
    assert not (agent.data / "agent-key").exists()
    agent.join(link, "--key-file")
    assert (agent.data / "agent-key").stat().st_mode & 0o777 == 0o600
    assert list(server.agents()) == ["no-desktop"]


def test_a_key_store_that_went_away_is_told_in_words(stage: Stage, key_store: dict[str, str]) -> None:
    """An agent that cannot read its key any more ends with what to do, and `leave` still works."""
    server = stage.server()
    agent = stage.new_agent("desktop", stage.ollama(), **key_store)
    agent.join(server.issue_invite())
    for name in key_store:
        del agent.environment[name]
    agent.environment.update(neutral_environment())
    told = agent.command("run", "--headless", code=1)
    assert "key store" in told
    assert "This PC has left the pool." in agent.command("leave")
    assert agent.status().startswith("This PC belongs to no pool yet.")

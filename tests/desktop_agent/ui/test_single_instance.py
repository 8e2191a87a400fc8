"""One agent per data folder: a second start reaches the first, and nothing but our own words is heard."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_agent.core.data_folder import DataFolder
from desktop_agent.core.instance import MAX_LINE_BYTES, Message, Verb, addresses, decode, encode, send
from desktop_agent.ui.single_instance import SingleInstance

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has pipes instead of socket files")
LINK = "embedpool://join?server=https%3A%2F%2Fpool.example.org&code=ep_inv_abc"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    return DataFolder.open(tmp_path / "data")


class Ear:
    """An instance that listens, and what it heard."""

    def __init__(self, folder: DataFolder, qtbot: QtBot) -> None:
        self.heard: list[Message] = []
        self.instance = SingleInstance(folder)
        self.instance.told.connect(self.heard.append)
        self._folder, self._qtbot = folder, qtbot

    def hear(self, message: Message) -> bool:
        """Send from another thread, as another process does; gives whether it was taken."""
        with ThreadPoolExecutor(1) as thread:
            sent: Future[bool] = thread.submit(send, self._folder, message)
            self._qtbot.waitUntil(sent.done, timeout=10_000)
            return sent.result()

    def raw(self, data: bytes) -> bytes:
        """Send any bytes; gives the answer."""

        def talk() -> bytes:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(8)
                connection.connect(addresses(self._folder)[0])
                connection.sendall(data)
                try:
                    return connection.recv(100)
                except ConnectionResetError:
                    return b""

        with ThreadPoolExecutor(1) as thread:
            answer = thread.submit(talk)
            self._qtbot.waitUntil(answer.done, timeout=10_000)
            return answer.result()


@pytest.mark.parametrize("message", [Message(Verb.SHOW), Message(Verb.QUIT), Message(Verb.OPEN_LINK, LINK)])
def test_a_wish_is_heard(folder: DataFolder, qtbot: QtBot, message: Message) -> None:
    """What another program of ours says arrives as it was said, and it hears that it did."""
    ear = Ear(folder, qtbot)
    assert ear.hear(message)
    assert ear.heard == [message]
    ear.instance.close()
    assert not send(folder, message)


@pytest.mark.parametrize(
    "data",
    [
        b"show\n",
        b"{}\n",
        b"[1]\n",
        b'{"verb":"run","link":"/bin/sh"}\n',
        b'{"verb":"show","link":"x"}\n',
        b'{"verb":"open-link","link":""}\n',
        b'{"verb":"open-link","link":["x"]}\n',
        b"\xff\xfe\n",
        b'{"verb":"open-link","link":"' + b"x" * MAX_LINE_BYTES + b'"}\n',
        b"x" * (MAX_LINE_BYTES * 3),
    ],
)
def test_nonsense_is_not_heard(folder: DataFolder, qtbot: QtBot, data: bytes) -> None:
    """Whatever is not one of the known wishes is dropped without an answer, and the next wish is heard."""
    ear = Ear(folder, qtbot)
    assert ear.raw(data) == b""
    assert ear.heard == []
    assert ear.hear(Message(Verb.SETTINGS))
    ear.instance.close()


def test_a_line_in_pieces_is_one_wish(folder: DataFolder, qtbot: QtBot) -> None:
    """A slow sender is waited for."""
    ear = Ear(folder, qtbot)
    line = encode(Message(Verb.SHOW))
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(addresses(folder)[0])
        connection.sendall(line[:5])
        qtbot.wait(50)
        connection.sendall(line[5:])
        qtbot.waitUntil(lambda: bool(ear.heard))
    assert ear.heard == [Message(Verb.SHOW)]
    ear.instance.close()


def test_only_this_user_may_speak(folder: DataFolder) -> None:
    """Nobody else can even open the socket."""
    instance = SingleInstance(folder)
    mode = Path(addresses(folder)[0]).stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert not mode & 0o077
    instance.close()
    assert not Path(addresses(folder)[0]).exists()


def test_a_killed_agents_socket_is_in_nobodys_way(folder: DataFolder, qtbot: QtBot) -> None:
    """The file of a socket that nobody listens at any more is replaced."""
    code = (
        "import socket, sys, time; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen()\n"
        "print('up', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, addresses(folder)[0]], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.send_signal(signal.SIGKILL)
    assert Path(addresses(folder)[0]).exists()
    assert not send(folder, Message(Verb.SHOW))
    ear = Ear(folder, qtbot)
    assert ear.hear(Message(Verb.SHOW))
    ear.instance.close()


def test_a_long_path_has_a_short_socket(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the folder's path is too long for a socket, it lies in the user's runtime folder; two folders have two."""
    # Not in tmp_path, which itself can be too long for a socket.
    with tempfile.TemporaryDirectory(prefix="run") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        hear_of_the_right_one(tmp_path, Path(folder), qtbot)


def hear_of_the_right_one(tmp_path: Path, runtime: Path, qtbot: QtBot) -> None:
    one, other = (DataFolder.open(tmp_path / ("x" * 120) / name) for name in ("one", "other"))
    assert addresses(one) != addresses(other)
    assert [Path(address).parent for address in addresses(one)] == [runtime]
    ears = [Ear(folder, qtbot) for folder in (one, other)]
    assert ears[1].hear(Message(Verb.SHOW))
    assert [len(ear.heard) for ear in ears] == [0, 1]
    for ear in ears:
        ear.instance.close()


def test_a_folder_that_others_may_enter_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else could listen there in our place and be handed an invite."""
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(shared))
    folder = DataFolder.open(tmp_path / ("x" * 120))
    assert [address for address in addresses(folder) if address.startswith(str(shared))] == []


def test_what_is_read_back_is_what_was_written() -> None:
    """Every wish survives its line."""
    for message in (Message(Verb.SHOW), Message(Verb.QUIT), Message(Verb.SETTINGS), Message(Verb.OPEN_LINK, LINK)):
        assert decode(encode(message)) == message

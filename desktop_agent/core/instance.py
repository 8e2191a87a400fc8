"""How programs of ours talk to the one that runs: one line of JSON, over a socket beside the data folder's lock.

The socket has the lock's scope: the same data folder, the same user. What comes in is one of four verbs and nothing
else, so the worst that a program of this user can do is to show a window or to end the agent.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import socket
import sys
import tempfile
import threading
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import orjson

from .data_folder import DataFolder

#: Longest line that is read, in bytes.
MAX_LINE_BYTES = 4096
#: What the running agent answers when it took a message.
TAKEN = b"ok\n"
#: Seconds that a running agent has for its answer.
ANSWER_SECONDS = 3.0
#: Longest path of a socket, in bytes: Linux has room for 107, macOS for 103.
MAX_PATH_BYTES = 100


class Verb(StrEnum):
    """What another program of ours may ask of the running one."""

    SHOW = "show"  # show the window
    SETTINGS = "settings"  # show the settings
    OPEN_LINK = "open-link"  # show how to join, with this link
    QUIT = "quit"  # give work back and end


@dataclass(frozen=True, slots=True)
class Message:
    """One wish of another program."""

    verb: Verb
    link: str = ""


def encode(message: Message) -> bytes:
    """Write the message as a line."""
    return orjson.dumps({"verb": message.verb, "link": message.link}) + b"\n"


def decode(line: bytes) -> Message | None:
    """Read a line; None for whatever is not one of our messages."""
    if len(line) > MAX_LINE_BYTES:
        return None
    try:
        told = orjson.loads(line)
        verb, link = Verb(told["verb"]), told.get("link", "")
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError, ValueError):
        return None
    return Message(verb, link) if isinstance(link, str) and (verb is Verb.OPEN_LINK) == bool(link) else None


def addresses(folder: DataFolder) -> tuple[str, ...]:
    """Give the names of the socket, the best first: a file beside the lock, or one in the user's runtime folder.

    The second is for paths too long for a socket, and for file systems that know no sockets. On Windows it is the name
    of a pipe, which all users of the PC share: it has the user's name in it.
    """
    number = hashlib.sha256(os.fsencode(folder.root)).hexdigest()[:16]
    if sys.platform == "win32":
        return (f"embedpool-{getpass.getuser()}-{number}",)
    beside = str(folder.root / "agent.sock")
    near = [beside] if len(os.fsencode(beside)) <= MAX_PATH_BYTES else []
    runtime = _runtime_folder()
    return (*near, str(runtime / f"embedpool-{number}.sock")) if runtime else tuple(near)


def send(folder: DataFolder, message: Message) -> bool:
    """Tell the running agent; False when none took it."""
    line = encode(message)
    return len(line) <= MAX_LINE_BYTES and any(_sent(address, line) for address in addresses(folder))


def listens(folder: DataFolder) -> bool:
    """Tell whether an agent listens, without telling it anything."""
    return any(_sent(address, b"") for address in addresses(folder))


def _runtime_folder() -> Path | None:
    """Give a folder that only this user may enter; None when there is none. Windows has no such thing."""
    user = os.getuid()
    for folder in (os.environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{user}"):
        if folder and _is_ours(Path(folder)):
            return Path(folder)
    own = Path(tempfile.gettempdir()) / f"embedpool-{user}"
    try:
        own.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return None
    return own if _is_ours(own) else None


def _is_ours(folder: Path) -> bool:
    """Tell whether the folder is this user's, and nobody else may enter it: another's could listen in our place."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return folder.is_dir() and found.st_uid == os.getuid() and not found.st_mode & 0o077


if sys.platform == "win32":

    def _sent(name: str, line: bytes) -> bool:
        """Write into the pipe and wait for the answer, in a thread of its own: a pipe knows no time limit."""
        taken: list[bytes] = []

        def talk() -> None:
            try:
                with open(rf"\\.\pipe\{name}", "r+b", buffering=0) as pipe:  # noqa: PTH123 (a pipe is no path)
                    pipe.write(line)
                    taken.append(pipe.read(len(TAKEN)) if line else TAKEN)
            except OSError:
                return

        thread = threading.Thread(target=talk, name="message", daemon=True)
        thread.start()
        thread.join(ANSWER_SECONDS)
        return taken == [TAKEN]

else:

    def _sent(path: str, line: bytes) -> bool:
        """Write into the socket and wait for the answer."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(ANSWER_SECONDS)
                connection.connect(path)
                connection.sendall(line)
                return not line or connection.recv(len(TAKEN)) == TAKEN
        except OSError:
            return False

"""Whether the window in front fills the screen, from sway, over the socket that it has for such questions."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

from ...messages import sensors as messages
from ..base import SensorFailed

#: Seconds for the whole question.
LIMIT_S = 1.0
#: Longer answers are not read; a tree of a hundred windows has some hundred thousand bytes.
_LONGEST = 16 * 1024 * 1024
_MAGIC = b"i3-ipc"
_GET_TREE = 4
#: After the magic word: the length of what follows in bytes, and the kind of message.
_HEADER = struct.Struct("=6sII")


class SwayFullScreen:
    """Asks sway (or another that speaks as i3 does) for its tree of windows."""

    def __init__(self, path: str) -> None:
        self._path = path

    def read(self) -> bool:
        """Tell."""
        try:
            tree = json.loads(_ask(self._path))
            return any(_fills(node) for node in _path_to_focus(tree))
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as failed:
            raise SensorFailed(messages.cannot_tell_full_screen(messages.SWAY_FAILS)) from failed

    def close(self) -> None:
        """Nothing is kept open between questions."""


def _ask(path: str) -> bytes:
    deadline = time.monotonic() + LIMIT_S
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(LIMIT_S)
        line.connect(path)
        line.sendall(_HEADER.pack(_MAGIC, 0, _GET_TREE))
        magic, length, _kind = _HEADER.unpack(_received(line, _HEADER.size, deadline))
        if magic != _MAGIC or length > _LONGEST:
            raise ValueError("not an answer of sway's")
        return _received(line, length, deadline)


def _received(line: socket.socket, length: int, deadline: float) -> bytes:
    got = bytearray()
    while len(got) < length:
        line.settimeout(max(0.001, deadline - time.monotonic()))
        piece = line.recv(length - len(got))
        if not piece:
            raise ConnectionError("cut off")
        got += piece
    return bytes(got)


def _path_to_focus(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the containers from the root to the focused window; each names its child that had the focus last."""
    node = tree
    while True:
        yield node
        inside = {child["id"]: child for child in [*node["nodes"], *node["floating_nodes"]]}
        following = [inside[number] for number in node["focus"] if number in inside]
        if not following:
            return
        node = following[0]


def _fills(node: dict[str, Any]) -> bool:
    """Tell whether this is a window, or a group of them, that was made to fill the screen. Workspaces always do."""
    return node["type"] in {"con", "floating_con"} and node["fullscreen_mode"] > 0

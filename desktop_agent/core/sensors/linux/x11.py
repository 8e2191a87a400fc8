"""A line to the X server of this PC, laid again by itself when the server came back."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator

from Xlib.display import Display
from Xlib.error import XError

from ...messages import sensors as messages
from ..base import SensorFailed

#: Seconds to wait for another thread that is at this line; an X server that hangs keeps it for longer.
_TURN_S = 1.0
_ON_THIS_PC = re.compile(r"(?:unix)?:(\d+)(?:\.\d+)?")


class XServer:
    """One connection, made with the first question. Any thread may ask; one is served at a time."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._display: Display | None = None
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def asked(self) -> Iterator[Display]:
        """Give the connection for some questions. Raises SensorFailed when the server does not answer them.

        XError goes through: a window that is asked about may close at any moment, and that is no fault of the line.
        """
        if not self._lock.acquire(timeout=_TURN_S):
            raise SensorFailed(messages.X_SERVER_FAILS)
        try:
            yield self._connected()
        except (XError, SensorFailed):
            raise
        except Exception as broken:
            # The library raises whatever a cut line makes it stumble over.
            self._hang_up()
            raise SensorFailed(messages.X_SERVER_FAILS) from broken
        finally:
            self._lock.release()

    def close(self) -> None:
        """Hang up; the next question connects again."""
        if self._lock.acquire(timeout=_TURN_S):
            self._hang_up()
            self._lock.release()

    def _connected(self) -> Display:
        if self._display is None:
            local = _ON_THIS_PC.fullmatch(self._name)
            if local is None:
                # A display on another PC is not this PC's keyboard, and would have to be reached over the network.
                raise SensorFailed(messages.NO_X_SERVER)
            if not _listens(local[1]):
                # Asked first, because the library leaves its sockets open where nobody listens.
                raise SensorFailed(messages.X_SERVER_FAILS)
            # Named like this, the library never falls back to the network.
            self._display = Display(f"unix/:{local[1]}")
        # Changes of the keyboard's layout are told to everybody; nobody else takes them out of the queue.
        while self._display.pending_events():
            self._display.next_event()
        return self._display

    def _hang_up(self) -> None:
        if self._display is not None:
            with contextlib.suppress(Exception):
                self._display.close()
            self._display = None


def _listens(number: str) -> bool:
    """Tell whether an X server takes connections on the display's socket, the file or the abstract one."""
    path = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - the place is the X servers' own
    for address in (path, f"\0{path}"):
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(_TURN_S)
            line.connect(address)
            return True
    return False

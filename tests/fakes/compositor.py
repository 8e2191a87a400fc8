"""A Wayland compositor without a screen: seats and ext-idle-notify-v1 on a real socket, moved by the test.

It speaks the wire protocol by itself: every message is the object's number, its size and opcode, and the arguments.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

_DISPLAY = 1
_NOTIFIER = "ext_idle_notifier_v1"
_SEAT = "wl_seat"


def _words(*numbers: int) -> bytes:
    return struct.pack(f"={len(numbers)}I", *numbers)


def _string(text: str) -> bytes:
    raw = text.encode() + b"\0"
    return _words(len(raw)) + raw + b"\0" * (-len(raw) % 4)


@dataclass(slots=True)
class _Notification:
    number: int
    heeds_inhibitors: bool
    idle: bool = False


@dataclass(slots=True)
class _Client:
    """One connection: what it has bound, by the number it gave."""

    line: socket.socket
    registry: int = 0
    notifiers: set[int] = field(default_factory=set)
    notifications: dict[int, _Notification] = field(default_factory=dict)

    def send(self, number: int, opcode: int, arguments: bytes = b"") -> None:
        """Send an event; a client that has gone need not hear it."""
        try:
            self.line.sendall(_words(number, (8 + len(arguments)) << 16 | opcode) + arguments)
        except OSError:
            return


class Compositor:
    """Takes clients until it is left. `version` is that of the idle protocol; 0 is a compositor without it."""

    def __init__(self, path: Path, version: int = 2) -> None:
        self._path = path
        self._globals = {1: (_SEAT, 1)} | ({2: (_NOTIFIER, version)} if version else {})
        self._away = False
        self._inhibited = False
        self._hangs = threading.Event()
        self._clients: list[_Client] = []
        self._lock = threading.Lock()
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._listening.bind(str(self._path))
        self._listening.listen()
        self._start(self._accept)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()

    def end(self) -> None:
        """Let the person log out, or the compositor crash: every connection is cut, and the socket is gone."""
        self._path.unlink(missing_ok=True)
        for line in [self._listening, *(client.line for client in self._clients)]:
            if line.fileno() != -1:
                line.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for line in [self._listening, *(client.line for client in self._clients)]:
            line.close()

    def nobody_there(self) -> None:
        """Let nobody have touched anything for as long as clients wanted to wait."""
        self._change(away=True, inhibited=self._inhibited)

    def input(self) -> None:
        """Let somebody touch the mouse."""
        self._change(away=False, inhibited=self._inhibited)

    def inhibit(self, on: bool) -> None:
        """Let a program keep the screen on, or no longer."""
        self._change(away=self._away, inhibited=on)

    def plug_in_a_seat(self) -> None:
        """Have one more keyboard and mouse."""
        with self._lock:
            number = max(self._globals) + 1
            self._globals[number] = (_SEAT, 1)
            for client in self._clients:
                self._tell_global(client, number)

    def unplug_the_seat(self) -> None:
        """Lose the first keyboard and mouse."""
        with self._lock:
            del self._globals[1]
            for client in self._clients:
                client.send(client.registry, 1, _words(1))

    def hang(self) -> None:
        """Answer no request any more."""
        self._hangs.set()

    @property
    def watchers(self) -> int:
        """How many notifications clients have at present: none may be left behind."""
        with self._lock:
            return sum(len(client.notifications) for client in self._clients)

    def _change(self, *, away: bool, inhibited: bool) -> None:
        with self._lock:
            self._away, self._inhibited = away, inhibited
            for client in self._clients:
                for notification in client.notifications.values():
                    idle = away and not (notification.heeds_inhibitors and inhibited)
                    if idle is not notification.idle:
                        notification.idle = idle
                        client.send(notification.number, 0 if idle else 1)

    def _start(self, work: object, *arguments: object) -> None:
        assert callable(work)
        self._threads.append(threading.Thread(target=work, args=arguments, name="fake compositor"))
        self._threads[-1].start()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            client = _Client(line)
            with self._lock:
                self._clients.append(client)
            self._start(self._serve, client)

    def _serve(self, client: _Client) -> None:
        # A client that goes with something unread resets the connection; that is a way to go like any other.
        with client.line.makefile("rb") as stream, contextlib.suppress(ConnectionError):
            while len(header := stream.read(8)) == 8:
                number, size = struct.unpack("=2I", header)
                arguments = stream.read((size >> 16) - 8)
                if not self._hangs.is_set():
                    with self._lock:
                        self._obey(client, number, size & 0xFFFF, arguments)
        with self._lock:
            client.notifications.clear()

    def _obey(self, client: _Client, number: int, opcode: int, arguments: bytes) -> None:
        if number == _DISPLAY:
            self._of_display(client, opcode, struct.unpack("=I", arguments)[0])
        elif number == client.registry:
            interface = arguments[8 : 8 + struct.unpack_from("=I", arguments, 4)[0] - 1].decode()
            if interface == _NOTIFIER:
                client.notifiers.add(struct.unpack("=I", arguments[-4:])[0])
        elif number in client.notifiers and opcode > 0:
            made = struct.unpack_from("=I", arguments)[0]
            client.notifications[made] = _Notification(made, heeds_inhibitors=opcode == 1)
        elif number in client.notifications:
            del client.notifications[number]

    def _of_display(self, client: _Client, opcode: int, made: int) -> None:
        if opcode == 0:
            client.send(made, 0, _words(0))
            client.send(_DISPLAY, 1, _words(made))
        else:
            client.registry = made
            for number in self._globals:
                self._tell_global(client, number)

    def _tell_global(self, client: _Client, number: int) -> None:
        interface, version = self._globals[number]
        client.send(client.registry, 0, _words(number) + _string(interface) + _words(version))

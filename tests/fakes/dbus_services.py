"""Services of Linux desktops on a private D-Bus: what they answer is set by the test, at any time."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar

from dbus_fast import DBusError, Message, MessageType, RequestNameReply, Variant
from dbus_fast.aio import MessageBus

#: The signature of an answer and its values.
Answer = tuple[str, list[Any]]
#: By interface and method: what to answer to these arguments.
Methods = dict[tuple[str, str], Callable[..., Answer]]
T = TypeVar("T")


class Silence(Exception):
    """Raised by a method of a fake that never answers."""


class DBusServices:
    """A connection to a bus, in a thread of its own, that owns names and answers for the objects behind them."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._objects: dict[str, Methods] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake D-Bus services")
        self._bus: MessageBus | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._connect())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._run(self._disconnect())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def own(self, *names: str) -> None:
        """Answer by these names from now on."""
        for name in names:
            assert self._run(self._connected.request_name(name)) is RequestNameReply.PRIMARY_OWNER

    def disown(self, *names: str) -> None:
        """Answer by these names no longer."""
        for name in names:
            self._run(self._connected.release_name(name))

    def put(self, path: str, methods: Methods) -> None:
        """Let an object answer to these methods."""
        self._objects.setdefault(path, {}).update(methods)

    def take_away(self, path: str) -> None:
        """Let there be no such object."""
        self._objects.pop(path, None)

    def put_properties(self, path: str, interface: str, properties: Callable[[], dict[str, Variant]]) -> None:
        """Let an object have properties, read anew whenever they are asked for."""

        def get(asked: str, name: str) -> Answer:
            found = properties().get(name) if asked == interface else None
            if found is None:
                raise DBusError("org.freedesktop.DBus.Error.UnknownProperty", name)
            return "v", [found]

        self.put(path, {("org.freedesktop.DBus.Properties", "Get"): get})

    @property
    def _connected(self) -> MessageBus:
        assert self._bus is not None
        return self._bus

    async def _connect(self) -> None:
        self._bus = await MessageBus(bus_address=self._address).connect()
        self._bus.add_message_handler(self._answer)

    async def _disconnect(self) -> None:
        self._connected.disconnect()
        await self._connected.wait_for_disconnect()  # type: ignore[no-untyped-call]

    def _answer(self, asked: Message) -> Message | bool | None:
        if asked.message_type is not MessageType.METHOD_CALL:
            return None
        methods = self._objects.get(asked.path or "")
        if methods is None:
            return Message.new_error(asked, "org.freedesktop.DBus.Error.UnknownObject", "no such object")
        method = methods.get((asked.interface or "", asked.member or ""))
        if method is None:
            return Message.new_error(asked, "org.freedesktop.DBus.Error.UnknownMethod", "no such method")
        try:
            return Message.new_method_return(asked, *method(*asked.body))
        except Silence:
            return True

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)


@dataclass(slots=True)
class FakeIdleMonitor:
    """GNOME's idle monitor, or Cinnamon's: counts on by itself from the last input."""

    bus: DBusServices
    name: str = "org.gnome.Mutter.IdleMonitor"
    last_input_at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        path = f"/{self.name.replace('.', '/')}/Core"
        self.bus.put(path, {(self.name, "GetIdletime"): lambda: ("t", [self.idle_ms])})
        self.bus.own(self.name)

    @property
    def idle_ms(self) -> int:
        """Milliseconds since the last input."""
        return round((time.monotonic() - self.last_input_at) * 1000)

    def away_for(self, seconds: float) -> None:
        """Let the last input have been so long ago; 0 is input now."""
        self.last_input_at = time.monotonic() - seconds


@dataclass(slots=True)
class FakeScreenSaver:
    """A desktop's screen saver: on or off, and an idle time in the unit of that desktop."""

    bus: DBusServices
    names: tuple[str, ...] = ("org.freedesktop.ScreenSaver",)
    active: bool = False
    #: None for one that has no such method.
    idle: int | None = None

    def __post_init__(self) -> None:
        name = self.names[0]
        self.bus.put(
            f"/{name.replace('.', '/')}",
            {(name, "GetActive"): lambda: ("b", [self.active]), (name, "GetSessionIdleTime"): self._idle_time},
        )
        self.bus.own(*self.names)

    def _idle_time(self) -> Answer:
        if self.idle is None:
            raise DBusError("org.freedesktop.DBus.Error.UnknownMethod", "not here")
        return "u", [self.idle]


@dataclass(slots=True)
class FakeSessionManager:
    """GNOME's session manager with its inhibitors."""

    bus: DBusServices
    #: By object path: the program's name and its flags.
    inhibitors: dict[str, tuple[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        name = "org.gnome.SessionManager"
        self.bus.put(
            "/org/gnome/SessionManager",
            {
                (name, "IsInhibited"): lambda flags: ("b", [any(f & flags for _app, f in self.inhibitors.values())]),
                (name, "GetInhibitors"): lambda: ("ao", [list(self.inhibitors)]),
            },
        )
        self.bus.own(name)

    def inhibit(self, number: int, app: str, flags: int) -> None:
        """Let a program inhibit something: 8 is being idle, 4 is sleeping."""
        path, interface = f"/org/gnome/SessionManager/Inhibitor{number}", "org.gnome.SessionManager.Inhibitor"
        self.inhibitors[path] = (app, flags)
        self.bus.put(
            path,
            {
                (interface, "GetAppId"): lambda: ("s", [app]),
                (interface, "GetFlags"): lambda: ("u", [flags]),
            },
        )


@dataclass(slots=True)
class FakeKdePower:
    """KDE's power management: who inhibits what, as its policy agent tells it."""

    bus: DBusServices
    #: The program, its reason, and the kinds: 4 is the screen, 1 is sleeping.
    inhibitions: list[tuple[str, str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        name = "org.kde.Solid.PowerManagement"
        agent = f"{name}.PolicyAgent"
        self.bus.put(
            f"/{agent.replace('.', '/')}",
            {
                (agent, "HasInhibition"): lambda kinds: ("b", [any(k & kinds for _who, _why, k in self.inhibitions)]),
                (agent, "ListInhibitions"): lambda: ("a(ss)", [[[who, why] for who, why, _k in self.inhibitions]]),
            },
        )
        self.bus.own(name)


@dataclass(slots=True)
class FakeXfcePower:
    """Xfce's power manager."""

    bus: DBusServices
    inhibitors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        name = "org.freedesktop.PowerManagement"
        interface = f"{name}.Inhibit"
        self.bus.put(
            f"/{interface.replace('.', '/')}",
            {
                (interface, "HasInhibit"): lambda: ("b", [bool(self.inhibitors)]),
                (interface, "GetInhibitors"): lambda: ("as", [self.inhibitors]),
            },
        )
        self.bus.own(name)


@dataclass(slots=True)
class FakeLogind:
    """logind with one seat, the session `1` of this person on it, and perhaps somebody else's."""

    bus: DBusServices
    locked: bool = False
    remote: bool = False
    #: The hint and when it was given, in microseconds of the monotonic clock; 0 for never.
    idle_hint: bool = False
    idle_since_us: int = 0
    #: Whose turn it is at the seat: session `1`, or `2` of the class below.
    active: str = "1"
    others_class: str = "user"
    #: This program belongs to the session; else it was started by the person's own systemd.
    knows_process: bool = True
    #: what, who, why, mode, uid, pid.
    inhibitors: list[tuple[str, str, str, str, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        name, base = "org.freedesktop.login1", "/org/freedesktop/login1"
        manager = f"{name}.Manager"
        self.bus.put(
            base,
            {
                (manager, "GetSession"): self._get_session,
                (manager, "GetSessionByPID"): self._get_session_by_pid,
                (manager, "GetUser"): lambda uid: ("o", [f"{base}/user/{uid}"]),
                (manager, "ListInhibitors"): lambda: ("a(ssssuu)", [[list(row) for row in self.inhibitors]]),
            },
        )
        self.bus.put_properties(f"{base}/session/_31", f"{name}.Session", self._own)
        others = {"Class": Variant("s", self.others_class)}
        self.bus.put_properties(f"{base}/session/_32", f"{name}.Session", lambda: others)
        self.bus.put_properties(f"{base}/seat/seat0", f"{name}.Seat", self._seat)
        display = {"Display": Variant("(so)", ["1", f"{base}/session/_31"])}
        self.bus.put_properties(f"{base}/user/{os.getuid()}", f"{name}.User", lambda: display)
        self.bus.own(name)

    def _get_session(self, session: str) -> Answer:
        if session != "1":
            raise DBusError("org.freedesktop.login1.NoSuchSession", session)
        return "o", ["/org/freedesktop/login1/session/_31"]

    def _get_session_by_pid(self, pid: int) -> Answer:
        if not self.knows_process or pid != os.getpid():
            raise DBusError("org.freedesktop.login1.NoSessionForPID", str(pid))
        return self._get_session("1")

    def _own(self) -> dict[str, Variant]:
        return {
            "LockedHint": Variant("b", self.locked),
            "Remote": Variant("b", self.remote),
            "Active": Variant("b", self.active == "1"),
            "Seat": Variant("(so)", ["seat0", "/org/freedesktop/login1/seat/seat0"]),
            "IdleHint": Variant("b", self.idle_hint),
            "IdleSinceHintMonotonic": Variant("t", self.idle_since_us),
        }

    def _seat(self) -> dict[str, Variant]:
        path = f"/org/freedesktop/login1/session/_3{self.active}" if self.active else "/"
        return {"ActiveSession": Variant("(so)", [self.active, path])}


@dataclass(slots=True)
class FakeNetworkManager:
    """NetworkManager with its judgement on metering: 1 yes, 2 no, 3 and 4 guessed, 0 not known."""

    bus: DBusServices
    metered: int = 0

    def __post_init__(self) -> None:
        name = "org.freedesktop.NetworkManager"
        self.bus.put_properties(f"/{name.replace('.', '/')}", name, lambda: {"Metered": Variant("u", self.metered)})
        self.bus.own(name)

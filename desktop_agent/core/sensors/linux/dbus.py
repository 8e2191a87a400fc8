"""Questions to services on D-Bus: each bounded in time, on a line that is laid again by itself when it was cut."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypeVar

from jeepney import DBusAddress, DBusErrorResponse, Message, MessageFlag, Properties, new_method_call  # type: ignore[import-untyped]
from jeepney.bus import get_connectable_addresses  # type: ignore[import-untyped]
from jeepney.io.blocking import DBusConnection, prep_socket  # type: ignore[import-untyped]
from jeepney.wrappers import unwrap_msg  # type: ignore[import-untyped]

from ...messages import sensors as messages
from ..base import SensorFailed

#: Seconds for one question, and for connecting. A healthy service on the same PC needs milliseconds.
LIMIT_S = 1.0
#: Where the system bus is when the environment does not say.
SYSTEM_BUS = "unix:path=/run/dbus/system_bus_socket"
#: What the bus itself answers in place of a service, object or method that is not there.
_MISSING = frozenset(
    f"org.freedesktop.DBus.Error.{name}"
    for name in ("ServiceUnknown", "NameHasNoOwner", "UnknownMethod", "UnknownInterface", "UnknownObject")
)

T = TypeVar("T")


class DBusFailed(SensorFailed):
    """A question over D-Bus was not answered."""


class ServiceMissing(DBusFailed):
    """There is no such bus, service, object or method here: not a fault, only another desktop."""


class WhichBus(Enum):
    """The two buses of a PC."""

    SESSION = "session"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Service:
    """An object of a service, and the interface of it that is spoken to."""

    name: str
    path: str
    interface: str


class _BoundedConnection(DBusConnection):  # type: ignore[misc]
    """A connection that never waits without end, not even for the bus's first greeting."""

    def receive(self, *, timeout: float | None = None) -> Message:
        return super().receive(timeout=LIMIT_S if timeout is None else timeout)


class Bus:
    """One connection to a bus, made with the first question. Any thread may ask; one is served at a time."""

    def __init__(self, which: WhichBus, environ: Mapping[str, str]) -> None:
        self._which = which
        self._environ = environ
        self._connection: DBusConnection | None = None
        self._lock = threading.Lock()

    def ask(self, service: Service, method: str, signature: str = "", *body: object) -> tuple[object, ...]:
        """Call a method and give what it returned.

        Nothing is started for it: a service that does not run is one that is missing. Raises ServiceMissing and
        DBusFailed.
        """
        address = DBusAddress(service.path, service.name, service.interface)
        return self._send(service, new_method_call(address, method, signature or None, body))

    def property(self, service: Service, name: str) -> object:
        """Read a property. Raises ServiceMissing and DBusFailed."""
        address = DBusAddress(service.path, service.name, service.interface)
        reply = self._send(service, Properties(address).get(name))
        match reply:
            case ((str(), value),):
                return value
        raise DBusFailed(messages.odd_answer(service.name))

    def owner(self, name: str) -> str | None:
        """Tell who answers by this name; None where nobody does. Raises DBusFailed."""
        bus = Service("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
        try:
            return only(self.ask(bus, "GetNameOwner", "s", name), str, name)
        except ServiceMissing:
            return None

    def close(self) -> None:
        """Hang up; the next question connects again."""
        with self._lock:
            self._hang_up()

    def _send(self, service: Service, question: Message) -> tuple[object, ...]:
        question.header.flags |= MessageFlag.no_auto_start
        with self._lock:
            if self._connection is not None:
                # A bus that was restarted is noticed by the first question after it; that one deserves its answer.
                with contextlib.suppress(ConnectionError):
                    return self._exchange(service, question)
            try:
                return self._exchange(service, question)
            except ConnectionError as cut:
                raise DBusFailed(messages.does_not_answer(service.name)) from cut

    def _exchange(self, service: Service, question: Message) -> tuple[object, ...]:
        """Ask once. Raises ConnectionError when the line is cut, and DBusFailed."""
        connection = self._connected()
        try:
            reply: tuple[object, ...] = unwrap_msg(connection.send_and_get_reply(question, timeout=LIMIT_S))
        except DBusErrorResponse as refused:
            if refused.name in _MISSING:
                raise ServiceMissing(messages.not_there(service.name)) from refused
            raise DBusFailed(messages.refuses(service.name, refused.name.rpartition(".")[2])) from refused
        except ConnectionError:
            self._hang_up()
            raise
        except Exception as broken:
            # Silence, or bytes that make no sense: whatever comes later on this line belongs to no question.
            self._hang_up()
            raise DBusFailed(messages.does_not_answer(service.name)) from broken
        return reply

    def _connected(self) -> DBusConnection:
        if self._connection is None:
            try:
                self._connection = _opened(self._address())
            except Exception as failed:
                raise ServiceMissing(messages.no_bus(self._which.value)) from failed
        return self._connection

    def _address(self) -> str:
        """Find the bus as its own libraries do."""
        said = self._environ.get(f"DBUS_{self._which.name}_BUS_ADDRESS")
        if said:
            return said
        if self._which is WhichBus.SYSTEM:
            return SYSTEM_BUS
        # A service of the person's own systemd has no address in its environment, but knows where it is.
        return f"unix:path={Path(self._environ.get('XDG_RUNTIME_DIR', '')) / 'bus'}"

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _opened(address: str) -> DBusConnection:
    """Connect, log in and be greeted. Raises whatever goes wrong, with nothing left open."""
    line = prep_socket(next(get_connectable_addresses(address)), timeout=LIMIT_S)
    try:
        line.settimeout(LIMIT_S)
        return _BoundedConnection(line)
    except BaseException:
        line.close()
        raise


def only(reply: tuple[object, ...], kind: type[T], asked: str) -> T:
    """Give the one value of a reply. Raises DBusFailed when it is of another kind, or not alone."""
    match reply:
        case (value,) if isinstance(value, kind):
            return value
    raise DBusFailed(messages.odd_answer(asked))

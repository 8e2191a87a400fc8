"""Notices over D-Bus, as Linux desktops have them: with a button, and without touching the tray icon.

Qt's own way (`QSystemTrayIcon.showMessage`) puts a light bulb in the place of the icon for as long as the message is
there, so it is not used here. See https://specifications.freedesktop.org/notification-spec/latest/.
"""

from __future__ import annotations

import html
import logging
import queue
import threading
from collections.abc import Callable
from pathlib import Path

from jeepney import DBusAddress, MatchRule, Message, MessageType, new_method_call  # type: ignore[import-untyped]
from jeepney.auth import AuthenticationError  # type: ignore[import-untyped]
from jeepney.bus_messages import message_bus  # type: ignore[import-untyped]
from jeepney.io.common import RouterClosed  # type: ignore[import-untyped]
from jeepney.io.threading import (  # type: ignore[import-untyped]
    DBusConnection,
    ReceiveStopped,
    open_dbus_connection,
)
from jeepney.low_level import HeaderFields  # type: ignore[import-untyped]

from . import texts
from .language import shown
from .notices import Notice, NoticeAction
from .qt_app import APP_ID

log = logging.getLogger(__name__)


ICON = (Path(__file__).parent / "assets" / f"{APP_ID}.svg").as_uri()
#: What the specification calls a click on the notice itself.
DEFAULT_ACTION = "default"
#: "The desktop decides how long it stays", and "of normal weight".
ITS_OWN_TIME, NORMAL = -1, 1
SIGNALS = ("ActionInvoked", "NotificationClosed")
_SERVICE = DBusAddress(
    "/org/freedesktop/Notifications", "org.freedesktop.Notifications", "org.freedesktop.Notifications"
)
#: What may go wrong with a bus that is missing, broken or going away.
_TROUBLE = (OSError, EOFError, KeyError, RuntimeError, AuthenticationError, RouterClosed)


class DbusNotices:
    """Shows notices from a thread of its own, which begins with the first one and then listens for clicks."""

    def __init__(self, clicked: Callable[[NoticeAction], None]) -> None:
        """`clicked` is called from that thread."""
        self._clicked = clicked
        self._waiting: queue.SimpleQueue[Notice] = queue.SimpleQueue()
        self._sent: dict[int, Notice] = {}
        self._there: dict[int, Notice] = {}
        self._lock = threading.Lock()
        self._connection: DBusConnection | None = None
        self._thread: threading.Thread | None = None
        self._stopped = False

    def show(self, notice: Notice) -> None:
        """Show it soon; the log says when there is nothing that shows it."""
        self._waiting.put(notice)
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="notices", daemon=True)
                self._thread.start()
            elif self._connection is not None:
                self._connection.interrupt()

    def stop(self) -> None:
        """End the thread."""
        with self._lock:
            self._stopped = True
            thread = self._thread
            if self._connection is not None:
                self._connection.interrupt()
        if thread is not None:
            thread.join(timeout=2)

    def _run(self) -> None:
        try:
            with open_dbus_connection() as connection:
                self._serve(connection)
        except _TROUBLE as error:
            log.warning("Notifications cannot be shown: %s", error or type(error).__name__)
        finally:
            with self._lock:
                self._connection = self._thread = None
            self._sent.clear()
            self._there.clear()

    def _serve(self, connection: DBusConnection) -> None:
        for name in SIGNALS:
            rule = MatchRule(type="signal", interface=_SERVICE.interface, member=name, path=_SERVICE.object_path)
            connection.send(message_bus.AddMatch(rule))
        with self._lock:
            self._connection = connection
        while not self._stopped:
            while not self._waiting.empty():
                self._send(connection, self._waiting.get())
            try:
                self._hear(connection.receive())
            except ReceiveStopped:
                connection.reset_interrupt()

    def _send(self, connection: DBusConnection, notice: Notice) -> None:
        serial = next(connection.outgoing_serial)
        self._sent[serial] = notice
        connection.send(notify_call(notice), serial=serial)

    def _hear(self, message: Message) -> None:
        """Take in an answer to a notice, or what became of one."""
        header = message.header
        if header.message_type is MessageType.signal:
            self._hear_signal(header.fields.get(HeaderFields.member), message.body)
            return
        notice = self._sent.pop(header.fields.get(HeaderFields.reply_serial, 0), None)
        if notice is None:
            return
        if header.message_type is MessageType.error:
            log.warning("Nothing shows notifications here: %s", header.fields.get(HeaderFields.error_name))
        else:
            self._there[message.body[0]] = notice

    def _hear_signal(self, name: str, body: tuple[int, str]) -> None:
        if name == "ActionInvoked" and body[0] in self._there:
            notice = self._there[body[0]]
            self._clicked(NoticeAction.OPEN if body[1] == DEFAULT_ACTION else notice.action)
        elif name == "NotificationClosed":
            self._there.pop(body[0], None)


def notify_call(notice: Notice) -> Message:
    """Make the call that shows a notice."""
    actions = [DEFAULT_ACTION, shown(texts.OPEN)]
    if notice.button:
        actions += [notice.action.value, shown(notice.button)]
    hints = {"desktop-entry": ("s", APP_ID), "urgency": ("y", NORMAL), "category": ("s", "presence")}
    # Some desktops read markup in the body.
    body = html.escape(shown(notice.words), quote=False)
    arguments = (shown(texts.APP_NAME), 0, ICON, shown(texts.APP_NAME), body, actions, hints, ITS_OWN_TIME)
    return new_method_call(_SERVICE, "Notify", "susssasa{sv}i", arguments)

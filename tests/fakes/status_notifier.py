"""What a panel is on D-Bus, for tests: it collects tray icons, reads their menus, clicks, and receives notifications.

Specifications: https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/ and com.canonical.dbusmenu.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dbus_fast import Message, MessageType, Variant

from tests.fakes.dbus_services import Answer, DBusServices

WATCHER, WATCHER_PATH = "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
NOTIFICATIONS, NOTIFICATIONS_PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"


@dataclass(frozen=True, slots=True)
class TrayItem:
    """A tray icon as a panel sees it."""

    id: str
    status: str
    title: str
    tooltip: str
    #: Widths of the pictures that were sent, in pixels.
    sizes: tuple[int, ...]
    #: The smallest picture: bytes of ARGB.
    picture: bytes


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A line of a menu as a panel sees it; separators have no label."""

    number: int
    label: str
    enabled: bool
    entries: tuple[MenuEntry, ...]


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification as a desktop receives it."""

    number: int
    app: str
    icon: str
    title: str
    body: str
    #: Pairs of an action's name and its label, flat.
    actions: tuple[str, ...]
    hints: dict[str, Any]


class StatusNotifierHost(DBusServices):
    """A panel without a picture, and a desktop's notifications."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self._items: list[str] = []
        self._received: list[Notification] = []
        self.put(
            WATCHER_PATH,
            {
                (WATCHER, "RegisterStatusNotifierItem"): self._register,
                (WATCHER, "RegisterStatusNotifierHost"): lambda _name: ("", []),
            },
        )
        self.put_properties(
            WATCHER_PATH,
            WATCHER,
            lambda: {
                "IsStatusNotifierHostRegistered": Variant("b", True),
                "RegisteredStatusNotifierItems": Variant("as", list(self._items)),
                "ProtocolVersion": Variant("i", 0),
            },
        )
        self.put(
            NOTIFICATIONS_PATH,
            {
                (NOTIFICATIONS, "Notify"): self._notify,
                (NOTIFICATIONS, "GetCapabilities"): lambda: ("as", [["body", "actions"]]),
            },
        )

    def appear(self) -> None:
        """Take the names of a panel and of a notification service."""
        self.own(WATCHER, NOTIFICATIONS)
        self._emit(WATCHER_PATH, WATCHER, "StatusNotifierHostRegistered")

    def restart(self) -> None:
        """Go away and come back, as a panel that crashed."""
        self.disown(WATCHER)
        self._items.clear()
        self.own(WATCHER)
        self._emit(WATCHER_PATH, WATCHER, "StatusNotifierHostRegistered")

    def _register(self, service: str) -> Answer:
        self._items.append(service)
        return "", []

    def _notify(
        self,
        app: str,
        _replaces: int,
        icon: str,
        title: str,
        body: str,
        actions: list[str],
        hints: dict[str, Variant],
        _timeout: int,
    ) -> Answer:
        number = len(self._received) + 1
        plain = {name: value.value for name, value in hints.items()}
        self._received.append(Notification(number, app, icon, title, body, tuple(actions), plain))
        return "u", [number]

    def items(self) -> tuple[str, ...]:
        """Give the icons that announced themselves."""
        return tuple(self._items)

    def read_item(self) -> TrayItem:
        """Read the first icon."""
        found = self._run(self._properties())
        pixmaps = sorted(found["IconPixmap"].value, key=lambda pixmap: pixmap[0])
        return TrayItem(
            id=found["Id"].value,
            status=found["Status"].value,
            title=found["Title"].value,
            tooltip=found["ToolTip"].value[2],
            sizes=tuple(width for width, _, _ in pixmaps),
            picture=bytes(pixmaps[0][2]),
        )

    def menu(self) -> tuple[MenuEntry, ...]:
        """Read the first icon's menu; hidden entries are left out, as a panel does."""
        return self._run(self._read_menu())

    def click(self, label: str) -> None:
        """Click the entry with this label, in a submenu too."""
        entry = next(entry for entry in _walk(self.menu()) if entry.label == label)
        event = ("isvu", [entry.number, "clicked", Variant("i", 0), 0])
        self._run(self._ask_menu("Event", *event))

    def activate(self) -> None:
        """Click the icon with the left button."""
        self._run(self._ask_item(ITEM, "Activate", "ii", [0, 0]))

    def notifications(self) -> tuple[Notification, ...]:
        """Give what was received, the oldest first."""
        return tuple(self._received)

    def invoke(self, notification: Notification, action: str) -> None:
        """Click a notification, or one of its buttons."""
        self._emit(NOTIFICATIONS_PATH, NOTIFICATIONS, "ActionInvoked", "us", [notification.number, action])
        self._emit(NOTIFICATIONS_PATH, NOTIFICATIONS, "NotificationClosed", "uu", [notification.number, 2])

    def _emit(self, path: str, interface: str, member: str, signature: str = "", body: Sequence[Any] = ()) -> None:
        signal = Message.new_signal(path, interface, member, signature, list(body))

        async def send() -> None:
            await self._connected.send(signal)

        self._run(send())

    async def _properties(self) -> dict[str, Variant]:
        (found,) = await self._ask_item("org.freedesktop.DBus.Properties", "GetAll", "s", [ITEM])
        return dict(found)

    async def _ask_item(self, interface: str, member: str, signature: str, body: list[Any]) -> list[Any]:
        service, _, path = self._items[0].partition("/")
        return await self._ask(service, f"/{path or 'StatusNotifierItem'}", interface, member, signature, body)

    async def _ask_menu(self, member: str, signature: str, body: list[Any]) -> list[Any]:
        path = (await self._properties())["Menu"].value
        service = self._items[0].partition("/")[0]
        return await self._ask(service, path, MENU, member, signature, body)

    async def _ask(
        self, service: str, path: str, interface: str, member: str, signature: str, body: list[Any]
    ) -> list[Any]:
        question = Message(
            destination=service, path=path, interface=interface, member=member, signature=signature, body=body
        )
        answer = await self._connected.call(question)
        assert answer is not None
        assert answer.message_type is not MessageType.ERROR, answer.body
        return list(answer.body)

    async def _read_menu(self) -> tuple[MenuEntry, ...]:
        await self._ask_menu("AboutToShow", "i", [0])
        _, (_, _, children) = await self._ask_menu("GetLayout", "iias", [0, -1, []])
        return tuple(_entries(children))


def _entries(children: list[Variant]) -> Iterator[MenuEntry]:
    for child in children:
        number, properties, inner = child.value
        plain = {name: value.value for name, value in properties.items()}
        if plain.get("visible", True):
            yield MenuEntry(number, plain.get("label", ""), plain.get("enabled", True), tuple(_entries(inner)))


def _walk(entries: tuple[MenuEntry, ...]) -> Iterator[MenuEntry]:
    for entry in entries:
        yield entry
        yield from _walk(entry.entries)

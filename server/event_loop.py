"""waitress's event loop, asking only the connections that something happened to.

waitress asks every open connection, at every event, whether it wants to read or write: with 500 agents that wait for
work this alone takes several percent of a core. What a connection wants changes only when it had an event itself, or
when the thread that serves it says so; those are asked here, and the selector remembers the rest.
"""

from __future__ import annotations

import selectors
import threading
from collections import deque
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer

#: Seconds after which the loop looks round though nothing happened: idle connections are closed in it.
TIMEOUT = 1.0

_serving = threading.local()


class WatchedChannel(HTTPChannel):  # type: ignore[misc]
    """A connection that says when it comes, goes, and is done with a request."""

    def add_channel(self, map: dict[int, Any] | None = None) -> None:  # noqa: A002 (waitress's name)
        """Note a new connection."""
        super().add_channel(map)
        self.server.touch(self)

    def del_channel(self, map: dict[int, Any] | None = None) -> None:  # noqa: A002 (waitress's name)
        """Forget a connection before its number is given to another."""
        self.server.forget(self)
        super().del_channel(map)

    def service(self) -> None:
        """Serve a request; when it pulls the trigger, the loop has to know for which connection."""
        _serving.channel = self
        super().service()


class WatchingServer(TcpWSGIServer):  # type: ignore[misc]
    """waitress's server over a selector."""

    channel_class = WatchedChannel

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._touched: deque[Any] = deque()
        self._selector = selectors.DefaultSelector()
        self._masks: dict[int, int] = {}
        self._stopping = False
        #: Held while the trigger is pulled for the end, or closed: its number may be another file's afterwards.
        self._ending = threading.Lock()
        super().__init__(*arguments, **options)

    def run(self) -> None:
        """Serve until `stop` is called."""
        self._touched.extend(self._map.values())
        while not self._stopping:
            self._update()
            for key, events in self._selector.select(TIMEOUT):
                self._handle(self._map.get(key.fd), events)
        with self._ending:
            wasyncore.close_all(self._map, ignore_all=True)
        self._selector.close()

    def stop(self) -> None:
        """End the loop, from any thread; it then closes every connection."""
        with self._ending:
            self._stopping = True
            if self._map:
                self.pull_trigger()

    def touch(self, channel: Any) -> None:
        """Have a connection asked again what it wants."""
        self._touched.append(channel)

    def forget(self, channel: Any) -> None:
        """Stop watching a connection that is being closed."""
        if self._masks.pop(channel._fileno, 0):
            self._selector.unregister(channel._fileno)

    def pull_trigger(self) -> None:
        """Wake the loop; called by a serving thread, for the connection that it serves."""
        channel = getattr(_serving, "channel", None)
        if channel is not None:
            self.touch(channel)
        super().pull_trigger()

    def maintenance(self, now: float) -> None:
        """Close idle connections, which have no event of their own."""
        super().maintenance(now)
        self._touched.extend(channel for channel in self.active_channels.values() if channel.will_close)

    def _update(self) -> None:
        # The listener itself counts connections and does the maintenance while it is asked.
        self._ask(self)
        for _ in range(len(self._touched)):
            self._ask(self._touched.popleft())

    def _ask(self, watched: Any) -> None:
        number = watched._fileno
        if number is None or self._map.get(number) is not watched:
            return
        wanted = selectors.EVENT_READ if watched.readable() else 0
        if not watched.accepting and watched.writable():
            wanted |= selectors.EVENT_WRITE
        known = self._masks.get(number, 0)
        if wanted == known:
            return
        self._masks[number] = wanted
        if not wanted:
            self._selector.unregister(number)
        elif known:
            self._selector.modify(number, wanted)
        else:
            self._selector.register(number, wanted)

    def _handle(self, watched: Any, events: int) -> None:
        if watched is None:
            return
        self._touched.append(watched)
        if events & selectors.EVENT_READ:
            wasyncore.read(watched)
        if events & selectors.EVENT_WRITE:
            wasyncore.write(watched)

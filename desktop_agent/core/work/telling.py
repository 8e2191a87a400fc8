"""What the server was told of one chat, and what it still has to be told."""

from __future__ import annotations

from ..pool.wire import Update

#: Seconds between two updates while text comes: a reader sees no gaps, and a request carries several tokens.
BATCH_SECONDS = 0.12
#: Seconds after which an empty update says that this PC is still at it.
SIGN_OF_LIFE_SECONDS = 2.0
#: Most updates in one request. There is more than one only after requests that failed.
MAX_UPDATES = 64
#: Most characters of content, and of thinking, in one update.
MAX_CHARACTERS = 32_768


class Telling:
    """Text on its way: heard, put into numbered updates, and kept until the server has them."""

    def __init__(self, lease_id: str, *, streams: bool, now: float) -> None:
        self._lease_id = lease_id
        self._streams = streams
        #: Text that is in no update yet.
        self._content: list[str] = []
        self._thinking: list[str] = []
        self._seq = 0
        #: Updates that were sent at least once, and that the server has not confirmed.
        self._open: list[Update] = []
        self._has_told_text = False
        self._told_at = now

    @property
    def due_at(self) -> float:
        """When the next update is to be sent, by the clock whose time the methods get."""
        if self._open or (self._has_text and not self._has_told_text):
            return float("-inf")
        return self._told_at + (BATCH_SECONDS if self._has_text else SIGN_OF_LIFE_SECONDS)

    @property
    def _has_text(self) -> bool:
        return bool(self._content or self._thinking)

    def hear(self, content: str, thinking: str) -> bool:
        """Take text in; tell whether it makes the next update due sooner than it was."""
        if not self._streams:
            return False
        is_first = not self._has_text
        self._content += [content] if content else []
        self._thinking += [thinking] if thinking else []
        return is_first

    def take(self, now: float) -> list[Update]:
        """Give what is to be sent: what was not confirmed, as it was, and what came since as a further update."""
        self._told_at = now
        if not self._open or (self._has_text and len(self._open) < MAX_UPDATES):
            self._seq += 1
            self._has_told_text |= self._has_text
            content, self._content = _cut(self._content)
            thinking, self._thinking = _cut(self._thinking)
            self._open.append(Update(self._lease_id, self._seq, content, thinking))
        return list(self._open)

    def confirm(self) -> None:
        """Note that the server has what was taken last."""
        self._open.clear()

    def fall_silent(self) -> None:
        """Tell no more text, since some of it was refused: a stream with a hole in it would be wrong."""
        self._streams = False
        self._open.clear()
        self._content.clear()
        self._thinking.clear()


def _cut(pieces: list[str]) -> tuple[str, list[str]]:
    """Give as much of the text as one update may carry, and what is left of it."""
    text = "".join(pieces)
    rest = text[MAX_CHARACTERS:]
    return text[:MAX_CHARACTERS], [rest] if rest else []

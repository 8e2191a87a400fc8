"""Whether the connection is metered, on macOS: not to be had."""

from __future__ import annotations

from ...messages import sensors as messages
from ..base import SensorFailed


class MacNetwork:
    """Says that nobody knows.

    macOS tells it (`nw_path_is_expensive`) only to programs that hand it a compiled Objective-C block and a queue.
    """

    def read(self) -> bool:
        """Fail, with words for the owner."""
        raise SensorFailed(messages.cannot_tell_metered(messages.NO_WAY_ON_MACOS))

    def close(self) -> None:
        """Nothing is held."""

"""A sensor on a desktop where nobody may know."""

from __future__ import annotations

from typing import NoReturn

from ...text import Text
from ..base import SensorFailed


class CannotTell:
    """Says why it cannot be told, whenever it is asked."""

    name: str = ""

    def __init__(self, reason: Text) -> None:
        self._reason = reason

    def read(self) -> NoReturn:
        """Raise SensorFailed."""
        raise SensorFailed(self._reason)

    def close(self) -> None:
        """Nothing was opened."""

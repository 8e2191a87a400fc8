"""Whether the connection is metered, from NetworkManager."""

from __future__ import annotations

from ...messages import sensors as messages
from ..base import SensorFailed
from .dbus import Bus, DBusFailed, Service, only

_MANAGER = Service(
    "org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager", "org.freedesktop.NetworkManager"
)
#: NetworkManager's NMMetered: told by a person or the network, or guessed from its kind.
_METERED = {1: True, 2: False, 3: True, 4: False}


class NetworkManagerMeter:
    """Reads NetworkManager's own judgement, guesses (a phone's hotspot) included."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def read(self) -> bool:
        """Tell whether the connection is metered."""
        try:
            told = only((self._bus.property(_MANAGER, "Metered"),), int, _MANAGER.name)
        except DBusFailed as failed:
            raise SensorFailed(messages.cannot_tell_metered(failed.reason)) from failed
        if told not in _METERED:
            raise SensorFailed(messages.cannot_tell_metered(messages.METERED_UNKNOWN))
        return _METERED[told]

    def close(self) -> None:
        """Let go of the bus."""
        self._bus.close()

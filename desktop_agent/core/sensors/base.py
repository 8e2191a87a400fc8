"""What each sensor is to the rest of the agent.

A sensor is asked from a thread of its own, never from the event loop. It raises `SensorFailed` with a reason for its
owner when it cannot tell; whoever asks turns that, and any other exception, into `Unknown`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

from ..text import Text

T = TypeVar("T")


class SensorFailed(Exception):
    """A sensor cannot tell; `reason` says why, to a person."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Unknown:
    """What stands in the place of a value that no sensor could tell. It never means "idle" or "free"."""

    reason: str


#: A value, or why there is none.
Reading: TypeAlias = T | Unknown


@dataclass(frozen=True, slots=True)
class PowerState:
    """Where this PC's power comes from."""

    on_battery: bool
    #: How full the battery is, 0 to 100; None where there is none.
    percent: float | None = None


@dataclass(frozen=True, slots=True)
class SessionState:
    """Whether somebody could be in front of this PC, as the system tells it."""

    locked: bool = False
    #: Somebody uses this PC from another one.
    remote: bool = False


@dataclass(frozen=True, slots=True)
class GpuStatus:
    """One graphics card. None stands for what cannot be told."""

    #: Stays the same for this card: a UUID or an address on the bus.
    id: str
    #: nvidia, amd, intel or apple.
    vendor: str
    name: str
    #: Bytes.
    memory_total: int | None = None
    memory_used: int | None = None
    #: 0 to 100, by everything on this PC; and by everything but our engine.
    load_percent: float | None = None
    others_percent: float | None = None
    #: Degrees Celsius.
    temperature: float | None = None
    power_watts: float | None = None
    #: It is powered down to save the battery. Nothing more was asked: asking would wake it.
    asleep: bool = False
    #: It has no memory of its own; the memory is that of the PC.
    shared_memory: bool = False


class UserIdle(Protocol):
    """How long nobody has touched keyboard, mouse or game pad."""

    #: How it is found out, for its owner: "X11 screen saver".
    name: str

    def read(self) -> float:
        """Give the seconds since the last input."""

    def close(self) -> None:
        """Let go of connections."""


class DisplayInhibitors(Protocol):
    """Who keeps the screen from going dark: films, calls, presentations."""

    def read(self) -> tuple[str, ...]:
        """Give the names of the programs that do; where the system tells no names, a word for what they do."""

    def close(self) -> None:
        """Let go of connections."""


class FullScreen(Protocol):
    """Whether a program fills the screen: a game, a presentation."""

    def read(self) -> bool:
        """Tell."""

    def close(self) -> None:
        """Let go of connections."""


class Power(Protocol):
    """Mains or battery."""

    def read(self) -> PowerState:
        """Tell."""


class Gpus(Protocol):
    """The graphics cards."""

    def read(self, *, working: bool) -> tuple[GpuStatus, ...]:
        """Give every card, none where there is none. While we do not work, a sleeping card is never woken."""

    def close(self) -> None:
        """Let go of drivers."""


class CpuUse(Protocol):
    """How busy the processor is with what is not ours."""

    def read(self) -> float:
        """Give 0 to 100, of all cores together, since the last time; without our own processes and the engine's."""


class Session(Protocol):
    """Locked screens and remote desktops."""

    def read(self) -> SessionState:
        """Tell."""

    def close(self) -> None:
        """Let go of connections."""


class Network(Protocol):
    """Whether bytes cost money."""

    def read(self) -> bool:
        """Tell whether the connection is metered."""

    def close(self) -> None:
        """Let go of connections."""


class Programs(Protocol):
    """Which programs run."""

    def read(self, wanted: frozenset[str]) -> frozenset[str]:
        """Give those of the wanted names (lower case, without .exe) that run now."""


@dataclass(frozen=True, slots=True)
class Sensors:
    """One of each, for this PC; None where the system has no such thing to ask."""

    user_idle: UserIdle | None = None
    inhibitors: DisplayInhibitors | None = None
    full_screen: FullScreen | None = None
    power: Power | None = None
    gpus: Gpus | None = None
    cpu: CpuUse | None = None
    session: Session | None = None
    network: Network | None = None
    programs: Programs | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all sensors said, at one moment."""

    #: Seconds of the monotonic clock.
    at: float
    idle_seconds: Reading[float]
    inhibitors: Reading[tuple[str, ...]]
    full_screen: Reading[bool]
    power: Reading[PowerState]
    gpus: Reading[tuple[GpuStatus, ...]]
    #: Percent.
    cpu_by_others: Reading[float]
    session: Reading[SessionState]
    metered: Reading[bool]
    #: Those of the owner's exclusive programs that run.
    exclusive: Reading[frozenset[str]]
    #: How the idle time is found out; empty when it is not.
    idle_source: str = ""

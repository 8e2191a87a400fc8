"""A fact that begins and ends only after its readings said so for a while: what keeps a rule from flapping."""

from __future__ import annotations

from dataclasses import dataclass

from .. import messages


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that keeps this PC from working."""

    #: A whole sentence for the owner.
    reason: str
    #: Seconds since 1970 at which it ends if everything stays as it is; None when that cannot be said.
    ends_at: float | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """How long readings must agree before they count, in seconds."""

    #: Of readings above the upper limit, until the fact begins.
    after: float = 0.0
    #: Of readings below the lower limit, until the fact ends.
    calm: float = 0.0
    #: Of readings not above the upper limit, at the start, until the fact is known not to be; 0 lets the first decide.
    first: float = 0.0


@dataclass(frozen=True, slots=True)
class Signal:
    """What one reading says about a fact. Between the limits it says neither."""

    above: bool
    below: bool
    #: What the owner is told while the fact holds.
    reason: str = ""
    #: There is nothing that could be read, now or later: no start needs to wait for it.
    silent: bool = False


#: Nothing speaks for the fact: a reading below its limit, or one that could not be had.
QUIET = Signal(above=False, below=True)
#: This PC has nothing that the fact could be about, or that could tell it.
SILENT = Signal(above=False, below=True, silent=True)


class Latch:
    """One fact over time. All times are in seconds of one clock that only goes forward."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        #: None until the start's readings decided.
        self._holds: bool | None = None
        self._reason = ""
        #: Since when every reading was above, was not above, was below; None when the last one was not.
        self._above_since: float | None = None
        self._quiet_since: float | None = None
        self._below_since: float | None = None

    def step(self, signal: Signal, at: float) -> None:
        """Take in a reading of this moment."""
        self._above_since = _since(self._above_since, at, signal.above)
        self._quiet_since = _since(self._quiet_since, at, not signal.above)
        self._below_since = _since(self._below_since, at, signal.below)
        if not signal.below:
            self._reason = signal.reason
        if self._holds is None:
            self._begin(signal, at)
        elif self._holds and _lasted(self._below_since, at, self._timing.calm):
            self._holds = False
        elif not self._holds and _lasted(self._above_since, at, self._timing.after):
            self._holds = True

    def obstacle(self, at: float, now: float) -> Obstacle | None:
        """Give the fact as what it keeps from, with its end as a time of the clock (`now`: seconds since 1970)."""
        if self._holds is None:
            return Obstacle(messages.rules.LOOKING, _end(self._quiet_since, self._timing.first, at, now))
        if not self._holds:
            return None
        ends_at = _end(self._below_since, self._timing.calm, at, now)
        return Obstacle(self._reason if ends_at is None else messages.rules.over(self._reason, ends_at), ends_at)

    def _begin(self, signal: Signal, at: float) -> None:
        """Decide at the start: what is above its limit counts at once, as nobody knows for how long it has been."""
        if self._above_since is not None:
            self._holds = True
        elif signal.silent or _lasted(self._quiet_since, at, self._timing.first):
            self._holds = False


def _since(since: float | None, at: float, so: bool) -> float | None:
    if not so:
        return None
    return at if since is None else since


def _lasted(since: float | None, at: float, seconds: float) -> bool:
    return since is not None and at - since >= seconds


def _end(since: float | None, seconds: float, at: float, now: float) -> float | None:
    return None if since is None else now + seconds - (at - since)

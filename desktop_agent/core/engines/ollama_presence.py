"""Whose the models in Ollama's memory are: ours, or the owner's. Bookkeeping from looks at /api/ps and our own calls.

Ollama tells no names. But it tells when each model expires: so many seconds after the end of the last call, as that
call's `keep_alive` said. All of our calls say the same, so an expiry that fits none of them was moved by somebody else.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..state import LoadedModel
from .base import EngineMemory

#: How long Ollama keeps a model after a call of ours.
KEEP_ALIVE_SECONDS = 120.0
KEEP_ALIVE = "120s"
#: Seconds between the end of a call as Ollama sees it and as we see it, and between two clocks that agree.
TOLERANCE_SECONDS = 3.0
#: Seconds for which our model is believed to be in memory after it was last seen there, or answered us.
SEEN_SECONDS = 5.0
#: Seconds after a call that was cut off in which its model may still turn up in memory.
LATE_SECONDS = 10.0
#: Milliseconds that no load is faster than: Ollama starts a process for it.
FASTEST_LOAD_MS = 20.0

_NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class RunningModel:
    """One model of /api/ps."""

    name: str
    #: Bytes in memory, and bytes of them on the graphics card.
    size_bytes: int
    vram_bytes: int
    #: Seconds since 1970 by Ollama's clock; None where it makes no sense.
    expires_at: float | None


@dataclass(frozen=True, slots=True)
class Look:
    """One answer of /api/ps."""

    models: tuple[RunningModel, ...]
    #: When it was asked for and when it came, in seconds since 1970.
    asked_at: float
    answered_at: float
    #: Seconds by which Ollama's clock is ahead of ours.
    clock_ahead: float = 0.0


@dataclass(slots=True)
class _Ours:
    """A model that we use, and that nobody had loaded before us. Times are in seconds since 1970, by our clock."""

    #: Calls on their way.
    calls: int = 0
    #: When the last call ended, and when the last one ended well.
    ended_at: float = _NEVER
    answered_at: float = _NEVER
    #: When it was last known to be in memory; never, where the last look did not find it.
    seen_at: float = _NEVER
    #: We asked for it to be unloaded, which moves its expiry, too.
    is_leaving: bool = False


@dataclass(slots=True)
class Call:
    """One call of ours to a model."""

    #: It was not in memory when the call began, as far as we knew: the call is to load it.
    loads: bool
    #: Milliseconds that it waited for the model to be loaded; None where Ollama did not say.
    load_ms: float | None = None


class Presence:
    """Remembers the last look and our calls, and judges from them whose each model is."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._models: tuple[RunningModel, ...] = ()
        self._ours: dict[str, _Ours] = {}

    @property
    def memory(self) -> EngineMemory:
        """What is in memory, as last seen."""
        loaded = tuple(
            LoadedModel(model.name, model.size_bytes, model.vram_bytes, model.name in self._ours)
            for model in self._models
        )
        return EngineMemory(loaded, next((model.name for model in loaded if not model.ours), ""))

    @property
    def has_ours(self) -> bool:
        """Whether anything could be in memory because of us."""
        return bool(self._ours)

    @property
    def held(self) -> tuple[str, ...]:
        """Our models that the last look found in memory, and that no call of ours is using."""
        idle = {name for name, ours in self._ours.items() if not ours.calls}
        return tuple(model.name for model in self._models if model.name in idle)

    def knows(self, model: str) -> bool:
        """Tell whether a call would surely find our own model in memory, so that it pushes out nobody else's."""
        ours = self._ours.get(model)
        if ours is None or self.memory.owner_model:
            return False
        age = self._now() - max(ours.seen_at, ours.answered_at)
        return ours.calls > 0 or 0.0 <= age < SEEN_SECONDS

    @contextmanager
    def calling(self, model: str) -> Iterator[Call]:
        """Note a call for as long as the block lasts. Before it `knows` was true, or a look found nobody else's."""
        ours = self._ours.setdefault(model, _Ours())
        call = Call(loads=not ours.calls and max(ours.seen_at, ours.answered_at) == _NEVER)
        ours.calls += 1
        ours.is_leaving = False
        try:
            yield call
            ours.answered_at = self._now()
        finally:
            ours.calls -= 1
            ours.ended_at = self._now()
        if call.loads and call.load_ms is not None and call.load_ms < FASTEST_LOAD_MS:
            # Somebody loaded it between our look and our call: it is theirs, and the next look finds it so.
            self._ours.pop(model, None)

    def leave(self, model: str) -> None:
        """Note that we ask for our model to be unloaded."""
        if model in self._ours:
            self._ours[model].is_leaving = True

    def take(self, look: Look) -> None:
        """Judge a look."""
        present = {model.name: model for model in look.models}
        for name, ours in list(self._ours.items()):
            model = present.get(name)
            if model is None:
                ours.seen_at = ours.answered_at = _NEVER
                if not ours.calls and look.asked_at - ours.ended_at > LATE_SECONDS:
                    del self._ours[name]
            elif _was_moved(ours, model, look):
                del self._ours[name]
            else:
                ours.seen_at = look.asked_at
        self._models = look.models

    def forget(self) -> None:
        """Note that Ollama is gone, and with it all that it had in memory."""
        self._models = ()
        self._ours = {name: ours for name, ours in self._ours.items() if ours.calls}


def _was_moved(ours: _Ours, model: RunningModel, look: Look) -> bool:
    """Tell whether somebody else used our model: its expiry is none that our own calls can have given it."""
    if model.expires_at is None:
        return False
    expires_at = model.expires_at - look.clock_ahead - KEEP_ALIVE_SECONDS
    if expires_at > look.answered_at + TOLERANCE_SECONDS:
        return True  # it is to stay longer than we ever ask for
    if ours.calls or ours.ended_at >= look.asked_at:
        return False  # while a call is under way, or loads the model, the expiry is a stale one
    if expires_at > ours.ended_at + TOLERANCE_SECONDS:
        return True
    return not ours.is_leaving and expires_at < ours.answered_at - TOLERANCE_SECONDS


def load_ms(answer: dict[str, Any]) -> float | None:
    """Give how long a call waited for its model, in milliseconds; None where Ollama does not say."""
    value = answer.get("load_duration")
    return value / 1e6 if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def read_running(answer: dict[str, Any]) -> tuple[RunningModel, ...]:
    """Give the models of /api/ps; entries that make no sense are left out."""
    models = answer.get("models")
    found = [_running(entry) for entry in models if isinstance(entry, dict)] if isinstance(models, list) else []
    return tuple(model for model in found if model is not None)


def _running(entry: dict[str, Any]) -> RunningModel | None:
    name = entry.get("model") or entry.get("name")
    if not isinstance(name, str):
        return None
    return RunningModel(
        name=name.removesuffix(":latest"),
        size_bytes=_bytes(entry.get("size")),
        vram_bytes=_bytes(entry.get("size_vram")),
        expires_at=_moment(entry.get("expires_at")),
    )


def _bytes(value: Any) -> int:
    return max(0, value) if isinstance(value, int) else 0


def _moment(value: Any) -> float | None:
    try:
        moment = dt.datetime.fromisoformat(value)
        return moment.timestamp() if moment.tzinfo else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None

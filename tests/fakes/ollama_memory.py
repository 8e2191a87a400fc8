"""The fake Ollama's memory: what is loaded, until when, and what has to go for something else.

As in the real one, a model expires so long after the end of its last call as the last call that named a `keep_alive`
said; a model that does not fit pushes out those that are not in use.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from .ollama_models import FakeModel, OllamaError

#: Seconds that a model stays when no call ever said anything else.
DEFAULT_KEEP_SECONDS = 300.0
#: What a call reports that had to load its model, at least, and one that had not (nanoseconds).
LOAD_NS, LOADED_NS = 412_000_000, 1_019_500
#: The real one keeps a model "for ever" for so many nanoseconds.
_FOR_EVER_SECONDS = (2**63 - 1) / 1e9

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(slots=True)
class Loaded:
    """One model in memory."""

    model: FakeModel
    keep_seconds: float
    #: Calls that use it now.
    calls: int = 0
    #: Seconds since 1970; None until the first call that uses it has ended.
    expires_at: float | None = None
    #: Seconds since 1970; None unless it was told to go.
    gone_at: float | None = None
    #: Set once it is loaded, or nobody waits for that any more.
    ready: asyncio.Event = field(default_factory=asyncio.Event)


class Memory:
    """What is loaded."""

    def __init__(self) -> None:
        self._loaded: dict[str, Loaded] = {}
        #: Bytes of the graphics card that models may fill; None for as many as they like.
        self.card_bytes: int | None = None
        #: How much of each model is on the card, 0 to 1.
        self.card_share = 1.0
        #: Seconds that loading takes.
        self.load_seconds = 0.0
        #: Seconds by which its clock is ahead of the PC's.
        self.clock_ahead = 0.0
        #: Seconds after which a model that was told to go is gone.
        self.leave_seconds = 0.0
        #: Names of the models that were pushed out, in order.
        self.evicted: list[str] = []

    @property
    def names(self) -> set[str]:
        """Names of the models in memory."""
        self._expire()
        return set(self._loaded)

    def now(self) -> float:
        """Give the time of its clock, in seconds since 1970."""
        return time.time() + self.clock_ahead

    def running(self) -> list[dict[str, Any]]:
        """Give the entries of /api/ps."""
        self._expire()
        return [self._entry(loaded) for loaded in self._loaded.values()]

    def put(self, model: FakeModel, keep_alive: Any = None) -> None:
        """Have a model in memory, as after a call of somebody's that has just ended."""
        loaded = self._loaded.setdefault(model.name, Loaded(model, DEFAULT_KEEP_SECONDS))
        loaded.ready.set()
        self._keep(loaded, keep_alive)
        self._end_of_call(loaded)

    @asynccontextmanager
    async def using(self, model: FakeModel, keep_alive: Any) -> AsyncIterator[int]:
        """Have the model in memory for a call; gives the nanoseconds that loading it took."""
        seconds_of(keep_alive)
        loaded, took = await self._ready(model)
        loaded.calls += 1
        loaded.gone_at = None
        self._keep(loaded, keep_alive)
        try:
            yield took
        finally:
            loaded.calls -= 1
            self._end_of_call(loaded)

    def unload(self, model: FakeModel) -> None:
        """Have a model go: now, or when the last call that uses it ends."""
        loaded = self._loaded.get(model.name)
        if loaded is not None:
            loaded.keep_seconds = 0.0
            loaded.expires_at = self.now()
            loaded.gone_at = self.now() + self.leave_seconds

    async def _ready(self, model: FakeModel) -> tuple[Loaded, int]:
        """Wait until the model is loaded, by us or by another call; give the nanoseconds that are told about it."""
        self._expire()
        took = LOADED_NS
        while (loaded := self._loaded.get(model.name)) is None or not loaded.ready.is_set():
            took = max(LOAD_NS, int(self.load_seconds * 1e9))
            if loaded is None:
                await self._load(model)
            else:
                await loaded.ready.wait()
        return loaded, took

    async def _load(self, model: FakeModel) -> None:
        idle = [name for name, loaded in self._loaded.items() if not loaded.calls and loaded.ready.is_set()]
        while self.card_bytes is not None and idle and self._used_bytes() + model.size > self.card_bytes:
            self.evicted.append(idle[0])
            del self._loaded[idle.pop(0)]
        loaded = self._loaded[model.name] = Loaded(model, DEFAULT_KEEP_SECONDS)
        try:
            await asyncio.sleep(self.load_seconds)
        except asyncio.CancelledError:
            del self._loaded[model.name]
            raise
        finally:
            loaded.ready.set()

    def _used_bytes(self) -> int:
        return sum(loaded.model.size for loaded in self._loaded.values())

    def _keep(self, loaded: Loaded, keep_alive: Any) -> None:
        keep_seconds = seconds_of(keep_alive)
        if keep_seconds is not None:
            loaded.keep_seconds = keep_seconds

    def _end_of_call(self, loaded: Loaded) -> None:
        if not loaded.calls and loaded.gone_at is None:
            loaded.expires_at = self.now() + loaded.keep_seconds

    def _expire(self) -> None:
        now = self.now()
        for name, loaded in list(self._loaded.items()):
            end = loaded.expires_at if loaded.gone_at is None else loaded.gone_at
            if not loaded.calls and end is not None and end <= now:
                del self._loaded[name]

    def _entry(self, loaded: Loaded) -> dict[str, Any]:
        # While it is being loaded, the real one guesses: from now on.
        expires_at = self.now() + loaded.keep_seconds if loaded.expires_at is None else loaded.expires_at
        model = loaded.model
        return {
            **model.tag(detailed=False),
            "context_length": model.context_length,
            "expires_at": _written(expires_at),
            "size_vram": int(model.size * self.card_share),
        }


def seconds_of(keep_alive: Any) -> float | None:
    """Read a `keep_alive`: seconds, or a duration such as "5m"; negative means for ever, None nothing."""
    if keep_alive is None:
        return None
    if isinstance(keep_alive, str):
        parts = re.findall(r"(-?[0-9.]+)(ms|s|m|h)", keep_alive)
        if "".join(map("".join, parts)) != keep_alive or not parts:
            raise OllamaError(400, f'time: invalid duration "{keep_alive}"')
        seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    else:
        seconds = float(keep_alive)
    return seconds if seconds >= 0 else _FOR_EVER_SECONDS


def _written(moment: float) -> str:
    """Write a moment as Go does: in local time, with nanoseconds."""
    return dt.datetime.fromtimestamp(moment).astimezone().isoformat(timespec="microseconds").replace("+", "000+")

"""The fake Ollama's downloads: the lines of /api/pull, and the ways in which they fail."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from .ollama_models import FakeModel

NO_SUCH_MODEL = "pull model manifest: file does not exist"
NO_SPACE = "write /usr/share/ollama/.ollama/models/blobs/sha256-970aa74c-partial-0: no space left on device"
NO_HOST = (
    'pull model manifest: Get "https://registry.ollama.ai/v2/library/nomic-embed-text/manifests/latest": dial tcp: '
    "lookup registry.ollama.ai on 127.0.0.53:53: no such host"
)
TOO_OLD = (
    "pull model manifest: 412: \n\nThe model you are attempting to pull requires a newer version of Ollama.\n\n"
    "Please download the latest version at:\n\n\thttps://ollama.com/download\n\n"
)
#: Lines that one layer comes in.
LINES = 20


@dataclass(slots=True)
class Library:
    """Where models are downloaded from, and how well that works."""

    models: tuple[FakeModel, ...] = (FakeModel(),)
    #: Seconds between two lines.
    line_seconds: float = 0.0
    #: Set to have a download fail with these words, after so much of it (0 to 1) arrived.
    error: str = ""
    error_after: float = 0.0
    #: Set to have downloads stand still for ever after so much of it (0 to 1) arrived.
    stalls_after: float | None = None
    #: Bytes that arrived of each model so far; kept when a download stops.
    arrived: dict[str, int] = field(default_factory=dict)
    #: Downloads that nobody waited for any more.
    canceled: int = 0

    def find(self, name: str) -> FakeModel | None:
        """Give the model of this name; None when there is none."""
        full = name if ":" in name else f"{name}:latest"
        return next((model for model in self.models if model.name == full), None)

    async def lines(self, name: str, have: Callable[[FakeModel], None]) -> AsyncIterator[bytes]:
        """Give the lines of a download; `have` gets the model at its end."""
        yield _line(status="pulling manifest")
        model = self.find(name)
        if model is None or (self.error and not self.error_after):
            yield _line(error=self.error or NO_SUCH_MODEL)
            return
        try:
            async for line in self._layers(model):
                yield line
        except asyncio.CancelledError:
            self.canceled += 1
            raise
        if self.error:
            yield _line(error=self.error)
            return
        for status in ("verifying sha256 digest", "writing manifest", "success"):
            if status == "success":
                have(model)
            yield _line(status=status)

    async def _layers(self, model: FakeModel) -> AsyncIterator[bytes]:
        layers = {hashlib.sha256(f"{model.name} {part}".encode()).hexdigest(): part for part in ("licence", "weights")}
        for digest, part in layers.items():
            total = 11_357 if part == "licence" else model.size
            done = self.arrived.get(model.name, 0) if part == "weights" else 0
            while done < total:
                if part == "weights" and self.stalls_after is not None and done >= total * self.stalls_after:
                    await asyncio.Event().wait()
                if part == "weights" and self.error and done >= total * self.error_after:
                    return
                await asyncio.sleep(self.line_seconds)
                done = min(total, done + max(1, total // LINES))
                if part == "weights":
                    self.arrived[model.name] = done
                yield _line(status=f"pulling {digest[:12]}", digest=f"sha256:{digest}", total=total, completed=done)


def _line(**fields: Any) -> bytes:
    return orjson.dumps(fields) + b"\n"

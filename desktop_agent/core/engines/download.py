"""Downloading a model: Ollama does it, this tells how far it is, and what went wrong in words."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .. import messages
from ..errors import AgentError, EngineError, EngineTimeout, EngineUnavailable
from ..state import Download
from ..text import Text
from .ollama_client import OllamaClient, OllamaRefused

log = logging.getLogger(__name__)

#: What somebody new is offered: an embedding model that is small (274 MB) and good, and runs on any card.
RECOMMENDED_MODEL = "nomic-embed-text"
RECOMMENDED_BYTES = 274_302_450
#: Seconds without a byte before a download has failed; and without a line while Ollama checks and stores the whole.
STILL_SECONDS, STORING_SECONDS = 60.0, 600.0
#: Seconds between two words about progress: Ollama tells it many times a second.
TELL_SECONDS = 0.25
#: Longest part of Ollama's own words that is passed on.
MAX_REASON_CHARACTERS = 200

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,150}(:[A-Za-z0-9._-]{1,80})?")
#: What Ollama's words mean, the weightiest first; each makes a sentence of the model's name.
_MEANINGS: tuple[tuple[re.Pattern[str], Callable[[str], Text]], ...] = (
    (re.compile(r"no space left|not enough (?:disk )?space|disk quota exceeded"), messages.download.disk_full),
    (re.compile(r"newer version of ollama|\b412\b"), messages.download.ollama_too_old_for),
    (
        re.compile(
            r"no such host|dial tcp|i/o timeout|connection re(?:fused|set)|unreachable|max retries exceeded|certificate"
            r"|tls handshake|temporary failure in name resolution|server misbehaving|unexpected eof"
        ),
        lambda _model: messages.download.NO_INTERNET,
    ),
    (re.compile(r"file does not exist|not found|manifest unknown|invalid model name"), messages.download.unknown_model),
)


class DownloadFailed(AgentError):
    """A model could not be downloaded."""

    title = Text("The download failed")


class Downloads:
    """At most one download at a time; `current` says how it goes, and keeps why the last one failed."""

    def __init__(
        self, changed: Callable[[], None], downloaded: Callable[[], None], *, still_seconds: float = STILL_SECONDS
    ) -> None:
        """`changed` hears of progress, `downloaded` that a model is there now."""
        self._changed = changed
        self._downloaded = downloaded
        self._still_seconds = still_seconds
        self._task: asyncio.Task[None] | None = None
        self.current: Download | None = None

    @property
    def is_running(self) -> bool:
        """Whether a model is being downloaded."""
        return self._task is not None and not self._task.done()

    def start(self, ollama_url: str, model: str) -> None:
        """Begin to download a model, or go on with it where an earlier download stopped.

        Raises:
            DownloadFailed: the name is none, or another download is under way.
        """
        if self.is_running:
            raise DownloadFailed(messages.download.ALREADY_DOWNLOADING)
        if not _NAME.fullmatch(model):
            raise DownloadFailed(messages.download.no_name(model))
        self._tell(Download(model))
        self._task = asyncio.create_task(self._run(ollama_url, model))

    async def cancel(self) -> None:
        """Stop it; what has arrived is kept by Ollama."""
        if self._task is not None and self.is_running:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            if self.current is not None:
                self._tell(replace(self.current, problem=messages.download.STOPPED))

    def forget(self) -> None:
        """Show a failed download no longer."""
        if not self.is_running and self.current is not None:
            self._tell(None)

    async def close(self) -> None:
        """Stop it, and tell nobody."""
        self._changed = self._downloaded = lambda: None
        await self.cancel()

    async def _run(self, ollama_url: str, model: str) -> None:
        client = OllamaClient(ollama_url)
        try:
            await self._download(client, model)
        except EngineError as error:
            problem = _in_words(error, model, self._still_seconds)
        except Exception:
            log.exception("The download of %s failed by a mistake of ours", model)
            problem = messages.states.OUR_MISTAKE
        else:
            log.info("%s is downloaded", model)
            self._tell(None)
            self._downloaded()
            return
        finally:
            await client.close()
        log.warning("%s", problem)
        self._tell(replace(self.current or Download(model), problem=problem))

    async def _download(self, client: OllamaClient, model: str) -> None:
        progress, told_at = _Progress(model), float("-inf")
        body = {"model": model, "stream": True}
        try:
            async with asyncio.timeout(self._still_seconds) as limit:
                async with client.stream("/api/pull", body, STORING_SECONDS) as lines:
                    async for line in lines:
                        if progress.take(line):
                            patience = STORING_SECONDS if progress.is_storing else self._still_seconds
                            limit.reschedule(asyncio.get_running_loop().time() + patience)
                        if time.monotonic() >= told_at + TELL_SECONDS:
                            told_at = time.monotonic()
                            self._tell(progress.download)
        except TimeoutError as error:
            raise EngineTimeout(messages.engine.TOO_SLOW) from error
        if not progress.is_whole:
            raise EngineUnavailable(messages.download.BROKE_OFF)

    def _tell(self, download: Download | None) -> None:
        if download != self.current:
            self.current = download
            self._changed()


class _Progress:
    """How much of a model has arrived: it comes in layers, one after the other or side by side."""

    def __init__(self, model: str) -> None:
        self._model = model
        #: Digest → bytes of the layer, and bytes of it that are here.
        self._layers: dict[str, tuple[int, int]] = {}
        #: All of it is here, and Ollama checks and stores it.
        self.is_storing = False
        self.is_whole = False

    @property
    def download(self) -> Download:
        total, done = (sum(column) for column in zip(*self._layers.values(), strict=True)) if self._layers else (0, 0)
        return Download(self._model, total, done)

    def take(self, line: dict[str, Any]) -> bool:
        """Take a line of /api/pull in; tell whether it says anything new."""
        status, digest = line.get("status"), line.get("digest")
        self.is_whole = status == "success"
        if not isinstance(digest, str):
            self.is_storing = bool(self._layers)
            return True
        layer = (_count(line.get("total")), _count(line.get("completed")))
        is_news = layer != self._layers.get(digest)
        self._layers[digest] = layer
        return is_news


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _in_words(error: EngineError, model: str, still_seconds: float) -> Text:
    """Say what a failure means, and what to do about it."""
    if isinstance(error, EngineTimeout):
        return messages.download.stands_still(round(still_seconds))
    if isinstance(error, EngineUnavailable):
        return messages.download.BROKE_OFF
    words = error.error if isinstance(error, OllamaRefused) else error.message
    known = next((tell(model) for pattern, tell in _MEANINGS if pattern.search(words.lower())), None)
    reason = " ".join(words.split())[:MAX_REASON_CHARACTERS].rstrip(".")
    return known or messages.download.failed(model, reason or error.message.rstrip("."))

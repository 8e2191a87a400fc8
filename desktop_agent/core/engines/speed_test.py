"""How fast this PC embeds: made-up texts for a few seconds, so that its owner sees what it is worth."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import EngineUnavailable
from ..messages import engine as words
from .base import EMBEDDING, MAX_CALL_TEXTS, ModelOffer
from .catalogue import Catalogue
from .download import RECOMMENDED_MODEL

#: Seconds of computing that are measured.
TEST_SECONDS = 3.0
#: Loading the model comes first and takes an unknown time: so much of the progress is for it.
LOADING_SHARE = 0.2

_SUBJECTS = ("The library", "A small river", "The old lighthouse", "Our neighbour", "The night train", "A grey heron")
_VERBS = ("waits beside", "belongs to", "was painted with", "can be seen from", "crosses", "remembers")
_OBJECTS = ("the market square.", "a quiet harbour.", "the station clock.", "two wooden bridges.", "the first snow.")


@dataclass(frozen=True, slots=True)
class SpeedResult:
    """What the test found."""

    model: str
    texts_per_minute: int
    #: Whether the model is on the graphics card; None where that cannot be told, or makes no difference.
    on_gpu: bool | None


async def measure_speed(
    catalogue: Catalogue,
    progress: Callable[[float], None],
    *,
    seconds: float = TEST_SECONDS,
    clock: Callable[[], float] = time.perf_counter,
) -> SpeedResult:
    """Embed made-up texts for so many seconds; `progress` hears how much is done, 0 to 1. Cancelling stops the engine.

    Raises:
        EngineUnavailable: no model that embeds is on offer, or the owner uses Ollama.
        EngineError: the engine failed.
    """
    await catalogue.refresh()
    model = _model(catalogue).model
    progress(0.0)
    await catalogue.embed(model, made_up_texts(0, 1), truncate=True)  # loads the model
    progress(LOADING_SHARE)
    await catalogue.look()
    on_gpu = next((loaded.vram_bytes > 0 for loaded in catalogue.memory.loaded if loaded.name == model), None)
    done, started = 0, clock()
    while (passed := clock() - started) < seconds:
        progress(LOADING_SHARE + (1.0 - LOADING_SHARE) * passed / seconds)
        await catalogue.embed(model, made_up_texts(done, MAX_CALL_TEXTS), truncate=True)
        done += MAX_CALL_TEXTS
    progress(1.0)
    return SpeedResult(model, round(done * 60.0 / passed), on_gpu)


def made_up_texts(first: int, count: int) -> list[str]:
    """Give short texts, each another one, as people would send them."""
    return [_made_up(number) for number in range(first, first + count)]


def _made_up(number: int) -> str:
    subject = _SUBJECTS[number % len(_SUBJECTS)]
    verb = _VERBS[number // len(_SUBJECTS) % len(_VERBS)]
    return f"{subject} {verb} {_OBJECTS[number % len(_OBJECTS)]} This is made-up text number {number}."


def _model(catalogue: Catalogue) -> ModelOffer:
    """Choose the recommended model where it is there, else the first that embeds."""
    embedding = [offer for offer in catalogue.offers if offer.kind == EMBEDDING]
    if not embedding:
        raise EngineUnavailable(catalogue.problem or words.NO_EMBEDDING_MODEL)
    return next((offer for offer in embedding if offer.model == RECOMMENDED_MODEL), embedding[0])

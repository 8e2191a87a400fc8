"""Running claimed tasks on the engines: every task gets an outcome, or is to be given back."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Coroutine
from dataclasses import dataclass, field

from .. import messages
from ..engines.base import CHAT, EMBEDDING, Heard
from ..engines.catalogue import Catalogue
from ..errors import EngineError, EngineTimeout, EngineUnavailable, InputInvalid, InputTooLong, ModelMissing
from ..pool.wire import Answered, ChatTask, Failed, Outcome, Task
from .batch import Batch, merge, split

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Computed:
    """What became of some tasks."""

    outcomes: list[Outcome] = field(default_factory=list)
    #: Leases that go back to the pool unharmed: the engine went away, which is not the tasks' fault.
    give_back: list[str] = field(default_factory=list)
    #: The engines are not as the last look found them.
    look_again: bool = False


async def compute(catalogue: Catalogue, tasks: list[Task], seconds: float) -> Computed:
    """Embed the tasks' texts, within so many seconds; never raises but when cancelled."""
    computed = Computed()
    for batch in merge(tasks):
        leases = [task.lease_id for task in batch.tasks]
        await _try(_embed(catalogue, batch), leases, seconds, computed)
    return computed


async def compute_chat(catalogue: Catalogue, task: ChatTask, seconds: float, heard: Heard) -> Computed:
    """Answer a chat, within so many seconds; never raises but when cancelled."""
    computed = Computed()
    await _try(_answer(catalogue, task, heard), [task.lease_id], seconds, computed)
    return computed


async def _embed(catalogue: Catalogue, batch: Batch) -> list[Outcome]:
    digest = catalogue.offer(EMBEDDING, batch.model).digest
    result = await catalogue.embed(batch.model, batch.texts, truncate=batch.truncate)
    return split(batch, result, digest)


async def _answer(catalogue: Catalogue, task: ChatTask, heard: Heard) -> list[Outcome]:
    digest = catalogue.offer(CHAT, task.model).digest
    result = await catalogue.chat(task.model, task.request, heard)
    return [Answered(task.lease_id, result.output, digest, result.engine_ms)]


async def _try(
    work: Coroutine[None, None, list[Outcome]], leases: list[str], seconds: float, computed: Computed
) -> None:
    """Do the work; note what came of it, or what its failure means for all its leases."""
    try:
        async with asyncio.timeout(seconds):
            computed.outcomes += await work
    except TimeoutError:
        computed.outcomes += _failed(leases, EngineTimeout(messages.engine.TOO_SLOW))
        computed.look_again = True
    except EngineUnavailable as error:
        log.warning("%d tasks go back to the pool: %s", len(leases), error.message)
        computed.give_back += leases
        computed.look_again = True
    except EngineError as error:
        log.warning("%d tasks failed: %s", len(leases), error.message)
        computed.outcomes += _failed(leases, error)
        computed.look_again |= isinstance(error, ModelMissing)
    except Exception as error:  # noqa: BLE001  (a mistake of ours must not end the agent)
        # The error's own words are left out of the log: they might quote a text.
        trace = "".join(traceback.format_tb(error.__traceback__))
        log.error("%d tasks failed by a mistake of ours: %s\n%s", len(leases), type(error).__name__, trace)
        computed.outcomes += _failed(leases, EngineError(messages.states.OUR_MISTAKE))


def _failed(leases: list[str], error: EngineError) -> list[Outcome]:
    # An engine that means one of several texts names it itself; these errors are about the one chat there is.
    position = 0 if isinstance(error, InputInvalid | InputTooLong) else None
    return [Failed(lease_id, error.code, error.message, position) for lease_id in leases]

"""Running claimed tasks on the engines: every task gets an outcome, or is to be given back."""

from __future__ import annotations

import asyncio
import logging
import traceback
from dataclasses import dataclass, field

from . import messages
from .batch import Batch, merge, split
from .engines.catalogue import Catalogue
from .errors import EngineError, EngineTimeout, EngineUnavailable, ModelMissing
from .wire import Failed, Outcome, Task

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
    """Run the tasks, within so many seconds; never raises but when cancelled."""
    computed = Computed()
    for batch in merge(tasks):
        try:
            async with asyncio.timeout(seconds):
                await _compute_batch(catalogue, batch, computed)
        except TimeoutError:
            _fail_all(batch, EngineTimeout(messages.TOO_SLOW), computed)
    return computed


async def _compute_batch(catalogue: Catalogue, batch: Batch, computed: Computed) -> None:
    try:
        digest = catalogue.offer(batch.model).digest
        result = await catalogue.embed(batch.model, batch.texts, truncate=batch.truncate)
    except EngineUnavailable as error:
        log.warning("%d tasks go back to the pool: %s", len(batch.tasks), error.message)
        computed.give_back.extend(task.lease_id for task in batch.tasks)
        computed.look_again = True
    except EngineError as error:
        log.warning("%d tasks failed: %s", len(batch.tasks), error.message)
        _fail_all(batch, error, computed)
        computed.look_again |= isinstance(error, ModelMissing)
    except Exception as error:  # noqa: BLE001  (a mistake of ours must not end the agent)
        # The error's own words are left out of the log: they might quote a text.
        trace = "".join(traceback.format_tb(error.__traceback__))
        log.error("%d tasks failed by a mistake of ours: %s\n%s", len(batch.tasks), type(error).__name__, trace)
        _fail_all(batch, EngineError(messages.OUR_MISTAKE), computed)
    else:
        computed.outcomes.extend(split(batch, result, digest))


def _fail_all(batch: Batch, error: EngineError, computed: Computed) -> None:
    computed.outcomes.extend(Failed(task.lease_id, error.code, error.message) for task in batch.tasks)

"""The queue's promise, held against random work: see `queue_machine.py` for what is done and what is checked."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.server.services.queue_machine import QueueMachine

#: The examples of a profile are shared out among so many tests, which can then run side by side.
SHARES = 6
#: Examples of each share at least, with 50 steps each.
LEAST = 75


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("share", range(SHARES))
def test_the_queue_keeps_its_promise(share: int) -> None:
    """Whatever clients, agents, zombies, sweeps and restarts do, the tables and the answers are as the model says."""
    run_share(share, max(LEAST, settings().max_examples // SHARES))


def run_share(share: int, examples: int, *, minimise: bool = True) -> None:
    """Run a share of the examples; a failure is made as short as possible, unless nobody will read it."""
    wanted = settings(
        max_examples=examples,
        stateful_step_count=50,
        # Explaining a failure would take as long again as finding it.
        phases=(Phase.generate, Phase.shrink) if minimise else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        database=None,
    )
    run_state_machine_as_test(seed(share)(type("Share", (QueueMachine,), {})), settings=wanted)

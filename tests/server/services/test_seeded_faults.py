"""The tests' test: with any of these mistakes in the queue, a test fails that passes without it."""

from __future__ import annotations

import pytest

from tests.server.services.faults import QUEUE_FAULTS
from tests.server.services.test_queue_properties import run_share


@pytest.mark.parametrize("name", QUEUE_FAULTS)
def test_the_random_machine_finds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first share of `test_the_queue_keeps_its_promise`, which passes, fails with this mistake."""
    QUEUE_FAULTS[name](monkeypatch)
    with pytest.raises(AssertionError):
        run_share(0, minimise=False)

"""A client's wait depends on how many clients there are, not on how much the others sent."""

from __future__ import annotations

import heapq

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.fairness import finish_tag, start_tag


class Line:
    """The queue as the server keeps it: tags on tasks, one virtual time, the last tag of every client."""

    def __init__(self) -> None:
        self.virtual_time = 0.0
        self.last: dict[str, float] = {}
        self.waiting: list[tuple[float, int, str]] = []
        self.submitted = 0

    def submit(self, client: str, cost: float, weight: float = 1.0) -> None:
        start = start_tag(self.virtual_time, self.last.get(client))
        self.last[client] = finish_tag(start, cost, weight)
        heapq.heappush(self.waiting, (start, self.submitted, client))
        self.submitted += 1

    def claim(self) -> str:
        self.virtual_time, _, client = heapq.heappop(self.waiting)
        return client


@given(st.integers(0, 300), st.integers(1, 32))
def test_a_newcomer_passes_a_long_queue(already_claimed: int, cost: int) -> None:
    """Among N busy clients with thousands of tasks each, another's first task is claimed within N + 1 claims."""
    line = Line()
    for _ in range(400):
        line.submit("big", 32)
        line.submit("large", 32)
    for _ in range(already_claimed):
        line.claim()
    line.submit("small", cost)
    assert "small" in [line.claim() for _ in range(3)]


def test_clients_share_by_cost_and_not_by_number_of_tasks() -> None:
    """A client with tasks of 32 texts gets an eighth of the turns of one with tasks of 4."""
    line = Line()
    for _ in range(1000):
        line.submit("batches", 32)
        line.submit("bits", 4)
    claims = [line.claim() for _ in range(900)]
    assert claims.count("bits") == pytest.approx(8 * claims.count("batches"), rel=0.02)


def test_weight_gives_a_larger_share() -> None:
    """Twice the weight, twice the turns."""
    line = Line()
    for _ in range(1000):
        line.submit("plain", 1)
        line.submit("double", 1, weight=2)
    claims = [line.claim() for _ in range(900)]
    assert claims.count("double") == pytest.approx(2 * claims.count("plain"), rel=0.02)


def test_idleness_saves_nothing_up() -> None:
    """A client that comes back after a long pause takes turns like everybody, instead of all of them."""
    line = Line()
    line.submit("back", 1)
    for _ in range(1000):
        line.submit("busy", 1)
    for _ in range(900):
        line.claim()
    for _ in range(50):
        line.submit("back", 1)
    claims = [line.claim() for _ in range(20)]
    assert claims.count("busy") == pytest.approx(10, abs=1)


@pytest.mark.parametrize(("cost", "weight"), [(1, 0), (1, -1), (-1, 1)])
def test_nonsense_is_refused(cost: float, weight: float) -> None:
    """A weight of 0 would stop a client for ever, a negative cost let it pass everybody."""
    with pytest.raises(ValueError, match="weight"):
        finish_tag(0.0, cost, weight)

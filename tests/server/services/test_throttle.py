"""Slowing down wrong keys: how many tries an address has, who is spared, and that memory stays bounded."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from server.domain.errors import RateLimited
from server.services import throttle
from server.services.throttle import OVERALL, Throttle, network_of

ME, NEIGHBOUR = "203.0.113.5", "203.0.113.6"


def fails(guard: Throttle, address: str, secret: str = "wrong", now: int = 0) -> bool:
    """Try a wrong secret; whether it was looked at."""
    try:
        guard.attempt(address, secret, now)
    except RateLimited:
        return False
    return True


def test_so_many_tries_and_then_one_at_a_time() -> None:
    """30 a minute: thirty at once, then one every two seconds, and the refusal says when."""
    guard = Throttle(30)
    assert [fails(guard, ME) for _ in range(40)] == [True] * 30 + [False] * 10
    with pytest.raises(RateLimited) as refused:
        guard.attempt(ME, "wrong", 500)
    assert refused.value.retry_after == 1.5
    assert "Please try again in 2s." in refused.value.message
    assert fails(guard, ME, now=2000)
    assert not fails(guard, ME, now=2000)


def test_of_ten_thousand_tries_in_a_minute_few_are_looked_at() -> None:
    """From one address, with 16 threads: what it has and what comes back, and not one more."""
    guard = Throttle(30)
    with ThreadPoolExecutor(16) as threads:
        tried = list(threads.map(lambda number: fails(guard, ME, f"wrong {number}", number * 6), range(10_000)))
    assert sum(tried) <= 60


def test_another_address_is_not_concerned() -> None:
    """Each has its own tries."""
    guard = Throttle(3)
    while fails(guard, ME):
        pass
    assert fails(guard, NEIGHBOUR)


def test_right_secrets_cost_nothing() -> None:
    """Any number of different right ones: each try is given back."""
    guard = Throttle(3)
    for number in range(100):
        guard.attempt(ME, f"right {number}", 0)
        guard.succeeded(ME, f"right {number}", 0)
    assert [fails(guard, ME) for _ in range(4)] == [True] * 3 + [False]


def test_a_right_secret_used_before_works_on_from_an_address_that_is_slowed_down() -> None:
    """A neighbour behind the same router does not lock a client out. A new one has to wait: else guessing would pay."""
    guard = Throttle(3)
    guard.attempt(ME, "right", 0)
    guard.succeeded(ME, "right", 0)
    while fails(guard, ME):
        pass
    guard.attempt(ME, "right", 0)
    with pytest.raises(RateLimited):
        guard.attempt(ME, "also right, but never seen from here", 0)
    with pytest.raises(RateLimited):
        guard.attempt(ME, "righ", 0)


def test_what_is_trusted_is_so_from_its_address_only() -> None:
    """Somebody else's right key is a guess from here."""
    guard = Throttle(1)
    guard.attempt(NEIGHBOUR, "right", 0)
    guard.succeeded(NEIGHBOUR, "right", 0)
    assert fails(guard, ME)
    assert not fails(guard, ME, "right")


def test_many_addresses_together_have_a_limit_too() -> None:
    """A guesser with a thousand addresses is slowed down as a whole; who is at work goes on."""
    guard = Throttle(2)
    guard.attempt(ME, "right", 0)
    guard.succeeded(ME, "right", 0)
    tried = [fails(guard, f"198.51.100.{number}") for number in range(200)]
    assert sum(tried) == 2 * OVERALL
    guard.attempt(ME, "right", 0)


def test_a_refusal_by_the_whole_costs_the_address_nothing() -> None:
    """When the pool as a whole takes tries again, the address has all of its own."""
    guard = Throttle(2)
    for number in range(2 * OVERALL):
        fails(guard, f"198.51.100.{number}")
    assert not fails(guard, ME)
    assert [fails(guard, ME, now=3_600_000) for _ in range(3)] == [True, True, False]


def test_zero_turns_it_off() -> None:
    """Any number of tries."""
    guard = Throttle(0)
    assert all(fails(guard, ME) for _ in range(1000))
    guard.succeeded(ME, "x", 0)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many addresses try and however many keys are right; who is slowed down is forgotten last."""
    monkeypatch.setattr(throttle, "REMEMBERED", 50)
    monkeypatch.setattr(throttle, "OVERALL", 10_000)
    guard = Throttle(2)
    for number in range(500):
        fails(guard, f"10.0.{number // 250}.{number % 250}", now=number)
        guard.attempt(ME, f"right {number}", number)
        guard.succeeded(ME, f"right {number}", number)
        assert len(guard._addresses) <= 50
        assert len(guard._trusted) <= 50
    assert not guard._addresses.get(network_of(ME)), "an address with nothing against it is not kept"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("", ""),
        ("x" * 5000, "x" * 64),
    ],
)
def test_what_stands_for_an_address(address: str, network: str) -> None:
    """A home with IPv6 has a whole network; whatever a proxy sends is short."""
    assert network_of(address) == network

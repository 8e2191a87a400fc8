"""Slowing down whoever tries wrong keys: so many a minute from one address, and from all addresses together.

A try costs its address a token before the secret is looked at, and a right secret gets it back, so that tries at the
same moment do not slip through together. An address that has none left is refused whatever it sends: if right secrets
still worked, going on guessing would pay. What an address has used with success before does not need a token, though:
a neighbour's mistakes never lock a client out that is at work.
"""

from __future__ import annotations

import ipaddress
import threading
from dataclasses import dataclass, field

from server.domain import token_bucket
from server.domain.errors import RateLimited
from server.domain.limits import go_duration
from server.domain.token_bucket import Bucket, Rate

#: How many addresses' worth of wrong tries the pool takes in all.
OVERALL = 20
#: Addresses, and pairs of address and secret, that are remembered at most.
REMEMBERED = 10_000
#: Longest address looked at (characters): a proxy may send anything.
MAX_ADDRESS = 64
#: Of an IPv6 address, how many bits say whose it is: a home has all addresses below.
IPV6_PREFIX = 64


@dataclass(slots=True)
class Throttle:
    """Who tried wrong secrets lately, in memory."""

    #: Wrong tries that one address has in a minute; 0 for any number.
    per_minute: int
    #: Addresses that tried, the latest last.
    _addresses: dict[str, Bucket] = field(default_factory=dict)
    _all: Bucket | None = None
    #: Hashes of (address, secret) that were right; Python's own, which are salted anew in every process.
    _trusted: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def attempt(self, address: str, secret: str, now: int) -> None:
        """Take a token for a try; RateLimited when there is none. Call `succeeded` when the secret was right."""
        if not self.per_minute or hash((address, secret)) in self._trusted:
            return
        with self._lock:
            wait = self._take(network_of(address), now)
        if wait:
            raise RateLimited(
                f"Too many wrong keys or tokens came from your address. Please try again in {go_duration(wait)}.",
                retry_after=wait,
            )

    def succeeded(self, address: str, secret: str, now: int) -> None:
        """Give the token of a try back, and trust this secret from this address from now on."""
        pair = hash((address, secret))
        if not self.per_minute or pair in self._trusted:
            return
        with self._lock:
            if len(self._trusted) >= REMEMBERED:
                self._trusted.clear()
            self._trusted.add(pair)
            self._put_back(network_of(address), now)

    def _take(self, network: str, now: int) -> float:
        """Take a token from both buckets and return 0; or take none and return the seconds until there is one."""
        mine, whole = self._rates()
        before = self._addresses.pop(network, None) or mine.full(now)
        total = self._all or whole.full(now)
        left, rest = token_bucket.take(before, mine, now), token_bucket.take(total, whole, now)
        if left is not None and rest is not None:
            before, self._all = left, rest
        self._make_room(now)
        self._addresses[network] = before
        if left is not None and rest is not None:
            return 0
        return max(token_bucket.seconds_until_one(before, mine, now), token_bucket.seconds_until_one(total, whole, now))

    def _put_back(self, network: str, now: int) -> None:
        mine, whole = self._rates()
        if self._all is not None:
            self._all = token_bucket.put_back(self._all, whole, now)
        if network in self._addresses:
            bucket = token_bucket.put_back(self._addresses[network], mine, now)
            self._addresses[network] = bucket
            if bucket.level >= mine.capacity:
                del self._addresses[network]

    def _rates(self) -> tuple[Rate, Rate]:
        return (
            Rate(self.per_minute, self.per_minute / 60),
            Rate(self.per_minute * OVERALL, self.per_minute * OVERALL / 60),
        )

    def _make_room(self, now: int) -> None:
        """Forget the addresses whose tokens are all back; if none is, the one that tried longest ago."""
        if len(self._addresses) < REMEMBERED:
            return
        mine, _ = self._rates()
        for network, bucket in list(self._addresses.items()):
            if token_bucket.level(bucket, mine, now) >= mine.capacity:
                del self._addresses[network]
        while len(self._addresses) >= REMEMBERED:
            del self._addresses[next(iter(self._addresses))]


def network_of(address: str) -> str:
    """Return what stands for an address: itself, or of IPv6 the network that one home has."""
    address = address[:MAX_ADDRESS]
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))
    return str(parsed)

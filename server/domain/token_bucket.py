"""The token bucket: so many at once, then so many in a time. The time is given; nothing here looks at a clock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """How many a full bucket holds, and how many it gains in a second."""

    capacity: float
    per_second: float

    def full(self, now: int) -> Bucket:
        """Return a full bucket."""
        return Bucket(self.capacity, now)


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many it held at a time (ms)."""

    level: float
    at: int


def level(bucket: Bucket, rate: Rate, now: int) -> float:
    """Return how many a bucket holds now; a clock that ran backwards takes nothing from it."""
    gained = max(0, now - bucket.at) / 1000 * rate.per_second
    return min(rate.capacity, bucket.level + gained)


def take(bucket: Bucket, rate: Rate, now: int) -> Bucket | None:
    """Return the bucket after one was taken out; None when it does not hold one."""
    left = level(bucket, rate, now) - 1
    return None if left < 0 else Bucket(left, max(now, bucket.at))


def put_back(bucket: Bucket, rate: Rate, now: int) -> Bucket:
    """Return the bucket with one more, but never over its brim."""
    return Bucket(min(rate.capacity, level(bucket, rate, now) + 1), max(now, bucket.at))


def seconds_until_one(bucket: Bucket, rate: Rate, now: int) -> float:
    """Return the seconds until the bucket holds one; 0 when it does."""
    return max(0.0, (1 - level(bucket, rate, now)) / rate.per_second)

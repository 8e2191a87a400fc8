"""What a client key may use: requests in a minute, tokens in a day, tasks at once, bytes stored.

Minutes and days are those of the calendar (UTC), so that everybody knows when a count begins anew.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from server.domain.errors import InsufficientQuota, RateLimited

MINUTE_MS, DAY_MS = 60_000, 86_400_000
#: Seconds up to which waiting is worth while: official SDKs give up on a longer Retry-After.
WORTH_WAITING = 120
#: Seconds after which a task of the key may be over, and after which stored answers may be gone.
IN_FLIGHT_RETRY, STORED_RETRY = 2, 60


@dataclass(frozen=True, slots=True)
class Limits:
    """A client key's limits; None is none."""

    requests_per_minute: int | None = None
    tokens_per_day: int | None = None
    max_in_flight: int | None = None
    #: Prompts of tasks that are not over, and answers that are kept (bytes).
    max_stored_bytes: int | None = None

    @property
    def counts(self) -> bool:
        """Whether there is one of those that are counted up: requests or tokens."""
        return self.requests_per_minute is not None or self.tokens_per_day is not None

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return any(getattr(self, field.name) is not None for field in fields(self))


@dataclass(frozen=True, slots=True)
class Used:
    """What a client key has used, as it counts at one time."""

    #: In the minute, and in the day; work under way counts with its estimate.
    requests: int = 0
    tokens: int = 0
    #: Tasks that are not over, and bytes that are kept.
    in_flight: int = 0
    stored_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Demand:
    """What a request wants to use, beside being a request."""

    tokens: int = 0
    tasks: int = 0
    stored_bytes: int = 0


def minute_of(now: int) -> int:
    """Return the minute (since 1970) that a time in milliseconds belongs to."""
    return now // MINUTE_MS


def day_of(now: int) -> int:
    """Return the day (since 1970, UTC) that a time in milliseconds belongs to."""
    return now // DAY_MS


def seconds_left_of_minute(now: int) -> float:
    """Return the seconds until requests count anew; above 0, at most 60."""
    return (MINUTE_MS - now % MINUTE_MS) / 1000


def seconds_left_of_day(now: int) -> float:
    """Return the seconds until tokens count anew; above 0, at most 86,400."""
    return (DAY_MS - now % DAY_MS) / 1000


def current(*, minute: int, requests: int, day: int, tokens: int, now: int) -> tuple[int, int]:
    """Return the requests of this minute and the tokens of this day, from counts of which the time may be over."""
    return requests if minute == minute_of(now) else 0, tokens if day == day_of(now) else 0


def refusal_of_request(limits: Limits, used: Used, now: int) -> RateLimited | None:
    """Return why one more request is refused; None when it is not."""
    most = limits.requests_per_minute
    if most is None or used.requests < most:
        return None
    numbers = _numbers(most, used.requests, 1)
    return _come_back("requests", f"requests per min (RPM): {numbers}", seconds_left_of_minute(now))


def refusal_of_work(limits: Limits, used: Used, wanted: Demand, now: int) -> RateLimited | None:
    """Return why more work is refused; None when it is not.

    The lasting reasons come first, so that nobody waits for a place only to hear that it was in vain.
    """
    return (
        _refusal_of_tokens(limits.tokens_per_day, used.tokens, wanted.tokens, now)
        or _refusal_of_bytes(limits.max_stored_bytes, used.stored_bytes, wanted.stored_bytes)
        or _refusal_of_tasks(limits.max_in_flight, used.in_flight, wanted.tasks)
    )


def _refusal_of_tokens(most: int | None, used: int, wanted: int, now: int) -> RateLimited | None:
    if most is None or used + wanted <= most:
        return None
    what, seconds = f"tokens per day (TPD): {_numbers(most, used, wanted)}", seconds_left_of_day(now)
    if wanted > most:
        return _no_quota(what, "One request may not have more than a day's tokens: send less at once.", None)
    if seconds <= WORTH_WAITING:
        return _come_back("tokens", what, seconds)
    return _no_quota(what, f"It counts anew at 00:00 UTC, in {go_duration(seconds)}.", seconds)


def _refusal_of_bytes(most: int | None, used: int, wanted: int) -> RateLimited | None:
    if most is None or used + wanted <= most:
        return None
    what = f"stored bytes: {_numbers(most, used, wanted)}"
    if wanted > most:
        return _no_quota(what, "Send less at once.", None)
    return _no_quota(what, "Answers are deleted an hour after they were fetched.", STORED_RETRY)


def _refusal_of_tasks(most: int | None, used: int, wanted: int) -> RateLimited | None:
    if most is None or used + wanted <= most:
        return None
    what = f"tasks in flight: {_numbers(most, used, wanted)}"
    if wanted > most:
        return _no_quota(what, "This request needs more tasks than the key may have at once: send less at once.", None)
    return _come_back("requests", what, IN_FLIGHT_RETRY)


def _numbers(most: int, used: int, wanted: int) -> str:
    return f"Limit {most}, Used {used}, Requested {wanted}"


def _come_back(kind: str, what: str, seconds: float) -> RateLimited:
    # OpenAI's words: client libraries and people look for them.
    message = f"Rate limit reached for this key on {what}. Please try again in {go_duration(seconds)}."
    return RateLimited(message, kind=kind, retry_after=seconds)


def _no_quota(what: str, advice: str, seconds: float | None) -> InsufficientQuota:
    message = f"You exceeded your current quota on {what}. {advice} The pool's operator can change the limit."
    return InsufficientQuota(message, retry_after=seconds)


def go_duration(seconds: float) -> str:
    """Write a time as Go does and OpenAI's headers have it: `0s`, `12ms`, `59s`, `6m0s`, `1h0m5s`; never too short."""
    if seconds <= 0:
        return "0s"
    if seconds < 1:
        # Rounding up must not give 1000ms.
        milliseconds = math.ceil(seconds * 1000)
        return f"{milliseconds}ms" if milliseconds < 1000 else "1s"
    minutes, rest = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"

"""Sentences about the pool and the way to it."""

from __future__ import annotations

from ..text import Text

TOO_LATE = Text("it does not answer in time")
NOTHING_ANSWERS = Text("nothing answers there")
BROKE_OFF = Text("the connection broke")
RESULTS_NOT_JUDGED = Text("The pool's server did not say what became of the results.")


def key_refused(reason: str) -> Text:
    """Say that the pool no longer wants this PC."""
    return Text("The pool refused this PC's key ({reason}). Join again with a new invite.", reason=reason)


def unreachable(host: str, reason: str) -> Text:
    """Say that there is no connection."""
    return Text("Cannot reach {host}: {reason}. Check your connection.", host=host, reason=reason)


def untrusted(host: str, reason: str) -> Text:
    """Say that the server's certificate is not good."""
    return Text("The certificate of {host} is not trusted: {reason}.", host=host, reason=reason)


def untrusted_by_time(host: str, reason: str, now: str) -> Text:
    """Say that the certificate is not good at this time, which may be this PC's mistake."""
    return Text(
        "The certificate of {host} is not trusted: {reason}. This PC's clock says {now}; if that is wrong, set it "
        "right.",
        host=host,
        reason=reason,
        now=now,
    )


def clock_slow(how_much: Text) -> Text:
    """Say that this PC's clock is behind."""
    return Text("This PC's clock is slow by {how_much}. Set it right, or connections may fail.", how_much=how_much)


def clock_fast(how_much: Text) -> Text:
    """Say that this PC's clock is ahead."""
    return Text("This PC's clock is fast by {how_much}. Set it right, or connections may fail.", how_much=how_much)


def minutes(number: int) -> Text:
    """Say so many minutes."""
    return Text.counted("{n} minute", "{n} minutes", number)


def hours(number: int) -> Text:
    """Say so many hours."""
    return Text.counted("{n} hour", "{n} hours", number)


def days(number: int) -> Text:
    """Say so many days."""
    return Text.counted("{n} day", "{n} days", number)


def redirected(host: str) -> Text:
    """Say that the server pointed elsewhere, which is never followed."""
    return Text("{host} sends us to another address, and that is never followed. Check the pool's address.", host=host)


def odd_answer(host: str, what: str) -> Text:
    """Say that the server does not keep to the protocol."""
    return Text("{host} answered something that this version does not understand ({what}).", host=host, what=what)


def busy(host: str) -> Text:
    """Say that the server asks for patience."""
    return Text("{host} is busy and asks us to come back later.", host=host)


def server_failed(host: str, status: int) -> Text:
    """Say that the server had an accident."""
    return Text("{host} had an internal error (HTTP {status}).", host=host, status=status)


def unknown_kind(kind: str) -> Text:
    """Say that a task is of a kind that this version cannot do."""
    return Text("This version of the agent cannot do tasks of the kind “{kind}”.", kind=kind[:40])

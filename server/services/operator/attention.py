"""What needs the operator's attention, in words: the most urgent first, each with the place where one acts.

A rule is a function of the findings, and yields what it has to say. It decides nothing and looks nothing up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from server.domain.capability import model_of
from server.services.operator.agent_views import Doing
from server.services.operator.findings import Findings, Named
from server.services.operator.queues import Queue, Stuck

MIB, GIB = 2**20, 2**30
#: Share of a limit from which on it is nearly reached.
NEARLY = 0.9
#: A disk is nearly full with less left than the first, or less than both a share and the second.
LEAST_FREE, LITTLE_FREE, LITTLE_SHARE = GIB, 20 * GIB, 0.05
#: Bytes of write-ahead log that are odd: it is folded at an eighth of them.
LARGE_LOG = 256 * MIB
#: Share of the tasks of the last hour from which on failures are told, and how many they are at least.
FAILED_SHARE, FEW_FAILED = 0.05, 3
#: Milliseconds for which the oldest task waits before it is told that nothing goes on.
LONG_MS = 300_000
#: Names in a sentence at most.
MOST_NAMES = 3
DAY_MS = 24 * 3_600_000


class Urgency(IntEnum):
    """How soon something is to be seen to."""

    NOW = 0  # work is refused, lost or not done
    SOON = 1  # it will be, or is done worse than it could
    SOMETIME = 2  # it would be good to know


@dataclass(frozen=True, slots=True)
class Place:
    """Where one acts: a page, the thing on it, and what it is filtered by."""

    page: str
    id: str = ""
    filters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that needs attention."""

    kind: str
    urgency: Urgency
    sentence: str
    place: Place


def notices(facts: Findings) -> list[Notice]:
    """Return what needs attention, the most urgent first; of equal urgency in the order of the rules."""
    return sorted((notice for rule in RULES for notice in rule(facts)), key=lambda notice: notice.urgency)


def _storage(facts: Findings) -> Iterator[Notice]:
    files, health = facts.situation.files, Place("health")
    left = f"{_size(files.free_bytes)} of {_size(files.disk_bytes)} are left"
    if files.free_bytes < LEAST_FREE:
        text = f"The disk is nearly full: {left}. When it is full, no work can be taken."
        yield Notice("disk", Urgency.NOW, text, health)
    elif files.free_bytes < min(LITTLE_FREE, files.disk_bytes * LITTLE_SHARE):
        yield Notice("disk", Urgency.SOON, f"The disk fills up: {left}.", health)
    if files.log_bytes > LARGE_LOG:
        text = (
            f"The database's write-ahead log has grown to {_size(files.log_bytes)}: something keeps it from being "
            "folded, such as another program that reads the database."
        )
        yield Notice("log", Urgency.SOON, text, health)
    if facts.write_failures:
        failed = _count(facts.write_failures, "transaction")
        yield Notice("writes", Urgency.SOON, f"{failed} failed since the server started. The log says why.", health)
    if facts.unswept:
        text = "The sweeper does not run: lost leases and old tasks are not noticed. The log says why."
        yield Notice("sweeper", Urgency.NOW, text, health)


def _full(facts: Findings) -> Iterator[Notice]:
    seen = facts.situation
    if seen.waiting >= seen.most_waiting * NEARLY:
        wait = f"{seen.waiting:,} of {seen.most_waiting:,} tasks wait"
        text = f"The queue is nearly full: {wait}. Beyond that, clients are sent away."
        yield Notice("queue_full", Urgency.NOW, text, Place("tasks", filters=(("status", "queued"),)))
    for who, gauge, setting in (
        ("agents", seen.polls, "MAX_AGENT_POLLS"),
        ("clients", seen.waits, "MAX_CLIENT_WAITS"),
    ):
        if gauge.in_use >= gauge.limit * NEARLY:
            text = (
                f"{gauge.in_use:,} of {gauge.limit:,} places for {who} that wait are taken. Beyond that, they are told "
                f"to come back later; {setting} raises it."
            )
            yield Notice("waiters", Urgency.SOON, text, Place("health"))


def _nobody_works(facts: Findings) -> Iterator[Notice]:
    agents = facts.situation.agents
    members = agents.total - agents.count(Doing.REVOKED)
    if agents.willing or not members:
        return
    if not agents.online:
        text = "The pool's only agent is offline." if members == 1 else f"All {members:,} agents are offline."
        yield Notice("all_offline", Urgency.NOW, text, Place("agents"))
    else:
        text = (
            "The only agent online is paused."
            if agents.online == 1
            else f"All {agents.online:,} agents online are paused."
        )
        yield Notice("all_paused", Urgency.NOW, text, Place("agents", filters=(("state", "paused"),)))


def _stuck(facts: Findings) -> Iterator[Notice]:
    for queue in facts.situation.queues:
        if not queue.waiting or queue.stuck is None:
            continue
        if queue.stuck is Stuck.IDLE and facts.situation.now - (queue.oldest_at or 0) < LONG_MS:
            continue
        page = "models" if queue.stuck is Stuck.DIFFERING else "tasks"
        filters = () if page == "models" else (("status", "queued"), ("model", queue.capability))
        yield Notice(f"stuck_{queue.stuck}", Urgency.NOW, _why_stuck(queue), Place(page, filters=filters))


def _why_stuck(queue: Queue) -> str:
    why = {
        Stuck.UNKNOWN: "No agent offers {}",
        Stuck.OFFLINE: "No agent that has {} is online",
        Stuck.PAUSED: "Every agent that has {} is paused",
        Stuck.TRUST: "No agent online that has {} is trusted enough",
        Stuck.DIFFERING: "The agents online have another class of {} than the pool",
        Stuck.IDLE: "Nothing of {} was finished lately",
    }
    return f"{why[queue.stuck or Stuck.IDLE].format(queue.name)}; {_waiting(queue.waiting)}."


def _failures(facts: Findings) -> Iterator[Notice]:
    seen = facts.situation
    done = seen.hour.total
    if done.failed >= FEW_FAILED and done.failed > done.ended * FAILED_SHARE:
        worst = next((one.code for one in seen.endings if one.status == "failed" and one.code and one.hour), "")
        mostly = f", most often with {worst}" if worst else ""
        text = f"{done.failed:,} of {_count(done.ended, 'task')} failed in the last hour{mostly}."
        yield Notice("failures", Urgency.SOON, text, Place("tasks", filters=(("status", "failed"),)))
    expired = sum(one.hour for one in seen.endings if one.status == "expired")
    if expired:
        text = f"{_count(expired, 'task')} expired in the last hour: no agent finished them in time."
        yield Notice("expired", Urgency.SOON, text, Place("tasks", filters=(("status", "expired"),)))


def _refused(facts: Findings) -> Iterator[Notice]:
    if not facts.refused:
        return
    (worst, count), names = facts.refused[0], _names([agent for agent, _ in facts.refused])
    if len(facts.refused) == 1:
        results = "a wrong result" if count == 1 else f"{count:,} wrong results"
        text = f"The agent {names} sent {results} in the last day; no client was given any."
        yield Notice("refused", Urgency.SOON, text, Place("agents", worst.id))
    else:
        text = f"{len(facts.refused):,} agents sent wrong results in the last day ({names}); no client was given any."
        yield Notice("refused", Urgency.SOON, text, Place("agents"))


def _differing(facts: Findings) -> Iterator[Notice]:
    for one in facts.differing:
        verb = "has" if len(one.agents) == 1 else "have"
        text = (
            f"{_count(len(one.agents), 'agent')} {verb} another class of {model_of(one.capability)} than the pool, and "
            f"get{'s' if verb == 'has' else ''} none of its work: {_names(one.agents)}."
        )
        yield Notice("differing", Urgency.SOON, text, Place("models"))


def _in_trouble(facts: Findings) -> Iterator[Notice]:
    agents = facts.situation.agents
    count = agents.count(Doing.TROUBLE)
    if count:
        why = next((reason for doing, reason, _ in agents.reasons if doing is Doing.TROUBLE), "")
        said = f" ({'it says' if count == 1 else 'mostly'}: {why})" if why else ""
        text = f"{_count(count, 'agent')} cannot work until somebody sees to the PC{said}."
        yield Notice("trouble", Urgency.SOON, text, Place("agents", filters=(("state", "paused"),)))


def _outdated(facts: Findings) -> Iterator[Notice]:
    if facts.outdated:
        runs = "runs" if len(facts.outdated) == 1 else "run"
        who = _count(len(facts.outdated), "agent")
        text = f"{who} {runs} an older version than this server's: {_names(facts.outdated)}."
        place = Place("agents", facts.outdated[0].id) if len(facts.outdated) == 1 else Place("agents")
        yield Notice("outdated", Urgency.SOMETIME, text, place)


def _keys(facts: Findings) -> Iterator[Notice]:
    for key in facts.spent:
        text = f"The key {_quoted(key)} has nearly used up its tokens of today. It counts anew at 00:00 UTC."
        yield Notice("key_spent", Urgency.SOON, text, Place("keys", key.id))
    if len(facts.expiring) == 1:
        key, at = facts.expiring[0]
        text = f"The key {_quoted(key)} expires {_within(at - facts.situation.now)}."
        yield Notice("key_expires", Urgency.SOON, text, Place("keys", key.id))
    elif facts.expiring:
        names = _names([key for key, _ in facts.expiring])
        text = f"{len(facts.expiring):,} keys expire within seven days: {names}."
        yield Notice("key_expires", Urgency.SOON, text, Place("keys"))


def _open_line(facts: Findings) -> Iterator[Notice]:
    parts = urlsplit(facts.url)
    if parts.scheme != "https" and not _is_local(parts.hostname or ""):
        text = (
            f"Clients and agents are told to reach this server at {facts.url}, without encryption. Put a TLS proxy "
            "before it, and its https address into PUBLIC_URL."
        )
        yield Notice("open_line", Urgency.SOON, text, Place("health"))


def _nobody_yet(facts: Findings) -> Iterator[Notice]:
    # Before the first work was done, the page tells the first steps itself.
    if facts.used and not facts.situation.agents.total:
        text = "No agent belongs to the pool. Make an invite for a volunteer's PC, or your own."
        yield Notice("no_agents", Urgency.NOW, text, Place("new_invite"))
    if facts.used and not facts.keys:
        text = "There is no client key: nobody can ask the pool anything. Make one."
        yield Notice("no_keys", Urgency.SOON, text, Place("new_key"))


Rule = Callable[[Findings], Iterable[Notice]]
RULES: tuple[Rule, ...] = (
    _storage,
    _full,
    _nobody_yet,
    _nobody_works,
    _stuck,
    _failures,
    _refused,
    _differing,
    _in_trouble,
    _keys,
    _open_line,
    _outdated,
)


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _waiting(tasks: int) -> str:
    return f"{_count(tasks, 'task')} {'waits' if tasks == 1 else 'wait'}"


def _quoted(named: Named) -> str:
    return f"“{named.name}”"


def _names(named: Sequence[Named]) -> str:
    """List some names, and say how many there are beside them."""
    shown = [_quoted(one) for one in named[:MOST_NAMES]]
    more = len(named) - len(shown)
    last = f"{more:,} more" if more else shown.pop()
    return f"{', '.join(shown)} and {last}" if shown else last


def _size(octets: int) -> str:
    return f"{octets / GIB:,.1f} GiB" if octets >= GIB else f"{octets / MIB:,.0f} MiB"


def _within(milliseconds: int) -> str:
    days = milliseconds // DAY_MS
    return "within a day" if days < 1 else f"in {_count(days, 'day')}"


def _is_local(host: str) -> bool:
    """Whether a host is this computer itself, which no line leads to."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")

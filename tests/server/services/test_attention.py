"""What needs attention: each rule says what it has to say, in right words, and is silent otherwise."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from server.services.operator.agent_views import Doing
from server.services.operator.attention import GIB, LONG_MS, MIB, Notice, Place, Urgency, notices
from server.services.operator.findings import Differing, Findings, Named
from server.services.operator.health_report import Files, Gauge
from server.services.operator.pace import Pace
from server.services.operator.queues import Queue, Stuck
from server.services.operator.situation import Agents, Situation
from server.storage.endings import Ending
from server.storage.throughput import Counts

NOW = 1_800_000_000_000
DAY_MS = 24 * 3_600_000
QUIET = Counts(tasks=100, texts=100)


def agents(**doing: int) -> Agents:
    """Agents by what they do."""
    counted = Counter({Doing(word): number for word, number in doing.items()})
    willing = counted[Doing.WORKING] + counted[Doing.IDLE]
    return Agents(counted, (), frozenset(map(str, range(willing))))


def pace(counts: Counts = QUIET) -> Pace:
    return Pace(NOW - 60_000, 60_000, (counts,))


def queue(stuck: Stuck | None = None, waiting: int = 14, oldest_ms: int = LONG_MS, model: str = "bge-m3") -> Queue:
    return Queue(f"embed.{model}", waiting, NOW - oldest_ms, 0, 0, 0.0, None, stuck)


#: A pool that is well.
SITUATION = Situation(
    now=NOW,
    agents=agents(working=2, idle=1, offline=4),
    queues=(queue(),),
    texts_waiting=14,
    most_waiting=1000,
    hour=pace(),
    day=pace(),
    endings=(),
    polls=Gauge(3, 1000),
    waits=Gauge(2, 300),
    files=Files(Path("/data/embedpool.db"), 10 * MIB, MIB, 30 * GIB, 100 * GIB),
    tasks_kept=100,
    uptime_ms=1000,
)
WELL = Findings(SITUATION, (), (), (), (), (), 1, True, "https://pool.example", 0, False)


def told(situation: dict[str, Any] | None = None, **findings: Any) -> list[Notice]:
    """What is said of a pool that is well but for some changes."""
    return notices(replace(WELL, situation=replace(SITUATION, **(situation or {})), **findings))


def only(found: list[Notice]) -> tuple[Urgency, str, Place]:
    """Insist on one notice."""
    assert len(found) == 1, found
    return found[0].urgency, found[0].sentence, found[0].place


def files(free: int, disk: int = 100 * GIB, log: int = MIB) -> dict[str, Any]:
    return {"files": replace(SITUATION.files, free_bytes=free, disk_bytes=disk, log_bytes=log)}


def named(*names: str) -> tuple[Named, ...]:
    return tuple(Named(f"id of {name}", name) for name in names)


def test_a_pool_that_is_well_needs_nothing() -> None:
    """Silence is what most days look like."""
    assert told() == []


@pytest.mark.parametrize(
    ("stuck", "sentence", "page"),
    [
        (Stuck.UNKNOWN, "No agent offers bge-m3; 14 tasks wait.", "tasks"),
        (Stuck.OFFLINE, "No agent that has bge-m3 is online; 14 tasks wait.", "tasks"),
        (Stuck.PAUSED, "Every agent that has bge-m3 is paused; 14 tasks wait.", "tasks"),
        (Stuck.TRUST, "No agent online that has bge-m3 is trusted enough; 14 tasks wait.", "tasks"),
        (Stuck.DIFFERING, "The agents online have another class of bge-m3 than the pool; 14 tasks wait.", "models"),
        (Stuck.IDLE, "Nothing of bge-m3 was finished lately; 14 tasks wait.", "tasks"),
    ],
)
def test_work_that_nobody_does_is_told(stuck: Stuck, sentence: str, page: str) -> None:
    """Each model by itself, with the tasks that wait for it."""
    urgency, said, place = only(told({"queues": (queue(stuck),)}))
    assert (urgency, said, place.page) == (Urgency.NOW, sentence, page)
    filters = (("status", "queued"), ("model", "embed.bge-m3"))
    assert place.filters == (filters if page == "tasks" else ())


def test_work_that_nobody_does_is_told_only_of_what_waits() -> None:
    """One task is singular; a queue without tasks, or one that just began to wait for a busy agent, says nothing."""
    assert only(told({"queues": (queue(Stuck.UNKNOWN, 1),)}))[1] == "No agent offers bge-m3; 1 task waits."
    assert told({"queues": (queue(Stuck.UNKNOWN, 0), queue(Stuck.IDLE, oldest_ms=LONG_MS - 1))}) == []


@pytest.mark.parametrize(
    ("doing", "sentence"),
    [
        ({"held": 2, "paused": 1}, "All 3 agents online are paused."),
        ({"waiting": 1, "offline": 8}, "The only agent online is paused."),
        ({"offline": 5}, "All 5 agents are offline."),
        ({"offline": 1, "revoked": 3}, "The pool's only agent is offline."),
    ],
)
def test_a_pool_in_which_nobody_works_is_told(doing: dict[str, int], sentence: str) -> None:
    """Whether they are away or paused, in the singular and the plural."""
    urgency, said, place = only(told({"agents": agents(**doing)}))
    assert (urgency, said, place.page) == (Urgency.NOW, sentence, "agents")


def test_a_pool_without_agents_or_keys_is_told_after_its_first_steps() -> None:
    """Before it ever worked, the page itself shows what to do."""
    bare = told({"agents": agents()}, keys=0)
    assert [(one.kind, one.place.page) for one in bare] == [("no_agents", "new_invite"), ("no_keys", "new_key")]
    assert told({"agents": agents()}, keys=0, used=False) == []


def test_full_queue_and_waiters_are_told_in_time() -> None:
    """From nine tenths on."""
    assert only(told({"queues": (queue(waiting=900),)}))[:2] == (
        Urgency.NOW,
        "The queue is nearly full: 900 of 1,000 tasks wait. Beyond that, clients are sent away.",
    )
    assert told({"queues": (queue(waiting=899),)}) == []
    assert only(told({"polls": Gauge(950, 1000)}))[1].startswith("950 of 1,000 places for agents that wait are taken.")
    assert "MAX_CLIENT_WAITS" in only(told({"waits": Gauge(270, 300)}))[1]


def test_a_disk_is_told_before_it_is_full() -> None:
    """By what is left, and by the share of a disk that is not huge."""
    assert only(told(files(800 * MIB)))[:2] == (
        Urgency.NOW,
        "The disk is nearly full: 800 MiB of 100.0 GiB are left. When it is full, no work can be taken.",
    )
    assert only(told(files(4 * GIB)))[:2] == (Urgency.SOON, "The disk fills up: 4.0 GiB of 100.0 GiB are left.")
    assert told(files(6 * GIB)) == []
    assert told(files(30 * GIB, disk=4000 * GIB)) == []


def test_a_database_in_trouble_is_told() -> None:
    """A log that grows, transactions that fail, a sweeper that stands still."""
    assert "has grown to 300 MiB" in only(told(files(30 * GIB, log=300 * MIB)))[1]
    assert only(told(write_failures=1))[1] == "1 transaction failed since the server started. The log says why."
    assert only(told(unswept=True))[0] is Urgency.NOW


def test_failures_are_told_with_the_commonest_error() -> None:
    """From a twentieth of the tasks on, and not for one or two; errors of yesterday are not this hour's."""
    endings = (Ending("expired", "", 0, 9), Ending("failed", "old", 0, 50), Ending("failed", "engine_error", 8, 12))
    many = {"hour": pace(Counts(tasks=128, failed=12)), "endings": endings}
    assert only(told(many))[:2] == (
        Urgency.SOON,
        "12 of 140 tasks failed in the last hour, most often with engine_error.",
    )
    assert told({"hour": pace(Counts(tasks=950, failed=50))}) == []
    assert told({"hour": pace(Counts(tasks=1, failed=2))}) == []
    assert only(told({"hour": pace(Counts(failed=3))}))[1] == "3 of 3 tasks failed in the last hour."


def test_tasks_that_expired_are_told() -> None:
    """In the last hour only."""
    found = only(told({"endings": (Ending("expired", "", 1, 9),)}))
    assert found[1] == "1 task expired in the last hour: no agent finished them in time."
    assert told({"endings": (Ending("expired", "", 0, 9),)}) == []


def test_agents_that_are_no_use_are_told_by_name() -> None:
    """Wrong results, another class, trouble at the PC, an old program; three names at most."""
    (one,) = named("Ada's PC")
    found = only(told(refused=((one, 1),)))
    assert found[1:] == (
        "The agent “Ada's PC” sent a wrong result in the last day; no client was given any.",
        Place("agents", one.id),
    )
    several = tuple((agent, 2) for agent in named("a", "b"))
    assert only(told(refused=several))[1].startswith("2 agents sent wrong results in the last day (“a” and “b”)")
    assert only(told(differing=(Differing("embed.nomic", named("a", "b", "c", "d", "e")),)))[1] == (
        "5 agents have another class of nomic than the pool, and get none of its work: “a”, “b”, “c” and 2 more."
    )
    assert only(told(differing=(Differing("embed.nomic", named("a")),)))[1].startswith("1 agent has another class")
    assert only(told(outdated=named("a", "b")))[:2] == (
        Urgency.SOMETIME,
        "2 agents run an older version than this server's: “a” and “b”.",
    )
    broken = replace(agents(idle=1, trouble=1), reasons=((Doing.TROUBLE, "No Ollama", 1),))
    assert only(told({"agents": broken}))[1] == (
        "1 agent cannot work until somebody sees to the PC (it says: No Ollama)."
    )


def test_keys_near_their_end_are_told() -> None:
    """One by its name and the time that is left, several together; and those without tokens for today."""
    (one,) = named("thesis")
    assert only(told(expiring=((one, NOW + 3 * DAY_MS),)))[1:] == (
        "The key “thesis” expires in 3 days.",
        Place("keys", one.id),
    )
    assert only(told(expiring=((one, NOW + DAY_MS),)))[1] == "The key “thesis” expires in 1 day."
    assert only(told(expiring=((one, NOW + 5),)))[1] == "The key “thesis” expires within a day."
    both = tuple((key, NOW + DAY_MS) for key in named("a", "b"))
    assert only(told(expiring=both))[1] == "2 keys expire within seven days: “a” and “b”."
    assert only(told(spent=(one,)))[1].startswith("The key “thesis” has nearly used up its tokens of today.")


@pytest.mark.parametrize(
    ("url", "is_told"),
    [
        ("http://pool.example", True),
        ("http://192.168.1.4:8000", True),
        ("http://0.0.0.0:8000", True),
        ("https://pool.example", False),
        ("http://localhost:8000", False),
        ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000", False),
    ],
)
def test_a_line_that_anybody_may_read_along_is_told(url: str, is_told: bool) -> None:
    """Only this computer itself needs no encryption."""
    assert [one.kind for one in told(url=url)] == (["open_line"] if is_told else [])


def test_the_most_urgent_comes_first() -> None:
    """Whatever the order of the rules is."""
    found = told({"queues": (queue(Stuck.UNKNOWN),)}, outdated=named("a"), write_failures=3)
    assert [one.kind for one in found] == ["stuck_unknown", "writes", "outdated"]

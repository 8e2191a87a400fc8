"""What agents say of themselves, made safe to show: whatever it is, nothing of it raises."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.services.operator import agent_views
from server.services.operator.agent_views import Card, Doing
from server.services.overview import AgentReport
from server.storage.agent_records import AgentRecord
from server.storage.agents import NATIVE, OFFLOADMQ
from tests.factories import START

RECORD = AgentRecord(
    id="01M0000000000000000000AAAA",
    display_name="PC",
    app_version="0.1.0",
    capabilities="[]",
    tier=5,
    capacity=64,
    system_info="{}",
    protocol=NATIVE,
    registered_at=START,
    last_seen_at=START,
    state="{}",
    tasks_completed=0,
    tasks_failed=0,
    tasks_lost=0,
    tasks_released=0,
    results_refused=0,
    texts=0,
    tokens=0,
    paused_at=None,
    pause_message=None,
    tier_override=None,
    capacity_override=None,
    trust=0,
    revoked_at=None,
)
KEYS = ["status", "reason", "engine", "gpu", "texts_per_minute", "name", "vram_mib", "vramGb", "vendor", "model", "os"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=12,
)


def report(
    state: Any = None, system: Any = None, *, online: bool = True, in_flight: int = 0, **changes: Any
) -> AgentReport:
    """An agent that says this of itself."""
    record = replace(RECORD, system_info=orjson.dumps(system or {}).decode(), **changes)
    return AgentReport(record, online, START, orjson.dumps(state or {}).decode(), in_flight)


@pytest.mark.parametrize(
    ("said", "doing"),
    [
        (report({"status": "working"}), Doing.WORKING),
        (report({"status": "ready"}), Doing.IDLE),
        (report({"status": "ready"}, in_flight=1), Doing.WORKING),
        (report({}, in_flight=1, protocol=OFFLOADMQ), Doing.WORKING),
        (report({"status": "waiting"}, in_flight=1), Doing.WAITING),
        (report({"status": "paused"}), Doing.PAUSED),
        (report({"status": "error"}), Doing.TROUBLE),
        (report({"status": ["working"]}), Doing.IDLE),
        (report({"status": "working"}, paused_at=START), Doing.HELD),
        (report({"status": "working"}, online=False, paused_at=START), Doing.OFFLINE),
        (report({"status": "working"}, revoked_at=START), Doing.REVOKED),
    ],
)
def test_what_counts_most_is_what_an_agent_does(said: AgentReport, doing: Doing) -> None:
    """The operator's word before the agent's, being away before what it said last."""
    assert agent_views.look_of(said).doing is doing


def test_a_reason_is_told_where_there_is_no_work() -> None:
    """The operator's message while the operator holds it; else its own words, on one line and not for ever."""
    waiting = {"status": "waiting", "reason": "You are\x1b[31m using\nthis PC.\u202e"}
    assert agent_views.look_of(report(waiting)).reason == "You are [31m using this PC."
    held = report(waiting, paused_at=START, pause_message="Update Ollama.")
    assert agent_views.look_of(held).reason == "Update Ollama."
    assert agent_views.look_of(report({"status": "ready", "reason": "Ready."})).reason == ""
    long = agent_views.look_of(report({"status": "error", "reason": "x" * 1000})).reason
    assert (len(long), long[-1]) == (300, "…")


@pytest.mark.parametrize(
    ("gpu", "card"),
    [
        (
            {"name": "RTX", "vram_mib": 8192, "vram_used_mib": 512, "temperature_c": 60.4, "load_percent": 85},
            Card("RTX", 8192, 512, 60, 85),
        ),
        ({"name": "RTX", "vram_mib": -1, "temperature_c": 1e9, "load_percent": 101}, Card("RTX")),
        ({"name": "RTX", "vram_mib": True, "vram_used_mib": "512"}, Card("RTX")),
        ({"name": ["RTX"]}, None),
        ({"vram_mib": 8192}, None),
        (["RTX"], None),
    ],
)
def test_a_card_is_believed_as_far_as_it_makes_sense(gpu: Any, card: Card | None) -> None:
    """Numbers out of bounds, and what is no number, are unknown."""
    assert agent_views.look_of(report({"gpu": gpu})).card == card


def test_a_card_of_an_agent_that_is_away_has_no_temperature() -> None:
    """What it was when it was last heard of says nothing."""
    gpu = {"name": "RTX", "vram_mib": 8192, "vram_used_mib": 512, "temperature_c": 60, "load_percent": 85}
    assert agent_views.look_of(report({"gpu": gpu}, online=False)).card == Card("RTX", 8192)


@pytest.mark.parametrize(
    ("gpu", "card"),
    [
        ({"vendor": "NVIDIA", "model": "Tesla T4", "vramGb": 16}, Card("NVIDIA Tesla T4", 16_384)),
        ({"vendor": "nvidia", "model": "NVIDIA Tesla T4", "vramMb": 15_360}, Card("NVIDIA Tesla T4", 15_360)),
        ({"vendor": "", "model": ""}, None),
        ({"vendor": 5, "model": "T4", "vramGb": "16"}, Card("T4")),
        ("T4", None),
    ],
)
def test_offloadmqs_agents_describe_their_card_when_they_join(gpu: Any, card: Card | None) -> None:
    """Both generations of their systemInfo are read."""
    assert agent_views.look_of(report(system={"gpu": gpu}, protocol=OFFLOADMQ)).card == card


@pytest.mark.parametrize(
    ("version", "protocol", "outdated"),
    [
        ("0.0.9", NATIVE, True),
        ("0.1.0", NATIVE, False),
        ("0.10.0", NATIVE, False),
        ("0.0.9", OFFLOADMQ, False),
        ("newest", NATIVE, False),
        (None, NATIVE, False),
    ],
)
def test_only_our_own_agent_can_be_an_older_one(version: str | None, protocol: str, outdated: bool) -> None:
    """Compared by numbers, not by letters; what is no version is no older one."""
    assert agent_views.look_of(report(app_version=version, protocol=protocol)).outdated is outdated


def test_the_pc_is_told_in_a_few_words() -> None:
    """System, processor, memory of either generation; our own program's name says nothing new."""
    system = {"os": "Linux", "cpuArch": "x86_64", "totalMemoryMb": 24_105, "client": "offload-client.py"}
    look = agent_views.look_of(report(system=system, protocol=OFFLOADMQ))
    assert (look.system, look.memory_gib, look.client) == ("Linux · x86_64", 24, "offload-client.py")
    assert agent_views.look_of(report(system={"client": "embedpool-agent", "totalMemoryGb": 0})).client == ""


@given(state=JSON, system=JSON, online=st.booleans(), version=st.none() | st.text(max_size=8))
def test_whatever_an_agent_says_is_shown_or_left_out(
    state: Any, system: Any, *, online: bool, version: str | None
) -> None:
    """Every text is short and printable, every number is one."""
    look = agent_views.look_of(report(state, system, online=online, app_version=version))
    texts = [look.reason, look.engine, look.app_version, look.system, look.client, look.card.name if look.card else ""]
    assert all(text.isprintable() and len(text) <= 300 for text in texts)


@pytest.mark.parametrize("broken", ["", "{", "[]", "null", "\x00", '"working"'])
def test_what_is_no_object_says_nothing(broken: str) -> None:
    """A row that somebody wrote by hand breaks no page."""
    look = agent_views.look_of(AgentReport(replace(RECORD, system_info=broken), True, START, broken, 0))
    assert (look.doing, look.card, look.engine) == (Doing.IDLE, None, "")

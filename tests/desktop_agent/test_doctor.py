"""The doctor finds what is wrong, says what to do, and says nothing where all is well."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import httpx
import pytest

from desktop_agent.core.data_folder import DataFolder
from desktop_agent.core.doctor.desktop import look_at_autostart, look_at_links, look_at_tray
from desktop_agent.core.doctor.engines import look_at_engines
from desktop_agent.core.doctor.examination import Patient, examine
from desktop_agent.core.doctor.finding import Finding, Verdict
from desktop_agent.core.doctor.own import look_at_folder, look_at_instance, look_at_key, look_at_log, look_at_settings
from desktop_agent.core.doctor.pool import look_at_invite, look_at_pool
from desktop_agent.core.doctor.surroundings import look_around
from desktop_agent.core.engines.base import EngineHealth, EngineMemory
from desktop_agent.core.engines.catalogue import Catalogue
from desktop_agent.core.pool.credentials import FileKeyStore
from desktop_agent.core.pool.membership import Membership, save_membership
from desktop_agent.core.pool.server_api import ServerApi
from desktop_agent.core.sensors.base import GpuStatus, PowerState, SensorFailed, Sensors
from desktop_agent.core.settings import Settings, save_settings
from desktop_agent.core.state import LoadedModel
from desktop_agent.core.system.link_handler.base import Registration
from desktop_agent.core.text import Text
from tests.desktop_agent.parts import GatedEngine, offer, run
from tests.fakes.pool import AGENT_ID, INVITE, KEY, FakePool

SERVER = "http://127.0.0.1:9"
MEMBER = Membership(SERVER, AGENT_ID, "Test pool", "My PC", key_in_file=True)
SETTINGS = Settings(installation_id="i")


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder.open(tmp_path / "data")


def verdicts(findings: list[Finding] | tuple[Finding, ...]) -> list[str]:
    return [str(finding.verdict) for finding in findings]


# What is EmbedPool's own


def test_a_folder_that_cannot_be_written_is_told(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A good one, one that refuses, and a full disk."""
    assert look_at_folder(folder).verdict is Verdict.GOOD
    assert not (folder.root / ".doctor").exists()
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 3_000_000}))
    full = look_at_folder(folder)
    assert (full.verdict, "3 MB" in full.seen) == (Verdict.BAD, True)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("desktop_agent.core.doctor.own.write_bytes", refuse)
    refused = look_at_folder(folder)
    assert refused.verdict is Verdict.BAD
    assert "Permission denied" in refused.seen
    assert "--data-dir" in refused.advice


def test_broken_settings_are_told_and_left_alone(folder: DataFolder) -> None:
    """The doctor only looks: setting a broken file aside is the agent's affair."""
    assert look_at_settings(folder.settings).verdict is Verdict.GOOD
    save_settings(folder.settings, SETTINGS)
    assert look_at_settings(folder.settings).verdict is Verdict.GOOD
    folder.settings.write_text("{", "utf-8")
    assert look_at_settings(folder.settings).verdict is Verdict.ATTENTION
    assert folder.settings.read_text("utf-8") == "{"
    save_settings(folder.settings, SETTINGS)
    folder.settings.with_name("settings.json.bad").touch()
    assert ".bad" in look_at_settings(folder.settings).advice


def test_errors_in_the_log_are_counted(folder: DataFolder) -> None:
    """Only errors, not lines that speak of them."""
    (folder.logs / "agent.log").write_text(
        "2026-11-22 10:00:00,000 INFO    a: an ERROR is spoken of\n"
        "2026-11-22 10:00:01,000 ERROR   a: one\n2026-11-22 10:00:02,000 CRITICAL a: two\n",
        "utf-8",
    )
    found = look_at_log(folder)
    assert (found.verdict, "2 errors" in found.seen) == (Verdict.ATTENTION, True)


def test_a_running_agent_is_found(folder: DataFolder) -> None:
    """Not running is worth a word; one without windows is told apart from one that answers."""
    assert look_at_instance(folder).verdict is Verdict.ATTENTION
    with folder.lock():
        assert look_at_instance(folder).seen == "It is running without windows."


def test_keys_are_tried(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key in its file is good, a missing one is not; without a key store there is a way out."""
    missing = run(look_at_key(folder, SETTINGS, MEMBER))
    assert verdicts(missing) == ["good", "bad"]
    run(FileKeyStore(folder.key_file).store(KEY))
    found = run(look_at_key(folder, SETTINGS, MEMBER))
    assert verdicts(found) == ["good", "good"]
    assert KEY not in str(found)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    (none,) = run(look_at_key(folder, SETTINGS, None))
    assert none.verdict is Verdict.BAD
    assert "--key-file" in none.advice


# The pool


def connect_to(handle: Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]) -> Callable[..., ServerApi]:
    return lambda server, insecure: ServerApi(server, allow_insecure=insecure, transport=httpx.MockTransport(handle))


def answering(pool: FakePool, clock: float | None = None) -> Callable[..., ServerApi]:
    """Connect to the fake pool, whose clock says so many seconds since 1970."""

    async def handle(request: httpx.Request) -> httpx.Response:
        answer = await pool.transport().handle_async_request(request)
        if clock is not None:
            answer.headers["Date"] = formatdate(clock, usegmt=True)
        return answer

    return connect_to(handle)


@pytest.fixture
def joined(folder: DataFolder) -> DataFolder:
    run(FileKeyStore(folder.key_file).store(KEY))
    save_membership(folder.membership, MEMBER)
    return folder


@pytest.mark.parametrize(
    ("ahead", "verdict", "words"),
    [(0, "good", "agrees"), (-3600 * 24, "attention", "off by 1,440 minutes"), (600, "attention", "off by 10 minutes")],
)
def test_the_pool_knows_us_and_tells_the_time(joined: DataFolder, ahead: float, verdict: str, words: str) -> None:
    """A clock that is off by a day is found before connections fail for it."""
    pool, clock = look(joined, answering(FakePool(), time.time() + ahead))
    assert pool.verdict is Verdict.GOOD
    assert (str(clock.verdict), words in clock.seen) == (verdict, True)


def look(folder: DataFolder, connect: Callable[..., ServerApi]) -> list[Finding]:
    return run(look_at_pool(folder, SETTINGS, MEMBER, connect))


def test_a_pool_that_is_no_pool_is_told(joined: DataFolder) -> None:
    """A refused key, nobody there, a redirect, a page: each with its own way out."""
    refusing = FakePool()
    refusing.knows_key = False
    assert "new invite" in look(joined, answering(refusing))[0].advice

    async def nobody(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no")

    async def elsewhere(_: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"Location": "https://other.example.org"}, stream=httpx.ByteStream(b""))

    async def page(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=httpx.ByteStream(b"<html>"))

    for handle, words in ((nobody, "Check your connection"), (elsewhere, "operator"), (page, "operator")):
        (found,) = look(joined, connect_to(handle))
        assert (found.verdict, words in found.advice) == (Verdict.BAD, True), found
    assert run(look_at_pool(joined, SETTINGS, None, connect_to(nobody)))[0].verdict is Verdict.BAD


def test_an_invite_is_looked_at_without_using_it_up(joined: DataFolder) -> None:
    """What it leads to, or why it leads nowhere."""
    pool = FakePool()
    good = run(look_at_invite(f"{SERVER}/join/{INVITE}", answering(pool)))
    assert (good.verdict, "Test pool" in good.seen) == (Verdict.GOOD, True)
    assert run(look_at_invite(f"{SERVER}/join/used-up", answering(pool))).verdict is Verdict.BAD
    assert run(look_at_invite("nonsense", answering(pool))).verdict is Verdict.BAD
    assert pool.registrations == []


# What computes


class OllamaLike(GatedEngine):
    """An engine that calls itself ollama and has something in memory."""

    name = "ollama"

    def __init__(self, *loaded: LoadedModel, available: bool = True) -> None:
        super().__init__(offer("nomic"))
        self.memory = EngineMemory(loaded)
        if not available:
            self.offers, self.health = (), EngineHealth(available=False, reason="Ollama is not running.")


@pytest.mark.parametrize(
    ("vram", "verdict", "words"),
    [(100, "good", "on the graphics card"), (40, "attention", "Only 40 %"), (0, "attention", "runs on the processor")],
)
def test_where_a_model_runs(vram: int, verdict: str, words: str) -> None:
    """Wholly on the card, in part, not at all."""
    engine = OllamaLike(LoadedModel("nomic", 100, vram, ours=True))
    *_, where = run(look_at_engines(Catalogue([engine])))
    assert (str(where.verdict), words in where.seen) == (verdict, True)


def test_no_engine_is_bad_and_one_of_two_is_worth_a_word() -> None:
    """Without anything to compute with there is no work; with the embedded engine there is."""
    missing = OllamaLike(available=False)
    assert verdicts(run(look_at_engines(Catalogue([missing])))) == ["bad", "bad"]
    found = run(look_at_engines(Catalogue([missing, GatedEngine(offer("wordllama-256"))])))
    assert verdicts(found) == ["attention", "good", "good"]


# What is around


@dataclass
class Sensor:
    """Any sensor: gives a value, or raises."""

    value: Any
    name: str = "a test"

    def read(self, **_: object) -> Any:
        if isinstance(self.value, Exception):
            raise self.value
        return self.value

    def close(self) -> None: ...


def test_sensors_that_tell_and_sensors_that_do_not() -> None:
    """Each reason stands where the value would; none of it ends the examination."""
    card = GpuStatus("0", "nvidia", "Card", load_percent=3)
    good = Sensors(Sensor(12.0), None, Sensor(False), Sensor(PowerState(False)), Sensor((card,)))
    assert verdicts(run(look_around(good))) == ["good"] * 4
    reason = SensorFailed(Text("Nobody knows."))
    failing = Sensors(Sensor(reason), None, Sensor(ValueError("odd")), None, Sensor(OSError("gone")))
    found = run(look_around(failing))
    assert verdicts(found) == ["attention"] * 4
    assert [
        words in finding.seen for words, finding in zip(("gone", "Nobody knows.", "no way", "odd"), found, strict=True)
    ]
    asleep = replace(card, asleep=True, load_percent=None)
    silent = replace(card, load_percent=None)
    for cards, verdict in (((), "attention"), ((asleep,), "good"), ((silent,), "attention")):
        assert verdicts(run(look_around(Sensors(gpus=Sensor(cards)))))[0] == verdict


@dataclass
class Entries:
    """Autostart and links in one."""

    on: bool | Exception
    registration: Registration = Registration.OURS

    def is_on(self) -> bool:
        if isinstance(self.on, Exception):
            raise self.on
        return self.on

    def registered(self) -> Registration:
        return self.registration

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


def test_what_the_desktop_does_for_us() -> None:
    """The doctor asks, and changes nothing."""
    assert [str(look_at_tray(tray).verdict) for tray in (True, False, None)] == ["good", "attention", "attention"]
    assert [str(look_at_autostart(Entries(on)).verdict) for on in (True, False, OSError(13, "no"))] == [
        *("good", "good", "attention")
    ]
    found = [look_at_links(Entries(True, registration)).verdict for registration in Registration]
    assert sorted(map(str, found)) == ["attention", "attention", "good"]


def test_the_whole_examination(joined: DataFolder) -> None:
    """Everything is looked at once, and each finding is one line that begins with its sign."""
    entries = Entries(True)
    patient = Patient(
        joined,
        lambda _: Catalogue([OllamaLike()]),
        Sensors(),
        answering(FakePool(), time.time()),
        entries,
        entries,
        tray=True,
        invite=f"{SERVER}/join/{INVITE}",
    )
    findings = run(examine(patient))
    assert [finding for finding in findings if finding.verdict is Verdict.BAD] == []
    lines = [finding.line for finding in findings]
    assert len(lines) == len(set(lines)) == 19
    assert all(line[0] in "✓!✗" and "\n" not in line for line in lines)

"""Programs that run: which are looked for, which are ours, and how busy the others keep the processor."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable

import psutil
import pytest

from desktop_agent.core.sensors.cpu import SHORTEST_SECONDS, CpuByOthers, cpu_here, times_now, totals_now
from desktop_agent.core.sensors.processes import AGAIN_AFTER_SECONDS, GOOD_FOR_SECONDS, Processes, Program
from desktop_agent.core.sensors.programs import RunningPrograms, programs_here

US, OLLAMA, RUNNER, GAME, LLAMA_CPP, OUR_CHILD = 10, 20, 21, 30, 40, 11

RUNNING = (
    Program(1, 0, "systemd"),
    Program(US, 1, "python3"),
    Program(OUR_CHILD, US, "sh"),
    Program(OLLAMA, 1, "ollama"),
    Program(RUNNER, OLLAMA, "llama-server"),
    Program(22, OLLAMA, "less"),
    Program(GAME, 1, "eldenring"),
    Program(LLAMA_CPP, 1, "llama-server"),
)


class Pc:
    """What runs on a PC, and its clock."""

    def __init__(self, *programs: Program) -> None:
        self.programs = programs or RUNNING
        self.now = 100.0
        self.looks = 0

    def look(self) -> Iterable[Program]:
        self.looks += 1
        return self.programs

    def processes(self) -> Processes:
        return Processes(self.look, lambda: self.now, US)


def test_our_engine_is_told_from_others_programs() -> None:
    """Ollama and what it started to compute, ourselves and our children; not what the owner started by hand."""
    assert Pc().processes().ours() == {US, OUR_CHILD, OLLAMA, RUNNER}


def test_a_circle_of_parents_ends() -> None:
    """Ids are used again: a process may seem to be its own grandparent."""
    assert Pc(Program(5, 6, "a"), Program(6, 5, "b")).processes().ours() == {US}


def test_windows_names_are_the_same_names() -> None:
    """The look itself takes off `.exe` and capitals: the agent's own process is found by that name."""
    name = psutil.Process().name().lower().removesuffix(".exe")
    assert name in Processes().names()


def test_programs_are_looked_at_now_and_then() -> None:
    """Many sensors ask; one look serves them all for some seconds."""
    pc = Pc()
    processes = pc.processes()
    for seconds, looks in ((0.0, 1), (GOOD_FOR_SECONDS - 0.1, 1), (0.2, 2)):
        pc.now += seconds
        processes.names(), processes.ours()
        assert pc.looks == looks


def test_a_process_that_just_started_is_looked_for() -> None:
    """A runner that was started a second ago must not be taken for somebody else's."""
    pc = Pc()
    processes = pc.processes()
    assert not processes.is_ours(23)
    pc.programs = (*RUNNING, Program(23, OLLAMA, "ollama"))
    assert not processes.is_ours(23)
    pc.now += AGAIN_AFTER_SECONDS
    assert processes.is_ours(23)
    assert not processes.is_ours(GAME)


def test_exclusive_programs_are_found_by_name() -> None:
    """Those that run, of those that are wanted; nothing is looked at when none is wanted."""
    pc = Pc()
    programs = RunningPrograms(pc.processes())
    assert programs.read(frozenset()) == frozenset()
    assert pc.looks == 0
    assert programs.read(frozenset({"eldenring", "blender"})) == {"eldenring"}


def test_a_real_program_is_found() -> None:
    """A program that really runs is in the list; one that nobody has is not."""
    with subprocess.Popen(["sleep", "60"]) as program:
        try:
            assert programs_here().read(frozenset({"sleep", "no-such-program"})) == {"sleep"}
        finally:
            program.kill()


class Meters:
    """The processor's counters, set by a test: seconds of all cores together."""

    def __init__(self) -> None:
        self.busy, self.free, self.now = 1000.0, 9000.0, 50.0
        self.times = {US: 100.0, OLLAMA: 500.0}

    def pass_by(self, seconds: float, busy: float, free: float, **ours: float) -> None:
        self.now += seconds
        self.busy, self.free = self.busy + busy, self.free + free
        for name, spent in ours.items():
            self.times[int(name[1:])] = self.times.get(int(name[1:]), 0.0) + spent

    def cpu(self) -> CpuByOthers:
        processes = Pc().processes()
        return CpuByOthers(processes, lambda: (self.busy, self.free), lambda _: dict(self.times), lambda: self.now)


def test_what_is_ours_does_not_count() -> None:
    """8 cores for 2 s: of 16 s, 8 are busy, 6 of them by us and our engine."""
    meters = Meters()
    cpu = meters.cpu()
    meters.pass_by(2.0, busy=8.0, free=8.0, p10=1.0, p20=5.0)
    assert cpu.read() == pytest.approx(12.5)
    meters.pass_by(2.0, busy=8.0, free=8.0)
    assert cpu.read() == pytest.approx(50.0)


def test_processes_that_come_and_go_are_no_accident() -> None:
    """A new one counts from when it was first seen; the counters' unequal steps never give less than nothing."""
    meters = Meters()
    cpu = meters.cpu()
    meters.pass_by(2.0, busy=4.0, free=12.0, p21=30.0)
    assert cpu.read() == pytest.approx(25.0)
    del meters.times[OLLAMA]
    meters.pass_by(2.0, busy=1.0, free=15.0, p21=4.0)
    assert cpu.read() == 0.0


def test_two_readings_at_one_moment_give_one_value() -> None:
    """Nothing is made of a time that is too short for the counters."""
    meters = Meters()
    cpu = meters.cpu()
    assert cpu.read() == 0.0
    meters.pass_by(2.0, busy=8.0, free=8.0)
    first = cpu.read()
    meters.pass_by(SHORTEST_SECONDS / 2, busy=0.0, free=1.0)
    assert (first, cpu.read()) == (50.0, 50.0)


def test_the_real_counters_move() -> None:
    """Busy and free seconds of all cores grow together as the clock does."""
    before, began = totals_now(), time.monotonic()
    while time.monotonic() - began < SHORTEST_SECONDS:
        sum(range(10_000))
    after = totals_now()
    assert sum(after) > sum(before)
    assert after[0] > before[0]
    assert times_now([os.getpid(), 2**22 + 1]).keys() == {os.getpid()}
    assert 0 <= cpu_here().read() <= 100


@pytest.mark.skipif(sys.platform != "linux", reason="counts child processes as Linux lists them")
def test_a_child_of_ours_is_ours() -> None:
    """What we start computes for us."""
    with subprocess.Popen(["sleep", "60"]) as program:
        try:
            assert {os.getpid(), program.pid} <= Processes().ours()
        finally:
            program.kill()

"""`make bench`: the aims of the hot path, measured on this machine beside the engine alone."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.bench import backup, crowd, hot_path, idle_agents, offload, pages, streaming, tray, writer


@dataclass(frozen=True, slots=True)
class Line:
    """One measured number and its aim."""

    what: str
    value: float
    unit: str
    aim: float
    #: Whether less is better.
    less: bool = False

    @property
    def reached(self) -> bool:
        """Whether the aim is reached."""
        return self.value <= self.aim if self.less else self.value >= self.aim

    def __str__(self) -> str:
        sign = "<=" if self.less else ">="
        verdict = "reached" if self.reached else "MISSED"
        return f"{self.what:<58} {self.value:10.2f} {self.unit:<8} aim {sign} {self.aim:g}: {verdict}"


def main() -> None:
    """Measure everything, print each number with its aim, and a last line that sums up."""
    with tempfile.TemporaryDirectory(prefix="embedpool-bench-") as name:
        folder = Path(name)
        print("measuring the writer (about 5 s) …", flush=True)
        lines = [Line("durable transactions, 64 threads", writer.measure(folder), "/s", 5000)]
        print("measuring the hot path (about 60 s) …", flush=True)
        lines += _hot_path(folder / "hot")
        print(f"measuring {idle_agents.AGENTS} idle agents (about 70 s) …", flush=True)
        idle = idle_agents.measure(folder / "idle")
        print("measuring streamed chats (about 60 s) …", flush=True)
        lines += _streaming(folder / "streaming")
        print(f"measuring a full house of {crowd.AGENTS} agents and {crowd.CLIENTS} clients (about 20 s) …", flush=True)
        lines += _crowd(folder / "crowd")
        print(f"measuring a backup of {backup.MEBIBYTES} MiB (about 10 s) …", flush=True)
        lines += _backup(folder / "backup")
        print("measuring every page over 10,000 tasks and 500 agents (about 60 s) …", flush=True)
        lines += _pages(folder / "pages")
        print(f"measuring OffloadMQ's protocol ({offload.SECONDS} s) …", flush=True)
        lines += _offload(folder / "offload")
        lines += _tray(folder / "tray")
    lines += [
        Line(f"memory with {idle.agents} idle agents", idle.memory_mib, "MiB", 150, less=True),
        Line(f"processor with {idle.agents} idle agents", idle.cpu_percent, "% core", 3, less=True),
    ]
    for line in lines:
        print(line)
    missed = [line.what for line in lines if not line.reached]
    print("bench: all aims reached" if not missed else f"bench: missed {len(missed)}: " + "; ".join(missed))


def _hot_path(folder: Path) -> list[Line]:
    found = hot_path.measure(folder)
    print(f"one text: engine alone {found.engine_ms:.2f} ms, through the pool {found.pool_ms:.2f} ms (medians)")
    print(
        f"large requests: engine alone {found.engine_texts_per_second:.0f} texts/s, "
        f"through the pool {found.pool_texts_per_second:.0f} texts/s"
    )
    lines = [
        Line("one-text call above the engine alone, median", found.overhead_ms, "ms", 3, less=True),
        Line("2048-text calls as a share of the engine alone", found.large_share * 100, "%", 95),
    ]
    for clients, (rate, cpu_ms, slowest) in found.throughput.items():
        lines.append(Line(f"one-text calls, {clients} clients (p99 {slowest:.0f} ms)", rate, "/s", 600))
        lines.append(Line(f"server processor time a call, {clients} clients", cpu_ms, "ms", 1.5, less=True))
    return lines


def _streaming(folder: Path) -> list[Line]:
    found = streaming.measure(folder)
    print(
        f"chats of {found.tokens} tokens: first token alone {found.engine_first_ms:.0f} ms, through the pool "
        f"{found.pool_first_ms:.0f} ms; all of it {found.engine_whole_ms:.0f} and {found.pool_whole_ms:.0f} ms; "
        f"server processor time {found.server_us:.0f} µs a token"
    )
    return [
        Line("first streamed token after the engine's, median", found.added_ms, "ms", 200, less=True),
        Line("time of a streamed token above the engine's", found.per_token_ms, "ms", 5, less=True),
    ]


def _crowd(folder: Path) -> list[Line]:
    found = crowd.measure(folder)
    what = f"/health with {found.agents} agents and {found.clients} clients waiting, p99"
    return [Line(what, found.p99_ms, "ms", 50, less=True)]


def _backup(folder: Path) -> list[Line]:
    found = backup.measure(folder)
    print(f"before the backup a write waited {found.calm_ms:.0f} ms at most")
    return [
        Line(f"backup of {backup.MEBIBYTES} MiB", found.seconds, "s", 2, less=True),
        Line("longest wait of a write during the backup", found.worst_ms, "ms", 100, less=True),
    ]


def _pages(folder: Path) -> list[Line]:
    found = pages.measure(folder)
    print("the slowest pages (ms: median, slowest, live part alone):")
    for one in found[:5]:
        print(one)
    slowest = max(found, key=lambda one: one.worst_ms)
    live = max(found, key=lambda one: one.live_ms)
    return [
        Line(f"slowest page, median ({found[0].rule})", found[0].median_ms, "ms", 300, less=True),
        Line(f"slowest answer of a page ({slowest.rule})", slowest.worst_ms, "ms", 300, less=True),
        Line(f"slowest live part, median ({live.rule})", live.live_ms, "ms", 150, less=True),
    ]


def _offload(folder: Path) -> list[Line]:
    found = offload.measure(folder)
    print(f"OffloadMQ's protocol: {found.cpu_ms:.2f} ms of server processor a task, {found.left} tasks left undone")
    return [
        # What the last task takes after the minute is over counts too.
        Line(f"tasks by OffloadMQ's protocol (p99 {found.p99_ms:.0f} ms)", found.per_second, "/s", offload.RATE * 0.98),
    ]


def _tray(folder: Path) -> list[Line]:
    if missing := tray.missing():
        print(f"the agent with its windows is not measured: {', '.join(missing)} is not here")
        return []
    print("measuring the agent with its windows (about 4 min) …", flush=True)
    found = tray.measure(folder)
    print(f"the idle agent with its windows has {found.resident_mib:.0f} MiB resident, shared libraries included")
    return [
        Line("from a key press to the task's release, median", found.released_p50_seconds, "s", 2, less=True),
        Line(
            f"from a key press to the task's release, slowest of {tray.TRIES}",
            found.released_p99_seconds,
            "s",
            2,
            less=True,
        ),
        Line("from the start to the tray icon", found.start_seconds, "s", 2, less=True),
        Line("from the invite's link to the first text", found.join_seconds, "s", 10, less=True),
        Line("memory of the idle agent with its windows", found.memory_mib, "MiB", 120, less=True),
        Line("processor of the idle agent with its windows", found.cpu_percent, "% core", 0.5, less=True),
    ]


if __name__ == "__main__":
    main()

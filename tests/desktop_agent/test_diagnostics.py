"""What is copied for others to help holds what they need, and nothing that is the owner's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from desktop_agent.core.data_folder import DataFolder
from desktop_agent.core.diagnostics import diagnostics
from desktop_agent.core.sensors.base import GpuStatus
from desktop_agent.core.settings import Settings
from desktop_agent.core.state import AgentState, EngineStatus, LoadedModel, PcStatus, StateSnapshot

SNAPSHOT = StateSnapshot(
    AgentState.WAITING,
    "You are using this PC.",
    server="https://pool.example.org",
    engines=(EngineStatus("ollama", "0.33.0", available=True), EngineStatus("embedded", reason="No data.")),
    models=("nomic",),
    loaded=(LoadedModel("nomic", 300, 200, ours=True),),
    pc=PcStatus(
        gpus=(
            GpuStatus("0", "nvidia", "RTX", memory_total=8, load_percent=3.5),
            GpuStatus("1", "amd", "RX", asleep=True),
        ),
        idle_seconds=12.4,
        idle_source="X11 screen saver",
        on_battery=False,
        inhibitors=("firefox",),
    ),
)


def test_it_has_what_others_need_to_know(tmp_path: Path) -> None:
    """Versions, state, sensors with their sources, settings, and the end of the log."""
    folder = DataFolder.open(tmp_path)
    (folder.logs / "agent.log").write_text("\n".join(f"line {number}" for number in range(200)), "utf-8")
    text = diagnostics(folder, Settings(away_minutes=7), SNAPSHOT, {"EmbedPool Agent": "0.1.0", "Qt": "6.11"})
    for words in (
        *("EmbedPool Agent 0.1.0", "Qt 6.11", "State: waiting (You are using this PC.)", "Engine: ollama 0.33.0"),
        *("embedded not available: No data.", "Loaded: nomic, 200 of 300 bytes on the card, ours"),
        *("Idle: 12 s (source: X11 screen saver)", "nvidia RTX, load 3.5, memory 8", "amd RX, asleep", "firefox"),
        *("away_minutes = 7", "line 199", "line 100"),
    ):
        assert words in text, words
    assert "line 99\n" not in text
    assert "State: not known yet" in diagnostics(folder, Settings(), None, {})


def test_it_has_no_secret(tmp_path: Path) -> None:
    """Neither the installation's id nor what a log or a reason might hold of keys and links."""
    folder = DataFolder.open(tmp_path)
    (folder.logs / "agent.log").write_text("odd ep_agent_9c1dSecret and embedpool://join?code=ep_inv_7f7f\n", "utf-8")
    settings = Settings(installation_id="0123456789abcdef")
    leaky = replace(SNAPSHOT, reason="See https://pool.example.org/join/ep_inv_5e5e")
    text = diagnostics(folder, settings, leaky, {})
    assert [secret for secret in ("9c1dSecret", "7f7f", "5e5e", "0123456789abcdef") if secret in text] == []

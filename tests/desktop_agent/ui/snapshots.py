"""Snapshots that several tests of the windows start from."""

from __future__ import annotations

from desktop_agent.core import messages
from desktop_agent.core.sensors.base import GpuStatus
from desktop_agent.core.state import AgentState, EngineStatus, LoadedModel, PcStatus, PoolStatus, StateSnapshot

GIB = 1024**3
MODEL = "nomic-embed-text"
CARD = GpuStatus(
    id="GPU-1",
    vendor="nvidia",
    name="RTX 4070",
    memory_total=12 * GIB,
    memory_used=3 * GIB,
    load_percent=87.4,
    temperature=54,
    power_watts=61.2,
)
PC = PcStatus(gpus=(CARD,), idle_seconds=720, on_battery=False, full_screen=False)
OURS = LoadedModel(MODEL, 600, 600, ours=True)


def joined(state: AgentState = AgentState.READY, reason: str = messages.states.READY) -> StateSnapshot:
    """Give a member of a pool, connected, with Ollama and a card."""
    return StateSnapshot(
        state,
        reason,
        server="https://pool.example.org",
        pool="Library",
        engines=(EngineStatus("ollama", "0.14.2", available=True),),
        models=(MODEL,),
        connected=True,
        pool_status=PoolStatus(agents_online=37, texts_waiting=1280, texts_total=0, tasks_total=0),
        pc=PC,
    )

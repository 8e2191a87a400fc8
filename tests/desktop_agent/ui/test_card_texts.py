"""What the four cards say, for every kind of graphics card, engine, pool and owner."""

from __future__ import annotations

from dataclasses import replace

from desktop_agent.core.state import AgentState, Download, EngineStatus, LoadedModel, StateSnapshot
from desktop_agent.ui.card_texts import gpu_view, ollama_view, pc_view, pool_view
from desktop_agent.ui.theme import Tone
from tests.desktop_agent.ui.snapshots import CARD, GIB, MODEL, OURS, PC, joined


def with_pc(**values: object) -> StateSnapshot:
    return replace(joined(), pc=replace(PC, **values))  # type: ignore[arg-type]


def test_the_graphics_card_and_who_holds_its_memory() -> None:
    """Memory with our share of it, load, temperature and power; the bar shows both shares."""
    view = gpu_view(replace(joined(), vram_held_bytes=GIB))
    assert (view.value, *view.lines) == (
        "RTX 4070",
        "3.0 of 12.0 GB in use, 1.0 by EmbedPool",
        "87 % busy · 54 °C · 61 W",
    )
    assert view.bar is not None
    assert (view.bar.filled, view.bar.ours) == (3 / 12, 1 / 12)
    assert gpu_view(joined()).lines[0] == "3.0 of 12.0 GB in use, none by EmbedPool"


def test_cards_that_tell_less() -> None:
    """Nothing is invented: no bar without its numbers, and a sleeping card is only said to sleep."""
    shared = replace(CARD, shared_memory=True, temperature=None, power_watts=None)
    assert gpu_view(with_pc(gpus=(shared,))).lines == ("3.0 GB of this PC's memory in use", "87 % busy")
    assert gpu_view(with_pc(gpus=(shared,))).bar is None
    silent = replace(CARD, memory_used=None, load_percent=None, temperature=None, power_watts=None)
    assert gpu_view(with_pc(gpus=(silent,))).lines == ("It tells nothing about its memory and load.",)
    asleep = gpu_view(with_pc(gpus=(replace(CARD, asleep=True),)))
    assert (asleep.bar, asleep.lines) == (None, ("It sleeps to save power and is left alone.",))


def test_no_card_at_all() -> None:
    """The reason is shown where there is one."""
    assert gpu_view(with_pc(gpus=())).lines == ("EmbedPool works without one too, only slower.",)
    assert gpu_view(with_pc(gpus=(), gpu_problem="The driver is gone.")).lines == ("The driver is gone.",)


def test_the_card_that_its_owner_chose() -> None:
    """Another one than the largest, if so chosen."""
    small = replace(CARD, id="GPU-2", name="GT 1030", memory_total=2 * GIB, memory_used=GIB)
    snapshot = with_pc(gpus=(CARD, small))
    assert gpu_view(snapshot).value == "RTX 4070"
    assert gpu_view(snapshot, "GPU-2").value == "GT 1030"
    assert gpu_view(snapshot).lines[-1] == "1 other card is not used"


def test_where_models_are_loaded() -> None:
    """On the card, in part, on the processor (worth a look), or the owner's own."""
    assert ollama_view(replace(joined(), loaded=(OURS,))).lines[0] == f"{MODEL} is loaded on the graphics card"
    partly = replace(OURS, vram_bytes=100)
    assert "only in part" in ollama_view(replace(joined(), loaded=(partly,))).lines[0]
    warned = replace(joined(), loaded=(replace(OURS, vram_bytes=0),), engine_warning="It is slow.")
    slow = ollama_view(warned)
    assert slow.lines[:2] == ("It is slow.", f"{MODEL} is loaded on the processor")
    assert slow.tone is Tone.CAUTION
    theirs = LoadedModel("llama3", 600, 600, ours=False)
    assert ollama_view(replace(joined(), loaded=(theirs,))).lines[0] == "llama3 is loaded, by you"
    assert ollama_view(joined()).lines == ("No model is loaded at the moment.", f"For the pool: {MODEL}")


def test_ollama_that_is_not_there() -> None:
    """An error where nothing else computes; no alarm beside the embedded engine."""
    gone = EngineStatus("ollama", available=False, reason="Tried it.")
    view = ollama_view(replace(joined(AgentState.ERROR), engines=(gone,)))
    assert (view.value, view.lines, view.tone) == ("Not running", ("Tried it.",), Tone.BAD)
    embedded = EngineStatus("embedded", "1", available=True)
    assert ollama_view(replace(joined(), engines=(gone, embedded))).tone is Tone.NEUTRAL
    assert ollama_view(replace(joined(), engines=(embedded,))).value == "Not used"


def test_a_download_shows_how_far_it_is() -> None:
    """Megabytes, percent, a bar and a way out; a broken one says why and has none."""
    view = ollama_view(replace(joined(), download=Download(MODEL, 274_000_000, 137_000_000)))
    assert (view.lines, view.button) == (("137 of 274 MB, 50 %",), "Cancel download")
    assert view.bar is not None
    assert view.bar.filled == 0.5
    broken = ollama_view(replace(joined(), download=Download(MODEL, 274, 10, "The disk is full.")))
    assert (broken.lines, broken.tone, broken.button) == (("The disk is full.",), Tone.BAD, "")


def test_the_pool() -> None:
    """Its name, the connection, the queue, the others, and why there is no work for us."""
    view = pool_view(replace(joined(), skipped=(("not_offered", 3),)))
    assert view.value == "Library"
    assert view.lines == (
        "Connected to pool.example.org",
        "1,280 texts in the queue · 37 PCs online",
        "No work for this PC: 3 because they need models that this PC does not have.",
    )
    assert pool_view(replace(joined(), pool="")).value == "pool.example.org"


def test_a_wrong_clock_is_told() -> None:
    """First of all: certificates, pauses and hours depend on it."""
    view = pool_view(replace(joined(), clock_problem="This PC's clock is wrong."))
    assert (view.lines[0], view.tone) == ("This PC's clock is wrong.", Tone.CAUTION)


def test_no_pool_and_no_connection() -> None:
    """Words for both; a connection that nobody needs now is no reason for a warning."""
    assert pool_view(StateSnapshot(AgentState.SETUP, "")).value == "Not joined"
    gone = replace(joined(AgentState.OFFLINE), connected=False)
    assert (pool_view(gone).lines, pool_view(gone).tone) == (("Not connected to pool.example.org",), Tone.CAUTION)
    assert pool_view(replace(gone, state=AgentState.PAUSED)).tone is Tone.NEUTRAL


def test_this_pc() -> None:
    """Away since when, or in use; power, full screen, films, metered network."""
    assert pc_view(joined()).value == "Away for 12 min"
    assert pc_view(joined()).lines == ("On mains power · Nothing fills the screen",)
    here = pc_view(with_pc(idle_seconds=3.0, on_battery=True, full_screen=None, inhibitors=("VLC",), metered=True))
    assert here.value == "In use"
    assert here.lines == ("On battery", "The connection is metered", "VLC keeps the screen on")
    assert pc_view(with_pc(idle_seconds=3.0, locked=True)).value == "Locked"


def test_not_knowing_is_said() -> None:
    """Not knowing is never shown as away; the reason stands below."""
    view = pc_view(with_pc(idle_seconds=None, idle_problem="The desktop does not tell."))
    assert (view.value, view.lines[0], view.tone) == (
        "Away or not: unknown",
        "The desktop does not tell.",
        Tone.CAUTION,
    )

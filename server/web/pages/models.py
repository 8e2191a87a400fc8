"""`/admin/models`: which models can be served, by whom, their classes side by side, and switching the pool's."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from flask import Blueprint, Response

from server.services import switching
from server.services.operator import model_views
from server.services.operator.model_views import ModelState, ModelView
from server.services.operator.switch_preview import switch_preview
from server.storage.model_classes import StoredClass
from server.web.pages.formats import number, plural
from server.web.pages.rendering import page, see_other
from server.web.parts import pool

blueprint = Blueprint("models", __name__, url_prefix="/models")

#: The largest number that the table can have as an id; the address of any other class leads nowhere.
A_CLASS = f"<int(max={2**63 - 1}):class_id>"


@blueprint.get("")
def index() -> Response:
    """Show the models."""
    found = model_views.list_models(pool(), pool().clock.now())
    return page(
        "models/index.html",
        offered=[view for view in found if view.state is not ModelState.GONE],
        gone=[view for view in found if view.state is ModelState.GONE],
        anchor=anchor,
        state_words=state_words,
        troubles=troubles,
        rows_of=rows_of,
    )


@blueprint.get(f"/{A_CLASS}/switch")
def preview(class_id: int) -> Response:
    """Say what a switch would do, and ask whether it is meant."""
    would = switch_preview(pool(), class_id, pool().clock.now())
    stored = [one for one in (would.pools, would.wanted) if one is not None]
    return page("models/switch.html", would=would, rows=rows_of(stored), name=class_name(would.wanted))


@blueprint.post(f"/{A_CLASS}/switch")
def switch(class_id: int) -> Response:
    """Make a class the pool's."""
    switching.switch(pool(), class_id, pool().clock.now())
    return see_other("admin.models.index", done="model.switched")


def anchor(view: ModelView) -> str:
    """Return what an element about a model is called in the page; the model's own name may have spaces in it."""
    return f"model-{hashlib.sha256(view.capability.encode()).hexdigest()[:12]}"


def state_words(view: ModelView) -> tuple[str, str]:
    """Say how a model stands: the kind of state (see `ui.state`), and a few words."""
    return {
        ModelState.SERVED: ("good", f"Served by {plural(view.serving, 'agent')}"),
        ModelState.PAUSED: ("caution", "Its agents are paused"),
        ModelState.DIFFERING: ("caution", "Only another class is online"),
        ModelState.OFFLINE: ("off", "No agent online"),
        ModelState.GONE: ("off", "No longer offered"),
    }[view.state]


def troubles(view: ModelView) -> list[str]:
    """Say what about a model needs somebody's attention, in whole sentences."""
    said = []
    if view.waiting_tasks and view.state is not ModelState.SERVED:
        waits = "waits" if view.waiting_tasks == 1 else "wait"
        said.append(f"{plural(view.waiting_tasks, 'task')} {waits}, and no agent takes them.")
    if view.differing:
        agents = "1 agent online has" if view.differing == 1 else f"{number(view.differing)} agents online have"
        said.append(
            f"{agents} another class of this model and no work for it: vectors of two classes do not fit together. "
            "Have everybody run the same class, or switch the pool to theirs."
        )
    return said


@dataclass(frozen=True, slots=True)
class Row:
    """One property of classes, as it is compared: a value for each, and whether it differs from the first one's."""

    label: str
    cells: list[tuple[str, bool]]


def rows_of(classes: list[StoredClass]) -> list[Row]:
    """Compare classes with the first of them, property by property."""
    shown = {
        "Digest": [one.digest or "not told" for one in classes],
        "Quantisation": [one.quantisation or "not told" for one in classes],
        "Dimensions": [number(one.dimensions) for one in classes if one.dimensions],
        "Engine": [one.engine for one in classes],
        "Context": [f"{number(one.context_length)} tokens" if one.context_length else "not told" for one in classes],
    }
    # A chat model has no vectors.
    return [Row(label, [(value, value != values[0]) for value in values]) for label, values in shown.items() if values]


def class_name(stored: StoredClass) -> str:
    """Return what a class is called: the beginning of its digest."""
    return f"{stored.digest[:12]}…" if len(stored.digest) > 12 else stored.digest or "the unverified class"

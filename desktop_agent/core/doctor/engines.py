"""Looks at what computes: the engines, their models, and where those run."""

from __future__ import annotations

from ..engines.catalogue import Catalogue
from ..messages import doctor as words
from ..state import EngineStatus, LoadedModel
from .finding import Finding, attention, bad, good

#: Names of models that are told; the others are only counted.
MOST_NAMES = 5


async def look_at_engines(catalogue: Catalogue) -> list[Finding]:
    """Ask each engine what it has, and where what is loaded runs."""
    await catalogue.refresh()
    await catalogue.look()
    offers = tuple(dict.fromkeys(offer.model for offer in catalogue.offers))
    found = [_engine(status, something_else=bool(offers)) for status in catalogue.statuses]
    if offers:
        names = ", ".join(offers[:MOST_NAMES]) + (", …" if len(offers) > MOST_NAMES else "")
        found.append(good(words.MODELS, words.models_good(len(offers), names)))
    elif catalogue.problem:
        found.append(bad(words.MODELS, catalogue.problem))
    if any(status.name == "ollama" and status.available for status in catalogue.statuses):
        found += _on_card(catalogue)
    return found


def _engine(status: EngineStatus, *, something_else: bool) -> Finding:
    if status.available:
        return good(words.ENGINE, words.engine_good(status.name, status.version).rstrip())
    return (attention if something_else else bad)(words.ENGINE, status.reason)


def _on_card(catalogue: Catalogue) -> list[Finding]:
    memory = catalogue.memory
    if memory.owner_model:
        return [attention(words.ON_CARD, words.OWNERS_MODEL)]
    if not memory.loaded:
        return [good(words.ON_CARD, words.NOTHING_LOADED)]
    return [_where(model) for model in memory.loaded]


def _where(model: LoadedModel) -> Finding:
    if not model.vram_bytes:
        return attention(words.ON_CARD, words.on_processor(model.name), words.INSTALL_DRIVER)
    if model.vram_bytes < model.size_bytes:
        percent = round(100 * model.vram_bytes / model.size_bytes)
        return attention(words.ON_CARD, words.partly_on_card(model.name, percent), words.MORE_MEMORY)
    return good(words.ON_CARD, words.ON_GPU)

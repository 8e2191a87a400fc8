"""Which graphics card matters, and what is known about it."""

from __future__ import annotations

from collections.abc import Iterable

from ..sensors.base import GpuStatus

#: What stays free beside our model: this many bytes, or this share of the card if that is more. Desktops, browsers and
#: games take 0.6 to 2 GB more from one moment to the next.
RESERVE_BYTES = 3 * 1024**3 // 2
RESERVE_SHARE = 0.15


def chosen_card(cards: Iterable[GpuStatus], wanted: str) -> GpuStatus | None:
    """Give the card with this id; where there is none such, the one with the most memory of its own."""
    cards = tuple(cards)
    by_id = {card.id: card for card in cards}
    if wanted in by_id:
        return by_id[wanted]
    return max(cards, key=lambda card: (not card.shared_memory, card.memory_total or 0), default=None)


def free_bytes(card: GpuStatus | None) -> int | None:
    """Give the free memory of a card; None where it has none of its own, or does not tell."""
    if card is None or card.shared_memory or card.memory_total is None or card.memory_used is None:
        return None
    return max(0, card.memory_total - card.memory_used)


def needed_bytes(card: GpuStatus, model_bytes: int) -> int:
    """Give how much must be free before a model of this size is loaded."""
    return model_bytes + max(RESERVE_BYTES, int(RESERVE_SHARE * (card.memory_total or 0)))

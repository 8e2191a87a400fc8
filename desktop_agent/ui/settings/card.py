"""The page Graphics card: which one is watched, and how much of its memory may be used."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QWidget

from ...core.settings import BOUNDS
from ...core.state import StateSnapshot
from ..labels import SecondaryLabel, field_label, heading
from ..language import shown
from . import texts
from .fields import Fields, fill, group, hint, line
from .store import SettingsStore

#: What the limit is at first, in GB, where the card's own memory is not known.
USUAL_LIMIT_GB = 8.0
STEP_GB = 0.5
GIBIBYTE = 1 << 30


class CardPage(QWidget):
    """A list of the cards that the sensors see, and a limit."""

    def __init__(self, store: SettingsStore) -> None:
        super().__init__()
        self._store = store
        self._snapshot: StateSnapshot | None = None
        self.cards, self._none = QComboBox(), SecondaryLabel(texts.NO_CARD)
        self.limited, self.limit = QCheckBox(shown(texts.LIMIT_MEMORY)), _gigabytes()
        self.cards.activated.connect(lambda index: store.change(gpu=self.cards.itemData(index)))
        self.limited.clicked.connect(self._limit)
        self.limit.valueChanged.connect(self._limit_to)
        fill(
            self,
            heading(texts.CARD),
            group(
                line(field_label(texts.WHICH_CARD, self.cards), self.cards),
                self._none,
                SecondaryLabel(texts.WHICH_CARD_HINT),
            ),
            group(line(self.limited, self.limit), hint(texts.LIMIT_MEMORY_HINT)),
        )
        Fields(store, self).follow(self._show)

    def show_snapshot(self, snapshot: StateSnapshot) -> None:
        """Take over which cards there are."""
        before, self._snapshot = self._snapshot, snapshot
        if before is None or before.pc.gpus != snapshot.pc.gpus:
            self._show_cards()

    def _show(self) -> None:
        limit = self._store.settings.max_vram_gb
        self.limited.setChecked(limit > 0)
        self.limit.setEnabled(limit > 0)
        with QSignalBlocker(self.limit):
            self.limit.setValue(limit or self._usual_limit())
        self._show_cards()

    def _show_cards(self) -> None:
        chosen = self._store.settings.gpu
        gpus = () if self._snapshot is None else self._snapshot.pc.gpus
        wanted: list[tuple[str, str]] = [(shown(texts.CARD_WITH_MOST_MEMORY), "")]
        wanted += [(gpu.name, gpu.id) for gpu in gpus]
        if chosen not in {name for _, name in wanted}:
            wanted.append((shown(texts.card_gone(chosen)), chosen))
        if wanted != [(self.cards.itemText(i), self.cards.itemData(i)) for i in range(self.cards.count())]:
            self.cards.clear()
            for words, name in wanted:
                self.cards.addItem(words, name)
        self.cards.setCurrentIndex(self.cards.findData(chosen))
        self._none.setVisible(self._snapshot is not None and not gpus)

    def _usual_limit(self) -> float:
        gpus = () if self._snapshot is None else self._snapshot.pc.gpus
        most = max((gpu.memory_total or 0 for gpu in gpus), default=0)
        return round(most / GIBIBYTE, 1) or USUAL_LIMIT_GB

    def _limit(self, limited: bool) -> None:
        self._store.change(max_vram_gb=self.limit.value() if limited else 0.0)

    def _limit_to(self, gigabytes: float) -> None:
        if self.limited.isChecked():
            self._store.change(settles=True, max_vram_gb=gigabytes)


def _gigabytes() -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setDecimals(1)
    box.setSingleStep(STEP_GB)
    box.setRange(STEP_GB, BOUNDS["max_vram_gb"][1])
    box.setSuffix(" GB")
    box.setAccessibleName(shown(texts.LIMIT_MEMORY).replace("&", ""))
    return box

"""The page Ollama: what computes, where Ollama is, and which of its models the pool may use."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QPushButton, QRadioButton, QVBoxLayout, QWidget

from ...core.engines.ollama_look import OllamaLook, look_at_ollama
from ...core.errors import AgentError, InviteLinkInvalid
from ...core.pool.links import is_loopback, normal_server
from ...core.settings import EngineChoice
from ...core.state import StateSnapshot
from ..asking import Asks
from ..labels import SecondaryLabel, field_label, heading
from ..language import shown
from ..marks import Sign
from ..notice import Notice
from . import texts
from .fields import Fields, fill, group, hint, line
from .get_model import GetModel
from .models import ModelList
from .store import SettingsStore

_ENGINES = {
    EngineChoice.AUTO: texts.ENGINE_AUTO,
    EngineChoice.OLLAMA: texts.ENGINE_OLLAMA,
    EngineChoice.EMBEDDED: texts.ENGINE_EMBEDDED,
}


class OllamaPage(QWidget):
    """Looks at Ollama by itself when it is opened, and again on Check."""

    #: OllamaLook: what was found at the address.
    looked = Signal(object)

    def __init__(self, asks: Asks, store: SettingsStore) -> None:
        super().__init__()
        self._asks, self._store = asks, store
        self._here: tuple[str, ...] = ()
        self._downloading = False
        self.address, self.check = QLineEdit(), QPushButton(shown(texts.CHECK))
        self.notice, self.models = Notice(keeps_room=True), ModelList()
        self._models_hint, self.get = SecondaryLabel(), GetModel(asks)
        self.check.setAutoDefault(False)
        self.address.editingFinished.connect(self._take_address)
        self.address.textEdited.connect(lambda _text: self.notice.clear())
        self.check.clicked.connect(self.look)
        self.models.chosen.connect(lambda models: store.change(models=models))
        self.models.refused.connect(lambda: self._models_hint.say(texts.ONE_MODEL))
        fields = Fields(store, self)
        fill(
            self,
            heading(texts.ENGINE),
            group(self._engines(fields)),
            heading(texts.OLLAMA),
            group(self._where()),
            heading(texts.MODELS),
            group(self._models_hint, self.models, self.get),
            group(
                fields.check_box(texts.CHAT, "chat"),
                hint(texts.CHAT_HINT),
                fields.check_box(texts.UNLOAD, "unload_when_back"),
                hint(texts.UNLOAD_HINT),
            ),
        )
        fields.follow(self._show)

    def _engines(self, fields: Fields) -> QWidget:
        whole, together = QWidget(), QButtonGroup(self)
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        buttons = {choice: QRadioButton(shown(words)) for choice, words in _ENGINES.items()}
        for choice, button in buttons.items():
            together.addButton(button)
            column.addWidget(button)
            button.clicked.connect(lambda _on=False, choice=choice: self._store.change(engine=choice))
        fields.follow(lambda: buttons[self._store.settings.engine].setChecked(True))
        return whole

    def _where(self) -> QWidget:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        row = line(self.address, self.check)
        row.setStretch(0, 1)
        row.takeAt(2)
        column.addWidget(field_label(texts.ADDRESS, self.address))
        column.addLayout(row)
        column.addWidget(self.notice)
        return whole

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Look, so that the list is of now."""
        super().showEvent(event)
        self.look()

    def show_snapshot(self, snapshot: StateSnapshot) -> None:
        """Take over how a download goes; a model that has come is looked at."""
        self.get.show_snapshot(snapshot)
        came = self._downloading and snapshot.download is None
        self._downloading = snapshot.download is not None
        if came and self.isVisible():
            self.look()

    def look(self) -> None:
        """Ask what is at the address that is typed."""
        if not self._take_address() or self._store.settings.engine is EngineChoice.EMBEDDED:
            return
        url = self._store.settings.ollama_url
        self.notice.say(Sign.BUSY, texts.CHECKING)
        self._asks.ask(lambda _host: look_at_ollama(url), done=self._found, failed=self._found_nothing)

    def _take_address(self) -> bool:
        """Put what is typed into the settings; False where it is no address."""
        typed = self.address.text().strip() or self._store.settings.ollama_url
        try:
            url = normal_server(typed if "://" in typed else f"http://{typed}")
        except InviteLinkInvalid:
            self.notice.say(Sign.BAD, texts.ADDRESS_WRONG)
            return False
        self._store.change(ollama_url=url)
        return True

    def _found(self, look: OllamaLook) -> None:
        self._here = look.models
        found = texts.ollama_answers(look.version, len(look.models))
        if is_loopback(self._store.settings.ollama_url):
            self.notice.say(Sign.GOOD, found)
        else:
            self.notice.say(Sign.ATTENTION, texts.elsewhere(found))
        self._show_models()
        self.looked.emit(look)

    def _found_nothing(self, error: AgentError) -> None:
        self.notice.say(Sign.ATTENTION, error.message)

    def _show(self) -> None:
        settings = self._store.settings
        uses_ollama = settings.engine is not EngineChoice.EMBEDDED
        for widget in (self.address, self.check, self.models, self.get):
            widget.setEnabled(uses_ollama)
        if not self.address.hasFocus():
            self.address.setText(settings.ollama_url)
        self._show_models()

    def _show_models(self) -> None:
        only = self._store.settings.models
        if self._store.settings.engine is not EngineChoice.EMBEDDED:
            self.models.put(self._here, only)
        self.models.setVisible(self.models.count() > 0)
        self._models_hint.say(texts.MODELS_HINT if self.models.count() else texts.MODELS_NONE)

"""The first run: from an invite to a PC that helps, with every way out of what can go wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop_agent.core import messages
from desktop_agent.core.errors import (
    AgentError,
    AlreadyJoined,
    InsecureServer,
    InviteLinkInvalid,
    KeyStoreError,
    KeyStoreMissing,
    NotJoined,
    RequestRefused,
    ServerAnswerOdd,
    ServerUnreachable,
)
from desktop_agent.core.settings import EngineChoice, WorkWhen, load_settings
from desktop_agent.core.state import AgentState, EngineStatus, Remedy
from desktop_agent.ui.marks import Sign
from desktop_agent.ui.settings.store import SettingsStore
from desktop_agent.ui.setup import texts
from desktop_agent.ui.setup.window import DONE, JOIN, PC, WHEN, SetupWindow
from tests.desktop_agent.ui.hosts import FOUND, LINK, Asking, AtLogin, Wished
from tests.desktop_agent.ui.snapshots import joined


@dataclass
class Run:
    """A window of the first run, and everything around it."""

    window: SetupWindow
    asks: Asking
    wished: Wished
    login: AtLogin
    settings: Path

    @property
    def page(self) -> int:
        return self.window._pages.currentIndex()

    def button(self, words: str) -> QPushButton:
        """Find a button that can be seen by its words."""
        found = [b for b in self.window.findChildren(QPushButton) if b.isVisible() and b.text() == words]
        assert len(found) == 1, [b.text() for b in self.window.findChildren(QPushButton) if b.isVisible()]
        return found[0]

    def press(self, words: str) -> None:
        self.button(words).click()

    def type_link(self, link: str = LINK) -> None:
        """Type a link and have it looked at, without waiting for the pause in typing."""
        self.window.join.fields.put(link)
        self.window.join._check.ask_now()


@pytest.fixture
def run(qtbot: QtBot, tmp_path: Path) -> Run:
    QGuiApplication.clipboard().clear()
    asks, wished, login = Asking(), Wished(), AtLogin()
    settings = tmp_path / "settings.json"
    window = SetupWindow(asks, wished, SettingsStore(settings), login)
    qtbot.addWidget(window)
    window.open_at_join()
    qtbot.waitExposed(window)
    return Run(window, asks, wished, login, settings)


def test_the_whole_way(run: Run) -> None:
    """Paste, Join, Continue, Finish: four presses; no work before the last one, and everything is written down."""
    run.type_link()
    assert run.window.join.notice.words == "pool.example.org – “Riverside Library Search”, 37 volunteers"
    assert run.wished.wishes == []
    run.press(texts.JOIN)
    assert (run.page, run.wished.wishes) == (PC, ["pause"])
    run.press(texts.CONTINUE)
    assert (run.page, run.wished.wishes) == (WHEN, ["pause"])
    run.window.when.choices.buttons[WorkWhen.CARD_FREE].click()
    run.press(texts.FINISH)
    assert (run.page, run.wished.wishes) == (DONE, ["pause", "resume"])
    assert load_settings(run.settings).work_when is WorkWhen.CARD_FREE
    assert run.login.on
    run.press(texts.CLOSE)
    assert not run.window.isVisible()


def test_work_now_at_the_end(run: Run) -> None:
    """The end offers to begin at once."""
    run.type_link()
    for words in (texts.JOIN, texts.CONTINUE, texts.FINISH, texts.WORK_NOW):
        run.press(words)
    assert run.wished.wishes == ["pause", "resume", "work now"]
    assert not run.window.isVisible()


@pytest.mark.parametrize(
    ("available", "chosen", "settled"),
    [
        (True, EngineChoice.AUTO, EngineChoice.OLLAMA),
        (False, EngineChoice.AUTO, EngineChoice.AUTO),
        (True, EngineChoice.EMBEDDED, EngineChoice.EMBEDDED),
    ],
)
def test_where_ollama_runs_it_alone_computes(
    run: Run, available: bool, chosen: EngineChoice, settled: EngineChoice
) -> None:
    """Otherwise the built-in engine would hide that Ollama is down later; what was chosen by hand stays."""
    run.window.pc._store.change(engine=chosen)
    run.window.show_snapshot(replace(joined(), engines=(EngineStatus("ollama", "0.33.0", available),)))
    run.type_link()
    for words in (texts.JOIN, texts.CONTINUE, texts.FINISH):
        run.press(words)
    assert load_settings(run.settings).engine is settled


def test_closing_early_leaves_it_paused(run: Run) -> None:
    """Whoever leaves before Finish has not said yes."""
    run.type_link()
    run.press(texts.JOIN)
    run.window.close()
    assert run.wished.wishes == ["pause"]


def test_join_waits_for_a_good_invite(run: Run) -> None:
    """Join cannot be pressed before the pool has answered, nor after the link changed again."""
    run.asks.waits = True
    assert not run.button(texts.JOIN).isEnabled()
    run.type_link()
    assert run.window.join.notice.sign is Sign.BUSY
    assert not run.button(texts.JOIN).isEnabled()
    run.asks.answer()
    assert run.button(texts.JOIN).isEnabled()
    run.window.join.fields.put(LINK + "X")
    assert not run.button(texts.JOIN).isEnabled()


def test_a_late_answer_about_another_link_is_not_shown(run: Run) -> None:
    """Typing on while the pool answers must not make the half-typed link look good."""
    run.asks.waits = True
    run.type_link()
    run.window.join.fields.put(LINK + "X")
    run.asks.answer()
    assert run.window.join.notice.words == ""
    assert not run.button(texts.JOIN).isEnabled()


def test_typing_is_looked_at_after_a_pause(run: Run, qtbot: QtBot) -> None:
    """Nobody has to press anything for the check, and not every key asks the pool."""
    for part in (LINK[:30], LINK[:35], LINK):
        run.window.join.fields.put(part)
    qtbot.waitUntil(lambda: run.window.join.notice.sign is Sign.GOOD)
    assert run.asks.host.asked == [("preview", LINK)]


def test_the_clipboard_is_looked_at_when_the_window_is_shown(run: Run) -> None:
    """A copied invite is taken over by itself, and that is said; what is typed already stays."""
    run.window.hide()
    QGuiApplication.clipboard().setText(f"Come and help: {LINK}")
    run.window.show()
    assert run.window.join.fields.link() == LINK
    assert run.window.join.fields._source.isVisible()
    run.window.join.fields.put("https://other.example.org/join/ABCD-EFGH")
    run.window.hide()
    run.window.show()
    assert run.window.join.fields.link() == "https://other.example.org/join/ABCD-EFGH"


def test_a_clipboard_without_an_invite_stays_out(run: Run) -> None:
    """What else is on the clipboard is nobody's business."""
    run.window.hide()
    QGuiApplication.clipboard().setText("my diary, https://example.org/private")
    run.window.show()
    assert run.window.join.fields.link() == ""


def test_a_link_that_was_handed_over(run: Run) -> None:
    """An embedpool:// link that was clicked stands in the field."""
    link = "embedpool://join?server=https%3A%2F%2Fpool.example.org&code=7F3K-92QD"
    run.window.offer_link(link)
    assert run.window.join.fields.link() == link


def test_server_and_key_by_hand(run: Run, qtbot: QtBot) -> None:
    """Those who were told an address and a key type them apart; it is the same join."""
    run.press(texts.BY_HAND)
    fields = run.window.join.fields
    fields._server.setText("pool.example.org")
    assert fields.link() == ""
    fields._key.setText("7F3K-92QD")
    run.window.join._check.ask_now()
    run.press(texts.JOIN)
    assert run.asks.host.asked[0] == ("preview", LINK)
    assert run.asks.host.asked[1][:2] == ("join", LINK)


UNUSABLE: list[tuple[AgentError, str, list[str]]] = [
    (InviteLinkInvalid(messages.joining.INVITE_INVALID), messages.joining.INVITE_INVALID, []),
    (RequestRefused("No such invite", 403), texts.INVITE_USED, []),
    (
        ServerUnreachable(messages.server.unreachable("pool.example.org", "nothing answers there")),
        "Cannot reach pool.example.org: nothing answers there. Check your connection.",
        [texts.TRY_AGAIN],
    ),
    (
        InsecureServer(messages.joining.insecure_server("pool.example.org")),
        messages.joining.insecure_server("pool.example.org"),
        [texts.WITHOUT_ENCRYPTION],
    ),
    (
        ServerUnreachable(messages.server.untrusted("pool.example.org", "self-signed")),
        "The certificate of pool.example.org is not trusted: self-signed.",
        [texts.TRY_AGAIN],
    ),
    (
        ServerAnswerOdd(messages.server.redirected("pool.example.org")),
        messages.server.redirected("pool.example.org"),
        [texts.TRY_AGAIN],
    ),
]


@pytest.mark.parametrize(
    ("error", "words", "buttons"), UNUSABLE, ids=[type(e[0]).__name__ + str(i) for i, e in enumerate(UNUSABLE)]
)
def test_an_invite_that_cannot_be_used(run: Run, error: AgentError, words: str, buttons: list[str]) -> None:
    """Each trouble has its own sentence and its own way out, and Join stays shut."""
    run.asks.host.answers["preview"] = error
    run.type_link()
    notice = run.window.join.notice
    assert (notice.words, notice.sign) == (words, Sign.ATTENTION)
    assert [button.text() for button in notice.buttons] == buttons
    assert not run.button(texts.JOIN).isEnabled()


def test_trying_again_asks_again(run: Run) -> None:
    """When the pool is back, Try again is all it takes."""
    run.asks.host.answers["preview"] = ServerUnreachable("Cannot reach it.")
    run.type_link()
    del run.asks.host.answers["preview"]
    run.press(texts.TRY_AGAIN)
    assert run.window.join.notice.sign is Sign.GOOD


def test_without_encryption_only_by_choice(run: Run) -> None:
    """Plain http to another machine takes a press, and another link takes it back."""
    run.asks.host.answers["preview"] = InsecureServer("Not encrypted.")
    run.type_link("http://pool.lan/join/7F3K-92QD")
    run.press(texts.WITHOUT_ENCRYPTION)
    assert run.window.join.notice.words == texts.WITHOUT_ENCRYPTION_CHOSEN
    run.press(texts.JOIN)
    assert run.asks.host.asked[-1][-1] is True
    run.window.join.fields.put(LINK)
    assert not run.window.join.insecure_http


def test_no_key_store(run: Run) -> None:
    """Without a key store there is the file, by choice, and the panel says so; the invite is not lost."""
    run.type_link()
    run.asks.host.answers["join"] = KeyStoreMissing(messages.joining.key_store_missing("fail"))
    run.press(texts.JOIN)
    assert (run.page, run.wished.wishes) == (JOIN, ["pause", "resume"])
    assert [button.text() for button in run.window.join.notice.buttons] == [texts.KEEP_IN_FILE, texts.TRY_AGAIN]
    del run.asks.host.answers["join"]
    run.press(texts.KEEP_IN_FILE)
    assert run.asks.host.asked[-1][3] is True
    assert run.page == PC
    assert run.window.join._promises._key_place.text() == texts.KEY_IN_FILE


def test_a_locked_key_store(run: Run) -> None:
    """A locked key store can be unlocked; trying again is the first thing offered, and keeps the key there."""
    run.type_link()
    run.asks.host.answers["join"] = KeyStoreError(messages.joining.key_store_failed("locked"))
    run.press(texts.JOIN)
    assert [button.text() for button in run.window.join.notice.buttons] == [texts.TRY_AGAIN, texts.KEEP_IN_FILE]
    del run.asks.host.answers["join"]
    run.press(texts.TRY_AGAIN)
    assert run.asks.host.asked[-1][3] is False
    assert run.page == PC


def test_joined_already(run: Run) -> None:
    """A PC that belongs to a pool is told to which, and can leave it there and then."""
    run.window.show_snapshot(joined())
    run.type_link()
    run.asks.host.answers["join"] = AlreadyJoined(messages.joining.already_joined("Library", "pool.example.org"))
    run.press(texts.JOIN)
    assert run.window.join.notice.words == "This PC already belongs to Library (pool.example.org)."
    run.press(texts.LEAVE_FIRST)
    assert run.button("&Leave").isVisible()


def test_join_again_after_a_refused_key(run: Run) -> None:
    """What is left of the old membership goes first, nothing else is asked, and no pause is put or taken."""
    refused = replace(joined(AgentState.ERROR, "The pool refused this PC's key."), remedy=Remedy.JOIN_AGAIN)
    run.window.show_snapshot(refused)
    run.window.open_at_join()
    assert run.window.join._title.text() == texts.JOIN_AGAIN_TITLE
    run.asks.host.answers["leave"] = None
    run.type_link()
    run.press(texts.JOIN)
    assert run.asks.host.verbs() == ["preview", "leave", "join"]
    assert (run.page, run.wished.wishes) == (DONE, [])
    assert run.window.done_page._next.text() == texts.DONE_AGAIN


def test_join_again_where_nothing_is_left(run: Run) -> None:
    """A second try after the first has left the old pool does not stumble over that."""

    async def not_joined() -> None:
        raise NotJoined(messages.states.NOT_JOINED)

    run.asks.host.leave = not_joined  # type: ignore[method-assign]
    run.window.open_at_join(again=True)
    run.type_link()
    run.press(texts.JOIN)
    assert run.asks.host.verbs() == ["preview", "join"]
    assert run.page == DONE


def test_autostart_as_wanted(run: Run) -> None:
    """A first run suggests to start at log-in; unticked it stays off, and the choice is remembered."""
    run.type_link()
    run.press(texts.JOIN)
    run.press(texts.CONTINUE)
    assert run.window.when.start_at_login.isChecked()
    run.window.when.start_at_login.click()
    run.press(texts.FINISH)
    assert (run.login.on, run.login.chosen) == (False, True)


def test_autostart_that_fails_is_told_and_blocks_nothing(run: Run) -> None:
    """The end is reached all the same, and says what did not work."""
    run.login.error = PermissionError(13, "Permission denied")
    run.type_link()
    for words in (texts.JOIN, texts.CONTINUE, texts.FINISH):
        run.press(words)
    assert run.page == DONE
    assert run.window.done_page._thanks.text() == "The start at log-in could not be changed: Permission denied."


def test_enter_joins_and_escape_closes(run: Run, qtbot: QtBot) -> None:
    """The keyboard is enough."""
    run.type_link()
    QTest.keyClick(run.window.join.fields._link, Qt.Key.Key_Return)
    assert run.page == PC
    QTest.keyClick(run.window, Qt.Key.Key_Escape)
    assert not run.window.isVisible()


def test_enter_asks_at_once(run: Run) -> None:
    """Whoever presses Enter after the link is not made to wait for the pause in typing."""
    run.asks.waits = True
    run.window.join.fields.put(LINK)
    QTest.keyClick(run.window.join.fields._link, Qt.Key.Key_Return)
    signs = [run.window.join.notice.sign]
    run.asks.answer()
    signs.append(run.window.join.notice.sign)
    assert (signs, run.page) == ([Sign.BUSY, Sign.GOOD], JOIN)


def test_names_from_a_pool_are_no_markup(run: Run) -> None:
    """A pool's name cannot put pictures or links into the window."""
    run.asks.host.answers["preview"] = replace(FOUND, pool="<img src='file:///etc/passwd'><b>Free</b>")
    run.type_link()
    assert run.window.join.notice._words.textFormat() is Qt.TextFormat.PlainText
    assert "<b>Free</b>" in run.window.join.notice.words

"""`/admin/models`: which models there are, their classes side by side, and switching the pool's, for real."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from server.services.operator import operations_agents
from server.storage import model_classes
from tests.browser import PHONE, WITHOUT_SCRIPTS, Window, axe_findings
from tests.factories import DIGEST, MODEL
from tests.live_pool import EMBEDDINGS, LivePool
from tests.scripted_agent import CHAT_MODEL, ScriptedAgent, chat_offer, offer
from tests.server.web.conftest import wait_until
from tests.server.web.pages.conftest import OpenWindow, Operator, sign_in
from tests.server.web.pages.reading import words_of

MODELS = "/admin/models"
OTHER_DIGEST = "ffff00001111222233334444"
HOSTILE = "<script>alert(1)</script>"


def other_agent(live: LivePool, **changes: Any) -> ScriptedAgent:
    """An agent with another class of the usual model."""
    return live.agent(offer(digest=OTHER_DIGEST, quantisation="Q8_0", **changes), displayName="the other PC")


def switch_path(live: LivePool, digest: str = OTHER_DIGEST) -> str:
    with live.pool.database.read() as connection:
        found = next(one.id for one in model_classes.every(connection) if one.digest == digest)
    return f"{MODELS}/{found}/switch"


def test_no_models_yet(operator: Operator) -> None:
    """It says what a volunteer needs."""
    said = words_of(operator.get(MODELS).text)
    assert "No models yet" in said
    assert "ollama pull nomic-embed-text" in said


def test_what_is_served_and_by_whom(operator: Operator) -> None:
    """Kind, state, class and agents of each model; a name of an agent is text, whatever is in it."""
    operator.live.agent(displayName=HOSTILE)
    operator.live.agent(chat_offer(quantisation="Q4_K_M"), displayName="chatty")
    html = operator.fragment(MODELS)
    said = words_of(html)
    for words in (f"{MODEL} embedding Served by 1 agent", "Dimensions 8", "Context 512 tokens", "Quantisation F16"):
        assert words in said
    assert f"{CHAT_MODEL} chat Served by 1 agent" in said
    assert HOSTILE not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_two_classes_side_by_side(operator: Operator) -> None:
    """What differs says so, the agents of the other class are counted, and only that class can be switched to."""
    operator.live.agent()
    other_agent(operator.live, dimensions=16)
    html = operator.fragment(MODELS)
    said = words_of(html)
    assert "1 agent online has another class of this model and no work for it" in said
    assert "Quantisation F16 Q8_0 differs" in said
    assert "Dimensions 8 16 differs" in said
    assert "Engine scripted scripted Context" in said
    assert re.findall(r'href="(/admin/models/\d+/switch)"', html) == [switch_path(operator.live)]


def test_models_that_nobody_offers_any_more(operator: Operator) -> None:
    """They are kept apart."""
    agent = operator.live.agent()
    operations_agents.delete(operator.live.pool, agent.id, operator.live.pool.clock.now())
    said = words_of(operator.fragment(MODELS))
    assert "1 model that nobody offers any more" in said
    assert "No models yet" not in said


def test_tasks_that_nobody_takes(operator: Operator) -> None:
    """Are said in words, where the model is."""
    live = operator.live
    agent = live.agent()
    for number in range(2):
        live.client().post(f"{EMBEDDINGS}?wait=0", json={"model": MODEL, "input": str(number)})
    operations_agents.pause(live.pool, agent.id, "Wait.", live.pool.clock.now())
    wait_until(lambda: "2 tasks wait, and no agent takes them." in operator.fragment(MODELS))
    assert "Its agents are paused" in operator.fragment(MODELS)


def test_what_a_switch_would_do_is_said_first(operator: Operator) -> None:
    """Agents, the queue, clients that keep vectors: all before anything is changed."""
    live = operator.live
    with live.agent(displayName="the first PC"):
        assert live.client().post(EMBEDDINGS, json={"model": MODEL, "input": ["a", "b"]}).status_code == 200
    other_agent(live)
    assert live.client().post(f"{EMBEDDINGS}?wait=0", json={"model": MODEL, "input": "later"}).status_code == 202
    said = words_of(operator.get(switch_path(live)).text)
    assert f"Switch {MODEL} to {OTHER_DIGEST[:12]}…" in said
    assert "1 agent would get its tasks: 1 online the other PC" in said.replace(" ", " ")
    assert "1 agent would no longer get them, and is told why: 1 online the first PC" in said
    assert "1 task waits for agents of the new class" in said
    assert "2 cached vectors are not used until you switch back" in said
    assert "1 client key used it in the last 30 days: client" in said
    assert "an index takes both without a word" in said
    assert live.pool.catalogue.find(MODEL).digest == DIGEST  # type: ignore[union-attr]


def test_vectors_of_another_length_are_warned_of(operator: Operator) -> None:
    """And so is a class that nobody online has."""
    live = operator.live
    live.agent()
    other = other_agent(live, dimensions=16)
    operations_agents.delete(live.pool, other.id, live.pool.clock.now())
    said = words_of(operator.get(switch_path(live)).text)
    assert "16 numbers instead of 8" in said
    assert f"nobody serves {MODEL}" in said


def test_a_switch_changes_who_gets_work(operator: Operator) -> None:
    """Before it the first agent does, after it the other one; the page says that it was done."""
    live = operator.live
    first, other = live.agent(), other_agent(live)
    answer = operator.post(switch_path(live))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/models?done=model.switched")
    assert "The switch is made" in words_of(operator.get(answer.headers["Location"]).text)
    assert live.client().post(f"{EMBEDDINGS}?wait=0", json={"model": MODEL, "input": "x"}).status_code == 202
    assert first.turn(wait=0)["tasks"] == []
    assert other.claim()["payload"]["texts"] == ["x"]


@pytest.mark.parametrize("number", ["999", "0", "9" * 30, "x"])
def test_a_class_that_there_is_not(operator: Operator, number: str) -> None:
    """Is a page that says so, looked at or switched to."""
    for answer in (operator.get(f"{MODELS}/{number}/switch"), operator.post(f"{MODELS}/{number}/switch")):
        # 405 for what cannot be a number of ours: the server only knows that it would not be posted to.
        assert answer.status_code in ({404, 405} if answer.request.method == "POST" else {404})
        assert answer.headers["Content-Type"].startswith("text/html")


def test_the_pools_own_class_cannot_be_switched_to(operator: Operator) -> None:
    """Somebody else was quicker: it says so."""
    operator.live.agent()
    for answer in (operator.get(switch_path(operator.live, DIGEST)), operator.post(switch_path(operator.live, DIGEST))):
        assert answer.status_code == 409
        assert "already" in answer.text


def test_who_is_not_signed_in_switches_nothing(live: LivePool) -> None:
    """Nor does a form from elsewhere."""
    live.agent()
    other_agent(live)
    path = switch_path(live)
    stranger = live.caller({"Sec-Fetch-Site": "same-origin"})
    assert stranger.post(path).status_code == 401
    operator = sign_in(live)
    assert operator.client.post(path).status_code == 403
    forged: httpx.Response = operator.post(path, headers={"Sec-Fetch-Site": "cross-site"})
    assert forged.status_code == 403
    assert live.pool.catalogue.find(MODEL).digest == DIGEST  # type: ignore[union-attr]


def test_the_page_lives(live: LivePool, operator_page: Window) -> None:
    """A model appears by itself; unfolded names stay unfolded while a second agent comes."""
    page = operator_page.page
    operator_page.go(MODELS)
    expect(page.get_by_text("No models yet")).to_be_visible()
    live.agent(displayName="early bird")
    expect(page.get_by_role("heading", name=MODEL)).to_be_visible()
    page.locator("summary").first.click()
    expect(page.get_by_role("link", name="early bird")).to_be_visible()
    live.agent(displayName="late riser")
    expect(page.get_by_role("link", name="late riser")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_an_operator_switches(live: LivePool, open_window: OpenWindow, scripts: bool) -> None:
    """From the list over the warning to the deed; a model's hostile name is only a name. Works without scripts, too."""
    live.agent(offer(HOSTILE))
    with live.agent(offer(HOSTILE, digest=OTHER_DIGEST)) as other:
        window = open_window() if scripts else open_window(WITHOUT_SCRIPTS)
        window.go(MODELS)
        window.page.get_by_role("link", name="Switch the pool to this class…").click()
        expect(window.page.get_by_role("heading", level=1)).to_contain_text(f"Switch {HOSTILE} to {OTHER_DIGEST[:12]}")
        window.page.get_by_role("button", name=f"Switch {HOSTILE}").click()
        expect(window.page.get_by_text("The switch is made")).to_be_visible()
        answer = live.client().post(EMBEDDINGS, json={"model": HOSTILE, "input": "x"})
        assert answer.status_code == 200
        wait_until(lambda: other.texts == ["x"])


def test_everybody_can_read_them(live: LivePool, open_window: OpenWindow) -> None:
    """No serious finding of axe on a wide screen and on a phone, and no page that is wider than the screen."""
    live.agent(offer(), offer("bge-m3"), chat_offer())
    other_agent(live, dimensions=16)
    window = open_window(PHONE)
    for path in (MODELS, switch_path(live)):
        window.go(path)
        for summary in window.page.locator("main summary").all():
            summary.click()
        assert axe_findings(window.page) == []
        assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

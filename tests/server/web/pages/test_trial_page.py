"""`/admin/try`: two texts are compared and a chat is read along, by real agents, in a real browser and without one."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import orjson
import pytest
from playwright.sync_api import expect

from server.web.pages.scales import scale_of
from tests.browser import PHONE, WITHOUT_SCRIPTS, Window, axe_findings
from tests.factories import MODEL, vector_of
from tests.live_pool import LivePool
from tests.scripted_agent import CHAT_MODEL, ScriptedAgent, Task, chat_offer, offer
from tests.server.web.conftest import wait_until
from tests.server.web.pages.conftest import OpenWindow, Operator
from tests.server.web.pages.reading import words_of
from tests.server.web.pages.test_models_page import HOSTILE
from tests.sse import DONE, deltas, events

TRY = "/admin/try"
#: Numbers of updates: each has to be a higher one.
UPDATES = itertools.count(100)
HELLO = [{"role": "user", "content": "Hello!"}]


@contextmanager
def posting(operator: Operator, path: str, form: dict[str, Any]) -> Iterator[Future[httpx.Response]]:
    """Send a form in another thread, for tests that take the agent's turns by hand."""
    with ThreadPoolExecutor(1) as threads:
        yield threads.submit(operator.post, path, form)


def compared(operator: Operator, one: str, other: str, model: str = MODEL) -> httpx.Response:
    """Compare two texts as the form does."""
    return operator.post(TRY, {"embedder": model, "one": one, "other": other})


def is_lost(agent: ScriptedAgent, task: Task) -> bool:
    """Whether an agent learns, with its next word, that nobody wants its answer."""
    return agent.tell(task, next(UPDATES), "more") == "lost"


def chat_stream(operator: Operator, messages: object = HELLO, model: object = CHAT_MODEL) -> dict[str, Any]:
    """What the page's script sends."""
    return {
        "method": "POST",
        "url": f"{TRY}/chat",
        "content": orjson.dumps({"model": model, "messages": messages}),
        "headers": {"X-CSRF-Token": operator.csrf_token()},
    }


@pytest.mark.parametrize(("one", "other"), [("a cat", "a cat"), ("a cat", "a dog"), ("tides", "a dog")])
def test_two_texts_are_compared(operator: Operator, one: str, other: str) -> None:
    """The cosine is that of the vectors which the agent sent; it says who computed them, and of which class."""
    with operator.live.agent(displayName="Living-room PC"):
        answer = compared(operator, one, other)
    assert answer.status_code == 200
    shown = re.search(r'class="cosine-value">([^<]+)<', answer.text)
    assert shown
    cosine = float(shown[1].replace("−", "-"))
    assert cosine == pytest.approx(float(vector_of(one) @ vector_of(other)), abs=0.0006)
    said = words_of(answer.text)
    assert "Computed by Living-room PC" in said
    assert "2 ms at its engine" in said
    assert (">the same<" in answer.text) == (one == other)


@pytest.mark.parametrize(
    ("cosine", "value", "word"),
    [
        (1.0, "1.000", "the same"),
        (0.9999, "1.000", "nearly the same"),
        (0.7, "0.700", "related"),
        (0.5, "0.500", "loosely related"),
        (0.1, "0.100", "unrelated"),
        (-1.0, "−1.000", "unrelated"),
    ],
)
def test_a_cosine_has_a_word_and_a_place(cosine: float, value: str, word: str) -> None:
    """The place lies on the scale, as far along as the cosine is."""
    scale = scale_of(cosine)
    assert (scale.value, scale.word) == (value, word)
    assert (scale.at - scale.margin) / (scale.width - 2 * scale.margin) == pytest.approx((cosine + 1) / 2, abs=0.001)


def test_forms_that_are_not_right(operator: Operator) -> None:
    """Each says which field and why, keeps what was typed, and queues nothing."""
    operator.live.agent()
    missing = compared(operator, "kept & shown", "")
    assert missing.status_code == 422
    assert "Write a text." in missing.text
    assert "kept &amp; shown" in missing.text
    unknown = compared(operator, "a", "b", model="never-heard-of")
    assert unknown.status_code == 422
    assert operator.live.statuses() == []


def test_trouble_is_said_in_its_place(operator: Operator) -> None:
    """An agent that cannot do it: the form stays as it was typed, with the reason below."""
    agent = operator.live.agent()
    with posting(operator, TRY, {"embedder": MODEL, "one": HOSTILE, "other": "b"}) as waiting:
        agent.fail(agent.claim(), "input_invalid", 0)
        answer = waiting.result(20)
    assert answer.status_code == 200
    assert f"input[0] cannot be embedded by {MODEL}" in words_of(answer.text)
    assert HOSTILE not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_models_that_cannot_be_tried_say_why(operator: Operator) -> None:
    """They stand in the list, cannot be chosen, and come after those that can."""
    operator.live.agent(offer("zzz"))
    with operator.live.agent(offer("aaa")) as paused:
        answer = operator.live.operator().post(f"/management/agents/{paused.id}/pause", json={"message": "Wait."})
        assert answer.status_code == 200
        html = operator.get(TRY).text
        wait_until(lambda: "aaa (its agents are paused)" in operator.get(TRY).text)
        html = operator.get(TRY).text
    options = re.findall(r"<option ([^>]*)>([^<]*)<", html)
    assert [(words, "disabled" in attributes) for attributes, words in options] == [
        ("zzz (served by 1 agent)", False),
        ("aaa (its agents are paused)", True),
    ]


def test_a_chat_in_pieces(operator: Operator) -> None:
    """As the script reads it: each piece when it was told, the usage, the end; then who it was."""
    agent = operator.live.agent(chat_offer(), displayName="gpu-box")
    with operator.client.stream(**chat_stream(operator)) as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        received = events(response)
        assert next(received) == "queued position=1"
        task = agent.claim()
        assert task["payload"]["messages"] == HELLO
        agent.tell(task, 1, "He")
        first = [next(received), next(received)]
        agent.answer(task, "Hello you")
        rest = list(received)
    assert deltas(first)[-1] == {"content": "He"}
    assert deltas(rest)[0] == {"content": "llo you"}
    assert rest[-1] == DONE
    job = next(one["id"] for one in first if isinstance(one, dict)).removeprefix("chatcmpl-")
    said = words_of(operator.get(f"{TRY}/work/{job}").text)
    assert "Computed by gpu-box : 14 tokens" in said


def test_who_hangs_up_cancels_the_chat(operator: Operator) -> None:
    """The agent hears of it with its next word, and stops."""
    agent = operator.live.agent(chat_offer())
    with operator.client.stream(**chat_stream(operator)) as response:
        received = events(response)
        next(received)
        task = agent.claim()
        agent.tell(task, 1, "He")
        next(received)
    wait_until(lambda: is_lost(agent, task))
    assert operator.live.statuses() == ["canceled"]


@pytest.mark.parametrize(
    ("messages", "model", "status", "said"),
    [
        (HELLO, "never-heard-of", 404, "does not exist"),
        (HELLO, None, 400, "model"),
        ("hello", CHAT_MODEL, 400, "messages"),
        ([{"role": "wizard", "content": "x"}], CHAT_MODEL, 400, "role"),
    ],
)
def test_a_chat_that_is_refused_says_so_as_an_event(
    operator: Operator, messages: object, model: object, status: int, said: str
) -> None:
    """The script reads events only."""
    operator.live.agent(chat_offer())
    with operator.client.stream(**chat_stream(operator, messages, model)) as response:
        (event,) = events(response)
    assert response.status_code == status
    assert isinstance(event, dict)
    assert said in event["error"]["message"]


def test_what_is_no_json_is_refused_as_an_event(operator: Operator) -> None:
    """And a list is no conversation."""
    for body in (b"", b"{", b"[]", b'"x"'):
        request = {**chat_stream(operator), "content": body}
        with operator.client.stream(**request) as response:
            (event,) = events(response)
        assert response.status_code == 400
        assert isinstance(event, dict)


def test_chats_want_the_token_of_the_page(operator: Operator) -> None:
    """Without it, or from another site, nothing is asked of an agent."""
    operator.live.agent(chat_offer())
    for headers in ({}, {"X-CSRF-Token": operator.csrf_token(), "Sec-Fetch-Site": "cross-site"}):
        request = {**chat_stream(operator), "headers": headers}
        with operator.client.stream(**request) as response:
            assert response.status_code == 403
    assert operator.live.statuses() == []


def test_the_work_of_others_is_not_told(operator: Operator) -> None:
    """Only tries are."""
    with operator.live.agent():
        job = operator.live.client().post("/v1/embeddings?wait=0", json={"model": MODEL, "input": "x"}).json()["id"]
    assert operator.get(f"{TRY}/work/{job}").status_code == 404


def test_comparing_in_the_page(live: LivePool, operator_page: Window) -> None:
    """With the keyboard: the result comes into the page, what was typed stays, and the page is not loaded anew."""
    page = operator_page.page
    with live.agent(displayName=HOSTILE):
        operator_page.go(TRY)
        page.get_by_label("First text").fill("the same & <b>")
        page.get_by_label("Second text").fill("the same & <b>")
        page.evaluate("window.stayed = true")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".cosine")).to_have_text(re.compile(r"1\.000\s+the same"))
    expect(page.get_by_role("link", name=HOSTILE)).to_be_visible()
    expect(page.get_by_label("First text")).to_have_value("the same & <b>")
    expect(page.get_by_label("Second text")).to_be_focused()
    assert page.evaluate("window.stayed")
    assert axe_findings(page) == []


def test_stopping_a_comparison(live: LivePool, operator_page: Window) -> None:
    """The task ends at once, and the page can try again."""
    page, agent = operator_page.page, live.agent()
    operator_page.go(TRY)
    page.get_by_role("button", name="Compare").click()
    agent.claim()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped. The task was canceled.")).to_be_visible()
    wait_until(lambda: live.statuses() == ["canceled"])
    with agent:
        page.get_by_role("button", name="Compare").click()
        expect(page.locator(".cosine")).to_be_visible()


def test_a_conversation_in_the_page(live: LivePool, operator_page: Window) -> None:
    """The answer appears in pieces, thoughts apart; the second question goes with the first; HTML stays text."""
    page, agent = operator_page.page, live.agent(chat_offer(), displayName="gpu-box")
    operator_page.go(TRY)
    page.get_by_label("Message").fill("One?")
    page.keyboard.press("Control+Enter")
    task = agent.claim()
    answers = page.locator(".turn-model .turn-text")
    agent.tell(task, 1, "<img src=x ", "Let me think.")
    expect(answers).to_have_text("<img src=x ")
    agent.tell(task, 2, "onerror=alert(1)>")
    expect(answers).to_have_text("<img src=x onerror=alert(1)>")
    expect(page.get_by_text("What the model thought")).to_be_visible()
    agent.answer(task, "<img src=x onerror=alert(1)> Done.")
    expect(page.get_by_text("Computed by gpu-box")).to_be_visible()
    assert axe_findings(page) == []
    page.get_by_label("Message").fill("Two?")
    page.get_by_role("button", name="Send").click()
    second = agent.claim()
    assert [message["content"] for message in second["payload"]["messages"]] == [
        "One?",
        "<img src=x onerror=alert(1)> Done.",
        "Two?",
    ]
    agent.answer(second, "Second.")
    expect(answers).to_have_count(2)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".turn")).to_have_count(0)


def test_stopping_a_chat(live: LivePool, operator_page: Window) -> None:
    """The agent learns that nobody wants it; what was written stays in the page."""
    page, agent = operator_page.page, live.agent(chat_offer())
    operator_page.go(TRY)
    page.get_by_label("Message").fill("Tell me everything.")
    page.keyboard.press("Control+Enter")
    task = agent.claim()
    agent.tell(task, 1, "In the beginning")
    expect(page.locator(".turn-model")).to_contain_text("In the beginning")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped: the agent's work was canceled.")).to_be_visible()
    wait_until(lambda: is_lost(agent, task))
    assert live.statuses() == ["canceled"]
    expect(page.locator(".turn-model")).to_contain_text("In the beginning")


def test_leaving_the_page_cancels_what_it_asked(live: LivePool, operator_page: Window) -> None:
    """Both of it."""
    page, agent = operator_page.page, live.agent(offer(), chat_offer())
    operator_page.go(TRY)
    page.get_by_role("button", name="Compare").click()
    page.get_by_label("Message").fill("Hello!")
    page.get_by_role("button", name="Send").click()
    wait_until(lambda: len(live.statuses()) == 2)
    agent.claim()
    operator_page.go("/admin/health")
    wait_until(lambda: live.statuses() == ["canceled", "canceled"])


def test_events_are_read_however_they_are_cut(visitor: Window) -> None:
    """Byte by byte, through the middle of a character; what is not whole at the end is none."""
    visitor.go("/admin/sign-in")
    text = ': ping\n\ndata: {"a": "é\\n\\n🐈"}\n\ndata: [DONE]\n\ndata: {"b"'
    read = visitor.page.evaluate(
        """async (text) => {
          const { events } = await import("/assets/events.js");
          const bytes = new TextEncoder().encode(text);
          const pull = (controller) => {
            for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
            controller.close();
          };
          const all = [];
          for await (const event of events(new ReadableStream({ start: pull }))) all.push(event);
          return all;
        }""",
        text,
    )
    assert read == [{"comment": "ping"}, {"data": {"a": "é\n\n🐈"}}, {"done": True}]


def test_a_chat_that_fails_says_why(live: LivePool, operator_page: Window) -> None:
    """In its place; what was asked comes back into the box."""
    page, agent = operator_page.page, live.agent(chat_offer())
    operator_page.go(TRY)
    page.get_by_label("Message").fill("Hello?")
    page.keyboard.press("Control+Enter")
    agent.fail(agent.claim(), "input_invalid")
    expect(page.locator(".turn .notice")).to_contain_text("cannot answer this")
    expect(page.get_by_label("Message")).to_have_value("Hello?")


def test_both_work_without_scripts(live: LivePool, open_window: OpenWindow) -> None:
    """The forms post, and the page comes with the whole answer."""
    window = open_window(WITHOUT_SCRIPTS)
    with live.agent(offer(), chat_offer()):
        window.go(TRY)
        window.page.get_by_role("button", name="Compare").click()
        expect(window.page.locator(".cosine")).to_be_visible()
        window.page.get_by_label("Message").fill("Anybody there?")
        window.page.get_by_role("button", name="Send").click()
        expect(window.page.get_by_text("You said: Anybody there?")).to_be_visible()


def test_a_phone_shows_it_whole(live: LivePool, open_window: OpenWindow) -> None:
    """Nothing is wider than the screen, and axe finds nothing serious; with and without models."""
    window = open_window(PHONE)
    for offers in ((), (offer("a-model-with-a-very-long-name" * 5), chat_offer())):
        if offers:
            live.agent(*offers)
        window.go(TRY)
        assert axe_findings(window.page) == []
        assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

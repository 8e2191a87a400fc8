"""Selecting tasks in a real browser: the bar, the dialogs, what survives the live refresh; and hostile words."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser import DARK, Look, axe_findings
from tests.factories import MODEL
from tests.live_pool import EMBEDDINGS, LivePool
from tests.server.web.pages.conftest import OpenWindow
from tests.server.web.pages.test_tasks_page import HOSTILE, TASKS, fail, queue


def queue_some(pool: LivePool, number: int) -> httpx.Client:
    """Queue requests that no agent takes."""
    pool.agent()
    client = pool.client()
    for one in range(number):
        queue(client, f"text {one}")
    return client


def test_what_is_selected_is_canceled(live: LivePool, open_window: OpenWindow) -> None:
    """The bar comes with the first, counts, survives a refresh that brings new rows, and its dialog does it."""
    client = queue_some(live, 3)
    opened = open_window()
    opened.go(TASKS)
    page = opened.page
    bar = page.locator("[data-selection]")
    expect(bar).to_be_hidden()
    boxes = page.locator("[data-select]")
    boxes.nth(0).check()
    boxes.nth(2).check()
    expect(bar).to_contain_text("2 selected")
    expect(bar).to_contain_text("Cancel 2 tasks")
    queue(client, "comes later")
    expect(boxes).to_have_count(4)
    expect(page.locator("[data-select]:checked")).to_have_count(2)
    expect(bar).to_contain_text("2 selected")
    assert page.locator("[data-select-all]").evaluate("box => box.indeterminate")
    bar.get_by_role("button", name="Cancel 2 tasks").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Cancel what is selected?")
    dialog.get_by_role("button", name="Keep them").click()
    expect(dialog).to_be_hidden()
    bar.get_by_role("button", name="Cancel 2 tasks").click()
    dialog.get_by_role("button", name="Cancel 2 tasks").click()
    expect(page.locator("[data-done]")).to_contain_text("2 tasks canceled.")
    assert sorted(live.statuses()) == ["canceled", "canceled", "queued", "queued"]


def test_all_on_the_page_are_selected_and_run_again(live: LivePool, open_window: OpenWindow) -> None:
    """One box selects all, once more none; what failed runs again."""
    agent, client = live.agent(), live.client()
    for text in ("a", "b"):
        queue(client, text)
        fail(agent)
    opened = open_window()
    opened.go(f"{TASKS}?status=failed")
    page = opened.page
    page.locator("[data-select-all]").check()
    expect(page.locator("[data-select]:checked")).to_have_count(2)
    page.locator("[data-select-all]").uncheck()
    expect(page.locator("[data-selection]")).to_be_hidden()
    page.locator("[data-select-all]").check()
    page.locator("[data-selection]").get_by_role("button", name="Run 2 again").click()
    page.get_by_role("dialog").get_by_role("button", name="Run 2 again").click()
    expect(page.locator("[data-done]")).to_contain_text("2 tasks queued again.")
    page.wait_for_url(f"**{TASKS}?status=failed")
    assert live.statuses().count("queued") == 2


def test_the_bar_offers_what_can_be_done(live: LivePool, open_window: OpenWindow) -> None:
    """Each act counts the tasks that it is for; what ends meanwhile is no longer among them."""
    agent, client = live.agent(), live.client()
    queue(client, "fails")
    fail(agent)
    queue(client, "computing")
    task = agent.claim()
    opened = open_window()
    opened.go(TASKS)
    bar = opened.page.locator("[data-selection]")
    opened.page.locator("[data-select-all]").check()
    expect(bar).to_contain_text("2 selected")
    expect(bar.get_by_role("button", name="Cancel 1 task", exact=True)).to_be_visible()
    expect(bar.get_by_role("button", name="Run 1 again")).to_be_visible()
    agent.report(agent.result(task))
    expect(bar.get_by_role("button", name="Cancel")).to_be_hidden()
    opened.page.locator("[data-select][data-status=failed]").uncheck()
    expect(bar).to_contain_text("nothing can be done with them")
    bar.get_by_role("button", name="Clear").click()
    expect(bar).to_be_hidden()


def test_a_page_of_a_task_follows_it_to_its_end(live: LivePool, open_window: OpenWindow) -> None:
    """Waiting, computing, canceled by its own button: each without a reload."""
    queue_some(live, 1)
    agent = live.agent()
    task_id = live.operator().get("/management/tasks").json()["items"][0]["id"]
    opened = open_window()
    opened.go(f"{TASKS}/{task_id}")
    standing = opened.page.locator("#standing-title")
    expect(standing).to_have_text("Waiting")
    agent.claim()
    expect(standing).to_have_text("Computing")
    opened.page.get_by_role("button", name="Cancel", exact=True).click()
    opened.page.get_by_role("button", name="Cancel the task").click()
    expect(standing).to_have_text("Canceled")
    assert live.statuses() == ["canceled"]


@pytest.mark.parametrize("look", [DARK], ids=lambda look: look.name)
def test_the_pages_are_for_everybody(live: LivePool, open_window: OpenWindow, look: Look) -> None:
    """No serious finding of axe in the list, its dialogs and a task with hostile words, which do nothing."""
    agent, client = live.agent(displayName=HOSTILE), live.client()
    queue(client, "fails")
    failed = fail(agent)["task_id"]
    client.post(f"{EMBEDDINGS}?wait=0", json={"model": MODEL, "input": [f"text {number}" for number in range(70)]})
    agent.claim()
    opened = open_window(look)
    opened.go(f"{TASKS}?status=failed")
    opened.page.locator("[data-select]").first.check()
    assert axe_findings(opened.page) == []
    opened.page.locator("[data-selection]").get_by_role("button", name="Run 1 again").click()
    assert axe_findings(opened.page) == []
    for path in (f"{TASKS}/{failed}", f"{TASKS}?age=in-900"):
        opened.go(path)
        assert axe_findings(opened.page) == []
        width = opened.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, path

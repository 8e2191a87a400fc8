"""`/admin/`: the pool at a glance, from its first steps to a full house, in HTML and in a real browser."""

from __future__ import annotations

import html
import re

from playwright.sync_api import expect

from server.services.operator import operations_agents
from tests.browser import DARK, NARROW, axe_findings
from tests.factories import MODEL
from tests.live_pool import EMBEDDINGS, LivePool
from tests.scripted_agent import offer
from tests.server.web.conftest import wait_until
from tests.server.web.pages.conftest import OpenWindow, Operator
from tests.server.web.pages.reading import words_of

OVERVIEW = "/admin/"
HOSTILE = "<script>alert(1)</script>"


def embed(live: LivePool, *texts: str, status: int = 200) -> None:
    """Ask the pool; with 202, leave it in the queue."""
    path = EMBEDDINGS if status == 200 else f"{EMBEDDINGS}?wait=0"
    assert live.client().post(path, json={"model": MODEL, "input": list(texts)}).status_code == status


def panel(page: str, name: str) -> str:
    """What a person reads in one part of the page."""
    found = re.search(rf'<(section|p)[^>]* id="{name}".*?</\1>', page, re.DOTALL)
    return words_of(found[0]) if found else ""


def links(page: str) -> set[str]:
    """Where the live part of the page leads to."""
    return {html.unescape(one) for one in re.findall(r'href="(/admin/[^"]*)"', page)}


def test_a_new_pool_shows_its_three_steps(operator: Operator) -> None:
    """What is done is ticked; charts of nothing are not shown; when the first work is done, the steps go."""
    page = operator.fragment(OVERVIEW)
    assert panel(page, "first-steps").startswith("Three steps to a pool that works 1 Invite a PC")
    assert {"/admin/invites/new", "/admin/keys/new", "/admin/try"} <= links(page)
    assert "<figure" not in page
    assert not panel(page, "attention")
    with operator.live.agent():
        assert "1 agent joined." in panel(operator.fragment(OVERVIEW), "first-steps")
        assert "/admin/invites/new" not in links(operator.fragment(OVERVIEW))
        embed(operator.live, "a text")
    page = operator.fragment(OVERVIEW)
    assert not panel(page, "first-steps")
    assert page.count("<figure") == 4


def test_a_pool_that_is_well_says_so(operator: Operator) -> None:
    """In one calm line."""
    with operator.live.agent():
        embed(operator.live, "a text")
        assert panel(operator.fragment(OVERVIEW), "attention") == "Nothing needs your attention."


def test_what_was_done_stands_in_numbers_and_charts(operator: Operator) -> None:
    """Tasks and texts, those from the cache too, as soon as the sweeper has added them."""
    client = operator.live.client()
    with operator.live.agent():
        for _ in range(2):
            assert client.post(EMBEDDINGS, json={"model": MODEL, "input": ["one", "two"]}).status_code == 200
    wait_until(lambda: "from the cache: 2" in operator.fragment(OVERVIEW))
    page = operator.fragment(OVERVIEW)
    said = words_of(page)
    assert "Agents 1 of 1 online 0 working , 1 ready" in said
    assert "Cache 50 % of texts 2 texts in the last hour" in said
    assert "Failures 0 in the last hour 0 % of 1 task" in said
    assert "Tasks, last hour per minute completed 1 failed 0" in said
    assert "by agents: 2 in all, 2 at most, at" in said


def test_the_queue_tells_why_it_stands_still(operator: Operator) -> None:
    """Model, depth and the reason; the notice leads to the very tasks."""
    agent = operator.live.agent()
    pool = operator.live.pool
    operations_agents.pause(pool, agent.id, "", pool.clock.now())
    embed(operator.live, "a", "b", status=202)
    page = operator.fragment(OVERVIEW)
    assert f"Every agent that has {MODEL} is paused; 1 task waits. See the tasks" in panel(page, "attention")
    assert "The only agent online is paused. See the agents" in panel(page, "attention")
    assert f"{MODEL} embedding 1 now 0 0 – its agents are paused" in panel(page, "queue")
    assert "1 paused by you" in words_of(page)
    listed = operator.get(f"/admin/tasks?status=queued&model=embed.{MODEL}")
    assert "/admin/tasks?status=queued&model=embed." + MODEL in links(page)
    assert listed.status_code == 200


def test_every_link_leads_somewhere(operator: Operator) -> None:
    """Whatever the page says, one acts behind it."""
    agent = operator.live.agent(displayName="first")
    operator.live.agent(offer(digest="ffff"), displayName=HOSTILE)
    embed(operator.live, "a text", status=202)
    agent.fail(agent.claim(), "input_invalid")
    pool = operator.live.pool
    pool.refusals.add(agent.id, pool.clock.now())
    page = operator.fragment(OVERVIEW)
    found = links(page)
    assert {f"/admin/agents/{agent.id}", "/admin/models", "/admin/tasks?status=failed&error=input_invalid"} <= found
    assert {path: operator.get(path).status_code for path in found} == dict.fromkeys(found, 200)


def test_names_are_only_text(operator: Operator) -> None:
    """An agent's name stands in a notice and in the events, and what an agent says of itself in the reasons."""
    operator.live.agent()
    other = operator.live.agent(offer(digest="ffff"), displayName=HOSTILE)
    other.turn(wait=0, max_tasks=0, state={"status": "error", "reason": HOSTILE})
    page = operator.fragment(OVERVIEW)
    assert HOSTILE not in page
    assert f"1 agent has another class of {MODEL} than the pool, and gets none of its work: “{HOSTILE}”." in words_of(
        page
    )
    assert f"1 agent: {HOSTILE}" in words_of(page)
    assert page.count("&lt;script&gt;") >= 3


def test_failures_are_told_by_error(operator: Operator) -> None:
    """And lead to the tasks that met it."""
    agent = operator.live.agent()
    embed(operator.live, "a text", status=202)
    agent.fail(agent.claim(), "input_invalid")
    assert panel(operator.fragment(OVERVIEW), "failures").startswith(
        "Failures of the last day Error Last hour Last day input_invalid 1 1"
    )
    listed = operator.get("/admin/tasks?status=failed&error=input_invalid").text
    assert MODEL in words_of(listed)


def test_the_page_follows_the_pool(open_window: OpenWindow, live: LivePool) -> None:
    """Work is done while somebody looks: the steps go and the charts come, and an open fold stays open."""
    shown = open_window()
    shown.go(OVERVIEW)
    page = shown.page
    expect(page.get_by_role("heading", name="Three steps to a pool that works")).to_be_visible()
    with live.agent(displayName="the PC") as agent:
        agent.turn(wait=0, max_tasks=0, state={"status": "ready"})
        other = live.agent(displayName="the other PC")
        other.turn(wait=0, max_tasks=0, state={"status": "waiting", "reason": "On battery"})
        page.get_by_text("Why agents do not work").click()
        expect(page.get_by_text("1 agent: On battery")).to_be_visible()
        embed(live, "a text")
        expect(page.get_by_role("img", name="Tasks, last hour")).to_be_visible()
        expect(page.get_by_text("1 agent: On battery")).to_be_visible()
    expect(page.get_by_role("heading", name="Three steps to a pool that works")).to_have_count(0)


def test_everybody_can_use_it(open_window: OpenWindow, live: LivePool) -> None:
    """Nothing serious for axe, light and dark, new and at work; nothing sticks out of a narrow window."""
    for is_used in (False, True):
        if is_used:
            with live.agent():
                embed(live, "a text")
            live.agent(offer(digest="ffff"), displayName="averylongnamewithoutanyspaceinitforanarrowwindow")
            embed(live, "another", status=202)
        for look in (DARK, NARROW):
            shown = open_window(look)
            shown.go(OVERVIEW)
            assert axe_findings(shown.page) == []
            assert shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

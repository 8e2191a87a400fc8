"""The pages about the server itself: health, settings, events, sessions."""

from __future__ import annotations

import re

import pytest

from server.services.operator import operations_agents, sessions
from server.services.operator.event_log import EventPage
from server.storage import events
from server.storage.events import StoredEvent
from server.web.pages.browsers import in_words
from server.web.pages.event_words import ICONS, PLACES, PLACES_OF_VERBS, SENTENCES, told
from tests.architecture.sources import sources
from tests.factories import issue_client_key
from tests.live_pool import LivePool
from tests.server.web.pages.conftest import Operator, sign_in

#: A verb as events have it: a thing, a dot, what was done.
VERB = re.compile(r"[a-z]+\.[a-z_]+")
HOSTILE = "<img src=x onerror=alert(1)>"


def record(live: LivePool, verb: str, subject: str = "*", **detail: object) -> None:
    """Write an event as the server does."""
    now = live.pool.clock.now()
    live.pool.database.write(
        lambda connection: events.record(
            connection, actor=events.OPERATOR, verb=verb, subject=subject, now=now, detail=detail
        )
    )


def text_of(html: str) -> str:
    """What a page says, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_health_tells_how_the_server_does(live: LivePool, operator: Operator) -> None:
    """Database, disk, threads, versions; the live part alone has no frame."""
    page = operator.get("/admin/health")
    assert page.status_code == 200
    said = text_of(page.text)
    for words in (
        "Threads busy 1 of",
        "Write-ahead log",
        "0003, the newest",
        "SQLAlchemy",
        str(live.pool.database.path),
    ):
        assert words in said
    part = operator.fragment("/admin/health")
    assert "Threads busy" in part
    assert "<html" not in part


def test_settings_are_shown_without_secrets(live: LivePool, operator: Operator) -> None:
    """Each with its name; the management token is only said to be set."""
    page = operator.get("/admin/health/settings").text
    for name in type(live.settings).model_fields:
        assert f"<code>{name.upper()}</code>" in page
    for secret in (live.settings.mgmt_token, live.settings.jwt_secret, live.settings.metrics_token):
        assert secret not in page
    assert re.search(r"MGMT_TOKEN.*?</svg> set\b", page, re.DOTALL)


def recorded() -> set[str]:
    """Every verb that the server's source names, wherever it stands."""
    things = {verb.partition(".")[0] for verb in SENTENCES}
    found = {
        text
        for source in sources("server")
        if "/migrations/" not in source.path and not source.path.startswith(("server/web/", "server/storage/models"))
        for text in re.findall(r'"([a-z]+\.[a-z_]+)"', source.text)
    }
    return {one for one in found if one.partition(".")[0] in things}


def test_every_verb_has_its_sentence() -> None:
    """What the server writes down is told in words, and no sentence is for what nobody writes down."""
    assert {verb for verb in SENTENCES if not VERB.fullmatch(verb)} == set()
    assert recorded() == set(SENTENCES)
    assert {verb.partition(".")[0] for verb in SENTENCES} == set(ICONS)
    assert set(PLACES_OF_VERBS) <= set(SENTENCES)


def test_no_event_is_of_a_thing_that_nobody_knows() -> None:
    """The test above looks at verbs by their first word: here is every place where one is recorded."""
    calls = re.compile(r'(?:verb=|_record\((?:pool|connection), |_change\(pool, \w+, \w+, )"([a-z]+)\.')
    things = {thing for source in sources("server") for thing in calls.findall(source.text)}
    assert {"agent", "backup", "invite", "key", "session"} <= things
    assert things <= {verb.partition(".")[0] for verb in SENTENCES}


def test_events_are_told_in_words(live: LivePool, operator: Operator) -> None:
    """Who did what, to what by its name, with a link to it."""
    agent = live.agent()
    key = issue_client_key(live.pool, f"search {HOSTILE}").client.id
    operations_agents.pause(live.pool, agent.id, f"Too hot. {HOSTILE}", live.pool.clock.now())
    record(live, "moon.land", "somewhere")
    page = operator.get("/admin/health/events").text
    said = text_of(page)
    assert "The operator paused the agent Scripted message: Too hot." in said
    assert "Scripted joined the pool" in said
    assert "The operator did: moon.land …" in said
    assert f'href="/admin/agents/{agent.id}"' in page
    assert f'href="/admin/keys/{key}"' in page
    assert HOSTILE not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


@pytest.mark.parametrize("verb", SENTENCES)
def test_each_sentence_reads_well(live: LivePool, operator: Operator, verb: str) -> None:
    """Whatever was written down, the page opens, and the sentence is whole."""
    record(live, verb, "01M8300000000000000000ABCD", bytes=2048, capabilities=["a", "b"], expires_at=0, shared=True)
    said = text_of(operator.fragment("/admin/health/events"))
    before, _, after = SENTENCES[verb].partition("{}")
    assert f"The operator {before.strip()}" in said
    assert after.strip() in said
    assert "size: 2.0 KiB" in said
    assert "capabilities: a, b" in said
    assert "shared: yes" in said


def test_events_are_paged(live: LivePool, operator: Operator) -> None:
    """Fifty to a page; each is seen once on the way to the oldest, and there is a way back."""
    for number in range(120):
        record(live, "key.create", f"subject-{number:03d}")
    seen: list[str] = []
    address = "/admin/health/events"
    while address:
        page = operator.get(address).text
        seen += re.findall(r'title="(subject-\d+)"', page)
        assert ("Newer" in page) == ("before=" in address)
        found = re.search(r'href="(/admin/health/events\?before=[^"]+)"[^>]*>Older', page)
        address = found[1] if found else ""
    assert sorted(seen) == [f"subject-{number:03d}" for number in range(120)]


def test_an_empty_log_says_so(live: LivePool) -> None:
    """Before anything happened; nothing is told of nothing."""
    assert told(EventPage([], {}, None)) == []
    event = StoredEvent("1", 0, "server", "session.open", "x", "{}")
    with live.app.test_request_context():
        (one,) = told(EventPage([event], {}, None))
    assert (one.who.text, one.before, one.subject, one.details) == ("The server", "signed in", None, [])


def test_browsers_that_are_signed_in_are_listed(live: LivePool, operator: Operator) -> None:
    """Each with its address, in words; one's own is marked."""
    token, now = live.settings.mgmt_token, live.pool.clock.now()
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0"
    sessions.open_session(live.pool, token, address="192.168.1.20", browser=agent, now=now)
    sessions.open_session(live.pool, token, address="192.168.1.21", browser=HOSTILE, now=now)
    page = operator.get("/admin/health/sessions").text
    said = text_of(page)
    assert "3 browsers signed in" in said
    assert "Edge on Windows 192.168.1.20" in said
    assert page.count(">this one<") == 1
    assert HOSTILE not in page


def test_a_browser_can_be_signed_out(live: LivePool, operator: Operator) -> None:
    """Another one, and then one's own."""
    other = sign_in(live)
    assert other.get("/admin/health").status_code == 200
    own, theirs = (one.id for one in sorted(sessions.list_sessions(live.pool, 0), key=lambda one: one.created_at))
    answer = operator.post(f"/admin/health/sessions/{theirs}/close")
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/health/sessions?done=session.closed")
    assert other.get("/admin/health").status_code == 303
    assert operator.get("/admin/health").status_code == 200
    assert operator.post(f"/admin/health/sessions/{theirs}/close").status_code == 404
    answer = operator.post(f"/admin/health/sessions/{own}/close")
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/sign-in")
    assert operator.get("/admin/health").status_code == 303


def test_every_browser_can_be_signed_out(live: LivePool, operator: Operator) -> None:
    """This one too; the management API goes on."""
    other = sign_in(live)
    assert operator.post("/admin/health/sessions/close-all").headers["location"] == "/admin/sign-in"
    assert {one.get("/admin/health").status_code for one in (operator, other)} == {303}
    assert live.operator().get("/management/version").status_code == 200


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/17.5 Safari/605.1.15", "Safari on macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/131.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/131.0 Safari/537.36 OPR/117.0", "Opera on Windows"),
        ("curl/8.5.0", "curl"),
        ("something else entirely", "something else entirely"),
        ("x" * 500, "x" * 60),
        ("", "An unnamed browser"),
    ],
)
def test_browsers_are_named_as_people_know_them(user_agent: str, words: str) -> None:
    """By name and system; what nobody knows is cut."""
    assert in_words(user_agent) == words


def test_places_of_subjects_are_pages(live: LivePool) -> None:
    """What an event links to is there."""
    endpoints = {endpoint for endpoint, _ in (*PLACES.values(), *PLACES_OF_VERBS.values())}
    assert endpoints <= set(live.app.view_functions)

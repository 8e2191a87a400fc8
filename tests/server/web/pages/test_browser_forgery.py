"""Other people's pages change nothing here: forged forms, frames and scripts, in a real browser; and the cookie."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import Window
from tests.live_pool import LivePool, live_pool
from tests.scripted_agent import offer
from tests.server.web.pages.conftest import sign_in

#: Where a hostile page could lie: anywhere, and on this PC itself, under another port or name. Cookies go by the name
#: alone, so to a form from another port even the strictest is sent.
STRANGERS = ("http://evil.example", "http://127.0.0.1:1", "http://localhost:1")
#: Changes although nobody changes anything: when somebody was last here.
VOLATILE = frozenset({"operator_sessions", "agents", "throughput"})


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePool]:
    """Give a pool with one of everything."""
    with live_pool(tmp_path_factory.mktemp("forgery")) as started:
        yield started


@pytest.fixture
def live(shared: LivePool) -> LivePool:
    """Let the windows open on it."""
    return shared


@pytest.fixture(scope="module")
def real(shared: LivePool) -> dict[str, str]:
    """Give ids that exist, by the names that routes have for them."""
    operator = shared.operator()
    agent = shared.agent(offer(), offer("all-minilm"))
    invite = operator.post("/management/invites/create", json={"name": "friends"}).json()["id"]
    key = operator.post("/management/client_api_keys/update", json={"name": "app", "capabilities": ["*"]}).json()["id"]
    client = shared.client()
    for text in ("fails", "waits"):
        client.post("/v1/embeddings?wait=0", json={"model": "nomic-embed-text", "input": text})
    failed = agent.claim()
    agent.fail(failed, "input_too_long", 0)
    operator.post("/management/backups/create?wait=60")
    backup = operator.get("/management/backups/list").json()["items"][0]["name"]
    session = operator_session(shared)
    return {
        "agent_id": agent.id,
        "invite_id": invite,
        "key_id": key,
        "task_id": failed["task_id"],
        "class_id": "1",
        "name": backup,
        "session_id": session,
        "job_id": "none",
    }


def operator_session(live: LivePool) -> str:
    """Sign in, and return the id of that session."""
    sign_in(live)
    with closing(sqlite3.connect(f"file:{live.settings.database_path}?mode=ro", uri=True)) as connection:
        return str(connection.execute("SELECT id FROM operator_sessions").fetchone()[0])


def routes(live: LivePool, method: str) -> list[str]:
    """Return the rules of every page of the operator that has this method."""
    rules = live.app.url_map.iter_rules()
    return sorted(one.rule for one in rules if one.rule.startswith("/admin") and method in (one.methods or set()))


def path_of(rule: str, real: dict[str, str]) -> str:
    """Fill a rule's variables with ids that exist."""
    while "<" in rule:
        before, _, rest = rule.partition("<")
        variable, _, after = rest.partition(">")
        rule = before + real[variable.rpartition(":")[2]] + after
    return rule


def content(live: LivePool) -> dict[str, list[Any]]:
    """Return every row of every table that a change could touch."""
    with closing(sqlite3.connect(f"file:{live.settings.database_path}?mode=ro", uri=True)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
            for name in names
            if name not in VOLATILE
        }


def forged(window: Window, stranger: str, path: str) -> int:
    """Open a stranger's page that posts a form to a path of ours at once, and return the status of our answer."""
    page = f'<form method="post" action="{window.url}{path}"><input name="name" value="x"></form>'
    window.context.unroute_all()
    window.context.route(f"{stranger}/**", lambda route: route.fulfill(content_type="text/html", body=page))
    window.page.goto(f"{stranger}/win-a-prize")
    with window.page.expect_response(lambda answer: answer.url.startswith(window.url)) as answered:
        window.page.evaluate("document.forms[0].submit()")
    window.page.wait_for_url(lambda url: url.startswith(window.url))
    return answered.value.status


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_forged_form_changes_nothing(
    live: LivePool, real: dict[str, str], operator_page: Window, stranger: str
) -> None:
    """A stranger's page posts to every address that changes something, in the operator's own browser: all refused.

    Every address asks for the same proof, so one stranger tries all of them and the others a few.
    """
    operator_page.expect_trouble("asked elsewhere")
    before, found = content(live), {}
    every = routes(live, "POST")
    for rule in every if stranger == STRANGERS[0] else every[::9]:
        status = forged(operator_page, stranger, path_of(rule, real))
        if status not in {401, 403}:
            found[rule] = status
    assert found == {}
    assert content(live) == before
    assert operator_page.go("/admin/") == 200, "the operator was signed out"


def test_a_change_needs_this_sessions_token(live: LivePool, real: dict[str, str]) -> None:
    """From our own page, but without the token, with a wrong one, or with that of another session: nothing is done."""
    operator, other = sign_in(live), sign_in(live)
    before, found = content(live), []
    for rule in routes(live, "POST"):
        if rule == "/admin/sign-in":
            continue
        for token in ("", "0" * 64, other.csrf_token()):
            status = operator.client.post(path_of(rule, real), data={"csrf_token": token, "name": "x"}).status_code
            if status != 403:
                found.append((rule, token, status))
    assert found == []
    assert content(live) == before


def test_nothing_is_done_by_looking(live: LivePool, real: dict[str, str]) -> None:
    """No GET changes anything, and what changes something is no GET."""
    operator = sign_in(live)
    before = content(live)
    for rule in routes(live, "GET"):
        assert operator.get(path_of(rule, real)).status_code in {200, 303, 403, 404, 409}, rule
    only_posted = set(routes(live, "POST")) - set(routes(live, "GET"))
    assert {operator.get(path_of(rule, real)).status_code for rule in only_posted} <= {404, 405}
    assert content(live) == before


def test_without_signing_in_nothing_is_shown(live: LivePool, real: dict[str, str]) -> None:
    """Every page sends a stranger to the sign-in, each change is refused; a management token in a header is no key."""
    for headers in ({}, {"X-Mgmt-Token": live.settings.mgmt_token}, {"Cookie": "embedpool=x; __Host-embedpool=x"}):
        stranger = live.caller({"Sec-Fetch-Site": "same-origin", **headers})
        for rule in routes(live, "GET"):
            if rule != "/admin/sign-in":
                answer = stranger.get(path_of(rule, real))
                assert answer.status_code == 303, rule
                assert answer.headers["location"].startswith("/admin/sign-in?next="), rule
        for rule in routes(live, "POST"):
            if rule != "/admin/sign-in":
                assert stranger.post(path_of(rule, real)).status_code == 401, rule


def test_every_page_has_the_headers(live: LivePool, real: dict[str, str]) -> None:
    """No page may be framed, kept, guessed at, or told of elsewhere; what it may load is its own, and never inline."""
    operator = sign_in(live)
    for rule in routes(live, "GET"):
        answer = operator.get(path_of(rule, real))
        headers = answer.headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy, rule
        assert "frame-ancestors 'none'" in policy, rule
        assert "unsafe" not in policy, rule
        assert headers["x-frame-options"] == "DENY", rule
        assert headers["x-content-type-options"] == "nosniff", rule
        assert headers["referrer-policy"] == "no-referrer", rule
        assert headers["cache-control"] == "no-store", rule
        if answer.status_code != 303:
            assert headers["cross-origin-opener-policy"] == "same-origin", rule


class FramingPage(BaseHTTPRequestHandler):
    """A stranger's page that shows the address after its own path in a frame."""

    def do_GET(self) -> None:
        """Answer with the page."""
        body = f'<p>Win a prize</p><iframe src="{self.path[1:]}"></iframe>'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 (the library's name)
        """Say nothing."""


@pytest.fixture
def framing_port() -> Iterator[int]:
    """Serve a stranger's pages from another port of this PC: browsers keep others away from it altogether."""
    with ThreadingHTTPServer(("127.0.0.1", 0), FramingPage) as server:
        serving = threading.Thread(target=server.serve_forever, name="framing page")
        serving.start()
        yield server.server_port
        server.shutdown()
        serving.join()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_other_page_can_frame_it(operator_page: Window, framing_port: int, host: str) -> None:
    """A page that lays ours under its own buttons shows an empty frame, and the browser says that we forbid it."""
    operator_page.expect_trouble("frame-ancestors", "ERR_BLOCKED_BY_RESPONSE", "favicon.ico")
    operator_page.page.goto(f"http://{host}:{framing_port}/{operator_page.url}/admin/")
    expect(operator_page.page.get_by_text("Win a prize")).to_be_visible()
    inside = operator_page.page.frame_locator("iframe")
    expect(inside.get_by_role("button", name=re.compile("Sign"))).to_have_count(0)
    assert any("frame-ancestors" in one for one in operator_page.troubles)


@pytest.mark.parametrize(
    "injected",
    [
        "<script>window.pwned = 1</script>",
        "<script src='data:text/javascript,window.pwned=1'></script>",
        "<script src='http://127.0.0.1:1/x.js'></script>",
        "<img src=x onerror='window.pwned = 1'>",
        "<iframe srcdoc='<script>parent.pwned = 1</script>'></iframe>",
        "<p style='color: red'>",
        "<style>p { color: red }</style>",
    ],
)
def test_what_gets_into_a_page_still_does_not_run(operator_page: Window, injected: str) -> None:
    """Should a text ever become markup, the policy stops it: no script, no style, no frame, no foreign file."""
    operator_page.expect_trouble("forbidden by the policy", "Content Security Policy", "404", "failed: GET")
    operator_page.go("/admin/health")
    # A fragment made from a range runs its scripts, where the policy lets it.
    operator_page.page.evaluate(
        "(html) => document.body.append(document.createRange().createContextualFragment(html))", injected
    )
    expect(operator_page.page.get_by_role("heading", level=1)).to_be_visible()
    assert operator_page.page.evaluate("window.pwned") is None
    assert any("forbidden by the policy" in one for one in operator_page.troubles)


def test_no_script_can_make_another(operator_page: Window) -> None:
    """A text never becomes a program: `eval` and its like are forbidden to our own scripts, too."""
    operator_page.expect_trouble("forbidden by the policy", "Content Security Policy", "EvalError", "unsafe-eval")
    operator_page.go("/admin/health")
    operator_page.page.get_by_role("heading", level=1).evaluate(
        "(one) => { one.setAttribute('onclick', 'window.pwned = 1'); one.click(); }"
    )
    assert operator_page.page.evaluate("window.pwned") is None


def test_the_cookie_is_out_of_reach(operator_page: Window) -> None:
    """No script reads it, no other site's link brings it, and it is for this host alone."""
    (cookie,) = operator_page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("embedpool", True, "Strict")
    assert (cookie["domain"], cookie["path"]) == ("127.0.0.1", "/")
    assert operator_page.page.evaluate("document.cookie") == ""


def test_behind_tls_the_cookie_is_bound_to_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Its name has the prefix with which browsers insist on TLS, on this very host, and on the whole of it."""
    folder = tmp_path_factory.mktemp("tls")
    with live_pool(folder, trusted_proxy="127.0.0.1", public_url="https://pool.example") as live:
        secure = live.caller({"Sec-Fetch-Site": "same-origin", "X-Forwarded-Proto": "https", "Host": "pool.example"})
        answer = secure.post("/admin/sign-in", data={"token": live.settings.mgmt_token})
    assert answer.status_code == 303
    name, *flags = answer.headers["set-cookie"].split("; ")
    assert name.startswith("__Host-embedpool=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(flags)
    assert not any(flag.startswith("Domain") for flag in flags)

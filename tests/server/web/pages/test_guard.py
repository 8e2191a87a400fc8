"""Who gets to the pages, and what proof a change needs: over real HTTP, with and without everything a browser sends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest
from flask import Flask

from server.app import close_app, create_app
from tests.factories import make_settings
from tests.live_pool import LivePool, live_pool
from tests.server.web.conftest import Start
from tests.server.web.pages.conftest import OWN_PAGE, Operator, sign_in

#: A change that anybody who is signed in may ask for: it takes everybody's sessions.
SIGN_OUT = "/admin/sign-out"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """Give the whole app."""
    made = create_app(make_settings(tmp_path))
    yield made
    close_app(made)


def cookie_of(answer: httpx.Response) -> tuple[str, SimpleCookie]:
    header = answer.headers["set-cookie"]
    return header, SimpleCookie(header)


def kept_by(operator: Operator) -> dict[str, str]:
    """Return the header that another browser would send if it had stolen the cookie."""
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in operator.client.cookies.items())}


def enter(live: LivePool, token: str | None = None, **headers: str) -> httpx.Response:
    given = live.settings.mgmt_token if token is None else token
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return live.caller({**OWN_PAGE, **named}).post("/admin/sign-in", data={"token": given})


def test_who_is_not_signed_in_is_asked_to(live: LivePool) -> None:
    answer = live.caller().get("/admin/agents?state=online")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/admin/sign-in?next=/admin/agents?state%3Donline"
    shown = live.caller().get(answer.headers["location"])
    assert "Management token" in shown.text
    assert answer.headers["cache-control"] == "no-store"


def test_the_bare_address_leads_to_the_page(live: LivePool) -> None:
    assert live.caller().get("/").headers["location"] == "/admin/"


def test_the_right_token_lets_in_and_leads_back(live: LivePool) -> None:
    client = live.caller(OWN_PAGE)
    answer = client.post("/admin/sign-in?next=/admin/tasks?status%3Dfailed", data={"token": live.settings.mgmt_token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/tasks?status=failed")
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/sign-in").status_code == 303


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/admin/",
        "//evil.example/admin/",
        "/\\evil.example",
        "/admin/\\evil.example",
        "/v1/models",
        "javascript:alert(1)",
        "/admin/\r\nSet-Cookie: a=b",
        "/adminevil",
        "",
    ],
)
def test_the_sign_in_leads_nowhere_else(live: LivePool, place: str) -> None:
    client = live.caller(OWN_PAGE)
    answer = client.post("/admin/sign-in", params={"next": place}, data={"token": live.settings.mgmt_token})
    assert answer.headers["location"] == "/admin/"


def test_a_wrong_token_says_so(live: LivePool) -> None:
    answer = enter(live, "a wrong one")
    assert answer.status_code == 401
    assert "This is not the management token." in answer.text
    assert "set-cookie" not in answer.headers
    assert "a wrong one" not in answer.text
    assert "Paste the management token." in enter(live, "").text


def test_the_cookie_is_out_of_reach(live: LivePool) -> None:
    header, cookies = cookie_of(enter(live))
    cookie = cookies["embedpool"]
    assert cookie["httponly"] and cookie["samesite"] == "Strict" and cookie["path"] == "/"
    assert int(cookie["max-age"]) == 12 * 3600
    assert "secure" not in header.lower()


def test_behind_tls_the_cookie_is_for_tls_only(start: Start) -> None:
    live = start(trusted_proxy="127.0.0.1", public_url="https://pool.example.org")
    header, cookies = cookie_of(enter(live, X_Forwarded_Proto="https"))
    assert header.startswith("__Host-embedpool=")
    assert cookies["__Host-embedpool"]["secure"]
    named = enter(live, Host="pool.example.org")
    assert named.headers["set-cookie"].startswith("__Host-embedpool=")


def test_wrong_tokens_are_slowed_down(start: Start) -> None:
    live = start(max_wrong_keys=3)
    statuses = [enter(live, f"guess {number}").status_code for number in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    refused = enter(live)
    assert refused.status_code == 429
    assert "Too many wrong keys or tokens" in refused.text
    assert refused.headers["content-type"].startswith("text/html")


def test_signing_out_ends_the_session_and_takes_the_cookie(operator: Operator) -> None:
    kept = kept_by(operator)
    answer = operator.post(SIGN_OUT)
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/sign-in")
    assert not operator.client.cookies
    assert operator.live.caller(kept).get("/admin/").status_code == 303


def test_a_session_outlives_a_restart(tmp_path: Path) -> None:
    with live_pool(tmp_path) as first:
        kept = kept_by(sign_in(first))
        assert first.caller(kept).get("/admin/").status_code == 200
    with live_pool(tmp_path) as second:
        assert second.caller(kept).get("/admin/").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "self"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
        {"Sec-Fetch-Site": ""},
    ],
)
@pytest.mark.parametrize("path", [SIGN_OUT, "/admin/sign-in"])
def test_a_change_from_another_page_is_refused(operator: Operator, path: str, headers: dict[str, str]) -> None:
    token = operator.csrf_token()
    request = operator.client.build_request("POST", path, data={"csrf_token": token, "token": "x"}, headers=headers)
    if not headers["Sec-Fetch-Site"]:
        del request.headers["Sec-Fetch-Site"]
    if headers.get("Origin") == "self":
        request.headers["Origin"] = operator.live.url
    answer = operator.client.send(request)
    assert answer.status_code == 403
    assert "own page" in answer.text
    assert operator.get("/admin/").status_code == 200


def test_an_older_browser_says_where_it_comes_from_by_its_origin(operator: Operator) -> None:
    form = {"csrf_token": operator.csrf_token()}
    request = operator.client.build_request("POST", SIGN_OUT, data=form, headers={"Origin": operator.live.url})
    del request.headers["Sec-Fetch-Site"]
    assert operator.client.send(request).status_code == 303


@pytest.mark.parametrize("token", [None, "", "0" * 64, "\udc80", "other"])
def test_a_change_without_the_token_of_its_session_is_refused(operator: Operator, token: str | None) -> None:
    given = sign_in(operator.live).csrf_token() if token == "other" else token
    form = {} if given is None else {"csrf_token": given.encode("utf-8", "surrogateescape")}
    answer = operator.client.post(SIGN_OUT, data=form)
    assert answer.status_code == 403
    assert "out of date" in answer.text
    assert operator.get("/admin/").status_code == 200


def test_a_script_sends_the_token_in_a_header(operator: Operator) -> None:
    answer = operator.client.post(SIGN_OUT, headers={"X-CSRF-Token": operator.csrf_token()})
    assert answer.status_code == 303


def test_a_change_without_a_session_is_not_made_later(live: LivePool) -> None:
    answer = live.caller(OWN_PAGE).post(SIGN_OUT)
    assert answer.status_code == 401
    assert "Sign in" in answer.text
    assert "www-authenticate" not in answer.headers


def test_a_page_that_looks_again_is_told_that_it_is_signed_out(live: LivePool) -> None:
    assert live.caller().get("/admin/", headers={"X-Fragment": "live"}).status_code == 401


def test_the_pages_take_no_token_in_a_header(live: LivePool) -> None:
    for name, value in (
        ("X-Mgmt-Token", live.settings.mgmt_token),
        ("Authorization", f"Bearer {live.settings.mgmt_token}"),
    ):
        assert live.caller({name: value}).get("/admin/").status_code == 303


def test_the_management_api_takes_no_cookie(operator: Operator) -> None:
    assert operator.get("/management/agents/list").status_code == 403
    assert operator.client.post("/management/agents/reset").status_code == 403


def test_every_page_wants_a_session(app: Flask) -> None:
    """Whatever is added under /admin is behind the guard, except for signing in."""
    client, open_to_all = app.test_client(), set()
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/admin"):
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            path = re.sub(r"<[^>]+>", "1", rule.rule)
            answer = client.open(path, method=method, headers={"Host": "localhost", **OWN_PAGE})
            asked = answer.status_code == 303 and "/admin/sign-in?" in answer.headers["Location"]
            if not asked and (method == "GET" or answer.status_code != 401):
                open_to_all.add((method, rule.endpoint))
    assert open_to_all == {("GET", "admin.sign_in.show")}


def test_headers_of_a_page(operator: Operator) -> None:
    for path in ("/admin/", "/admin/sign-in", "/admin/nothing-here", "/assets/theme.css"):
        headers = operator.get(path).headers
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]


def test_nothing_stands_inline_in_a_page(operator: Operator) -> None:
    text = operator.get("/admin/").text
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=", text)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text)


def test_an_asset_with_its_version_is_kept_for_ever(operator: Operator) -> None:
    found = re.search(r"/assets/theme\.css\?v=[0-9a-f]{12}", operator.get("/admin/").text)
    assert found
    answer = operator.get(found[0])
    assert "immutable" in answer.headers["cache-control"]
    again = operator.get("/assets/theme.css")
    assert again.headers["cache-control"] == "no-cache"
    unchanged = operator.get("/assets/theme.css", headers={"If-None-Match": again.headers["etag"]})
    assert unchanged.status_code == 304


@pytest.mark.parametrize("name", ["../app.py", "..%2fapp.py", "theme.css%00", "bootstrap.min.css.map", "nothing.js"])
def test_no_other_file_is_an_asset(live: LivePool, name: str) -> None:
    assert live.caller().get(f"/assets/{name}").status_code == 404


def test_an_error_on_a_page_is_a_page(operator: Operator) -> None:
    answer = operator.get("/admin/nothing/here")
    assert answer.status_code == 404
    assert "There is no page at this address." in answer.text
    wrong = operator.client.put("/admin/", headers=OWN_PAGE)
    assert wrong.headers["content-type"].startswith("text/html")

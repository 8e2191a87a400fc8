"""Which pages in a browser may read what the pool answers: any, on the clients' surfaces; none, on the others."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from pydantic import ValidationError

from server.settings import Settings
from server.web import cors
from tests.live_pool import LivePool, live_pool
from tests.server.web.conftest import Start

OURS = "https://app.example"
#: Paths of the surfaces that pages may ask, whether something is there or not; and of those that they may not.
OPEN = ["/v1/embeddings", "/v1/models", "/v1/nothing", "/v1", "/tasks/x", "/tasks/x/result", "/health"]
OFFLOADMQ = ["/api/task/submit", "/api/capabilities/list/online_ext", "/api/nothing"]
PAGES = ("/join/x", "/", "/admin/", "/admin/agents", "/admin/sign-in")
CLOSED = [
    *("/management/client_api_keys/list", "/management/client_api_keys/update", "/agent/register", "/agent/auth"),
    *("/agent/invite", "/agent/version", "/private/agent/pool"),
    *(
        "/private/agent/turn",
        "/private/agent/ping",
        "/worker/task",
        "/metrics",
        "/docs",
        "/docs/openapi.json",
        "/ready",
    ),
    *(*PAGES, "/nothing", "/v1x/models", "/apis", "//v1/models", "/healthy", "/V1/models"),
]
#: Names that look like ours, or that browsers send for pages without an origin.
STRANGERS = [
    *("null", "https://evil.example", "http://app.example", "https://app.example:8443", "https://sub.app.example"),
    *("https://app.example.evil.example", "https://notapp.example", "https://app.example/", "https://APP.example", ""),
    *("https://app.example, https://evil.example", "https://app.exampl", "app.example", "*"),
]


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePool]:
    """Give a server that lets in the pages of two origins."""
    with live_pool(tmp_path_factory.mktemp("cors"), cors_origins=f"{OURS}, http://localhost:3000") as live:
        yield live


@pytest.fixture(scope="module")
def anyone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePool]:
    """Give a server as it is without the setting."""
    with live_pool(tmp_path_factory.mktemp("cors")) as live:
        yield live


def preflight(live: LivePool, path: str, origin: str | None) -> httpx.Response:
    """Ask as a browser does before it sends a page's request."""
    headers = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,x-other"}
    return live.caller({**headers, **({} if origin is None else {"Origin": origin})}).request("OPTIONS", path)


def granted(answer: httpx.Response) -> dict[str, str]:
    """All CORS headers of an answer."""
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


@pytest.mark.parametrize("path", OPEN)
@pytest.mark.parametrize("origin", [OURS, "null", None])
def test_a_preflight_of_a_clients_path(anyone: LivePool, path: str, origin: str | None) -> None:
    """204 with the exact lists, for any page; credentials are never allowed."""
    answer = preflight(anyone, path, origin)
    assert (answer.status_code, answer.content) == (204, b"")
    assert granted(answer) == {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET, POST, OPTIONS",
        "access-control-allow-headers": cors.ALLOWED_HEADERS,
        "access-control-expose-headers": cors.EXPOSED_HEADERS,
        "access-control-max-age": "600",
    }
    assert "vary" not in answer.headers


def test_the_lists_hold_what_browsers_and_libraries_need() -> None:
    """What official OpenAI libraries send, and what a page wants to read; each once, and nothing is a wildcard."""
    allowed = [name.lower() for name in cors.ALLOWED_HEADERS.split(", ")]
    needed = {"authorization", "content-type", "accept", "user-agent", "x-requested-with", "openai-beta", "x-api-key"}
    stainless = "arch async custom-poll-interval helper-method lang os package-version poll-helper retry-count runtime"
    needed |= {f"x-stainless-{name}" for name in (*stainless.split(), "runtime-version", "timeout", "read-timeout")}
    assert needed <= set(allowed)
    exposed = cors.EXPOSED_HEADERS.split(", ")
    assert {"x-request-id", "retry-after", "retry-after-ms", "x-ratelimit-remaining-tokens", "Location"} <= set(exposed)
    for names in (allowed, exposed):
        assert len(names) == len(set(names))
        assert "*" not in names


@pytest.mark.parametrize("path", OFFLOADMQ)
def test_a_preflight_of_offloadmqs_path(anyone: LivePool, path: str) -> None:
    """200, any method and any header: that is what its clients know."""
    answer = preflight(anyone, path, OURS)
    assert answer.status_code == 200
    allowed = {name.rpartition("-")[2]: value for name, value in granted(answer).items() if "-allow-" in name}
    assert allowed == {"origin": "*", "methods": "*", "headers": "*, Authorization"}


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("origin", [OURS, "null", None])
def test_no_page_may_ask_what_is_not_for_clients(anyone: LivePool, path: str, origin: str | None) -> None:
    """An error for the preflight (a page's is a page), and no CORS header on it or on any answer."""
    answer = preflight(anyone, path, origin)
    assert answer.status_code in {401, 403, 404, 405}
    kinds = ("text/html",) if path in PAGES else ("application/json", "text/plain")
    assert answer.headers["content-type"].startswith(kinds)
    assert granted(answer) == {}
    for method in ("GET", "POST"):
        answered = anyone.operator().request(method, path, headers={"Origin": origin} if origin else {}, json={})
        assert granted(answered) == {}


@pytest.mark.parametrize(("path", "status"), [("/ready", 405), ("/agent/auth", 405), ("/private/agent/ping", 405)])
def test_a_preflight_that_is_not_answered_is_a_405(anyone: LivePool, path: str, status: int) -> None:
    """In JSON, like any other method that a path does not have."""
    answer = preflight(anyone, path, OURS)
    assert answer.status_code == status
    assert answer.json()["error"]["status"] == status


@pytest.mark.parametrize(("path", "status"), [("/health", 200), ("/v1/models", 401), ("/v1/nothing", 404)])
def test_errors_can_be_read_too(anyone: LivePool, path: str, status: int) -> None:
    """A page that may not read the 401 would only see that something failed."""
    answer = anyone.caller({"Origin": OURS}).get(path)
    assert answer.status_code == status
    assert granted(answer) == {
        "access-control-allow-origin": "*",
        "access-control-expose-headers": cors.EXPOSED_HEADERS,
    }


@pytest.mark.parametrize("origin", [OURS, "http://localhost:3000"])
@pytest.mark.parametrize("path", ["/v1/models", "/health", "/api/task/submit"])
def test_a_listed_origin_is_let_in_by_name(listed: LivePool, origin: str, path: str) -> None:
    """Its own name comes back, and caches are told that the answer depends on it."""
    for answer in (preflight(listed, path, origin), listed.caller({"Origin": origin}).get(path)):
        assert answer.headers["access-control-allow-origin"] == origin
        assert "Origin" in answer.headers["vary"]
        assert "access-control-allow-credentials" not in answer.headers
    assert preflight(listed, path, origin).status_code == (200 if path.startswith("/api") else 204)


@pytest.mark.parametrize("origin", STRANGERS)
@pytest.mark.parametrize("path", ["/v1/models", "/health"])
def test_any_other_origin_is_not(listed: LivePool, origin: str, path: str) -> None:
    """Neither `null` nor what only begins, ends or looks like a listed one; the name is never repeated."""
    asked, answered = preflight(listed, path, origin), listed.caller({"Origin": origin}).get(path)
    assert asked.status_code == 405
    for answer in (asked, answered):
        assert granted(answer) == {}
        assert "Origin" in answer.headers["vary"]
        assert not origin or origin not in str(answer.headers.multi_items())


def test_an_answer_without_an_origin_varies_all_the_same(listed: LivePool) -> None:
    """A cache must not keep it for a page's request."""
    answer = listed.caller().get("/health")
    assert (answer.headers["vary"], granted(answer)) == ("Origin", {})


def test_it_can_be_turned_off(start: Start) -> None:
    """CORS_ORIGINS empty: no page of any origin."""
    live = start(cors_origins="")
    assert preflight(live, "/v1/models", OURS).status_code == 405
    assert granted(live.caller({"Origin": OURS}).get("/health")) == {}
    assert "vary" not in live.caller().get("/health").headers


NO_ORIGINS = [
    *("null", "app.example", "https://app.example/", "https://app.example/x", "*, https://a.example", "https://"),
    *("https://*.example", "https://u@app.example", "https://app.example?x", "https://app.example:x"),
]


@pytest.mark.parametrize("value", NO_ORIGINS)
def test_what_is_no_origin_stops_the_start(value: str) -> None:
    """A name that no browser sends would let nobody in, and the operator would not know why."""
    with pytest.raises(ValidationError, match="or origins such as https"):
        Settings(_env_file=None, cors_origins=value)


def test_origins_are_read_in_any_case() -> None:
    """Browsers write them small."""
    found = Settings(_env_file=None, cors_origins="https://App.Example , http://[::1]:3000")
    assert found.origins == {"https://app.example", "http://[::1]:3000"}

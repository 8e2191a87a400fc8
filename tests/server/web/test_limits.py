"""Limits as clients meet them: refusals, headers with true numbers, and what the real OpenAI client makes of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import openai
import pytest

from server.domain.limits import DAY_MS
from tests.factories import MODEL, START, SetClock
from tests.live_pool import EMBEDDINGS, LivePool
from tests.server.web.conftest import Start, wait_until

UPDATE, LIST = "/management/client_api_keys/update", "/management/client_api_keys/list"
#: The headers of the rate limits, in their order.
HEADERS = [f"x-ratelimit-{what}-{of}" for of in ("requests", "tokens") for what in ("limit", "remaining", "reset")]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Give the clock of servers started after: it stands still, so that no minute ends in the middle of a test."""
    clock = SetClock(START + DAY_MS // 2)
    monkeypatch.setattr("server.app.Clock", lambda: clock)
    return clock


def key_of(live: LivePool, **terms: Any) -> str:
    """Make a key with limits, as the operator does."""
    answer = live.operator().post(UPDATE, json=terms)
    assert answer.status_code == 200, answer.text
    key: str = answer.json()["key"]
    return key


def embed(client: httpx.Client, text: str, wait: int = 0) -> httpx.Response:
    return client.post(f"{EMBEDDINGS}?wait={wait}", json={"model": MODEL, "input": text})


def client_of(live: LivePool, **terms: Any) -> httpx.Client:
    return live.caller({"Authorization": f"Bearer {key_of(live, **terms)}"})


def told(answer: httpx.Response) -> list[str]:
    """The rate-limit headers of an answer."""
    return [answer.headers[name] for name in HEADERS]


@pytest.mark.parametrize(
    "terms",
    [{"requestsPerMinute": 10}, {"maxInFlight": 10}, {"maxStoredBytes": 10 * 37}, {"tokensPerDay": 100}],
)
def test_sixty_four_at_once_at_a_limit_of_ten(start: Start, clock: SetClock, terms: dict[str, int]) -> None:
    """Real threads on real connections: exactly ten are taken, and exactly ten are on the disk."""
    live = start(max_client_waits=64)
    live.agent()
    client = client_of(live, **terms)
    with ThreadPoolExecutor(64) as threads:
        # Each is a task of 37 bytes of JSON, taken for 10 tokens.
        statuses = list(threads.map(lambda number: embed(client, f"text{number:02}").status_code, range(64)))
    assert (statuses.count(202), statuses.count(429)) == (10, 54)
    assert live.rows()["tasks"] == 10


def test_requests_per_minute(start: Start, clock: SetClock) -> None:
    """OpenAI's error, when to come back in both headers, and the numbers; in the next minute all is well."""
    live = start()
    live.agent()
    client = client_of(live, requestsPerMinute=2)
    clock.advance(15.5)
    assert told(embed(client, "a"))[:3] == ["2", "1", "45s"]
    assert told(embed(client, "b"))[:3] == ["2", "0", "45s"]
    refused = embed(client, "c")
    assert refused.status_code == 429
    assert refused.json()["error"] == {
        "message": "Rate limit reached for this key on requests per min (RPM): Limit 2, Used 2, Requested 1. "
        "Please try again in 45s.",
        "type": "requests",
        "param": None,
        "code": "rate_limit_exceeded",
    }
    assert (refused.headers["retry-after"], refused.headers["retry-after-ms"]) == ("45", "44500")
    assert "x-should-retry" not in refused.headers
    assert told(refused) == ["2", "0", "45s", "300000", "300000", "0s"]
    clock.advance(44.5)
    assert told(client.get("/v1/models"))[:3] == ["2", "2", "0s"], "looking at the models is no request that counts"
    assert embed(client, "c").status_code == 202


def test_tokens_per_day(start: Start, clock: SetClock) -> None:
    """No quota is left: the answer says that trying again is in vain, and until when."""
    live = start()
    live.agent()
    client = client_of(live, tokensPerDay=15)
    assert told(embed(client, "x" * 20))[3:] == ["15", "2", "12h0m0s"]
    refused = embed(client, "y" * 20)
    error = refused.json()["error"]
    assert (refused.status_code, error["type"], error["code"]) == (429, "insufficient_quota", "insufficient_quota")
    assert error["message"].startswith("You exceeded your current quota")
    assert refused.headers["x-should-retry"] == "false"
    assert refused.headers["retry-after"] == str(12 * 3600)
    assert told(refused)[3:] == ["15", "2", "12h0m0s"]


def test_tokens_are_the_true_count_once_the_work_is_done(start: Start) -> None:
    """The header of the answer itself tells what is left after it."""
    live = start()
    client = client_of(live, tokensPerDay=1000)
    with live.agent():
        answer = embed(client, "a text of some length", wait=30)
    assert answer.status_code == 200, answer.text
    left = 1000 - answer.json()["usage"]["total_tokens"]
    assert answer.headers["x-ratelimit-remaining-tokens"] == str(left)


def test_offloadmqs_clients_are_refused_in_the_envelope(start: Start, clock: SetClock) -> None:
    """The same limits on the other surface, with when to come back; a free task has no tokens, but is a request."""
    live = start()
    live.agent(capabilities=[f"embed.{MODEL}", "tool.free"])
    client = client_of(live, requestsPerMinute=1, tokensPerDay=5)
    task = {"capability": "tool.free", "payload": {"text": "x" * 1000}}
    first = client.post("/api/task/submit", json=task)
    assert first.status_code == 200, first.text
    refused = client.post("/api/task/submit", json=task)
    error = refused.json()["error"]
    assert (refused.status_code, error["type"], error["status"]) == (429, "too_many_requests", 429)
    assert error["message"].startswith("Too many requests: Rate limit reached for this key on requests per min")
    assert refused.headers["retry-after"] == "60"
    clock.advance(60)
    spent = client.post("/api/task/submit", json={"capability": f"embed.{MODEL}", "payload": {"input": "x" * 100}})
    assert (spent.status_code, spent.headers["x-should-retry"]) == (429, "false")
    assert "You exceeded your current quota on tokens per day" in spent.json()["error"]["message"]


def test_a_key_without_limits_hears_what_the_server_can_hold(start: Start) -> None:
    """As ever, and now on every answer to a key that is good; not on one to a wrong key."""
    live = start()
    client = live.client()
    for path in ("/v1/models", "/v1/models/none"):
        assert told(client.get(path)) == ["20", "20", "0s", "300000", "300000", "0s"]
    assert not set(HEADERS) & set(live.caller({"Authorization": "Bearer x"}).get("/v1/models").headers)
    assert not set(HEADERS) & set(client.get("/tasks/x").headers)


def test_every_limit_is_set_shown_and_counted(start: Start, clock: SetClock) -> None:
    """Through the operator's API: what a key may, and what it has used now."""
    live = start()
    live.agent()
    most = {"requestsPerMinute": 5, "tokensPerDay": 600, "maxInFlight": 7, "maxStoredBytes": 8000}
    client = client_of(live, name="Ann", **most)
    embed(client, "text00")
    (listed,) = live.operator().get(LIST).json()
    assert {name: listed[name] for name in most} == most
    assert listed["used"] == {"requestsPerMinute": 1, "tokensPerDay": 10, "maxInFlight": 1, "maxStoredBytes": 37}


def test_a_change_keeps_what_it_does_not_name(start: Start) -> None:
    """By the key itself, as OffloadMQ's `{key, capabilities}`, or by its id; null takes a limit away."""
    live = start()
    operator = live.operator()
    made = operator.post(UPDATE, json={"name": "Ann", "requestsPerMinute": 5, "tokensPerDay": 6}).json()
    changed = operator.post(UPDATE, json={"key": made["key"], "capabilities": ["llm.*"]}).json()
    assert (changed["name"], changed["capabilities"]) == ("Ann", ["llm.*"])
    assert (changed["requestsPerMinute"], changed["key"]) == (5, made["key"])
    changed = operator.post(UPDATE, json={"id": made["id"], "requestsPerMinute": None, "name": None}).json()
    assert (changed["requestsPerMinute"], changed["tokensPerDay"], changed["name"]) == (None, 6, "Ann")
    assert changed["capabilities"] == ["llm.*"]
    assert made["key"] not in str(changed), "by its id a key is changed without being shown"
    assert operator.post(UPDATE, json={"id": "unknown"}).status_code == 404


def test_a_key_is_switched_off_and_on(start: Start) -> None:
    """At once, and it is the same key afterwards."""
    live = start()
    key = key_of(live, name="Ann")
    (listed,) = live.operator().get(LIST).json()
    client = live.caller({"Authorization": f"Bearer {key}"})
    assert client.get("/v1/models").status_code == 200
    for disabled, status in ((True, 401), (False, 200)):
        live.operator().post(UPDATE, json={"id": listed["id"], "disabled": disabled})
        answer = client.get("/v1/models")
        assert answer.status_code == status
        if disabled:
            assert answer.json()["error"]["code"] == "key_disabled"
            assert "switched off" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        *(
            ({name: value}, name)
            for name in ("requestsPerMinute", "maxStoredBytes")
            for value in (0, -1, 1.5, "5", True)
        ),
        ({"maxInFlight": 2**53}, "maxInFlight"),
        ({"disabled": "yes"}, "disabled"),
        ({"id": "x", "key": "y"}, "id"),
        ({"id": 5}, "id"),
    ],
)
def test_a_wrong_limit_is_named(start: Start, body: dict[str, Any], field: str) -> None:
    """400 in the envelope; nothing is made."""
    live = start()
    answer = live.operator().post(UPDATE, json=body)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "bad_request")
    assert field in answer.json()["error"]["message"]
    assert live.operator().get(LIST).json() == []


class TestTheOpenAIClient:
    """What a program sees that uses the official library; `statuses` are those of its tries."""

    @pytest.fixture
    def statuses(self) -> list[int]:
        return []

    def ask(
        self, live: LivePool, key: str, text: str, statuses: list[int], **options: Any
    ) -> openai.types.CreateEmbeddingResponse:
        def note(response: Any) -> None:
            statuses.append(response.status_code)

        direct = openai.DefaultHttpxClient(trust_env=False, event_hooks={"response": [note]})
        with openai.OpenAI(base_url=f"{live.url}/v1", api_key=key, http_client=direct, **options) as client:
            return client.embeddings.create(model=MODEL, input=text)

    def test_no_quota_is_asked_for_once(self, start: Start, statuses: list[int]) -> None:
        """`RateLimitError`, without a single retry."""
        live = start()
        key = key_of(live, tokensPerDay=1)
        with live.agent(), pytest.raises(openai.RateLimitError) as refused:
            self.ask(live, key, "a text", statuses, max_retries=5)
        assert (refused.value.code, refused.value.type) == ("insufficient_quota", "insufficient_quota")
        assert statuses == [429]

    def test_the_minutes_limit_is_waited_for(self, start: Start, clock: SetClock, statuses: list[int]) -> None:
        """The library sleeps as long as it is told and asks again; in the next minute it gets its answer."""
        live = start()
        key = key_of(live, requestsPerMinute=1)
        clock.advance(59.8)
        with live.agent():
            self.ask(live, key, "first", statuses)
            with ThreadPoolExecutor(1) as threads:
                answer = threads.submit(self.ask, live, key, "second", statuses, max_retries=20)
                wait_until(lambda: len(statuses) >= 3)
                clock.advance(0.2)
                assert answer.result(20).data
        assert statuses == [200, *[429] * (len(statuses) - 2), 200]

    def test_a_refusal_for_the_minute_is_a_rate_limit_error(self, start: Start, statuses: list[int]) -> None:
        """With its class, its code and when to come back."""
        live = start()
        key = key_of(live, requestsPerMinute=1)
        with live.agent(), pytest.raises(openai.RateLimitError) as refused:
            for number in range(3):
                self.ask(live, key, f"text {number}", statuses, max_retries=0)
        assert (refused.value.code, refused.value.type) == ("rate_limit_exceeded", "requests")
        assert 0 < float(refused.value.response.headers["retry-after"]) <= 60

    def test_a_place_in_flight_is_waited_for(self, start: Start, statuses: list[int]) -> None:
        """The only place is taken by work that nobody has done yet; once it is done, the retry goes through."""
        live = start()
        key = key_of(live, maxInFlight=1)
        agent = live.agent()
        assert embed(live.caller({"Authorization": f"Bearer {key}"}), "first").status_code == 202
        with ThreadPoolExecutor(1) as threads:
            answer = threads.submit(self.ask, live, key, "second", statuses)
            wait_until(lambda: statuses == [429])
            with agent:
                assert answer.result(20).data
        assert statuses == [429, 200]

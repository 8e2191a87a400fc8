"""The connection to the server: tokens, limits, and every trouble as an error in words."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate

import httpx
import pytest

from desktop_agent.core.errors import (
    InsecureServer,
    KeyRefused,
    RequestRefused,
    ServerAnswerOdd,
    ServerBusy,
    ServerError,
    ServerUnreachable,
)
from desktop_agent.core.pool.server_api import MAX_ANSWER_BYTES, ServerApi
from desktop_agent.core.pool.wire import Report, Turn, Update
from desktop_agent.core.state import PoolStatus
from tests.desktop_agent.parts import api_of, run
from tests.fakes.pool import AGENT_ID, INVITE, KEY, FakePool

NOTHING = Turn((), 0, 32, 0, (), Report("ready"))


def ask(pool: FakePool, call: Callable[[ServerApi], Awaitable[object]]) -> object:
    async def once() -> object:
        async with api_of(pool) as api:
            return await call(api)

    return run(once())


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> ServerApi:
    return ServerApi("http://127.0.0.1:9", transport=httpx.MockTransport(answer))


def register(answer: Callable[[httpx.Request], httpx.Response]) -> None:
    async def once() -> None:
        async with answering(answer) as api:
            await api.register(INVITE, {})

    run(once())


def test_the_token_is_fetched_once_and_kept() -> None:
    """Three requests cost one login."""
    pool = FakePool()

    async def thrice(api: ServerApi) -> None:
        for _ in range(3):
            await api.turn(NOTHING)

    ask(pool, thrice)
    assert (pool.logins, len(pool.turns)) == (1, 3)


def test_a_refused_token_is_renewed_once_for_all() -> None:
    """After the server's restart many requests are refused at once: one of them logs in, all of them succeed."""
    pool = FakePool()

    async def story(api: ServerApi) -> None:
        await api.turn(NOTHING)
        pool.forget_tokens()
        await asyncio.gather(*(api.turn(NOTHING) for _ in range(10)))

    ask(pool, story)
    assert (pool.logins, len(pool.turns)) == (2, 11)


def test_a_revoked_key_is_told_as_such() -> None:
    """When the login is refused too, the pool no longer wants us, and says why."""
    pool = FakePool()
    pool.knows_key = False
    with pytest.raises(KeyRefused, match="Incorrect credentials"):
        ask(pool, lambda api: api.turn(NOTHING))


def test_a_good_key_that_may_not_do_this_is_refused_too() -> None:
    """A second 403, with a fresh token, ends it: no endless logging in."""
    pool = FakePool()
    pool.instead["/private/agent/turn"] = [(403, {"error": {"message": "Agent disabled"}})] * 2
    with pytest.raises(KeyRefused, match="Agent disabled"):
        ask(pool, lambda api: api.turn(NOTHING))
    assert pool.logins == 2


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, RequestRefused),
        (404, RequestRefused),
        (429, ServerBusy),
        (500, ServerBusy),
        (502, ServerBusy),
        (503, ServerBusy),
        (302, ServerAnswerOdd),
        (0, ServerUnreachable),
    ],
)
def test_every_status_means_something(status: int, expected: type[ServerError]) -> None:
    """Each bad answer is one of our errors, with a title and a sentence."""
    pool = FakePool()
    pool.instead["/private/agent/turn"] = [(status, {"error": {"message": "Because."}})]
    with pytest.raises(expected) as caught:
        ask(pool, lambda api: api.turn(NOTHING))
    assert caught.value.title
    assert caught.value.message.endswith(".")


def test_the_servers_reason_reaches_the_person() -> None:
    """Why an invite was not taken is in the server's own words, cleaned of control characters."""
    error = {"error": {"message": "This invite\x1b[31m has run out."}}
    with pytest.raises(RequestRefused, match=r"^This invite\[31m has run out\.$"):
        register(lambda _: httpx.Response(403, stream=httpx.ByteStream(httpx.Response(403, json=error).content)))


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("", 5.0), ("soon", 5.0), ("-3", 0.0), ("99999", 600.0)])
def test_a_busy_server_says_when(header: str, seconds: float) -> None:
    """Retry-After is believed within reason."""
    with pytest.raises(ServerBusy) as caught:
        register(lambda _: httpx.Response(503, headers={"Retry-After": header}, stream=httpx.ByteStream(b"")))
    assert caught.value.retry_after == seconds


def test_a_redirect_is_never_followed() -> None:
    """The invite's code goes nowhere else."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        headers = {"Location": "http://evil.example.org/"}
        return httpx.Response(307, headers=headers, stream=httpx.ByteStream(b""))

    with pytest.raises(ServerAnswerOdd, match="never followed"):
        register(answer)
    assert asked == ["127.0.0.1"]


class Endless(httpx.AsyncByteStream):
    """An answer without an end."""

    def __init__(self) -> None:
        self.given = 0

    async def __aiter__(self):  # type: ignore[no-untyped-def]
        while True:
            self.given += 2**20
            yield bytes(2**20)


def test_an_endless_answer_is_cut() -> None:
    """No more than the limit is read, and memory is not filled."""
    stream = Endless()
    with pytest.raises(ServerAnswerOdd):
        register(lambda _: httpx.Response(200, stream=stream))
    assert stream.given <= MAX_ANSWER_BYTES + 2**20


def test_a_packed_answer_is_not_unpacked() -> None:
    """A few bytes that would unpack to gigabytes are refused."""
    with pytest.raises(ServerAnswerOdd):
        register(lambda _: httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"x")))


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b"null", b"{}", b'{"agentId": 5, "key": "x"}', b"\xff"])
def test_nonsense_is_odd(content: bytes) -> None:
    """Anything but the protocol's answer is an error in words."""
    with pytest.raises(ServerAnswerOdd):
        register(lambda _: httpx.Response(200, stream=httpx.ByteStream(content)))


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.ConnectTimeout("slow"),
        httpx.RemoteProtocolError("odd"),
        httpx.ReadError("cut"),
    ],
)
def test_broken_connections_are_told_in_words(error: Exception) -> None:
    """Above the connection nobody sees the HTTP library's exceptions."""

    def fail(_: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(ServerUnreachable, match=r"Cannot reach 127\.0\.0\.1:9"):
        register(fail)


def test_a_bad_certificate_is_named() -> None:
    """A server whose certificate is not trusted is told apart from one that is not there."""

    def fail(_: httpx.Request) -> httpx.Response:
        try:
            raise ssl.SSLCertVerificationError("certificate has expired")
        except ssl.SSLError as cause:
            raise httpx.ConnectError("certificate has expired") from cause

    with pytest.raises(ServerUnreachable, match=r"not trusted: certificate has expired\. This PC's clock says 20"):
        register(fail)


def test_the_servers_clock_is_noted() -> None:
    """By how much it is ahead of ours; an answer without a time, or with nonsense for one, tells nothing."""

    async def skew_after(**headers: str) -> float | None:
        content = b'{"version": "1.0"}'
        async with answering(lambda _: httpx.Response(200, headers=headers, stream=httpx.ByteStream(content))) as api:
            assert api.clock_skew is None
            await api.agent_version()
            return api.clock_skew

    ahead = run(skew_after(Date=formatdate(time.time() + 3600, usegmt=True)))
    assert ahead is not None
    assert abs(ahead - 3600) < 60
    assert run(skew_after()) is None
    assert run(skew_after(Date="yesterday")) is None


def test_plain_http_to_another_machine_is_refused_before_anything_is_sent() -> None:
    """No connection object exists for it, unless its user insists."""
    with pytest.raises(InsecureServer):
        ServerApi("http://pool.example.org")
    run(ServerApi("http://pool.example.org", allow_insecure=True).close())


def test_joining_and_leaving() -> None:
    """Register gives who we are; leave tells the server."""
    pool = FakePool()

    async def story(api: ServerApi) -> tuple[str, str, str]:
        registered = await api.register(INVITE, {"displayName": "x"})
        await api.leave()
        return registered.agent_id, registered.key, registered.pool

    assert ask(pool, story) == (AGENT_ID, KEY, "Test pool")
    assert pool.left


def test_the_pool_tells_of_itself() -> None:
    """Its numbers and ours, and the version that goes with it; a question carries no body."""
    pool = FakePool()
    assert ask(pool, lambda api: api.pool_status()) == PoolStatus(37, 1280, 8412, 300)
    assert ask(pool, lambda api: api.agent_version()) == "0.1.0"
    bodies: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        return httpx.Response(200, stream=httpx.ByteStream(b'{"version": "9.9.9"}'))

    async def once() -> str:
        async with answering(answer) as api:
            return await api.agent_version()

    assert (run(once()), bodies) == ("9.9.9", [b""])


@pytest.mark.parametrize(
    "change",
    [
        {"agentsOnline": -1},
        {"textsWaiting": "many"},
        {"textsWaiting": 1e300},
        {"mine": None},
        {"mine": {"texts": True}},
    ],
)
def test_numbers_that_make_no_sense_are_odd(change: dict[str, object]) -> None:
    """What the server says is believed only as far as it can be."""
    pool = FakePool()
    pool.standing |= change
    with pytest.raises(ServerAnswerOdd):
        ask(pool, lambda api: api.pool_status())


def test_progress_is_answered_by_lease() -> None:
    """The updates go out in the protocol's form, and the server's word for each lease comes back."""
    pool = FakePool()
    chat = pool.submit_chat("Hi")
    pool.leased["1"] = chat
    updates = [Update("1", 1, "Hel", "Hm"), Update("2", 1, "", "")]
    assert ask(pool, lambda api: api.progress(updates)) == {"1": "held", "2": "lost"}
    assert pool.progress == [
        [
            {"lease_id": "1", "seq": 1, "content": "Hel", "thinking": "Hm"},
            {"lease_id": "2", "seq": 1, "content": "", "thinking": ""},
        ]
    ]


def test_heartbeats_and_releases_are_answered_by_lease() -> None:
    """What became of each lease comes back."""
    pool = FakePool()
    pool.lost = {"b"}
    assert ask(pool, lambda api: api.heartbeat(("a", "b"), {})) == {"a": "held", "b": "lost"}
    assert ask(pool, lambda api: api.release(("a",), "user_active")) == {"a": "lost"}
    assert pool.releases == [{"leases": ["a"], "reason": "user_active"}]

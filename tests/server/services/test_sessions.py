"""Operators' sessions: how one begins, how long it lives, and everything that ends it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from server.domain.errors import NotFound, Unauthenticated
from server.services.operator import sessions
from server.services.operator.operations_pool import list_events
from server.services.operator.sessions import Opened
from server.services.pool import Pool
from server.storage.events import LAST
from tests.factories import SetClock, make_settings, open_test_pool

MINUTE = 60


def sign_in(pool: Pool, browser: str = "Firefox") -> Opened:
    return sessions.open_session(
        pool, pool.settings.mgmt_token, address="203.0.113.9", browser=browser, now=pool.clock.now()
    )


def is_open(pool: Pool, opened: Opened) -> bool:
    return sessions.recognise(pool, opened.cookie, pool.clock.now()) is not None


def test_the_management_token_opens_a_session(pool: Pool) -> None:
    opened = sign_in(pool)
    found = sessions.recognise(pool, opened.cookie, pool.clock.now())
    assert found == opened.session
    assert (found.address, found.browser) == ("203.0.113.9", "Firefox")


@pytest.mark.parametrize("token", ["", "wrong", "\udc80", "x" * 10_000])
def test_another_token_opens_none(pool: Pool, token: str) -> None:
    with pytest.raises(Unauthenticated):
        sessions.open_session(pool, token, address="", browser="", now=pool.clock.now())
    assert sessions.list_sessions(pool, pool.clock.now()) == []


def test_a_token_copied_with_its_line_end_is_right(pool: Pool) -> None:
    opened = sessions.open_session(pool, f" {pool.settings.mgmt_token}\n", address="", browser="", now=0)
    assert sessions.recognise(pool, opened.cookie, 0)


def test_another_cookie_is_nobodys(pool: Pool) -> None:
    sign_in(pool)
    for cookie in ("x", "\udc80", sign_in(pool).session.id):
        assert sessions.recognise(pool, cookie, pool.clock.now()) is None


def test_each_sign_in_has_a_cookie_of_its_own(pool: Pool) -> None:
    first, second = sign_in(pool), sign_in(pool)
    assert first.cookie != second.cookie
    assert first.session.id != second.session.id


def test_a_session_ends_after_half_an_hour_without_its_person(pool: Pool, clock: SetClock) -> None:
    opened = sign_in(pool)
    clock.advance(30 * MINUTE - 1)
    assert is_open(pool, opened)
    clock.advance(1)
    assert not is_open(pool, opened)
    assert sessions.list_sessions(pool, clock.now()) == []


def test_a_sign_of_the_person_keeps_it(pool: Pool, clock: SetClock) -> None:
    opened = sign_in(pool)
    clock.advance(20 * MINUTE)
    sessions.note_seen(pool, opened.session, clock.now())
    clock.advance(20 * MINUTE)
    assert is_open(pool, opened)


def test_signs_in_quick_succession_are_written_once(pool: Pool, clock: SetClock) -> None:
    opened = sign_in(pool)
    clock.advance(59)
    sessions.note_seen(pool, opened.session, clock.now())
    found = sessions.recognise(pool, opened.cookie, clock.now())
    assert found and found.seen_at == opened.session.seen_at


def test_a_session_ends_after_twelve_hours_whatever_happens(pool: Pool, clock: SetClock) -> None:
    opened = sign_in(pool)
    for _ in range(12 * 4 - 1):
        clock.advance(15 * MINUTE)
        found = sessions.recognise(pool, opened.cookie, clock.now())
        assert found
        sessions.note_seen(pool, found, clock.now())
    clock.advance(15 * MINUTE)
    assert not is_open(pool, opened)


def test_signing_out_ends_one(pool: Pool) -> None:
    mine, other = sign_in(pool), sign_in(pool)
    sessions.close_session(pool, mine.session.id, pool.clock.now())
    assert (is_open(pool, mine), is_open(pool, other)) == (False, True)
    with pytest.raises(NotFound):
        sessions.close_session(pool, mine.session.id, pool.clock.now())


def test_signing_out_everywhere_ends_all(pool: Pool) -> None:
    mine, other = sign_in(pool), sign_in(pool)
    assert sessions.close_all(pool, pool.clock.now()) == 2
    assert not is_open(pool, mine)
    assert not is_open(pool, other)


def test_another_management_token_ends_every_session(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("data")
    clock = SetClock()
    pool = open_test_pool(make_settings(folder, mgmt_token="a-first-management-token"), clock)
    opened = sign_in(pool)
    pool.database.close()
    again = open_test_pool(make_settings(folder, mgmt_token="a-first-management-token"), clock)
    assert is_open(again, opened)
    again.database.close()
    changed = open_test_pool(make_settings(folder, mgmt_token="a-second-management-token"), clock)
    assert not is_open(changed, opened)
    changed.database.close()


def test_the_token_is_asked_again_after_a_quarter_of_an_hour(pool: Pool, clock: SetClock) -> None:
    opened = sign_in(pool)
    assert not opened.session.needs_token(clock.now())
    assert opened.session.needs_token(clock.advance(15 * MINUTE))
    with pytest.raises(Unauthenticated):
        sessions.confirm(pool, opened.session, "wrong", clock.now())
    sessions.confirm(pool, opened.session, pool.settings.mgmt_token, clock.now())
    found = sessions.recognise(pool, opened.cookie, clock.now())
    assert found and not found.needs_token(clock.now())


def test_what_is_over_is_deleted_at_the_next_sign_in(pool: Pool, clock: SetClock) -> None:
    sign_in(pool)
    clock.advance(3600)
    sign_in(pool)
    with closing(sqlite3.connect(pool.settings.database_path)) as connection:
        assert connection.execute("SELECT count(*) FROM operator_sessions").fetchone()[0] == 1


def test_neither_cookie_nor_token_is_kept(pool: Pool) -> None:
    opened = sign_in(pool)
    with closing(sqlite3.connect(pool.settings.database_path)) as connection:
        kept = str(connection.execute("SELECT * FROM operator_sessions").fetchall())
    assert opened.cookie not in kept
    assert pool.settings.mgmt_token not in kept


def test_what_was_done_is_an_event(pool: Pool) -> None:
    opened = sign_in(pool, browser="B" * 1000)
    assert len(opened.session.browser) == 300
    sessions.close_session(pool, opened.session.id, pool.clock.now())
    sessions.close_all(pool, pool.clock.now())
    verbs = [event.verb for event in list_events(pool, LAST, 10)]
    assert sorted(verbs) == ["session.close", "session.close_all", "session.open"]

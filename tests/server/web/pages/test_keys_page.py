"""The pages of client keys: every act to what it does to requests, every wrong field, and that a key is shown once."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from server.domain.trust import Trust
from server.services import access
from server.services.operator import key_records, sessions
from server.storage.keys import StoredKey
from server.storage.models import OperatorSession
from tests.factories import MODEL
from tests.live_pool import EMBEDDINGS, LivePool
from tests.server.web.conftest import Start
from tests.server.web.pages.conftest import Operator, sign_in
from tests.server.web.pages.reading import error_of, text_of, value_of

#: The least that makes a key.
LEAST = {"name": "Search", "trust": "public"}
#: Everything that can be said of one.
TERMS = {
    "name": "Search",
    "models": "embed.*\nllm.gemma3",
    "requests_per_minute": "60",
    "tokens_per_day": "1,000,000",
    "max_in_flight": "20",
    "stored": "3",
    "stored_unit": "1048576",
    "trust": "vetted",
    "expiry": "7",
}
DAY_MS = 86_400_000
ODD_NAME = '<b onclick=x()>O\'Neil & "Söhne"</b> 日本 {{ 7*7 }}'


def make(operator: Operator, **form: str) -> httpx.Response:
    """Make a key through its form; it has to be made."""
    made = operator.post("/admin/keys/new", {**LEAST, **form})
    assert made.status_code == 201, made.text
    return made


def id_of(made: httpx.Response) -> str:
    found = re.search(r'data-once="/admin/keys/(\w+)"', made.text)
    assert found
    return found[1]


def stored(live: LivePool, key_id: str) -> StoredKey:
    return key_records.find_key(live.pool, key_id, live.pool.clock.now()).stored


def ask(live: LivePool, key: str) -> httpx.Response:
    """Ask for the models, as a client does."""
    return live.caller({"Authorization": f"Bearer {key}"}).get("/v1/models")


def test_a_key_made_here_works_and_has_the_terms_that_were_asked_for(operator: Operator) -> None:
    live = operator.live
    before = live.pool.clock.wall()
    made = make(operator, **TERMS)
    assert ask(live, text_of(made.text, "key")).status_code == 200
    key = stored(live, id_of(made))
    assert (key.name, key.capabilities, key.trust) == ("Search", '["embed.*","llm.gemma3"]', Trust.VETTED)
    limits = (key.requests_per_minute, key.tokens_per_day, key.max_in_flight, key.max_stored_bytes)
    assert limits == (60, 1_000_000, 20, 3 * 1024**2)
    assert key.expires_at is not None
    assert 7 * DAY_MS <= key.expires_at - before < 7 * DAY_MS + 60_000


def test_a_key_without_terms_may_use_everything_and_has_no_limits(operator: Operator) -> None:
    key = stored(operator.live, id_of(make(operator, expiry="0")))
    assert (key.capabilities, key.limits, key.expires_at, key.trust) == ('["*"]', None, None, Trust.PUBLIC)


def test_a_key_is_shown_once_and_nowhere_later(operator: Operator, caplog: pytest.LogCaptureFixture) -> None:
    """Not on its page, in no list, not on the disk, not in the log, and the answer is kept by no cache."""
    caplog.set_level("DEBUG")
    made = make(operator)
    key, secret = text_of(made.text, "key"), text_of(made.text, "key").split("_", 3)[3]
    assert made.headers["cache-control"] == "no-store"
    assert ask(operator.live, key).status_code == 200
    for path in ("/admin/keys", f"/admin/keys/{id_of(made)}", "/admin/health", "/admin/"):
        assert secret not in operator.get(path).text
    assert secret.encode() not in operator.live.on_disk()
    assert secret not in caplog.text


@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        ("name", "", "Give it a name"),
        ("name", "   ", "Give it a name"),
        ("name", "x" * 101, "At most 100 characters"),
        ("name", "bell \x07", "printable"),
        ("models", "embed.* \x01", "is none"),
        ("models", "\n".join(f"embed.m{number}" for number in range(101)), "at most 100"),
        ("requests_per_minute", "0", "whole number from 1"),
        ("requests_per_minute", "many", "whole number"),
        ("tokens_per_day", "-5", "whole number from 1"),
        ("tokens_per_day", "1.5", "whole number"),
        ("max_in_flight", "9" * 30, "whole number from 1"),
        ("stored", "9007199254740991", "more than"),
        ("stored_unit", "7", "valid choice"),
        ("expiry", "8", "valid choice"),
        ("expiry", "soon", "valid choice"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_typed_is_lost(operator: Operator, field: str, typed: str, why: str) -> None:
    """Which field and why, in a summary that takes the focus, too; and no key is made."""
    wrong = {**TERMS, field: typed}
    answer = operator.post("/admin/keys/new", wrong)
    assert answer.status_code == 422
    assert why in error_of(answer.text, field)
    assert f'<a href="#{field}">' in answer.text
    assert re.search(r'class="notice notice-bad"[^>]* tabindex="-1" data-focus', answer.text)
    kept = {name: value_of(answer.text, name) for name in TERMS}
    if field in {"stored_unit", "expiry"}:
        # What cannot be chosen is not offered.
        del kept[field], wrong[field]
    assert kept == wrong
    assert access.list_keys(operator.live.pool, operator.live.pool.clock.now()) == []


def test_a_trust_that_there_is_not_makes_no_key(operator: Operator) -> None:
    assert operator.post("/admin/keys/new", {**TERMS, "trust": "everybody"}).status_code == 422
    assert access.list_keys(operator.live.pool, operator.live.pool.clock.now()) == []


def test_making_a_key_wants_the_token_again_after_a_while(operator: Operator) -> None:
    """It is asked for with the rest of the form, a wrong one makes no key, and the right one is not asked for twice."""
    long_ago = operator.live.pool.clock.now() - sessions.CONFIRMED_MS
    confirmed = update(OperatorSession).values(confirmed_at=long_ago)
    operator.live.pool.database.write(lambda connection: connection.execute(confirmed))
    assert "management_token" in operator.get("/admin/keys/new").text
    answer = operator.post("/admin/keys/new", TERMS)
    assert answer.status_code == 422
    assert "management token" in error_of(answer.text, "management_token")
    assert value_of(answer.text, "tokens_per_day") == TERMS["tokens_per_day"]
    answer = operator.post("/admin/keys/new", {**TERMS, "management_token": "wrong"})
    assert answer.status_code == 422
    assert 'value="wrong"' not in answer.text
    assert access.list_keys(operator.live.pool, operator.live.pool.clock.now()) == []
    make(operator, management_token=operator.live.settings.mgmt_token)
    make(operator)


def test_odd_names_are_only_text(operator: Operator) -> None:
    made = make(operator, name=ODD_NAME)
    for page in (made.text, operator.get("/admin/keys").text, operator.get(f"/admin/keys/{id_of(made)}").text):
        assert "<b onclick" not in page
        assert "O&#39;Neil &amp; &#34;Söhne&#34;&lt;/b&gt; 日本 {{ 7*7 }}" in page
    assert value_of(operator.get(f"/admin/keys/{id_of(made)}").text, "name") == ODD_NAME


def test_a_disabled_key_is_refused_until_it_is_enabled(operator: Operator) -> None:
    made = make(operator)
    key, path = text_of(made.text, "key"), f"/admin/keys/{id_of(made)}"
    answer = operator.post(f"{path}/disable")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?done=key.disabled")
    assert ask(operator.live, key).json()["error"]["code"] == "key_disabled"
    assert "disabled" in operator.fragment("/admin/keys")
    operator.post(f"{path}/enable")
    assert ask(operator.live, key).status_code == 200


def test_a_revoked_key_is_refused_for_good(operator: Operator) -> None:
    """Its page stays, without anything to do; it leaves the list of those in use for the other one."""
    made = make(operator)
    key, path = text_of(made.text, "key"), f"/admin/keys/{id_of(made)}"
    operator.post(f"{path}/revoke")
    refused = ask(operator.live, key)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "key_disabled")
    assert id_of(made) not in operator.fragment("/admin/keys")
    assert id_of(made) in operator.fragment("/admin/keys?show=revoked")
    page = operator.get(path).text
    assert "revoked" in page
    assert f'action="{path}' not in page
    for act in ("revoke", "enable", "disable"):
        assert operator.post(f"{path}/{act}").status_code == 404
    assert operator.post(path, TERMS).status_code == 404
    assert ask(operator.live, key).status_code == 401


def test_an_expired_key_says_so(operator: Operator) -> None:
    live, now = operator.live, operator.live.pool.clock.now()
    issued = access.issue_key(live.pool, now=now - 2000, name="short", expires_at=now - 1000)
    assert "expired" in operator.fragment("/admin/keys")
    assert "expired" in operator.fragment(f"/admin/keys/{issued.stored.id}")


def test_terms_are_shown_as_they_are_and_can_be_changed(operator: Operator) -> None:
    made = make(operator, **TERMS)
    path = f"/admin/keys/{id_of(made)}"
    page = operator.get(path).text
    shown = {name: value_of(page, name) for name in TERMS}
    assert shown == {**TERMS, "tokens_per_day": "1000000", "expiry": "keep"}
    before = stored(operator.live, id_of(made))
    answer = operator.post(path, {**shown, "name": "Other", "requests_per_minute": "", "models": "", "trust": "own"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?done=key.changed")
    key = stored(operator.live, id_of(made))
    assert (key.name, key.requests_per_minute, key.capabilities, key.trust) == ("Other", None, '["*"]', Trust.OWN)
    assert (key.tokens_per_day, key.expires_at) == (1_000_000, before.expires_at)
    assert operator.post(path, {**shown, "expiry": "0"}).status_code == 303
    assert stored(operator.live, id_of(made)).expires_at is None


def test_wrong_terms_change_nothing(operator: Operator) -> None:
    made = make(operator, **TERMS)
    before = stored(operator.live, id_of(made))
    answer = operator.post(f"/admin/keys/{id_of(made)}", {**TERMS, "name": "Other", "max_in_flight": "none"})
    assert answer.status_code == 422
    assert "whole number" in error_of(answer.text, "max_in_flight")
    assert value_of(answer.text, "name") == "Other"
    assert stored(operator.live, id_of(made)) == before


def test_what_a_key_used_is_shown(operator: Operator) -> None:
    """Of its limits now, by day, and by model; also what another key used is not there."""
    live = operator.live
    made = make(operator, requests_per_minute="50", tokens_per_day="1000", max_in_flight="9", stored="1")
    client = live.caller({"Authorization": f"Bearer {text_of(made.text, 'key')}"})
    with live.agent():
        for text in ("one two three", "four"):
            assert client.post(EMBEDDINGS, json={"model": MODEL, "input": text}).status_code == 200
    page = operator.fragment(f"/admin/keys/{id_of(made)}")
    assert "2 of 50 this minute" in page or "0 of 50 this minute" in page, "unless the minute was just over"
    assert "6 of 1,000 today" in page
    assert "0 of 9 in flight" in page
    assert re.search(r">[1-9]\d* B of 1\.0 MiB<", page)
    assert re.search(rf"embed\.{MODEL}</th>\s*<td[^>]*>2</td>", page)
    assert re.search(r"Completed <b>2</b>", page)
    listed = operator.fragment("/admin/keys")
    assert "6 tokens in 30 days" in listed
    other = make(operator, name="Other")
    assert "Not used in the last 30 days." in operator.fragment(f"/admin/keys/{id_of(other)}")


def test_keys_of_the_environment_are_marked_and_come_back(start: Start) -> None:
    """Revoking one holds until the next start, as the page says before it is done; disabling one outlives it."""
    given: dict[str, Any] = {"client_api_keys": "a-key-of-the-environment-1"}
    live = start(**given)
    operator = sign_in(live)
    key_id = access.list_keys(live.pool, live.pool.clock.now())[0].stored.id
    assert "environment" in operator.fragment("/admin/keys")
    assert "when the server starts again, the key works again" in operator.get(f"/admin/keys/{key_id}").text
    operator.post(f"/admin/keys/{key_id}/revoke")
    assert ask(live, "a-key-of-the-environment-1").status_code == 401
    access.take_keys_from_environment(live.pool, live.settings.client_keys, live.pool.clock.now())
    assert ask(live, "a-key-of-the-environment-1").status_code == 200
    operator.post(f"/admin/keys/{key_id}/disable")
    access.take_keys_from_environment(live.pool, live.settings.client_keys, live.pool.clock.now())
    assert ask(live, "a-key-of-the-environment-1").status_code == 401


@pytest.mark.parametrize("key_id", ["operator", "01M00000000000000000000000", "%3Cscript%3E"])
def test_there_is_no_page_of_what_is_no_key(operator: Operator, key_id: str) -> None:
    """The operator's own key, under which trials run, is none either."""
    live = operator.live
    operator.get("/admin/try")
    assert operator.get(f"/admin/keys/{key_id}").status_code == 404
    assert operator.post(f"/admin/keys/{key_id}/enable").status_code == 404
    assert ask(live, key_id).status_code == 401


def test_an_empty_list_says_what_to_do(operator: Operator) -> None:
    assert "Make the first key" in operator.fragment("/admin/keys")
    assert "No key was revoked" in operator.fragment("/admin/keys?show=revoked")

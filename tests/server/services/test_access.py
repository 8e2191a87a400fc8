"""Who may do what: client keys, invites, agents' keys and tokens."""

from __future__ import annotations

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import orjson
import pytest

from server.domain.errors import Forbidden, InvalidRequest, NotFound, Unauthenticated
from server.services import access, answers, enrolment, invitations
from server.services.embeddings import submit_embeddings
from server.services.pool import Pool
from server.services.tokens import AUDIENCE, TokenChecker
from server.settings import Settings
from server.storage import agents as known_agents
from server.storage import keys
from server.storage.agents import NATIVE, OFFLOADMQ
from tests.factories import (
    SetClock,
    claim_one,
    current,
    delivery,
    description,
    enqueue,
    issue_client_key,
    make_agent,
    make_client,
    make_invite,
    make_request,
    model_offer,
    take_turn,
)


class TestClientKeys:
    def test_a_key_is_recognised_until_it_is_revoked(self, pool: Pool) -> None:
        """Also when it was used just before: what is remembered of it is forgotten at once."""
        issued = issue_client_key(pool)
        assert pool.keys.recognise(issued.key, pool.clock.now()) == issued.client
        access.revoke_key(pool, issued.client.id, pool.clock.now())
        with pytest.raises(Unauthenticated) as refused:
            pool.keys.recognise(issued.key, pool.clock.now())
        assert refused.value.code == "key_disabled"
        with pytest.raises(NotFound):
            access.revoke_key(pool, issued.client.id, pool.clock.now())

    def test_a_key_revoked_while_it_is_looked_up_is_not_remembered(
        self, pool: Pool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Read before and stored after the revocation, it would be good for ever."""
        issued, find = issue_client_key(pool), keys.find_by_hash

        def find_then_revoke(connection: Any, key_hash: str) -> Any:
            found = find(connection, key_hash)
            monkeypatch.setattr(keys, "find_by_hash", find)
            with ThreadPoolExecutor(1) as threads:
                threads.submit(access.revoke_key, pool, issued.client.id, pool.clock.now()).result(20)
            return found

        pool.keys.forget()
        monkeypatch.setattr(keys, "find_by_hash", find_then_revoke)
        pool.keys.recognise(issued.key, pool.clock.now())
        with pytest.raises(Unauthenticated):
            pool.keys.recognise(issued.key, pool.clock.now())

    def test_a_key_expires(self, pool: Pool, clock: SetClock) -> None:
        """From its expiry on it is refused, also when it was remembered."""
        issued = access.issue_key(
            pool, name="short", capabilities=["*"], expires_at=clock.now() + 1000, now=clock.now()
        )
        pool.keys.recognise(issued.key, clock.now())
        with pytest.raises(Unauthenticated) as refused:
            pool.keys.recognise(issued.key, clock.advance(1))
        assert refused.value.code == "key_expired"

    @pytest.mark.parametrize("key", ["", "ep_live_", "x" * 600, "ep_live_abc_def_00000000", "unknown"])
    def test_what_is_no_key_is_refused(self, pool: Pool, key: str) -> None:
        """With words that do not repeat it whole."""
        with pytest.raises(Unauthenticated) as refused:
            pool.keys.recognise(key, pool.clock.now())
        assert len(key) <= len("ep_live_") or key not in refused.value.message

    def test_only_hashes_are_stored(self, pool: Pool, settings: Settings) -> None:
        """Neither client keys, invites nor agents' keys can be read from the database file."""
        issued, code = issue_client_key(pool), make_invite(pool)
        agent_key = enrolment.enrol(pool, code, description(), pool.clock.now()).key
        pool.database.close()
        stored = b"".join(path.read_bytes() for path in settings.database_root_path.iterdir())
        assert issued.client.id.encode() in stored
        assert [secret for secret in (issued.key, code, agent_key) if secret.encode() in stored] == []

    def test_a_key_opens_only_the_models_it_names(self, pool: Pool) -> None:
        """Another model is forbidden, whether it exists or not."""
        make_agent(pool)
        client = make_client(pool, capabilities=["embed.nomic-*"])
        enqueue(pool, client, "hello")
        limited = make_client(pool, capabilities=["embed.other"])
        with pytest.raises(Forbidden):
            submit_embeddings(
                pool, limited, make_request("hello"), on_the_line=True, only_if_online=False, now=pool.clock.now()
            )

    def test_a_job_is_its_clients_alone(self, pool: Pool) -> None:
        """To everybody else it does not exist."""
        agent, client, other = make_agent(pool), make_client(pool), make_client(pool, "other")
        job_id = enqueue(pool, client, "hello")
        take_turn(pool, agent, delivery(claim_one(pool, agent)), most=0)
        assert answers.fetch(pool, client, job_id) is not None
        with pytest.raises(NotFound):
            answers.fetch(pool, other, job_id)

    def test_keys_from_the_environment_come_and_go(self, pool: Pool, caplog: pytest.LogCaptureFixture) -> None:
        """A key that the environment no longer gives is worthless; others are not touched. Short ones are warned of."""
        issued, now = issue_client_key(pool), pool.clock.now()
        access.take_keys_from_environment(pool, ["first-key-of-the-operator", "short"], now)
        assert pool.keys.recognise("short", now).name == "from the environment"
        assert "can be guessed" in caplog.text
        access.take_keys_from_environment(pool, ["first-key-of-the-operator"], now)
        pool.keys.recognise("first-key-of-the-operator", now)
        pool.keys.recognise(issued.key, now)
        with pytest.raises(Unauthenticated):
            pool.keys.recognise("short", now)
        access.take_keys_from_environment(pool, ["short"], now)
        pool.keys.recognise("short", now)

    @pytest.mark.parametrize(
        ("changes", "param"),
        [
            ({"name": " "}, "name"),
            ({"name": "x" * 101}, "name"),
            ({"capabilities": []}, "capabilities"),
            ({"capabilities": [""]}, "capabilities"),
            ({"expires_at": 1}, "expiresAt"),
        ],
    )
    def test_a_wrong_field_is_named(self, pool: Pool, changes: dict[str, Any], param: str) -> None:
        """Nothing is stored then."""
        wanted: dict[str, Any] = {"name": "n", "capabilities": ["*"], "expires_at": None, **changes}
        with pytest.raises(InvalidRequest) as refused:
            access.issue_key(pool, now=pool.clock.now(), **wanted)
        assert refused.value.param == param
        assert access.list_keys(pool, pool.clock.now()) == []


class TestInvites:
    def join(self, pool: Pool, code: str, **changes: Any) -> str:
        return enrolment.enrol(pool, code, description(**changes), pool.clock.now()).agent_id

    def test_an_invite_lets_in_as_many_as_it_says(self, pool: Pool) -> None:
        """The third of two is told that it has been used; without a number any number may join."""
        code, endless = make_invite(pool, max_uses=2), make_invite(pool)
        for invite in (code, code, endless, endless, endless):
            self.join(pool, invite)
        with pytest.raises(Forbidden, match="has been used"):
            self.join(pool, code)

    def test_an_invite_that_is_over_says_why(self, pool: Pool, clock: SetClock) -> None:
        """Expired, revoked and unknown ones let nobody in; who joined before stays."""
        code = make_invite(pool, expires_at=clock.now() + 1000)
        agent_id = self.join(pool, code)
        clock.advance(1)
        with pytest.raises(Forbidden, match="has run out"):
            self.join(pool, code)
        revoked = make_invite(pool)
        invitations.revoke_invite(pool, revoked, clock.now())
        with pytest.raises(Forbidden, match="was revoked"):
            self.join(pool, revoked)
        with pytest.raises(Forbidden, match="not one of this pool"):
            self.join(pool, "ep_inv_unknown")
        assert current(pool, agent_id).agent.id == agent_id

    def test_an_invites_terms_win_over_what_the_agent_says(self, pool: Pool) -> None:
        """Tier and models are bounded by the invite, now and when the agent describes itself again."""
        code = make_invite(pool, tier=2, capabilities=["embed.nomic-*"])
        everything = description([model_offer(), model_offer("secret-model")], tier=250)
        agent_id = enrolment.enrol(pool, code, everything, pool.clock.now()).agent_id
        for _ in range(2):
            present = current(pool, agent_id)
            assert (present.agent.tier, set(present.eligible)) == (2, {"embed.nomic-embed-text"})
            enrolment.update_description(pool, present, everything, pool.clock.now())

    def test_a_model_without_known_dimensions_is_not_offered_yet(self, pool: Pool) -> None:
        """Its vectors could not be told apart; once the engine was asked it is."""
        agent = make_agent(pool, description([model_offer(dimensions=None)]))
        assert agent.eligible == {}
        enrolment.update_description(pool, agent, description(), pool.clock.now())
        assert set(current(pool, agent.agent.id).eligible) == {"embed.nomic-embed-text"}

    def test_the_first_class_of_a_model_is_the_pools(self, pool: Pool) -> None:
        """Another digest, length or engine is another class, and differs from then on."""
        make_agent(pool)
        different = make_agent(pool, description([model_offer(digest="another")]))
        assert (different.eligible, sorted(different.differing)) == ({}, ["embed.nomic-embed-text"])


def unsigned(claims: dict[str, Any]) -> str:
    header = base64.urlsafe_b64encode(orjson.dumps({"alg": "none", "typ": "JWT"})).rstrip(b"=").decode()
    body = base64.urlsafe_b64encode(orjson.dumps(claims)).rstrip(b"=").decode()
    return f"{header}.{body}."


class TestTokens:
    def join(self, pool: Pool) -> enrolment.Enrolled:
        return enrolment.enrol(pool, make_invite(pool), description(), pool.clock.now())

    @pytest.mark.parametrize(("protocol", "life"), [(NATIVE, 3600), (OFFLOADMQ, 7 * 24 * 3600)])
    def test_a_key_is_exchanged_for_a_token(self, pool: Pool, clock: SetClock, protocol: str, life: int) -> None:
        """Ours is good for an hour, OffloadMQ's for a week; then the agent asks for another one."""
        checker = TokenChecker(pool)
        joined = enrolment.enrol(pool, make_invite(pool), description(protocol=protocol), clock.now())
        token, expires_at = enrolment.authenticate(pool, joined.agent_id, joined.key, clock.wall())
        assert checker.recognise(token, clock.wall()).agent.id == joined.agent_id
        assert expires_at == clock.wall() // 1000 + life
        clock.advance(life)
        with pytest.raises(Forbidden):
            checker.recognise(token, clock.wall())

    def test_a_wrong_key_gets_no_token(self, pool: Pool) -> None:
        """Nor does an unknown agent, another agent's key or one that left; all hear the same."""
        joined, other = self.join(pool), self.join(pool)
        left = self.join(pool)
        enrolment.leave(pool, left.agent_id, pool.clock.now())
        for agent_id, key in (
            (joined.agent_id, "wrong"),
            (joined.agent_id, other.key),
            (joined.agent_id, ""),
            ("unknown", joined.key),
            (left.agent_id, left.key),
            (left.agent_id, ""),
        ):
            with pytest.raises(Forbidden, match="Incorrect credentials"):
                enrolment.authenticate(pool, agent_id, key, pool.clock.now())

    def test_an_agent_that_left_is_refused_at_once(self, pool: Pool) -> None:
        """Its token was remembered a moment ago, and is worthless all the same."""
        joined, checker = self.join(pool), TokenChecker(pool)
        token, _ = enrolment.authenticate(pool, joined.agent_id, joined.key, pool.clock.now())
        checker.recognise(token, pool.clock.now())
        enrolment.leave(pool, joined.agent_id, pool.clock.now())
        for again in (checker, TokenChecker(pool)):
            with pytest.raises(Forbidden):
                again.recognise(token, pool.clock.now())

    def test_an_agent_that_leaves_while_it_is_looked_up_does_not_stay(
        self, pool: Pool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Read before and remembered after it left, it would stay for ever."""
        joined, find = self.join(pool), known_agents.find
        leaving = threading.Thread(target=enrolment.leave, args=(pool, joined.agent_id, pool.clock.now()))

        def find_then_leave(connection: Any, agent_id: str) -> Any:
            found = find(connection, agent_id)
            monkeypatch.setattr(known_agents, "find", find)
            leaving.start()
            # It may have to wait for us; if not, it is done before we remember what we read.
            leaving.join(0.3)
            return found

        pool.roster.forget(joined.agent_id)
        monkeypatch.setattr(known_agents, "find", find_then_leave)
        pool.roster.get(joined.agent_id)
        leaving.join(20)
        assert pool.roster.get(joined.agent_id) is None

    def test_forged_tokens_are_refused(self, pool: Pool, settings: Settings) -> None:
        """Whatever is wrong with a token: none, another algorithm, another secret, old, for others, incomplete."""
        joined, checker, now = self.join(pool), TokenChecker(pool), pool.clock.now() // 1000
        good = {"sub": joined.agent_id, "aud": AUDIENCE, "exp": now + 60}
        secret = settings.jwt_secret
        checker.recognise(jwt.encode(good, secret, "HS256"), now * 1000)
        forged = [
            unsigned(good),
            jwt.encode(good, secret + "x" * 64, "HS256"),
            jwt.encode(good, secret * 2, "HS512"),
            jwt.encode(good, secret * 2, "HS384"),
            jwt.encode({**good, "exp": now - 1}, secret, "HS256"),
            jwt.encode({**good, "aud": "another"}, secret, "HS256"),
            jwt.encode({**good, "sub": "unknown"}, secret, "HS256"),
            *(jwt.encode({**good, name: None}, secret, "HS256") for name in ("aud", "sub")),
            *(jwt.encode({k: v for k, v in good.items() if k != name}, secret, "HS256") for name in good),
            "",
            "no.token.at-all",
            "a" * 5000,
        ]
        for token in forged:
            with pytest.raises(Forbidden):
                checker.recognise(token, now * 1000)

    def test_a_token_with_another_part_is_refused(self, pool: Pool) -> None:
        """One agent's signature under another agent's claims is none."""
        first, second = (self.join(pool) for _ in range(2))
        checker, now = TokenChecker(pool), pool.clock.now()
        tokens = [enrolment.authenticate(pool, one.agent_id, one.key, now)[0].split(".") for one in (first, second)]
        for part in range(3):
            mixed = [*tokens[0]]
            mixed[part] = tokens[1][part]
            if mixed not in tokens:
                with pytest.raises(Forbidden):
                    checker.recognise(".".join(mixed), now)

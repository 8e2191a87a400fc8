"""Enrolment: how a volunteer's PC becomes an agent of the pool, says what it has, and leaves."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import orjson
from sqlalchemy import Connection

from server.domain import ids
from server.domain.capability import (
    allows,
    base,
    chat_capability,
    embedding_capability,
    is_cloud_model,
    kind_of,
    model_of,
    queue_of,
)
from server.domain.errors import Forbidden
from server.domain.model_class import ModelOffer, told_class
from server.services import classes, settling, tokens
from server.services.invite_records import InviteState, state_of
from server.services.outcomes import Aftermath
from server.services.pool import Pool
from server.services.roster import Present
from server.storage import agents, attempts, census, events, invites
from server.storage.agents import NATIVE, Profile
from server.storage.invites import StoredInvite

log = logging.getLogger(__name__)

#: What our own agent calls itself in `systemInfo.client`.
NATIVE_CLIENT = "embedpool-agent"


@dataclass(frozen=True, slots=True)
class Description:
    """What an agent says of itself."""

    profile: Profile
    #: As registered, attributes in brackets included.
    capabilities: Sequence[str]
    models: Sequence[ModelOffer]
    #: What it speaks: `turn` (our own agent), `offloadmq` or `llmequeue`.
    protocol: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An agent that joined; the key is shown this once and kept nowhere."""

    agent_id: str
    key: str


def enrol(pool: Pool, code: str, description: Description, now: int) -> Enrolled:
    """Let an agent join with an invite; Forbidden says why the invite is worth nothing."""
    enrolled = Enrolled(ids.new_ulid(now), ids.new_agent_key())

    def register(connection: Connection) -> None:
        invite = _usable_invite(connection, code, now)
        profile = description.profile
        agents.register(
            connection,
            enrolled.agent_id,
            profile if invite.tier is None else replace(profile, tier=invite.tier),
            key_hash=ids.key_hash(enrolled.key),
            invite_id=invite.id,
            protocol=description.protocol,
            trust=invite.trust,
            now=now,
        )
        _replace_offers(connection, enrolled.agent_id, description, invite, now)
        joined = {"invite": invite.id, "name": description.profile.display_name}
        actor = events.by_agent(enrolled.agent_id)
        events.record(
            connection, actor=actor, verb="agent.join", subject=enrolled.agent_id, now=now, detail=dict(joined)
        )

    pool.database.write(register)
    classes.reload(pool)
    pool.roster.refresh(enrolled.agent_id)
    log.info("agent %s joined", enrolled.agent_id)
    return enrolled


def volunteers_of(pool: Pool, code: str, now: int) -> int:
    """Count the PCs that belong to the pool, for who was invited; Forbidden as in `enrol`. The invite is not used."""
    with pool.database.read() as connection:
        invite = _known_invite(connection, code)
        if not invite.usable(now):
            raise _worthless(invite, now)
        return census.count_members(connection)


def _usable_invite(connection: Connection, code: str, now: int) -> StoredInvite:
    invite = _known_invite(connection, code)
    if not invites.use(connection, invite.id, now):
        raise _worthless(invite, now)
    return invite


def _known_invite(connection: Connection, code: str) -> StoredInvite:
    hashed = ids.key_hash(code)
    invite = invites.find_by_hash(connection, hashed)
    if invite is None or not hmac.compare_digest(invite.code_hash, hashed):
        raise Forbidden("Incorrect API key. This invite is not one of this pool.")
    return invite


def _worthless(invite: StoredInvite, now: int) -> Forbidden:
    """Say why nobody can join with an invite."""
    why = _WHY.get(state_of(invite, now), "has been used")
    return Forbidden(f"Incorrect API key. This invite {why}. Ask the pool for a new one.")


_WHY = {InviteState.REVOKED: "was revoked", InviteState.EXPIRED: "has run out"}


def _replace_offers(
    connection: Connection, agent_id: str, description: Description, invite: StoredInvite | None, now: int
) -> None:
    """Write what the agent can run, as far as its invite allows it."""
    patterns = orjson.loads(invite.capabilities) if invite else ["*"]
    allowed = [one for one in description.capabilities if allows(patterns, one) and not _is_in_the_cloud(one)]
    # Our own agent runs nothing but models, whatever it may say.
    kinds = ("chat",) if description.protocol == NATIVE else ("chat", "task")
    offers: dict[str, tuple[int | None, str | None]] = {
        queue_of(capability): (None, None) for capability in allowed if kind_of(capability) in kinds
    }
    if description.protocol != NATIVE:
        offers |= _foreign_embeddings(connection, allowed, now)
    for model in description.models:
        identity = model.model_class
        capability = (chat_capability if model.kind == "chat" else embedding_capability)(model.model)
        if identity is not None and allows(patterns, capability):
            class_id = classes.admit(
                connection,
                identity,
                quantisation=model.quantisation,
                context_length=model.context_length,
                now=now,
            )
            # Any agent's chat will do: its class says what it is, and keeps nobody out.
            offers[capability] = (None if model.kind == "chat" else class_id, model.engine_version)
    agents.replace_offers(connection, agent_id, offers)


def _is_in_the_cloud(capability: str) -> bool:
    return kind_of(capability) != "task" and is_cloud_model(model_of(base(capability)))


def _foreign_embeddings(
    connection: Connection, capabilities: Sequence[str], now: int
) -> dict[str, tuple[int | None, str | None]]:
    """Return the embedding models that a foreign agent offers, with the class of each that it tells in attributes.

    Those without one are of the unverified class, as long as the pool has no other. Our own agent describes its models
    instead; one that it cannot describe yet, it does not offer.
    """
    offers: dict[str, tuple[int | None, str | None]] = {}
    for capability in capabilities:
        if kind_of(capability) == "embedding" and model_of(base(capability)):
            told = told_class(capability)
            class_id = classes.admit(connection, told, quantisation="", context_length=None, now=now) if told else None
            offers[embedding_capability(model_of(base(capability)))] = (class_id, None)
    return offers


def authenticate(pool: Pool, agent_id: str, key: str, now: int) -> tuple[str, int]:
    """Exchange an agent's key for a token; returns it with its expiry in seconds since 1970. Forbidden otherwise."""
    with pool.database.read() as connection:
        expected = agents.secret_of(connection, agent_id)
        agent = agents.find(connection, agent_id)
    # The comparison is made for unknown agents too, so that the time tells nothing.
    if not hmac.compare_digest(expected or "", ids.key_hash(key)) or agent is None:
        raise Forbidden("Incorrect credentials")
    return tokens.issue(pool.settings.jwt_secret, agent_id, native=agent.native, now=now)


def update_description(pool: Pool, agent: Present, description: Description, now: int) -> None:
    """Replace what the pool knows of an agent's PC and models. Its tier stays what its invite said."""

    def replace_all(connection: Connection) -> None:
        invite_id = agents.invite_of(connection, agent.agent.id)
        invite = invites.find(connection, invite_id) if invite_id else None
        tier = invite.tier if invite and invite.tier is not None else description.profile.tier
        agents.update_profile(connection, agent.agent.id, replace(description.profile, tier=tier))
        _replace_offers(connection, agent.agent.id, description, invite, now)

    pool.database.write(replace_all)
    classes.reload(pool)
    present = pool.roster.refresh(agent.agent.id)
    if present is not None:
        pool.roster.touch(present, now)
    pool.agents.recall(agent.agent.id)


def leave(pool: Pool, agent_id: str, now: int, *, by_operator: bool = False) -> bool:
    """End an agent's membership: its leases are given back, its key is worthless. False when it had left already."""
    actor, verb = (events.OPERATOR, "agent.delete") if by_operator else (events.by_agent(agent_id), "agent.leave")
    return _end(pool, agent_id, agents.leave, actor, verb, now)


def revoke(pool: Pool, agent_id: str, now: int) -> bool:
    """Make an agent's key and tokens worthless: its leases are given back, it stays in the operator's lists.

    False when there is no such agent, or its key was revoked already.
    """
    return _end(pool, agent_id, agents.revoke, events.OPERATOR, "agent.revoke_key", now)


def _end(
    pool: Pool, agent_id: str, ending: Callable[[Connection, str, int], bool], actor: str, verb: str, now: int
) -> bool:
    def end(connection: Connection) -> tuple[bool, Aftermath]:
        # First of all, so that no claim of it which is under way finds it on the roster after its leases went back.
        pool.roster.forget(agent_id)
        after = Aftermath()
        for lease in attempts.leases_of(connection, agent_id):
            settling.give_back(pool, connection, agent_id, lease.lease_id, after, now)
        ended = ending(connection, agent_id, now)
        if ended:
            events.record(connection, actor=actor, verb=verb, subject=agent_id, now=now)
        return ended, after

    ended, after = pool.database.write(end)
    pool.roster.forget(agent_id)
    pool.agents.recall(agent_id)
    after.tell(pool)
    return ended

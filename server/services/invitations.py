"""Invites: an operator's permission for a number of PCs to join."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson
from sqlalchemy import Connection

from server.domain import ids
from server.domain.errors import InvalidRequest, NotFound
from server.domain.trust import Trust
from server.services.access import check_name, check_patterns, warn_if_short
from server.services.pool import Pool
from server.storage import events, invites
from server.storage.invites import StoredInvite

log = logging.getLogger(__name__)

#: Largest tier and largest number of PCs of one invite.
MAX_TIER, MAX_USES = 255, 10_000


@dataclass(frozen=True, slots=True)
class IssuedInvite:
    """An invite just made; `code` is shown this once and kept nowhere."""

    stored: StoredInvite
    code: str
    link: str


def issue_invite(
    pool: Pool,
    *,
    name: str,
    tier: int | None,
    capabilities: Sequence[str],
    max_uses: int | None,
    expires_at: int | None,
    now: int,
    trust: Trust = Trust.PUBLIC,
) -> IssuedInvite:
    """Make an invite.

    Args:
        pool: the running pool.
        name: for the operator's eyes.
        tier: given to the agents that join with it, 0 to 255; None lets them say their own.
        capabilities: patterns of what its agents may serve.
        max_uses: how many PCs may join; None for any number.
        expires_at: milliseconds since 1970; None for never.
        now: the time.
        trust: how far the agents are trusted that join with it.
    """
    if tier is not None and not 0 <= tier <= MAX_TIER:
        raise InvalidRequest(f"tier must be 0 to {MAX_TIER}.", param="tier")
    if max_uses is not None and not 1 <= max_uses <= MAX_USES:
        raise InvalidRequest(f"uses must be 1 to {MAX_USES}.", param="uses")
    if expires_at is not None and expires_at <= now:
        raise InvalidRequest("expiresAt lies in the past.", param="expiresAt")
    code = ids.new_invite_code()
    stored = _invite(
        code, name=check_name(name), tier=tier, capabilities=check_patterns(capabilities), max_uses=max_uses, now=now
    )
    stored = replace(stored, expires_at=expires_at, trust=trust)
    pool.database.write(lambda connection: _add(connection, stored, now))
    return IssuedInvite(stored, code, f"{pool.settings.url}/join/{code}")


def _add(connection: Connection, stored: StoredInvite, now: int) -> None:
    invites.add(connection, stored)
    detail: dict[str, object] = {"name": stored.name, "uses": stored.max_uses, "tier": stored.tier}
    detail["trust"] = Trust(stored.trust).word
    events.record(connection, actor=events.OPERATOR, verb="invite.create", subject=stored.id, now=now, detail=detail)


def _invite(
    code: str, *, name: str, tier: int | None, capabilities: list[str], max_uses: int | None, now: int
) -> StoredInvite:
    return StoredInvite(
        id=ids.new_ulid(now),
        code_hash=ids.key_hash(code),
        shown=ids.shown(code),
        name=name,
        tier=tier,
        capabilities=orjson.dumps(capabilities).decode(),
        max_uses=max_uses,
        uses=0,
        created_at=now,
        expires_at=None,
        revoked_at=None,
        predefined=False,
    )


def list_invites(pool: Pool) -> list[StoredInvite]:
    """Return the invites that are not revoked, oldest first."""
    with pool.database.read() as connection:
        return invites.every(connection)


def revoke_invite(pool: Pool, code_or_id: str, now: int) -> StoredInvite:
    """Make an invite worthless; agents that joined with it stay. NotFound when there is no active one of that id."""

    def revoke(connection: Connection) -> StoredInvite | None:
        stored = invites.find(connection, code_or_id) or invites.find_by_hash(connection, ids.key_hash(code_or_id))
        if stored is None or not invites.revoke(connection, stored.id, now):
            return None
        events.record(connection, actor=events.OPERATOR, verb="invite.revoke", subject=stored.id, now=now)
        return stored

    stored = pool.database.write(revoke)
    if stored is None:
        raise NotFound(f"There is no active invite {ids.shown(code_or_id)}.")
    return replace(stored, revoked_at=now)


def take_invites_from_environment(pool: Pool, given: Sequence[str], now: int) -> None:
    """Make the permanent invites that the environment gives work, and those that it no longer gives not."""
    for code in given:
        warn_if_short(code, "agent key")

    def take(connection: Connection) -> None:
        for code in given:
            known = invites.find_by_hash(connection, ids.key_hash(code))
            if known is not None:
                invites.reinstate(connection, known.id)
                continue
            wanted = _invite(code, name="from the environment", tier=None, capabilities=["*"], max_uses=None, now=now)
            invites.add(connection, replace(wanted, predefined=True))
        invites.revoke_predefined_except(connection, [ids.key_hash(code) for code in given], now)

    pool.database.write(take)

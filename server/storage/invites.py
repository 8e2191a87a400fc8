"""Invites: how many PCs may still join, and with what rights. Only the hashes of the codes are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from server.domain.trust import Trust
from server.storage import rows
from server.storage.models import Invite


@dataclass(frozen=True, slots=True)
class StoredInvite:
    """An invite as it stands in the table; the code itself is nowhere."""

    id: str
    code_hash: str
    shown: str
    name: str
    tier: int | None
    #: JSON list of capability patterns.
    capabilities: str
    max_uses: int | None
    uses: int
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    predefined: bool
    #: How far the agents are trusted that join with it (`domain/trust.py`).
    trust: int = Trust.PUBLIC

    def usable(self, now: int) -> bool:
        """Whether a PC could join with it: what `use` decides, without using it."""
        expired = self.expires_at is not None and self.expires_at <= now
        used_up = self.max_uses is not None and self.uses >= self.max_uses
        return self.revoked_at is None and not expired and not used_up


_COLUMNS = (
    Invite.id,
    Invite.code_hash,
    Invite.shown,
    Invite.name,
    Invite.tier,
    Invite.capabilities,
    Invite.max_uses,
    Invite.uses,
    Invite.created_at,
    Invite.expires_at,
    Invite.revoked_at,
    Invite.predefined,
    Invite.trust,
)


def add(connection: Connection, invite: StoredInvite) -> None:
    """Write a new invite."""
    connection.execute(
        insert(Invite).values(
            id=invite.id,
            code_hash=invite.code_hash,
            shown=invite.shown,
            name=invite.name,
            tier=invite.tier,
            capabilities=invite.capabilities,
            max_uses=invite.max_uses,
            uses=invite.uses,
            created_at=invite.created_at,
            expires_at=invite.expires_at,
            revoked_at=invite.revoked_at,
            predefined=invite.predefined,
            trust=invite.trust,
        )
    )


def find_by_hash(connection: Connection, code_hash: str) -> StoredInvite | None:
    """Return the invite with this hash, also when it is used up, revoked or expired."""
    row = connection.execute(select(*_COLUMNS).where(Invite.code_hash == code_hash)).first()
    return rows.one(StoredInvite, row)


def find(connection: Connection, invite_id: str) -> StoredInvite | None:
    """Return the invite with this id."""
    row = connection.execute(select(*_COLUMNS).where(Invite.id == invite_id)).first()
    return rows.one(StoredInvite, row)


def use(connection: Connection, invite_id: str, now: int) -> bool:
    """Take one of an invite's places; False when none is left, or it is expired or revoked. A race has one winner."""
    return connection.execute(_USE, {"invite": invite_id, "now": now}).rowcount == 1


_USE = (
    update(Invite)
    .where(
        Invite.id == bindparam("invite"),
        Invite.revoked_at.is_(None),
        or_(Invite.expires_at.is_(None), Invite.expires_at > bindparam("now")),
        or_(Invite.max_uses.is_(None), Invite.uses < Invite.max_uses),
    )
    .values(uses=Invite.uses + 1)
)


def every(connection: Connection) -> list[StoredInvite]:
    """Return all invites that are not revoked, oldest first."""
    found = connection.execute(select(*_COLUMNS).where(Invite.revoked_at.is_(None)).order_by(Invite.id))
    return rows.each(StoredInvite, found)


def newest(connection: Connection, limit: int) -> list[StoredInvite]:
    """Return the newest invites, also those that are used up, revoked or expired."""
    wanted = select(*_COLUMNS).order_by(Invite.id.desc()).limit(limit)
    return rows.each(StoredInvite, connection.execute(wanted))


def reinstate(connection: Connection, invite_id: str) -> None:
    """Make a revoked invite work again: the environment names it once more."""
    connection.execute(update(Invite).where(Invite.id == invite_id).values(revoked_at=None))


def revoke(connection: Connection, invite_id: str, now: int) -> bool:
    """Make an invite worthless; False when it was already. Agents that joined with it stay."""
    revoked = connection.execute(
        update(Invite).where(Invite.id == invite_id, Invite.revoked_at.is_(None)).values(revoked_at=now)
    )
    return revoked.rowcount == 1


def revoke_predefined_except(connection: Connection, code_hashes: Sequence[str], now: int) -> None:
    """Revoke the invites that the environment once gave and no longer does."""
    connection.execute(
        update(Invite)
        .where(Invite.predefined, Invite.revoked_at.is_(None), Invite.code_hash.not_in(code_hashes))
        .values(revoked_at=now)
    )

"""Invites as the operator sees them: how each stands, and who joined with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from server.domain import ids
from server.domain.errors import NotFound
from server.services.pool import Pool
from server.storage import invites, joined
from server.storage.invites import StoredInvite
from server.storage.joined import Joined

#: Invites in one list, agents named of each there, and agents named of one invite alone, at most.
MOST_INVITES, NAMED_IN_LIST, NAMED_ALONE = 500, 3, 500


class InviteState(StrEnum):
    """How an invite stands, in words."""

    OPEN = "open"
    USED_UP = "used up"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class InviteRecord:
    """An invite, and who joined with it."""

    stored: StoredInvite
    state: InviteState
    #: The agents that joined last and have not left, newest first; not all of them where there are many.
    agents: tuple[Joined, ...]

    @property
    def members(self) -> int:
        """How many agents that joined with it have not left."""
        return self.agents[0].members if self.agents else 0

    @property
    def left(self) -> int:
        """How many that joined with it have left, or were deleted."""
        return max(0, self.stored.uses - self.members)


def state_of(stored: StoredInvite, now: int) -> InviteState:
    """Say how an invite stands, as somebody hears who would join with it."""
    if stored.revoked_at is not None:
        return InviteState.REVOKED
    if stored.expires_at is not None and stored.expires_at <= now:
        return InviteState.EXPIRED
    return InviteState.OPEN if stored.usable(now) else InviteState.USED_UP


def list_invites(pool: Pool, now: int) -> list[InviteRecord]:
    """Return the newest invites, up to `MOST_INVITES`, also those that are used up, expired or revoked."""
    with pool.database.read() as connection:
        return _records(connection, invites.newest(connection, MOST_INVITES), NAMED_IN_LIST, now)


def find_invite(pool: Pool, invite_id: str, now: int) -> InviteRecord:
    """Return an invite with up to `NAMED_ALONE` of its agents; NotFound when there is none of that id."""
    with pool.database.read() as connection:
        stored = invites.find(connection, invite_id)
        if stored is None:
            raise NotFound(f"There is no invite {ids.shown(invite_id)}.")
        return _records(connection, [stored], NAMED_ALONE, now)[0]


def _records(connection: Connection, found: Sequence[StoredInvite], named: int, now: int) -> list[InviteRecord]:
    by_invite: dict[str, list[Joined]] = {stored.id: [] for stored in found}
    for one in joined.newest(connection, list(by_invite), named):
        by_invite[one.invite_id].append(one)
    return [InviteRecord(stored, state_of(stored, now), tuple(by_invite[stored.id])) for stored in found]

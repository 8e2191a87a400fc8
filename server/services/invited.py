"""What somebody learns of the pool who was invited to it and has not joined yet."""

from __future__ import annotations

from dataclasses import dataclass

from server.domain import ids
from server.domain.errors import NotFound
from server.services.invite_records import InviteState, state_of
from server.services.pool import Pool
from server.storage import census, invites


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invite, for whoever has its code."""

    state: InviteState
    #: PCs that belong to the pool.
    volunteers: int

    @property
    def is_good(self) -> bool:
        """Whether a PC could join with it now."""
        return self.state is InviteState.OPEN


def look_at(pool: Pool, code: str, now: int) -> Invitation:
    """Return how an invite stands, without using it; NotFound when it is none of this pool's.

    Args:
        pool: the running pool.
        code: what stands at the end of the invite's link.
        now: the time (milliseconds since 1970).
    """
    with pool.database.read() as connection:
        # The code is looked for by its hash, so that how long that takes tells nothing of it.
        stored = invites.find_by_hash(connection, ids.key_hash(code))
        if stored is None:
            raise NotFound("This invite is not one of this pool.")
        return Invitation(state_of(stored, now), census.count_members(connection))

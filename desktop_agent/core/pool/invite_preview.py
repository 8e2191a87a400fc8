"""Looking at an invite before it is used up."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import RequestRefused
from . import links
from .enrolment import Connect

#: How a server answers that does not know how to tell: it is older than we are.
_UNKNOWN_ROUTE = frozenset({404, 405})


@dataclass(frozen=True, slots=True)
class InvitePreview:
    """What an invite is for."""

    #: The server's address, and the part of it that people know it by.
    server: str
    host: str
    #: The pool's name, and how many PCs belong to it; not known of an older server.
    pool: str = ""
    volunteers: int | None = None


async def preview(
    link: str, connect: Connect, *, server: str | None = None, insecure_http: bool = False
) -> InvitePreview:
    """Ask the server of an invite link what the invite is for; it stays unused.

    `server` goes with a bare code; `insecure_http` allows plain http to another machine.

    Raises:
        InviteLinkInvalid: the text is no invite link.
        ServerError: there is no way to the server, or nobody can join with this invite any more.
    """
    invite = links.parse_invite(link, server)
    host = links.host_of(invite.server)
    async with connect(invite.server, insecure_http) as api:
        try:
            told = await api.preview(invite.code)
        except RequestRefused as refusal:
            if refusal.status not in _UNKNOWN_ROUTE:
                raise
            return InvitePreview(invite.server, host)
    return InvitePreview(invite.server, host, told.pool, told.volunteers)

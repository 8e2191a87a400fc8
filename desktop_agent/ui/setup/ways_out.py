"""What a person reads when joining fails, and what there is to do about it."""

from __future__ import annotations

from enum import Enum

from ...core.errors import (
    AgentError,
    AlreadyJoined,
    InsecureServer,
    InviteLinkInvalid,
    KeyStoreError,
    KeyStoreMissing,
    RequestRefused,
)
from ...core.text import Text
from . import texts


class WayOut(Enum):
    """What a button below an error does."""

    TRY_AGAIN = "try-again"
    KEEP_IN_FILE = "keep-in-file"
    WITHOUT_ENCRYPTION = "without-encryption"
    LEAVE = "leave"


LABELS: dict[WayOut, Text] = {
    WayOut.TRY_AGAIN: texts.TRY_AGAIN,
    WayOut.KEEP_IN_FILE: texts.KEEP_IN_FILE,
    WayOut.WITHOUT_ENCRYPTION: texts.WITHOUT_ENCRYPTION,
    WayOut.LEAVE: texts.LEAVE_FIRST,
}
#: The first class that fits decides. What is in no line may pass by itself: trying again is the way.
_WAYS: tuple[tuple[type[AgentError], tuple[WayOut, ...]], ...] = (
    (InviteLinkInvalid, ()),
    (RequestRefused, ()),
    (InsecureServer, (WayOut.WITHOUT_ENCRYPTION,)),
    (KeyStoreMissing, (WayOut.KEEP_IN_FILE, WayOut.TRY_AGAIN)),
    (KeyStoreError, (WayOut.TRY_AGAIN, WayOut.KEEP_IN_FILE)),
    (AlreadyJoined, (WayOut.LEAVE,)),
)
#: How a server says that it does not take this invite.
_INVITE_REFUSED = (401, 403, 404, 410)


def ways_out(error: AgentError) -> tuple[WayOut, ...]:
    """Give the buttons to show below the error, the likeliest first."""
    fitting = (ways for kind, ways in _WAYS if isinstance(error, kind))
    return next(fitting, (WayOut.TRY_AGAIN,))


def words_of(error: AgentError) -> str:
    """Give the sentence to show; the server's own words only where ours would not fit."""
    if isinstance(error, RequestRefused) and error.status in _INVITE_REFUSED:
        return texts.INVITE_USED
    return error.message

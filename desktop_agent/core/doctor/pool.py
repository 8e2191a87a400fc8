"""Looks at the way to the pool: the server, what it says of us, its clock, an invite."""

from __future__ import annotations

from .. import logs
from ..data_folder import DataFolder
from ..errors import AgentError, KeyRefused, KeyStoreError, ServerAnswerOdd, ServerUnreachable
from ..messages import doctor as words
from ..pool import enrolment, links
from ..pool.enrolment import Connect
from ..pool.invite_preview import preview
from ..pool.membership import Membership
from ..pool.server_api import ServerApi
from ..settings import Settings
from .finding import Finding, attention, bad, good

#: Seconds by which a clock may be off before anything goes wrong.
CLOCK_SECONDS = 120.0


async def look_at_pool(
    folder: DataFolder, settings: Settings, member: Membership | None, connect: Connect
) -> list[Finding]:
    """Ask the server whether it knows us, and what time it is."""
    if member is None:
        return [bad(words.POOL, words.NOT_JOINED, words.JOIN)]
    try:
        key = await enrolment.store_of(folder, settings, member).load()
        logs.hide(key)
    except KeyStoreError:
        key = ""
    try:
        async with connect(member.server, member.insecure_http) as api:
            api.sign_in_as(member.agent_id, key)
            return [await _ask(api, member), *_clock(api)]
    except AgentError as error:
        return [bad(words.POOL, error.message, error.hint)]


async def _ask(api: ServerApi, member: Membership) -> Finding:
    try:
        await api.ping()
    except KeyRefused as error:
        return bad(words.POOL, error.message, words.ASK_POOL)
    except ServerAnswerOdd as error:
        return bad(words.POOL, error.message, words.ASK_OPERATOR)
    except ServerUnreachable as error:
        return bad(words.POOL, error.message, words.CHECK_CONNECTION)
    return good(words.POOL, words.pool_good(member.pool, links.host_of(member.server)))


def _clock(api: ServerApi) -> list[Finding]:
    skew = api.clock_skew
    if skew is None:
        return []
    if abs(skew) > CLOCK_SECONDS:
        return [attention(words.CLOCK, words.clock_off(round(abs(skew) / 60)), words.SET_CLOCK)]
    return [good(words.CLOCK, words.CLOCK_GOOD)]


async def look_at_invite(link: str, connect: Connect) -> Finding:
    """Ask the pool of an invite whether it can still be used; it stays unused."""
    try:
        found = await preview(link, connect)
    except AgentError as error:
        return bad(words.INVITE, error.message, error.hint)
    return good(words.INVITE, words.invite_good(found.pool, found.host))

"""`/join/<code>`: what an invite's link says to somebody who opens it: a page, or a few lines in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, request

from server.domain.errors import NotFound
from server.services import invited
from server.services.installers import Installer, System
from server.services.invite_records import InviteState
from server.web.describing import Media, describe
from server.web.limits import throttled
from server.web.pages.rendering import page
from server.web.parts import pool

blueprint = Blueprint("join", __name__)

GREETING = """\
This is an invite to {name}, a pool of volunteers' PCs that compute for others while they are idle.

On the PC that is to help, with the EmbedPool agent installed, run

    python -m desktop_agent join {link}

The pool sends texts to the PC, and the PC sends back numbers or answers. The pool cannot see the PC's files.
Keep this link to yourself: whoever has it can join in your place.
"""
SORRY = "{why} Ask whoever sent you the link for a new one.\n"
#: Why nobody can join with an invite.
WHY = {
    InviteState.USED_UP: "This invite has been used.",
    InviteState.EXPIRED: "This invite has run out.",
    InviteState.REVOKED: "This invite was revoked.",
}
UNKNOWN = "This invite is not one of this pool. Perhaps a part of the link was lost on the way."

SYSTEM_NAMES: dict[System, str] = {"windows": "Windows", "macos": "macOS", "linux": "Linux"}
#: Words of `Sec-CH-UA-Platform` and of `User-Agent`, in small letters, and what they tell of the visitor's system. The
#: first that fits counts: phones call themselves Linux or Mac, too.
PHONES = ("android", "iphone", "ipad", "ios")
VISITORS: tuple[tuple[str, System], ...] = (
    ("windows", "windows"),
    ("mac", "macos"),
    ("linux", "linux"),
    ("x11", "linux"),
)

_TEXT = Media({"text/html": str, "text/plain": str}, "How to join")
_SORRY = Media({"text/html": str, "text/plain": str}, "Why nobody can join with it")


@dataclass(frozen=True, slots=True)
class Visitor:
    """What a browser tells of where it runs."""

    system: System | None
    is_phone: bool


@blueprint.get("/join/<code>")
@describe(answers={200: _TEXT, 404: _SORRY, 410: _SORRY}, errors=(429,))
def show(code: str) -> Response:
    """Say how to join with an invite, or why nobody can. Nothing is used up by looking."""
    with throttled(code):
        invitation = invited.look_at(pool(), code, pool().clock.wall())
    if not invitation.is_good:
        return _refused(WHY[invitation.state], 410)
    server = pool().settings.public_url or request.host_url.rstrip("/")
    link = f"{server}/join/{quote(code)}"
    if not _wants_page():
        return _plain(GREETING.format(name=pool().settings.pool_name, link=link), 200)
    visitor = visitor_of(request.headers.get("Sec-CH-UA-Platform", ""), request.user_agent.string)
    return page(
        "join/show.html",
        volunteers=invitation.volunteers,
        visitor=visitor,
        groups=_grouped(pool().installers.listed(), visitor.system),
        system_names=SYSTEM_NAMES,
        server=server,
        code=code,
        link=link,
        app_link=f"embedpool://join?server={quote(server, safe='')}&code={quote(code, safe='')}",
        in_the_clear=_is_in_the_clear(server),
    )


@blueprint.errorhandler(NotFound)
def refuse_unknown(_: NotFound) -> Response:
    """Say that a code is none of ours."""
    return _refused(UNKNOWN, 404)


def visitor_of(platform: str, user_agent: str) -> Visitor:
    """Guess the system of a visitor.

    Args:
        platform: the header `Sec-CH-UA-Platform`, which Chromium sends over TLS.
        user_agent: the header `User-Agent`.
    """
    told = (platform or user_agent).lower()
    if any(word in told for word in PHONES):
        return Visitor(None, is_phone=True)
    return Visitor(next((system for word, system in VISITORS if word in told), None), is_phone=False)


def _refused(why: str, status: int) -> Response:
    if not _wants_page():
        return _plain(SORRY.format(why=why), status)
    return page("join/worthless.html", status=status, why=why)


def _plain(text: str, status: int) -> Response:
    return Response(text, status, {"Content-Language": "en"}, mimetype="text/plain")


def _wants_page() -> bool:
    """Whether a browser asks: programs such as curl take anything, and are given what fits a terminal."""
    return any(media == "text/html" and quality > 0 for media, quality in request.accept_mimetypes)


def _grouped(installers: Sequence[Installer], first: System | None) -> list[tuple[System, list[Installer]]]:
    """Return the installers by system, the visitor's own first; systems without any are left out."""
    systems = sorted(SYSTEM_NAMES, key=lambda system: system != first)
    groups = [(system, [one for one in installers if one.system == system]) for system in systems]
    return [(system, found) for system, found in groups if found]


def _is_in_the_clear(server: str) -> bool:
    """Whether anybody on the way to the server could read along: the agent asks before it joins such a pool."""
    parts = urlsplit(server)
    return parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}

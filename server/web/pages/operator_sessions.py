"""`/admin/health/sessions`: the browsers that are signed in."""

from __future__ import annotations

from flask import Blueprint, Response

from server.services.operator import sessions
from server.web.pages import browsers, session
from server.web.pages.rendering import page, see_other
from server.web.parts import pool

blueprint = Blueprint("sessions", __name__, url_prefix="/sessions")


@blueprint.get("")
def index() -> Response:
    """Show the browsers that are signed in."""
    found = sessions.list_sessions(pool(), pool().clock.now())
    return page(
        "health/sessions.html",
        found=[(one, browsers.in_words(one.browser)) for one in found],
        own=session.operator().id,
        idle_ms=sessions.IDLE_MS,
        longest_ms=sessions.LONGEST_MS,
    )


@blueprint.post("/<session_id>/close")
def close(session_id: str) -> Response:
    """Sign one browser out."""
    own = session_id == session.operator().id
    sessions.close_session(pool(), session_id, pool().clock.now())
    return _gone() if own else see_other("admin.health.sessions.index", done="session.closed")


@blueprint.post("/close-all")
def close_all() -> Response:
    """Sign every browser out, this one too."""
    sessions.close_all(pool(), pool().clock.now())
    return _gone()


def _gone() -> Response:
    response = see_other("admin.sign_in.show")
    session.let_out(response)
    return response

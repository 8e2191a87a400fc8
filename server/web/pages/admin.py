"""`/admin`: the management page. Everything below wants a session; every change also proof of where it comes from."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for

from server.domain.errors import Unauthenticated
from server.web.pages import (
    agents,
    health,
    invites,
    keys,
    models,
    overview,
    session,
    sign_in,
    tasks,
    trial,
)

#: One module per kind of thing; what all of them need stands here, once.
RESOURCES = (
    sign_in.blueprint,
    overview.blueprint,
    agents.blueprint,
    tasks.blueprint,
    keys.blueprint,
    invites.blueprint,
    models.blueprint,
    trial.blueprint,
    health.blueprint,
)
#: Open to whoever is not signed in.
OPEN = frozenset({"admin.sign_in.show", "admin.sign_in.enter"})

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
#: Whoever opens the server's bare address in a browser most likely is its operator.
home = Blueprint("home", __name__)
for resource in RESOURCES:
    blueprint.register_blueprint(resource)


@blueprint.before_request
def _guard() -> Response | None:
    changes = request.method not in session.SAFE
    if changes:
        session.check_origin()
    if request.endpoint in OPEN:
        return None
    if session.current() is None:
        return _ask_to_sign_in()
    if changes:
        session.check_token()
    session.note_seen()
    return None


def _ask_to_sign_in() -> Response:
    """Send whoever looks to the sign-in, which leads back; a change is not made, and says so."""
    if request.method not in session.SAFE or session.FRAGMENT in request.headers:
        raise Unauthenticated("You are not signed in, or no longer. Sign in, and do it again.")
    place = url_for("admin.sign_in.show", next=request.full_path.rstrip("?"))
    return Response(status=303, headers={"Location": place})


@home.get("/")
def go_in() -> Response:
    """Lead to the management page."""
    return Response(status=303, headers={"Location": url_for("admin.overview.show")})

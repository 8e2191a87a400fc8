"""`/admin/sign-in` and `/admin/sign-out`: in with the management token, out of one browser."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, request, url_for
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from server.services.operator import sessions
from server.web.limits import throttled
from server.web.pages import session
from server.web.pages.forms import Form, refusals
from server.web.pages.rendering import page, see_other
from server.web.parts import pool

blueprint = Blueprint("sign_in", __name__)


class SignInForm(Form):
    """The management token."""

    token = PasswordField(
        "Management token",
        [InputRequired("Paste the management token."), Length(max=512, message="It is not as long as that.")],
        description="It was printed when the server started for the first time, and is kept in the data folder.",
        render_kw={"autocomplete": "current-password", "autofocus": True},
    )


@blueprint.get("/sign-in")
def show() -> Response:
    """Ask for the management token; who is signed in already goes on."""
    if session.current() is not None:
        return _onward()
    return page("sign_in.html", form=SignInForm(), onward=request.args.get("next", ""))


@blueprint.post("/sign-in")
def enter() -> Response:
    """Sign in."""
    form = SignInForm.posted()
    if form.validate():
        with refusals(form):
            opened = _open(form.token.data or "")
            response = _onward()
            session.let_in(response, opened)
            return response
    return page("sign_in.html", status=401, form=form, onward=request.args.get("next", ""))


@blueprint.post("/sign-out")
def leave() -> Response:
    """Sign out of this browser."""
    sessions.close_session(pool(), session.operator().id, pool().clock.now())
    response = see_other("admin.sign_in.show")
    session.let_out(response)
    return response


def _open(token: str) -> sessions.Opened:
    address = request.remote_addr or ""
    with throttled(token):
        return sessions.open_session(
            pool(), token, address=address, browser=request.user_agent.string, now=pool().clock.now()
        )


def _onward() -> Response:
    """Go where the person wanted to; only ever to a page of ours."""
    wanted = request.args.get("next", "")
    parts = urlsplit(wanted)
    ours = wanted.startswith("/admin/") and not parts.netloc and "\\" not in wanted and wanted.isprintable()
    return Response(status=303, headers={"Location": wanted if ours else url_for("admin.overview.show")})

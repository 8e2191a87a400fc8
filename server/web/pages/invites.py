"""`/admin/invites`: who may join, who did, and the links that let them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from flask import Blueprint, Response
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from server.domain import trust
from server.domain.trust import OF_AGENTS, Trust
from server.services import invitations, invite_records
from server.services.access import MAX_NAME_LENGTH
from server.services.invitations import MAX_TIER, MAX_USES, IssuedInvite
from server.services.invite_records import MOST_INVITES, InviteRecord, InviteState
from server.web.pages.formats import plural
from server.web.pages.forms import ExpiryField, PatternsField, TokenForm, WholeField, refusals
from server.web.pages.permissions import TrustField, patterns_of, suggested_patterns
from server.web.pages.qr import qr_code
from server.web.pages.rendering import page, see_other
from server.web.parts import pool

blueprint = Blueprint("invites", __name__, url_prefix="/invites")

#: How each state is drawn (`ui.state`).
KINDS = {
    InviteState.OPEN: "good",
    InviteState.USED_UP: "neutral",
    InviteState.EXPIRED: "caution",
    InviteState.REVOKED: "bad",
}
SUBJECT = "Would you lend your PC to {pool}?"
#: What the operator may send along with a link.
MESSAGE = """\
Hello,

{pool} runs on PCs that people lend while they do not need them. Would you help with yours?

This page tells what runs on your PC and what does not, and has the program to install:

{link}

{terms} Please keep the link to yourself: whoever has it can join in your place.

Thank you!"""


class InviteForm(TokenForm):
    """An invite to make."""

    PARAMS: ClassVar[dict[str, str]] = {"capabilities": "models", "expiresAt": "expiry", "uses": "pcs"}

    name = StringField(
        "Name",
        [
            DataRequired("Give it a name, so that you know later whom you sent it to."),
            Length(max=MAX_NAME_LENGTH, message=f"At most {MAX_NAME_LENGTH} characters, please."),
        ],
        description="Whom it is for. Only you see this.",
        render_kw={"autocomplete": "off", "maxlength": MAX_NAME_LENGTH},
    )
    pcs = WholeField(
        "Number of PCs", 1, MAX_USES, default=1, description="How many may join with it. Empty: any number."
    )
    expiry = ExpiryField("Expires", default="7", description="Until then they may join. Who joined stays.")
    trust = TrustField("How far you trust these PCs", OF_AGENTS)
    models = PatternsField(
        "Models",
        description="What its agents may serve, one to a line. A star stands for the rest of a name. Empty: all.",
        render_kw={"rows": 3, "spellcheck": "false", "autocapitalize": "off", "placeholder": "*"},
    )
    tier = WholeField(
        "Tier",
        0,
        MAX_TIER,
        description="The highest tier that has a free agent gets the work first. Empty: each agent says its own.",
    )


@blueprint.get("")
def index() -> Response:
    """Show the invites, and who joined with each."""
    records = invite_records.list_invites(pool(), pool().clock.now())
    return page("invites/index.html", invites=[_view(record) for record in records], most=MOST_INVITES)


@blueprint.get("/new")
def new() -> Response:
    """Ask what a new invite is for."""
    return _ask(InviteForm(), 200)


@blueprint.post("/new")
def create() -> Response:
    """Make an invite and show it, this once."""
    form = InviteForm.posted()
    if form.validate():
        with refusals(form):
            return _show_once(_issue(form, pool().clock.wall()))
    return _ask(form, 422)


def _issue(form: InviteForm, now: int) -> IssuedInvite:
    return invitations.issue_invite(
        pool(),
        name=form.name.data or "",
        tier=form.tier.data,
        capabilities=form.models.patterns,
        max_uses=form.pcs.data,
        expires_at=form.expiry.expires_at(now),
        now=now,
        trust=trust.parse(form.trust.data),
    )


def _ask(form: InviteForm, status: int) -> Response:
    return page("invites/new.html", status=status, form=form, suggested=suggested_patterns())


def _show_once(issued: IssuedInvite) -> Response:
    name = pool().settings.pool_name
    message = MESSAGE.format(pool=name, link=issued.link, terms=_terms(issued))
    return page(
        "invites/made.html",
        status=201,
        issued=issued,
        qr=qr_code(issued.link),
        subject=SUBJECT.format(pool=name),
        message=message,
    )


def _terms(issued: IssuedInvite) -> str:
    """Say how often and how long a link works, for whom it is sent to."""
    uses, expires_at = issued.stored.max_uses, issued.stored.expires_at
    how_often = "for any number of PCs" if uses is None else f"for {plural(uses, 'PC')}"
    if expires_at is None:
        return f"It works {how_often}."
    end = datetime.fromtimestamp(expires_at / 1000, UTC)
    return f"It works {how_often} until {end.day} {end:%B %Y, %H:%M} UTC."


@blueprint.get("/<invite_id>")
def show(invite_id: str) -> Response:
    """Show an invite and everybody who joined with it."""
    record = invite_records.find_invite(pool(), invite_id, pool().clock.now())
    return page("invites/show.html", invite=_view(record))


@blueprint.post("/<invite_id>/revoke")
def revoke(invite_id: str) -> Response:
    """Make an invite worthless."""
    invitations.revoke_invite(pool(), invite_id, pool().clock.wall())
    return see_other("admin.invites.show", invite_id=invite_id, done="invite.revoked")


def _view(record: InviteRecord) -> dict[str, object]:
    """Return what a template draws of an invite."""
    return {
        "record": record,
        "kind": KINDS[record.state],
        "models": patterns_of(record.stored.capabilities),
        "trust": Trust(record.stored.trust),
    }

"""`/admin/keys`: who may ask, how much of it they did, and what becomes of their keys."""

from __future__ import annotations

from flask import Blueprint, Response, request

from server.services import access
from server.services.access import IssuedKey
from server.services.operator import first_use, key_records
from server.services.operator.key_records import MOST_KEYS, USAGE_DAYS, KeyRecord, KeyState
from server.web.pages import key_views
from server.web.pages.forms import refusals
from server.web.pages.key_forms import ChangeForm, NewKeyForm
from server.web.pages.permissions import suggested_patterns
from server.web.pages.rendering import page, see_other
from server.web.pages.snippets import Example, snippets
from server.web.parts import pool

blueprint = Blueprint("keys", __name__, url_prefix="/keys")


@blueprint.get("")
def index() -> Response:
    """Show the keys that are not revoked, or those that are."""
    revoked = request.args.get("show") == KeyState.REVOKED
    records = key_records.list_keys(pool(), pool().clock.now(), revoked=revoked)
    return page("keys/index.html", keys=key_views.views(records), revoked=revoked, days=USAGE_DAYS, most=MOST_KEYS)


@blueprint.get("/new")
def new() -> Response:
    """Ask what a new key may do."""
    return _ask(NewKeyForm(), 200)


@blueprint.post("/new")
def create() -> Response:
    """Make a key and show it, this once."""
    form = NewKeyForm.posted()
    if form.validate():
        with refusals(form):
            now = pool().clock.wall()
            return _show_once(access.issue_key(pool(), now=now, **form.terms_of_new(now)))
    return _ask(form, 422)


def _ask(form: NewKeyForm, status: int) -> Response:
    return page("keys/new.html", status=status, form=form, suggested=suggested_patterns())


def _show_once(issued: IssuedKey) -> Response:
    client = pool().keys.recognise(issued.key, pool().clock.wall())
    suggestion = first_use.suggest_model(pool(), client, pool().clock.now())
    base_url = f"{pool().settings.url}/v1"
    example = Example(base_url, issued.key, suggestion.model, suggestion.chats)
    return page(
        "keys/made.html",
        issued=issued,
        base_url=base_url,
        suggestion=suggestion,
        snippets=snippets(example),
        status=201,
    )


@blueprint.get("/<key_id>")
def show(key_id: str) -> Response:
    """Show a key, what it used, and what can be done with it."""
    record = key_records.find_key(pool(), key_id, pool().clock.now())
    return _show(record, ChangeForm.of(record.stored), 200)


@blueprint.post("/<key_id>")
def change(key_id: str) -> Response:
    """Change what a key may do."""
    form = ChangeForm.posted()
    if form.validate():
        with refusals(form):
            now = pool().clock.wall()
            access.change_key(pool(), key_id, now=now, **form.changes(now))
            return see_other("admin.keys.show", key_id=key_id, done="key.changed")
    return _show(key_records.find_key(pool(), key_id, pool().clock.now()), form, 422)


def _show(record: KeyRecord, form: ChangeForm, status: int) -> Response:
    return page(
        "keys/show.html",
        status=status,
        key=key_views.view_of(record),
        charts_of_key=key_views.charts(record),
        models_used=key_records.usage_by_model(pool(), record.stored.id, pool().clock.now()),
        days=USAGE_DAYS,
        form=form,
        suggested=suggested_patterns(),
    )


@blueprint.post("/<key_id>/disable")
def disable(key_id: str) -> Response:
    """Switch a key off for the time being."""
    access.change_key(pool(), key_id, now=pool().clock.wall(), disabled=True)
    return see_other("admin.keys.show", key_id=key_id, done="key.disabled")


@blueprint.post("/<key_id>/enable")
def enable(key_id: str) -> Response:
    """Switch a key on again."""
    access.change_key(pool(), key_id, now=pool().clock.wall(), disabled=False)
    return see_other("admin.keys.show", key_id=key_id, done="key.enabled")


@blueprint.post("/<key_id>/revoke")
def revoke(key_id: str) -> Response:
    """Make a key worthless."""
    access.revoke_key(pool(), key_id, pool().clock.wall())
    return see_other("admin.keys.show", key_id=key_id, done="key.revoked")

"""`/admin/health/backups`: make a copy of the database, download it, delete it."""

from __future__ import annotations

from flask import Blueprint, Response

from server.domain.errors import Conflict
from server.services import backups
from server.services.backup_desk import Outcome
from server.services.operator import health_report
from server.web.management_backups import sent_backup
from server.web.pages.forms import Form, TokenForm, refusals
from server.web.pages.rendering import page, see_other
from server.web.parts import pool

#: Milliseconds for which the page says how a backup ended.
NEWS_MS = 600_000

blueprint = Blueprint("backups", __name__, url_prefix="/backups")


@blueprint.get("")
def index() -> Response:
    """Show the backups, and how far the one is that is being made."""
    return _shown()


@blueprint.post("")
def create() -> Response:
    """Begin a backup."""
    form = Form()
    with refusals(form):
        backups.start(pool())
    return _shown(form, status=Conflict.status) if form.errors else see_other("admin.health.backups.index")


@blueprint.post("/<name>/download")
def download(name: str) -> Response:
    """Give a backup away: it holds everything, so it wants the management token."""
    form = TokenForm.posted()
    return sent_backup(name) if form.validate() else _shown(form, status=422, wanted=name)


@blueprint.post("/<name>/delete")
def delete(name: str) -> Response:
    """Delete a backup."""
    backups.delete(pool(), name, pool().clock.now())
    return see_other("admin.health.backups.index", done="backup.deleted")


def _shown(form: Form | None = None, *, status: int = 200, wanted: str = "") -> Response:
    """Show the page; `wanted` is the backup that the form is for, where the token was wrong."""
    return page(
        "health/backups.html",
        status=status,
        found=backups.list_backups(pool()),
        progress=pool().backups.progress,
        last=_news(pool().backups.last),
        folder=pool().settings.backups_folder.absolute(),
        kept=pool().settings.backups_kept,
        files=health_report.files(pool()),
        form=form or TokenForm(),
        token=TokenForm(),
        wanted=wanted,
    )


def _news(last: Outcome | None) -> Outcome | None:
    """Return how the last backup ended, while that is news."""
    fresh = last is not None and pool().clock.wall() - last.ended_at < NEWS_MS
    return last if fresh else None

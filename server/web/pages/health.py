"""`/admin/health`: how the server does, its settings, and what happened."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for

from server.services.operator import event_log, health_report
from server.services.operator.settings_report import settings_report
from server.web.pages import backups, event_words, operator_sessions
from server.web.pages.rendering import page
from server.web.parts import pool

#: Events on a page.
EVENTS = 50

blueprint = Blueprint("health", __name__, url_prefix="/health")
blueprint.register_blueprint(backups.blueprint)
blueprint.register_blueprint(operator_sessions.blueprint)


@blueprint.get("")
def show() -> Response:
    """Show how the server does."""
    now = pool().clock.now()
    report = health_report.health_report(pool(), now)
    return page("health/show.html", report=report, worries=health_report.worries(report, now))


@blueprint.get("/settings")
def settings() -> Response:
    """Show every setting, without secrets."""
    return page("health/settings.html", lines=settings_report(pool().settings))


@blueprint.get("/events")
def events() -> Response:
    """Show who did what, newest first."""
    before = request.args.get("before", "")
    found = event_log.read(pool(), before, EVENTS)
    older = url_for("admin.health.events", before=found.cursor) if found.cursor else None
    newest = url_for("admin.health.events") if before else None
    return page("health/events.html", told=event_words.told(found), older=older, newest=newest)

"""`/metrics`: what a Prometheus server collects. Never open: it wants its own token, or the operator's."""

from __future__ import annotations

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST

from server.services.census import exposition
from server.web import auth
from server.web.describing import Media, describe
from server.web.parts import pool

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
@describe(answers={200: Media({"text/plain": str}, "The metrics")})
def metrics() -> Response:
    """Tell how the server does, in Prometheus's text format."""
    _require_token()
    return Response(exposition(pool(), pool().clock.now()), content_type=CONTENT_TYPE_LATEST)


def _require_token() -> None:
    """Refuse a request with neither the metrics token nor the management token."""
    settings = pool().settings
    auth.require_one_of(auth.operators_token(), settings.metrics_token, settings.mgmt_token)

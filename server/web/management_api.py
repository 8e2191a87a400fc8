"""`/management`: the operator's API. Every route wants the management token."""

from __future__ import annotations

from flask import Blueprint

from server.web import auth, management_agents, management_backups, management_keys, management_pool, management_tasks

#: The routes themselves stand in one module per kind of thing; asking for the token stands here, once for all.
RESOURCES = (
    management_keys.blueprint,
    management_agents.blueprint,
    management_tasks.blueprint,
    management_pool.blueprint,
    management_backups.blueprint,
)

blueprint = Blueprint("management_api", __name__, url_prefix="/management")
blueprint.before_request(auth.require_operator)
for resource in RESOURCES:
    blueprint.register_blueprint(resource)

"""Building the app: the only file that knows every part."""

from __future__ import annotations

from flask import Flask

from server.clock import Clock
from server.services import access, backups, invitations
from server.services.pool import Pool, open_pool
from server.settings import Settings
from server.storage import schema
from server.storage.database import Database, lock_folder, open_database, prepare_readers, reader_options
from server.web import (
    agent_api,
    chat_api,
    client_api,
    cors,
    docs,
    downloads,
    errors,
    foreign_agent_api,
    guards,
    health,
    limits,
    management_api,
    metrics,
    openai_api,
    parts,
    tasks_api,
    worker_api,
)
from server.web.pages import admin, assets, join, rendering

BLUEPRINTS = (
    health.blueprint,
    openai_api.blueprint,
    chat_api.blueprint,
    tasks_api.blueprint,
    worker_api.blueprint,
    client_api.blueprint,
    agent_api.blueprint,
    foreign_agent_api.blueprint,
    management_api.blueprint,
    metrics.blueprint,
    docs.blueprint,
    downloads.blueprint,
    admin.blueprint,
    admin.home,
    assets.blueprint,
    join.blueprint,
)


def create_app(settings: Settings) -> Flask:
    """Build the app over the data folder that the settings name; its secrets have to be filled in.

    Takes the folder's lock, migrates the database and starts its writer. `close_app` undoes that.
    Raises DatabaseInUseError, SchemaTooNewError and DatabaseDamagedError.
    """
    app = Flask("server", static_folder=None, template_folder="web/templates")
    app.config.update(
        # OPTIONS is answered in JSON like every other method that a path does not have.
        PROVIDE_AUTOMATIC_OPTIONS=False,
        MAX_CONTENT_LENGTH=settings.max_body_mib * 2**20,
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{settings.database_path.absolute()}",
        SQLALCHEMY_ENGINE_OPTIONS=reader_options(),
    )
    # A redirected POST loses its body, or is sent for ever: a path is right or it is 404.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    guards.register(app, settings)
    cors.register(app, settings)
    limits.register(app)
    errors.register(app)
    rendering.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    parts.db.init_app(app)
    pool = open_pool(settings, Clock(), _open_database(app, settings))
    parts.install(app.extensions, pool)
    access.warn_if_short(settings.jwt_secret, "JWT secret")
    access.warn_if_short(settings.mgmt_token, "management token")
    access.take_keys_from_environment(pool, settings.client_keys, pool.clock.now())
    invitations.take_invites_from_environment(pool, settings.invite_codes, pool.clock.now())
    backups.clean_up(pool)
    # Their sums are computed before anybody asks for them.
    pool.installers.listed()
    return app


def _open_database(app: Flask, settings: Settings) -> Database:
    lock = lock_folder(settings.database_root_path)
    try:
        schema.migrate(settings.database_path)
    except BaseException:
        lock.release()
        raise
    with app.app_context():
        readers = parts.db.engine
    prepare_readers(readers)
    return open_database(settings.database_path, readers, lock)


def pool_of(app: Flask) -> Pool:
    """Return the running pool of an app."""
    return parts.pool_of(app.extensions)


def close_app(app: Flask) -> None:
    """Give up a backup that is being made, write what is in memory, close the database, let the data folder go."""
    pool = pool_of(app)
    pool.installers.stop()
    pool.backups.stop()
    pool.database.close()

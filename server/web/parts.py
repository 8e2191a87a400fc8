"""The parts of the running app that views are handed."""

from __future__ import annotations

from typing import cast

from flask import current_app
from flask_sqlalchemy import SQLAlchemy

from server.services.pool import Pool
from server.services.tokens import TokenChecker

#: Owns the engine that reads, and gives the management side its sessions; the hot path uses the engine directly.
db = SQLAlchemy()

_POOL, _TOKENS = "embedpool.pool", "embedpool.tokens"


def install(extensions: dict[str, object], pool: Pool) -> None:
    """Put the pool where views find it."""
    extensions[_POOL] = pool
    extensions[_TOKENS] = TokenChecker(pool)


def pool_of(extensions: dict[str, object]) -> Pool:
    """Return the pool of an app, given its extensions."""
    return cast(Pool, extensions[_POOL])


def pool() -> Pool:
    """Return the pool of the app that serves this request."""
    return pool_of(current_app.extensions)


def tokens() -> TokenChecker:
    """Return what recognises agents."""
    return cast(TokenChecker, current_app.extensions[_TOKENS])

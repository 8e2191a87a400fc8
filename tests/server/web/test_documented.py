"""docs/api.md tells of every route and every error that a client can meet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from server.app import close_app, create_app
from server.domain import errors
from server.settings import Settings
from server.web.openapi import api_rules

ROOT = Path(__file__).resolve().parents[3]
API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
PROTOCOL = (ROOT / "docs" / "agent-protocol.md").read_text(encoding="utf-8")


@pytest.fixture
def app(settings: Settings) -> Flask:
    """Give the whole app; its data folder is let go at once, because only its routes are looked at."""
    made = create_app(settings)
    close_app(made)
    return made


def documented(rule: str) -> str:
    """A route as a document writes it: without variables."""
    return re.sub(r"<[^>]+>", "{", rule)


def test_every_route_is_documented(app: Flask) -> None:
    """Each route for programs stands in the document of its surface."""
    missing = []
    for rule in api_rules(app):
        path = documented(rule.rule)
        document = PROTOCOL if path.startswith(("/agent", "/private")) else API
        if path.partition("{")[0] not in document:
            missing.append(rule.rule)
    assert missing == []


def test_every_error_code_is_documented() -> None:
    """Each error class's code that a client of `/v1` can meet stands in the table."""
    # OffloadMQ's surface has types instead of codes.
    unused = {"unprocessable", "unsupported_media_type", "client_closed_request"}
    classes = [
        value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, errors.PoolError)
    ]
    missing = {one.code for one in classes if one.code and f"`{one.code}`" not in API}
    assert missing == unused, "document the code, or take it off the list of those that no client meets"


def test_no_documented_route_is_gone(app: Flask) -> None:
    """Each route in the tables and headings of docs/api.md exists."""
    rules = {documented(rule.rule).partition("{")[0] for rule in app.url_map.iter_rules()}
    told = {path.partition("{")[0] for path in re.findall(r"`(?:GET|POST) (/[^`?]+)`", API)}
    assert told - rules == set()

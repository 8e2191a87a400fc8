"""The OpenAPI document: valid, complete, and about what the code does; and the page that shows it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import validate
from pydantic import BaseModel

from server.app import close_app, create_app
from server.settings import Settings
from server.web import describing
from server.web.describing import describe
from server.web.openapi import UndescribedError, api_rules, document
from tests.server.web.conftest import Start

ROOT = Path(__file__).resolve().parents[3]
SERVER = ROOT / "server"
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
def app(settings: Settings) -> Flask:
    """Give the whole app; its data folder is let go at once, because only its routes are looked at."""
    made = create_app(settings)
    close_app(made)
    return made


def operations(made: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in made["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def read_words() -> set[str]:
    """Every text that stands in the server's code, but for the schemas: the fields that it reads are among them."""
    files = [file for file in SERVER.rglob("*.py") if "schemas" not in file.parts and "migrations" not in file.parts]
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    constants = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str)}


def read_models(app: Flask) -> set[type[BaseModel]]:
    """Every model of a body, a query or headers, with the models inside it."""
    found: set[type[BaseModel]] = set()

    def add(kind: Any) -> None:
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in found:
            found.add(kind)
            for one in kind.model_fields.values():
                add(one.annotation)
        for inner in getattr(kind, "__args__", ()):
            add(inner)

    for rule in api_rules(app):
        described = describing.description_of(app.view_functions[rule.endpoint])
        assert described is not None
        for kind in (described.body, described.query, described.headers):
            add(kind)
    return found


def names_of(model: type[BaseModel]) -> list[str]:
    return [one.alias or name for name, one in model.model_fields.items()]


def test_the_document_is_valid(app: Flask) -> None:
    """A validator of OpenAPI 3.1 finds nothing wrong."""
    made = document(app, "test")
    assert made["openapi"].startswith("3.1")
    validate(made)


def test_every_route_is_described(app: Flask) -> None:
    """Each route and method of the app stands in the document with a summary, an answer and its tag."""
    made = document(app, "test")
    for rule in api_rules(app):
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert made["paths"][path][method.lower()]["summary"]
    silent = [name for name, one in operations(made) if not one["summary"] or not one["responses"] or not one["tags"]]
    assert silent == []


def test_a_route_without_a_description_is_refused(app: Flask) -> None:
    """Whoever adds a view without @describe finds no document made."""
    app.view_functions["health.health"] = lambda: "ok"
    with pytest.raises(UndescribedError, match="/health"):
        document(app, "test")


def test_no_described_parameter_is_made_up(app: Flask) -> None:
    """Every field, query parameter and header that is described is read somewhere in the code, by that name."""
    words = {word.lower() for word in read_words()}
    invented = {
        f"{model.__name__}.{name}"
        for model in read_models(app)
        for name in names_of(model)
        if name.lower() not in words
    }
    assert invented == set()


def test_no_field_is_read_in_secret(app: Flask) -> None:
    """Every field that a view reads by `fields.…(body, "name")` is described in some schema."""
    described = {name for model in read_models(app) for name in names_of(model)}
    readers = {"text", "optional_text", "whole", "optional_whole", "number", "texts", "entries", "mapping", "flag"}
    secret = set()
    for file in (SERVER / "web").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in readers:
                # The query's readers have no body as their first argument.
                place = 0 if isinstance(node.func.value, ast.Name) and node.func.value.id == "query" else 1
                name = node.args[place] if len(node.args) > place else None
                if isinstance(name, ast.Constant) and isinstance(name.value, str) and name.value not in described:
                    secret.add(f"{file.name}:{node.lineno} {name.value}")
    assert secret == set()


def test_a_description_costs_a_view_nothing() -> None:
    """`describe` gives back the very view: nothing stands between a request and it."""

    def view() -> None:
        """Do it."""

    assert describe(answers={200: str})(view) is view


def test_every_operation_says_who_may_call_it(app: Flask) -> None:
    """What wants a key names a scheme that exists, and says how it refuses; what wants none says neither."""
    made = document(app, "test")
    schemes = made["components"]["securitySchemes"]
    for name, one in operations(made):
        named = [scheme for wanted in one["security"] for scheme in wanted]
        assert set(named) <= set(schemes), name
        assert not named or {"401", "403"} & set(one["responses"]), name


def test_names_are_unique(app: Flask) -> None:
    """No two operations share an id: programs are generated from them."""
    ids = [one["operationId"] for _, one in operations(document(app, "test"))]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", ["/docs", "/docs/openapi.json", "/docs/assets/docs.js"])
def test_who_may_see_it(start: Start, path: str) -> None:
    """With DOCS=operator the operator, by password or header."""
    live = start(docs="operator")
    stranger, token = live.caller(), live.settings.mgmt_token
    refused = stranger.get(path)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Basic ")
    assert stranger.get(path, auth=("anybody", "wrong")).status_code == 401
    assert stranger.get(path, headers={"Authorization": f"Bearer {live.issue_key()}"}).status_code == 401
    assert stranger.get(path, auth=("anybody", token)).status_code == 200
    assert live.operator().get(path).status_code == 200


def test_it_can_be_switched_off(start: Start) -> None:
    """DOCS=off hides it even from the operator."""
    live = start(docs="off")
    assert {live.operator().get(path).status_code for path in ("/docs", "/docs/openapi.json")} == {404}


def test_the_page_needs_nothing_from_elsewhere(start: Start) -> None:
    """No inline script or style, no other server; every file that it names is there; the policy forbids the rest."""
    client = start().caller()
    page = client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers.get_list("Content-Security-Policy")
    assert len(policy) == 1
    assert "script-src 'self'" in policy[0]
    assert "unsafe" not in policy[0]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bon\w+=|\bstyle=|https?://", page.text)
    files = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert len(files) >= 4
    for file in files:
        answer = client.get(file)
        assert answer.status_code == 200, file
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get("/docs/assets/settings.py").status_code == 404
    validate(client.get("/docs/openapi.json").json())

"""The OpenAPI document, made of the app's routes and of the descriptions beside their views."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Flask
from pydantic import TypeAdapter
from werkzeug.routing import Rule

from server import __version__
from server.web.describing import JSON, Description, Media, description_of
from server.web.surfaces import SECURITY_SCHEMES, Surface, surface_of

Schema = dict[str, Any]
REFERENCE = "#/components/schemas/{model}"
#: Methods that flask adds by itself.
_IMPLIED = {"HEAD", "OPTIONS"}
_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")

#: What any route may answer: the host is not ours, we made a mistake, the database is full or the server stops.
_ALWAYS = (421, 500, 503)
#: What a route with a body may answer beside: it is wrong, or too large.
_WITH_BODY = (400, 413)


#: Blueprints of pages for people and of their files: no program calls them.
_PAGES = frozenset({"admin", "assets", "home"})
#: Statuses that no standard knows.
_PHRASES = {499: "The client no longer wants it"}


class UndescribedError(Exception):
    """A route has a view without a description."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    path: str
    method: str
    endpoint: str
    view: Callable[..., Any]
    described: Description
    surface: Surface

    @property
    def statuses(self) -> list[int]:
        """Every error that it may answer."""
        with_body = _WITH_BODY if self.described.body is not None else ()
        errors = {*_ALWAYS, *with_body, *self.surface.refusals, *self.described.errors}
        return sorted(errors - set(self.described.answers))


class Schemas:
    """The schemas of all operations, made together so that each model has one name."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        # Descriptions hold what schemas are made of, so that its identity names it as long as they live.
        wanted = {id(of): of for one in operations for of in _schemas_of(one)}
        made, rest = TypeAdapter.json_schemas(
            [(key, "validation", TypeAdapter(of)) for key, of in wanted.items()], ref_template=REFERENCE
        )
        self._made = {key: schema for (key, _), schema in made.items()}
        #: Name → schema, for the document's components.
        self.named: Mapping[str, Schema] = rest.get("$defs", {})

    def of(self, what: Any) -> Schema:
        """Return the schema of something, or the reference to it."""
        return self._made[id(what)]


def document(app: Flask, title: str) -> Schema:
    """Make the OpenAPI 3.1 document of an app. Raises UndescribedError for a route that nobody described."""
    operations = list(_operations(app))
    schemas = Schemas(operations)
    paths: dict[str, Schema] = {}
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, schemas)
    tags = {one.surface.tag: one.surface.meaning for one in operations}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": __version__, "description": "Every route of this EmbedPool server."},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag, "description": meaning} for tag, meaning in tags.items()],
        "paths": paths,
        "components": {"schemas": schemas.named, "securitySchemes": SECURITY_SCHEMES},
    }


def api_rules(app: Flask) -> list[Rule]:
    """Return the routes that programs call: all but the pages and their files."""
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.partition(".")[0] not in _PAGES]


def _operations(app: Flask) -> Iterator[Operation]:
    for rule in api_rules(app):
        view = app.view_functions[rule.endpoint]
        described = description_of(view)
        if described is None:
            raise UndescribedError(f"{rule.rule} ({rule.endpoint}) has no @describe")
        for method in sorted((rule.methods or set()) - _IMPLIED):
            path = _VARIABLE.sub(r"{\1}", rule.rule)
            yield Operation(path, method, rule.endpoint, view, described, surface_of(path))


def _schemas_of(one: Operation) -> Iterator[Any]:
    """Yield what the schemas of an operation are made of."""
    if one.described.body is not None:
        yield one.described.body
    for answer in one.described.answers.values():
        yield from answer.of.values() if isinstance(answer, Media) else (answer,)
    yield one.surface.error


def _operation(one: Operation, schemas: Schemas) -> Schema:
    summary, _, rest = inspect.cleandoc(one.view.__doc__ or "").partition("\n\n")
    described: Schema = {
        "tags": [one.surface.tag],
        "operationId": _operation_id(one),
        "summary": " ".join(summary.split()).removesuffix("."),
        "description": rest,
        "parameters": [*_path_parameters(one.path), *_parameters(one.described)],
        "responses": _responses(one, schemas),
        "security": [{name: []} for name in one.surface.security],
    }
    if one.described.body is not None:
        content = {JSON: {"schema": schemas.of(one.described.body)}}
        described["requestBody"] = {"required": one.described.body_required, "content": content}
    return described


def _operation_id(one: Operation) -> str:
    """Name an operation after its method and path: a view may serve several."""
    words = re.sub(r"\W+", " ", one.path).split()
    return "_".join([one.method.lower(), *words])


def _path_parameters(path: str) -> Iterator[Schema]:
    for name in re.findall(r"{(\w+)}", path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _parameters(described: Description) -> Iterator[Schema]:
    for place, model in (("query", described.query), ("header", described.headers)):
        if model is None:
            continue
        schema = model.model_json_schema(by_alias=True)
        for name, of in schema["properties"].items():
            required = name in schema.get("required", ())
            yield {
                "name": name,
                "in": place,
                "required": required,
                "description": of.pop("description", ""),
                "schema": of,
            }


def _responses(one: Operation, schemas: Schemas) -> Schema:
    answers = {str(status): _response(status, answer, schemas) for status, answer in one.described.answers.items()}
    error = schemas.of(one.surface.error)
    errors = {str(status): _described(status, {JSON: {"schema": error}}) for status in one.statuses}
    return answers | errors


def _response(status: int, answer: Any, schemas: Schemas) -> Schema:
    if not isinstance(answer, Media):
        return _described(status, {JSON: {"schema": schemas.of(answer)}})
    content = {media: {"schema": schemas.of(of)} for media, of in answer.of.items()}
    return _described(status, content, answer.meaning)


def _described(status: int, content: Schema, meaning: str = "") -> Schema:
    return {"description": meaning or _PHRASES.get(status) or HTTPStatus(status).phrase, "content": content}

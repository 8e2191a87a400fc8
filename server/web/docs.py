"""`/docs`: the OpenAPI document, and Swagger UI to read it with. Nothing is fetched from elsewhere.

Who may see it is the setting DOCS. A browser shows who it is by HTTP's Basic authentication, with the management token
as the password, because it cannot be told to send a header of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from flask import Blueprint, Response, current_app, request

from server.domain.errors import NotFound
from server.web import auth
from server.web.describing import Media, describe
from server.web.json_body import json_response
from server.web.openapi import document
from server.web.parts import pool

blueprint = Blueprint("docs", __name__, url_prefix="/docs")

_OURS, _SWAGGER = files("server.web"), files("flask_openapi_swagger") / "templates" / "swagger"
PAGE = _OURS / "templates" / "docs.html"
#: Name → the file and its media type. Of the package with Swagger UI nothing else is used.
ASSETS: Mapping[str, tuple[Traversable, str]] = {
    "swagger-ui.css": (_SWAGGER / "css" / "swagger-ui.css", "text/css"),
    "swagger-ui-bundle.js": (_SWAGGER / "js" / "swagger-ui-bundle.js", "text/javascript"),
    "docs.js": (_OURS / "static" / "docs.js", "text/javascript"),
}
#: Swagger UI draws its icons from data URIs. The page may load and ask nothing but this server.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: Seconds for which a browser keeps an asset.
ASSET_SECONDS = 3600

REFUSAL = """\
This description is shown to the pool's operator: log in with any name, and the management token as the password.
The operator can show it to everybody (DOCS=public).
"""

_DOCUMENT = "embedpool.openapi"
_REFUSED = {401: Media({"text/plain": str}, "Shown to the operator only (DOCS=operator)")}


@blueprint.before_request
def _let_in() -> Response | None:
    """Keep out whom the setting DOCS does not let in."""
    wanted = pool().settings.docs
    if wanted == "off":
        raise NotFound(f"Invalid URL ({request.method} {request.path[:200]})")
    if wanted == "public" or _is_operator():
        return None
    return Response(REFUSAL, 401, {"WWW-Authenticate": 'Basic realm="EmbedPool"'}, mimetype="text/plain")


def _is_operator() -> bool:
    basic = request.authorization.password if request.authorization else None
    return auth.is_one_of(basic or auth.operators_token(), pool().settings.mgmt_token)


@blueprint.get("")
@describe(answers={200: Media({"text/html": str}, "The page"), **_REFUSED}, errors=(404,))
def show() -> Response:
    """Show the description in Swagger UI."""
    return Response(PAGE.read_bytes(), mimetype="text/html", headers={"Content-Security-Policy": PAGE_POLICY})


@blueprint.get("/openapi.json")
@describe(answers={200: dict[str, Any], **_REFUSED}, errors=(404,))
def openapi() -> Response:
    """Give this description as an OpenAPI 3.1 document."""
    extensions = current_app.extensions
    if _DOCUMENT not in extensions:
        extensions[_DOCUMENT] = document(current_app, pool().settings.pool_name)
    return json_response(extensions[_DOCUMENT])


@blueprint.get("/assets/<name>")
@describe(answers={200: Media({"text/css": str, "text/javascript": str}, "The file"), **_REFUSED}, errors=(404,))
def asset(name: str) -> Response:
    """Give a file of Swagger UI."""
    if name not in ASSETS:
        raise NotFound(f"Invalid URL ({request.method} {request.path[:200]})")
    file, media = ASSETS[name]
    return Response(file.read_bytes(), mimetype=media, headers={"Cache-Control": f"private, max-age={ASSET_SECONDS}"})

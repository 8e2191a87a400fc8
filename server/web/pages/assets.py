"""`/assets`: style sheets, scripts and pictures, from our own files and from the installed packages."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from flask import Blueprint, Response, request, url_for

from server.domain.errors import NotFound

blueprint = Blueprint("assets", __name__, url_prefix="/assets")

_OURS = files("server.web") / "static"
_BOOTSTRAP = files("flask_bootstrap") / "static" / "bootstrap5" / "css" / "bootstrap.min.css"
MEDIA = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
#: How a file is kept that is named with its version, which never changes; any other is asked for anew each time.
FOR_EVER, ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file for browsers."""

    content: bytes
    media: str
    #: Changes with the content.
    version: str


@blueprint.get("/<name>")
def asset(name: str) -> Response:
    """Give a file."""
    found = assets().get(name)
    if found is None:
        raise NotFound(f"Invalid URL ({request.method} {request.path[:200]})")
    kept = FOR_EVER if request.args.get("v") == found.version else ASK_AGAIN
    response = Response(found.content, mimetype=found.media, headers={"Cache-Control": kept})
    response.set_etag(found.version)
    return response.make_conditional(request)  # type: ignore[return-value]


def asset_url(name: str) -> str:
    """Return where a file is, with its version, so that a browser asks for it once."""
    return url_for("assets.asset", name=name, v=assets()[name].version)


@cache
def assets() -> Mapping[str, Asset]:
    """Return all files by name."""
    ours = [file for file in _OURS.iterdir() if file.name.rpartition(".")[2] in MEDIA]
    return {file.name: _asset(file.name, file.read_bytes()) for file in (*ours, _BOOTSTRAP)}


def _asset(name: str, content: bytes) -> Asset:
    # Bootstrap ends in the address of a file for its own developers, which we do not have.
    content = content.partition(b"/*# sourceMappingURL")[0]
    return Asset(content, MEDIA[name.rpartition(".")[2]], hashlib.sha256(content).hexdigest()[:12])

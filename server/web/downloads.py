"""`/downloads`: the agent's installers, for whoever wants to join. What they are is in services/installers.py."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import wrap_file

from server.services.installers import Installer
from server.web.describing import Media, describe
from server.web.json_body import json_response
from server.web.parts import pool
from server.web.schemas import monitoring as schemas

blueprint = Blueprint("downloads", __name__, url_prefix="/downloads")

#: Ending of the name, in small letters → media type; any other is `BINARY`.
MEDIA = {
    ".exe": "application/vnd.microsoft.portable-executable",
    ".msi": "application/x-msi",
    ".dmg": "application/x-apple-diskimage",
    ".deb": "application/vnd.debian.binary-package",
    ".rpm": "application/x-rpm",
    ".appimage": "application/vnd.appimage",
    ".gz": "application/gzip",
}
BINARY = "application/octet-stream"
_FILE = Media(dict.fromkeys((*MEDIA.values(), BINARY), bytes), "The file, or the part that was asked for")
_NOTHING = Media({}, "Not sent")


@blueprint.get("")
@describe(answers={200: list[schemas.Installer]})
def list_installers() -> Response:
    """List the agent's installers that this server has."""
    return json_response([_installer_json(one) for one in pool().installers.listed()])


@blueprint.get("/<name>")
@describe(answers={200: _FILE, 206: _FILE, 304: _NOTHING, 416: _NOTHING}, errors=(404,))
def get_installer(name: str) -> Response:
    """Download an installer, or a part of it."""
    found, file = pool().installers.open(name)
    response = Response(mimetype=MEDIA.get(f".{name.lower().rpartition('.')[2]}", BINARY), direct_passthrough=True)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-cache"
    response.content_length = found.size
    response.set_etag(f"{found.changed_ns:x}-{found.size:x}")
    try:
        response.make_conditional(request, accept_ranges=True, complete_length=found.size)
    except RequestedRangeNotSatisfiable:
        file.close()
        return Response(status=416, headers={"Content-Range": f"bytes */{found.size}"})
    if response.status_code == 304 or request.method == "HEAD":
        file.close()
        return response
    # waitress sends such a file piece by piece from its own loop: nobody's download holds a thread or memory.
    file.seek(response.content_range.start or 0)
    response.response = wrap_file(request.environ, file)
    return response


def address_of(name: str, server: str) -> str:
    """Return where an installer can be fetched, given the server's address."""
    return f"{server}/downloads/{quote(name)}"


def _installer_json(one: Installer) -> dict[str, Any]:
    return {
        "name": one.name,
        "system": one.system,
        "processor": one.processor or None,
        "size": one.size,
        "sha256": one.sha256,
        "url": address_of(one.name, pool().settings.url),
    }

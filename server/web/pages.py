"""`/join/<code>`: what an invite's link says to somebody who opens it in a browser."""

from __future__ import annotations

from flask import Blueprint, Response

from server.web.describing import Media, describe
from server.web.parts import pool

blueprint = Blueprint("pages", __name__)

GREETING = """\
This is an invite to {name}, a pool of volunteers' PCs that compute for others while they are idle.

On the PC that is to help, with the EmbedPool agent installed, run

    python -m desktop_agent join {link}

The pool sends texts to the PC, and the PC sends back numbers. The pool cannot see the PC's files.
Keep this link to yourself: whoever has it can join in your place.
"""


@blueprint.get("/join/<code>")
@describe(answers={200: Media({"text/plain": str}, "How to join")}, errors=(404,))
def join(code: str) -> Response:
    """Say how to use an invite. Whether it is good is only told to the agent that uses it."""
    settings = pool().settings
    link = f"{settings.url}/join/{code}"
    response = Response(GREETING.format(name=settings.pool_name, link=link), mimetype="text/plain")
    response.headers["Content-Language"] = "en"
    return response

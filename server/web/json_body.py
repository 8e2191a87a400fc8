"""JSON in and out. Bodies are read as JSON whatever their Content-Type says: `curl -d` sends a form's."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, request

from server.domain.errors import InvalidJson

#: Parts of numpy arrays are written without becoming Python numbers.
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY


def read_json() -> Any:
    """Return the request's body, parsed; InvalidJson says what is wrong with it.

    NaN, infinities, lone surrogates and nesting that no honest client sends are refused by the parser.
    """
    body = request.get_data(cache=False)
    if not body:
        raise InvalidJson("We could not parse the JSON body of your request: it is empty.")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidJson(
            f"We could not parse the JSON body of your request: {error.msg} at line {error.lineno}, "
            f"column {error.colno}. (HINT: text must be UTF-8, and NaN and Infinity are not JSON.)"
        ) from None


def read_object() -> dict[str, Any]:
    """Return the request's body, which has to be a JSON object; an empty body is an empty one."""
    if not request.content_length and "chunked" not in request.headers.get("transfer-encoding", ""):
        return {}
    body = read_json()
    if not isinstance(body, dict):
        raise InvalidJson("The JSON body of your request must be an object.")
    return body


def json_response(value: object, status: int = 200) -> Response:
    """Answer with JSON; numpy arrays may stand in it."""
    return Response(orjson.dumps(value, option=_OPTIONS), status, mimetype="application/json")

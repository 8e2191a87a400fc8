"""Reading an agent's results: decoding the vectors and checking all that can be checked without the task."""

from __future__ import annotations

import binascii

import orjson

from server.domain import vectors
from server.domain.errors import InvalidRequest
from server.services.outcomes import Delivered, Report, Reported, read_answer
from server.services.progress import Update
from server.web import fields
from server.web.fields import Body

#: Most numbers in one vector, and most tokens and time of one task, that are believed.
MAX_DIMENSIONS, MAX_TOKENS, MAX_ENGINE_MS = 65_536, 10_000_000, 3_600_000
#: Longest base64 text of one task's vectors (characters).
MAX_VECTORS = 16 * 2**20
MAX_POSITION = 4096
#: Highest number of an update, and most characters in one.
MAX_SEQ, MAX_UPDATE = 1_000_000, 65_536


def read_report(entry: Body) -> Report:
    """Read one entry of a turn's `results`; InvalidRequest names the field that is wrong."""
    lease_id = fields.text(entry, "lease_id", longest=100)
    if entry.get("error") is not None:
        return _read_error(lease_id, fields.mapping(entry, "error"))
    if "output" in entry:
        return read_answer(lease_id, entry["output"], fields.number(entry, "engine_ms", 0, MAX_ENGINE_MS, 0))
    raw = _decoded(fields.text(entry, "vectors", longest=MAX_VECTORS))
    dimensions = fields.whole(entry, "dimensions", 1, MAX_DIMENSIONS)
    truncated = entry.get("truncated") or []
    if not isinstance(truncated, list) or not all(type(n) is int and 0 <= n < MAX_POSITION for n in truncated):
        raise InvalidRequest("truncated must be a list of positions in the task.", param="truncated")
    return Delivered(
        lease_id=lease_id,
        vectors=raw,
        dimensions=dimensions,
        tokens=fields.whole(entry, "tokens", 0, MAX_TOKENS, 0),
        digest=fields.text(entry, "digest", "", longest=256),
        truncated=orjson.dumps(truncated).decode(),
        engine_ms=fields.number(entry, "engine_ms", 0, MAX_ENGINE_MS, 0),
        flaw=vectors.check(raw, max(1, len(raw) // (dimensions * vectors.WIDTH)), dimensions),
    )


def read_update(entry: Body) -> Update:
    """Read one entry of `updates`; InvalidRequest names the field that is wrong."""
    return Update(
        fields.text(entry, "lease_id", longest=100),
        fields.whole(entry, "seq", 1, MAX_SEQ),
        fields.text(entry, "content", "", longest=MAX_UPDATE),
        fields.text(entry, "thinking", "", longest=MAX_UPDATE),
    )


def _read_error(lease_id: str, error: Body) -> Reported:
    code = fields.text(error, "code", "engine_error", longest=50)
    return Reported(
        lease_id,
        # Codes are logged, so they are words.
        code if code.replace("_", "").isalpha() else "engine_error",
        fields.text(error, "message", "", longest=2000),
        fields.optional_whole(error, "input", 0, MAX_POSITION),
    )


def _decoded(text: str) -> bytes:
    """Decode base64; what is none becomes no vectors at all, which is refused as a wrong result, not as a bad turn."""
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except (binascii.Error, ValueError):
        return b""

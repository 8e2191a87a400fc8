"""Small JSON files of our own: a crash never leaves half of one, and a broken one is survived."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path
from typing import Any

import orjson

log = logging.getLogger(__name__)


def write_bytes(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Replace the file in one step; only this user may read it (where the system knows such rights).

    What is not `durable` may be lost with the power, but is still never half there for a reader.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: dict[str, Any], *, durable: bool = True) -> None:
    """Replace the file with this object."""
    data = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    write_bytes(path, data, durable=durable)


def stamp(path: Path) -> int:
    """Give what changes whenever the file does, as a look that costs next to nothing; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def read_json(path: Path, version: int) -> dict[str, Any] | None:
    """Give the object in the file, or None when there is no file or it is unusable.

    A file that is not a JSON object, or is of another version, is set aside as `<name>.bad` and the log says so: its
    owner gets defaults instead of an agent that does not start.
    """
    try:
        value = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, orjson.JSONDecodeError) as error:
        _set_aside(path, str(error))
        return None
    if not isinstance(value, dict) or value.get("version") != version:
        _set_aside(path, "it is not of the form that this version writes")
        return None
    return value


def _set_aside(path: Path, reason: str) -> None:
    aside = path.with_name(path.name + ".bad")
    try:
        path.replace(aside)
    except OSError as error:
        log.error("The file %s cannot be used (%s), nor be set aside (%s)", path, reason, error)
    else:
        log.warning("The file %s could not be used (%s). It is now %s, and defaults apply.", path, reason, aside.name)

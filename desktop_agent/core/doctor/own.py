"""Looks at what is EmbedPool's own on this PC: folder, settings, log, running program, key."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

import orjson

from .. import instance, logs
from ..data_folder import DataFolder
from ..errors import AgentError, KeyMissing
from ..files import write_bytes
from ..messages import doctor as words
from ..pool import enrolment
from ..pool.membership import Membership
from ..settings import SETTINGS_VERSION, Settings
from .finding import Finding, attention, bad, good

#: Bytes below which a disk counts as full.
ALMOST_FULL_BYTES = 50_000_000
#: Newest lines of the log in which errors are counted.
LOG_LINES = 500
#: Seconds that a key store has: it may ask its owner for a password, who may be looking at this very output.
KEY_STORE_SECONDS = 30.0
_ERROR_LINE = re.compile(r"^\S+ \S+ (ERROR|CRITICAL)\b")


def look_at_folder(folder: DataFolder) -> Finding:
    """Write something, and look for room."""
    trial = folder.root / ".doctor"
    try:
        write_bytes(trial, b"trial")
        trial.unlink()
        free = shutil.disk_usage(folder.root).free
    except OSError as error:
        return bad(words.DATA_FOLDER, words.folder_bad(folder.root, error.strerror or str(error)), words.ALLOW_FOLDER)
    if free < ALMOST_FULL_BYTES:
        return bad(words.DATA_FOLDER, words.disk_full(folder.root, free // 1_000_000), words.FREE_SPACE)
    return good(words.DATA_FOLDER, words.folder_good(folder.root, free / 1e9))


def look_at_settings(path: Path) -> Finding:
    """Read the file as it lies there."""
    try:
        stored = orjson.loads(path.read_bytes())
        readable = isinstance(stored, dict) and stored.get("version") == SETTINGS_VERSION
    except FileNotFoundError:
        return good(words.SETTINGS, words.SETTINGS_NONE)
    except (OSError, orjson.JSONDecodeError):
        readable = False
    if not readable:
        return attention(words.SETTINGS, words.SETTINGS_BROKEN, words.CHOOSE_AGAIN)
    if path.with_name(f"{path.name}.bad").exists():
        return attention(words.SETTINGS, words.SETTINGS_SET_ASIDE, words.LOOK_INTO_BAD)
    return good(words.SETTINGS, words.SETTINGS_GOOD)


def look_at_log(folder: DataFolder) -> Finding:
    """Say where it is, and count its newest errors."""
    errors = sum(bool(_ERROR_LINE.match(line)) for line in logs.last_lines(folder.logs, LOG_LINES))
    found = words.log_good(folder.logs, errors)
    return attention(words.LOG, found) if errors else good(words.LOG, found)


def look_at_instance(folder: DataFolder) -> Finding:
    """Tell whether it runs, and whether it listens."""
    if not folder.in_use():
        return attention(words.INSTANCE, words.NOT_RUNNING, words.START_IT)
    return good(words.INSTANCE, words.ANSWERS if instance.listens(folder) else words.HEADLESS)


async def look_at_key(folder: DataFolder, settings: Settings, member: Membership | None) -> list[Finding]:
    """Keep a trial entry where keys are kept, and look for our own."""
    server, in_file = (member.server, member.key_in_file) if member else ("doctor", False)
    store = enrolment.key_store(folder, settings, server, in_file=in_file)
    found = []
    try:
        async with asyncio.timeout(KEY_STORE_SECONDS):
            await store.check()
            found.append(good(words.KEY_STORE, words.KEY_STORE_NOT_USED if in_file else words.KEY_STORE_GOOD))
            if member is not None:
                logs.hide(await store.load())
                found.append(good(words.KEY, words.KEY_GOOD))
    except TimeoutError:
        found.append(bad(words.KEY_STORE, words.KEY_STORE_SILENT, words.UNLOCK))
    except KeyMissing as error:
        found.append(bad(words.KEY, error.message))
    except AgentError as error:
        found.append(bad(words.KEY_STORE, error.message, error.hint))
    return found

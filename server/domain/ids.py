"""Identifiers and secrets: how they look, how they are made, and how one is shown without giving it away."""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib

#: Crockford's base32: no I, L, O, U, so that nobody misreads an id.
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

#: A ULID's time has 48 bits: milliseconds since 1970 until the year 10889.
MAX_ULID_MS = 2**48 - 1
#: Characters of a ULID, and how many of them, at its beginning, are its time.
ULID_LENGTH, ULID_TIME_LENGTH = 26, 10

CLIENT_KEY_PREFIX = "ep_live_"
INVITE_PREFIX = "ep_inv_"
AGENT_KEY_PREFIX = "ep_agent_"

#: Random bytes in every secret: 256 bits cannot be guessed, so a fast hash of it is enough.
SECRET_BYTES = 32

#: Ten bits at a time: a ULID is thirteen such pairs.
_PAIRS = tuple(high + low for high in CROCKFORD for low in CROCKFORD)

_OUR_PREFIX = re.compile(r"ep_[a-z]{1,8}_")
_CRC_HEX = 8


def new_ulid(now_ms: int) -> str:
    """Make an id of 26 characters that sorts by its time (milliseconds since 1970) and ends in 80 random bits.

    Raises ValueError for a time that does not fit 48 bits.
    """
    if not 0 <= now_ms <= MAX_ULID_MS:
        raise ValueError(f"a ULID's time must be 0..{MAX_ULID_MS} ms, not {now_ms}")
    number = (now_ms << 80) | secrets.randbits(80)
    return "".join([_PAIRS[(number >> shift) & 0x3FF] for shift in range(120, -1, -10)])


def first_ulid(time_ms: int) -> str:
    """Return what sorts before every id of `new_ulid` made from a time on, and after every earlier one."""
    number = min(max(time_ms, 0), MAX_ULID_MS) << 80
    return "".join([_PAIRS[(number >> shift) & 0x3FF] for shift in range(120, -1, -10)])


def time_of(ulid: str) -> int:
    """Return when an id of `new_ulid` was made (milliseconds since 1970)."""
    time = 0
    for character in ulid[:ULID_TIME_LENGTH]:
        time = time * 32 + CROCKFORD.index(character)
    return time


def new_lease_id() -> str:
    """Make a fencing token: 128 random bits as 32 hex digits."""
    return secrets.token_hex(16)


def new_fingerprint() -> bytes:
    """Make the fingerprint of a job that no other request is equal to: 256 random bits."""
    return secrets.token_bytes(32)


def new_request_id() -> str:
    """Make the id that stands in the log and in the `x-request-id` header."""
    return "req_" + secrets.token_hex(12)


def new_client_key() -> str:
    """Make a client key: a short id to find it by, 256 random bits, and a checksum that gives typing mistakes away."""
    name = "".join(secrets.choice(CROCKFORD) for _ in range(8)).lower()
    body = f"{CLIENT_KEY_PREFIX}{name}_{secrets.token_urlsafe(SECRET_BYTES)}"
    return f"{body}_{_crc(body)}"


def new_invite_code() -> str:
    """Make the code inside an invite's link."""
    return INVITE_PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def new_agent_key() -> str:
    """Make the key that one agent gets when it registers."""
    return AGENT_KEY_PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def key_hash(secret: str) -> str:
    """Return the sha256 of the UTF-8 text as 64 hex digits; this, and never the secret, is stored."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def has_typo(key: str) -> bool:
    """Say whether this is a client key of ours whose checksum does not fit: mistyped, or cut when it was copied."""
    if not key.startswith(CLIENT_KEY_PREFIX):
        return False
    body, _, checksum = key.rpartition("_")
    return checksum != _crc(body)


def shown(secret: str) -> str:
    """Return a form of a secret that may stand in a message: `ep_live_ab…yz`, at most 20 printable characters.

    Of a text too short to hide anything else in, only the first character is kept.
    """
    if not secret:
        return "(empty)"
    prefix = _OUR_PREFIX.match(secret)
    start = prefix.end() if prefix else 0
    if len(secret) - start < 12:
        return _printable(secret[: start or 1]) + "…"
    return f"{_printable(secret[: start + 2])}…{_printable(secret[-2:])}"


def _crc(text: str) -> str:
    return f"{zlib.crc32(text.encode('utf-8', 'surrogatepass')):0{_CRC_HEX}x}"


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)

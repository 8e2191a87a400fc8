"""Which pool this PC belongs to, and as whom: a small file. The key is not in it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..files import read_json, write_json

MEMBERSHIP_VERSION = 1


@dataclass(frozen=True, slots=True)
class Membership:
    """Which pool this PC belongs to, and as whom. The key is not here."""

    server: str
    agent_id: str
    pool: str
    display_name: str
    #: The owner chose a file for the key, because there is no key store here.
    key_in_file: bool = False
    #: The owner insists on plain http to another machine.
    insecure_http: bool = False


def load_membership(path: Path) -> Membership | None:
    """Read which pool this PC belongs to; None when to none."""
    stored = read_json(path, MEMBERSHIP_VERSION)
    if stored is None:
        return None
    member = Membership(
        server=_text(stored, "server"),
        agent_id=_text(stored, "agent_id"),
        pool=_text(stored, "pool"),
        display_name=_text(stored, "display_name"),
        key_in_file=stored.get("key_in_file") is True,
        insecure_http=stored.get("insecure_http") is True,
    )
    return member if member.server and member.agent_id else None


def save_membership(path: Path, membership: Membership) -> None:
    """Write the membership in one step."""
    write_json(path, {"version": MEMBERSHIP_VERSION, **asdict(membership)})


def _text(stored: dict[str, Any], name: str) -> str:
    value = stored.get(name)
    return value if isinstance(value, str) else ""

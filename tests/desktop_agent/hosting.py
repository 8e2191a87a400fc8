"""A host as the tests of a whole agent run it: no sensors, work whenever there is some, its key in a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from desktop_agent.core.data_folder import DataFolder
from desktop_agent.core.engines.catalogue import Catalogue
from desktop_agent.core.host.host import Host
from desktop_agent.core.host.outside import Outside
from desktop_agent.core.pool.enrolment import Connect
from desktop_agent.core.pool.membership import Membership, save_membership
from desktop_agent.core.sensors.base import Sensors
from desktop_agent.core.settings import Settings, WorkWhen
from desktop_agent.core.state import StateSnapshot


def belong(folder: DataFolder, member: Membership, key: str) -> Membership:
    """Have the folder say that this PC belongs to the pool, with its key in a file."""
    member = replace(member, key_in_file=True)
    folder.key_file.write_text(key)
    Path(folder.key_file).chmod(0o600)
    save_membership(folder.membership, member)
    return member


def make_host(
    folder: DataFolder,
    connect: Connect,
    make_catalogue: Callable[[Settings], Catalogue],
    publish: Callable[[StateSnapshot], None] | None = None,
    *,
    stays: bool = False,
) -> Host:
    """Make a host that nobody's presence keeps from working."""
    outside = Outside(
        connect, Sensors(), "0.1.0", make_catalogue, lambda settings: replace(settings, work_when=WorkWhen.ALWAYS)
    )
    return Host(folder, outside, publish, stays=stays)

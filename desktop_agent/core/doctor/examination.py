"""The whole examination, in the order in which things are needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..data_folder import DataFolder
from ..engines.catalogue import Catalogue
from ..pool.enrolment import Connect
from ..pool.membership import load_membership
from ..sensors.base import Sensors
from ..settings import Settings, load_settings
from ..system.autostart.base import Autostart
from ..system.link_handler.base import LinkHandler
from .desktop import look_at_autostart, look_at_links, look_at_tray
from .engines import look_at_engines
from .finding import Finding
from .own import look_at_folder, look_at_instance, look_at_key, look_at_log, look_at_settings
from .pool import look_at_invite, look_at_pool
from .surroundings import look_around


@dataclass(frozen=True, slots=True)
class Patient:
    """Everything that is looked at."""

    folder: DataFolder
    make_catalogue: Callable[[Settings], Catalogue]
    sensors: Sensors
    connect: Connect
    autostart: Autostart
    links: LinkHandler
    #: Whether the desktop has a tray; None where windows cannot be shown.
    tray: bool | None
    #: A link that its owner wants to join with; empty when there is none.
    invite: str = ""


async def examine(patient: Patient) -> tuple[Finding, ...]:
    """Look at everything. What one look finds keeps no other from being made."""
    folder = patient.folder
    own = (look_at_folder(folder), look_at_settings(folder.settings), look_at_log(folder), look_at_instance(folder))
    settings, member = load_settings(folder.settings), load_membership(folder.membership)
    catalogue = patient.make_catalogue(settings)
    return (
        *own,
        *await look_at_key(folder, settings, member),
        *await look_at_pool(folder, settings, member, patient.connect),
        *([await look_at_invite(patient.invite, patient.connect)] if patient.invite else []),
        *await _engines(catalogue),
        *await look_around(patient.sensors),
        look_at_tray(patient.tray),
        look_at_autostart(patient.autostart),
        look_at_links(patient.links),
    )


async def _engines(catalogue: Catalogue) -> list[Finding]:
    try:
        return await look_at_engines(catalogue)
    finally:
        await catalogue.close()

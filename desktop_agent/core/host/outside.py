"""What the running program is given of the world outside of it: the way to servers, the engines, the sensors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..engines.catalogue import Catalogue
from ..engines.making import make_catalogue
from ..pool.enrolment import Connect
from ..sensors.base import Sensors
from ..settings import Settings
from .steering import Override


@dataclass(frozen=True, slots=True)
class Outside:
    """Ways out, as the program's start makes them."""

    connect: Connect
    sensors: Sensors
    app_version: str
    make_catalogue: Callable[[Settings], Catalogue] = make_catalogue
    #: Replaces settings for this run.
    override: Override = field(default=lambda settings: settings)
    #: Hears the key, so that it can be kept out of the log.
    on_key: Callable[[str], None] = field(default=lambda _key: None)

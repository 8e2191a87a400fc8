"""The sensors of this PC."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import TypeVar

from .base import SensorFailed, Sensors
from .cpu import cpu_here
from .gpus import gpus_here
from .power import power_here
from .processes import Processes
from .programs import programs_here

if sys.platform == "win32":
    from . import windows as system
elif sys.platform == "darwin":
    from . import macos as system
else:
    from . import linux as system

log = logging.getLogger(__name__)

T = TypeVar("T")


def sensors_here() -> Sensors:
    """Give one of each; None stands for one that this PC has no library for, and the log says so."""
    # One list of processes serves all who look at them.
    processes = Processes()
    return Sensors(
        user_idle=made("user idle", system.user_idle),
        inhibitors=made("display inhibitors", system.inhibitors),
        full_screen=made("full screen", system.full_screen),
        session=made("session", system.session),
        network=made("network", system.network),
        power=made("power", power_here),
        gpus=made("graphics cards", lambda: gpus_here(processes)),
        cpu=made("processor", lambda: cpu_here(processes)),
        programs=made("programs", lambda: programs_here(processes)),
    )


def made(name: str, make: Callable[[], T]) -> T | None:
    """Make a sensor; None where it cannot be made, whatever the reason: no sensor is worth an agent that fails."""
    try:
        return make()
    except SensorFailed as error:
        log.info("There is no sensor for %s: %s", name, error.reason)
    except Exception:
        log.exception("There is no sensor for %s", name)
    return None

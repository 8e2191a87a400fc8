"""Which of the owner's exclusive programs run."""

from __future__ import annotations

from .base import Programs
from .processes import Processes


class RunningPrograms:
    """Looks for programs by their names, whoever started them."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes

    def read(self, wanted: frozenset[str]) -> frozenset[str]:
        """Give those of the wanted names (lower case, without .exe) that run now; up to 5 seconds old."""
        return wanted & self._processes.names() if wanted else wanted


def programs_here(processes: Processes | None = None) -> Programs:
    """Give this system's sensor; `processes` may be shared with other sensors."""
    return RunningPrograms(processes or Processes())

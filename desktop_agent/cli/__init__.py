"""The agent's command line: the same core as the windows have, and files and a socket to talk to the one that runs."""

from .membership import join, leave
from .reports import doctor, status
from .running import main
from .wishes import pause, resume, snooze, work_now

for command in (status, doctor, pause, resume, snooze, work_now, join, leave):
    main.add_command(command)

__all__ = ["main"]

"""How the contact with the server stands: whether it works, and when to try again."""

from __future__ import annotations

import logging

from ..errors import ServerBusy, ServerError
from .backoff import Backoff

log = logging.getLogger(__name__)


class Contact:
    """Shared by everything that speaks with the server, so that one failure makes all of it wait."""

    def __init__(self, backoff: Backoff | None = None) -> None:
        self._backoff = backoff or Backoff()
        #: Why the last try failed, in words; empty after a success.
        self.problem = ""
        #: Before this moment of the monotonic clock nothing is sent.
        self.quiet_until = 0.0

    def failed(self, error: ServerError, now: float) -> None:
        """Note a failure: stay away for a while, longer each time, and at least as long as the server asks."""
        asked = error.retry_after if isinstance(error, ServerBusy) else 0.0
        wait = max(self._backoff.failed(), asked)
        if error.message != self.problem:
            log.warning("%s", error.message)
        self.problem = error.message
        self.quiet_until = now + wait

    def succeeded(self) -> None:
        """Note that the server answered as it should."""
        if self.problem:
            log.info("The connection to the server works again")
        self._backoff.succeeded()
        self.problem = ""
        self.quiet_until = 0.0

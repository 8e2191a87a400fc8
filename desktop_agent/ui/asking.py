"""What the windows need of the application: small Protocols, so that a window knows no other part of it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from ..core.engines.speed_test import SpeedResult
from ..core.errors import AgentError
from ..core.pool.invite_preview import InvitePreview
from ..core.pool.membership import Membership

T = TypeVar("T")


class Verbs(Protocol):
    """Those of the host's verbs that windows ask for. Each may raise AgentError."""

    async def preview(self, link: str) -> InvitePreview:
        """Ask the pool what an invite leads to, without using it up."""

    async def join(self, link: str, name: str, *, key_in_file: bool = False, insecure_http: bool = False) -> Membership:
        """Use up the invite and keep the key."""

    async def leave(self) -> AgentError | None:
        """Leave the pool; gives why the pool could not be told, if so."""

    async def try_again(self) -> None:
        """Look at the key store, the engines and the server once more, at once."""

    async def download(self, model: str) -> None:
        """Begin to download a model; the snapshots tell how it goes on."""

    async def cancel_download(self) -> None:
        """Stop the download."""

    async def start_ollama(self) -> None:
        """Start Ollama."""

    async def speed_test(self, progress: Callable[[float], None]) -> SpeedResult:
        """Measure for a few seconds; `progress` is told 0 to 1, from another thread."""


class Asks(Protocol):
    """Hands a verb to the host and brings the answer back into the windows' thread."""

    def ask(
        self,
        make_coroutine: Callable[[Verbs], Coroutine[Any, Any, T]],
        done: Callable[[T], None] | None = None,
        failed: Callable[[AgentError], None] | None = None,
    ) -> None:
        """Return at once; exactly one of `done` and `failed` is called later."""


class Wishes(Protocol):
    """Writes what the owner wants of the agent."""

    def pause(self) -> None:
        """Take no work."""

    def resume(self) -> None:
        """Take work, as the rules allow."""

    def work_now(self) -> None:
        """Work for an hour, whatever the rules about the owner say."""


class Autostart(Protocol):
    """Whether the agent starts when its owner logs in. The truth is the system's, not ours."""

    def is_on(self) -> bool:
        """Ask the system."""

    def suggestion(self) -> bool:
        """Give what a first run suggests: on, until its owner has chosen once."""

    def turn_on(self) -> None:
        """Have the agent started at log-in; raises OSError or AgentError."""

    def turn_off(self) -> None:
        """Have it started no more; raises OSError or AgentError."""

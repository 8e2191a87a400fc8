"""The host of a PC with a screen: beside running, it does what windows ask for."""

from __future__ import annotations

from collections.abc import Callable

from ..data_folder import DataFolder
from ..engines.speed_test import SpeedResult, measure_speed
from ..engines.start_ollama import OllamaStarter
from ..errors import AgentError
from ..pool import enrolment, links
from ..pool.invite_preview import InvitePreview, preview
from ..pool.membership import Membership
from ..state import StateSnapshot
from .facts import is_working
from .host import Host
from .outside import Outside


class DesktopHost(Host):
    """Lives until it is stopped, and answers windows. Every verb may raise AgentError."""

    def __init__(self, folder: DataFolder, outside: Outside, publish: Callable[[StateSnapshot], None]) -> None:
        super().__init__(folder, outside, publish, stays=True)
        self._starter = OllamaStarter()

    async def preview(self, link: str) -> InvitePreview:
        """Ask the pool what an invite leads to, without using it up."""
        return await preview(link, self.outside.connect)

    async def join(self, link: str, name: str, *, key_in_file: bool = False, insecure_http: bool = False) -> Membership:
        """Use up the invite and keep the key. What is left of a membership that the pool refuses is forgotten first."""
        invite = links.parse_invite(link)
        settings = self.steering.settings
        if self.belonging.is_lost:
            await enrolment.leave(self.folder, settings, self.outside.connect)
        member = await enrolment.join(
            self.folder,
            settings,
            invite,
            self.engines.catalogue,
            self.outside.connect,
            app_version=self.outside.app_version,
            name=name,
            key_in_file=key_in_file,
            insecure_http=insecure_http,
        )
        self.belonging.try_again()
        return member

    async def leave(self) -> AgentError | None:
        """Leave the pool; gives why the pool could not be told, if so."""
        untold = await enrolment.leave(self.folder, self.steering.settings, self.outside.connect)
        self.belonging.try_again()
        return untold

    async def try_again(self) -> None:
        """Wait no longer for what was wrong: the key store, the engines, the server."""
        self.belonging.try_again()
        self.engines.watch.try_again()
        self.engines.look_again()
        if self.agent is not None:
            self.agent.wake()
        self.wake()

    async def download(self, model: str) -> None:
        """Begin to download a model; the snapshots tell how it goes on."""
        self.engines.downloads.start(self.steering.settings.ollama_url, model)

    async def cancel_download(self) -> None:
        """Stop the download, or put the failed one out of sight."""
        await self.engines.downloads.cancel()
        self.engines.downloads.forget()

    async def start_ollama(self) -> None:
        """Start the Ollama of this PC and wait until it answers."""
        await self._starter.start(self.steering.settings.ollama_url)
        await self.try_again()

    async def speed_test(self, progress: Callable[[float], None]) -> SpeedResult:
        """Measure for a few seconds; `progress` is told 0 to 1. What was loaded for it is unloaded."""
        try:
            return await measure_speed(self.engines.catalogue, progress)
        finally:
            if not is_working(self.agent):
                await self.engines.watch.free()

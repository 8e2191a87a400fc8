"""The engines of the settings, the watch over them, and the downloads into them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..engines.catalogue import Catalogue
from ..engines.download import Downloads
from ..engines.engine_watch import EngineWatch
from ..engines.making import follow
from ..loops import first_of, set_within, until_set
from ..settings import Settings
from .agent import Agent

#: Seconds between two looks at the engines while no agent does that, and while there is nothing on offer.
LOOK_SECONDS, LOOK_SOON_SECONDS = 30.0, 5.0


class EngineRoom:
    """Sees to it that the engines are the ones that the owner wants, and that somebody looks at them."""

    catalogue: Catalogue
    watch: EngineWatch

    def __init__(
        self,
        settings: Settings,
        make_catalogue: Callable[[Settings], Catalogue],
        is_working: Callable[[], bool],
        has_card: Callable[[], bool],
        changed: Callable[[], None],
    ) -> None:
        """`changed` hears of everything that may be shown."""
        self.downloads = Downloads(changed, self.look_again)
        self._make_catalogue = make_catalogue
        self._is_working = is_working
        self._has_card = has_card
        self._changed = changed
        #: The engines are not as the last look found them.
        self._look_again = asyncio.Event()
        #: The settings want other engines.
        self._others = asyncio.Event()
        self.renew(settings)

    @property
    def are_to_be_others(self) -> bool:
        """Whether the settings want other engines than these."""
        return self._others.is_set()

    def renew(self, settings: Settings) -> None:
        """Make the engines of these settings; those before must have been closed."""
        self._others.clear()
        self.catalogue = self._make_catalogue(settings)
        self.watch = EngineWatch(
            self.catalogue, self._is_working, self._changed, look_again=self._look_again, has_card=self._has_card
        )

    def follow(self, before: Settings, after: Settings) -> None:
        """Follow settings that changed; `are_to_be_others` where these engines cannot."""
        if not follow(self.catalogue, before, after):
            self._others.set()
        elif before != after:
            self.look_again()

    def look_again(self) -> None:
        """Have the engines looked at soon: something about them is different."""
        self._look_again.set()

    async def run_until_others(self, agent: Callable[[], Agent | None]) -> None:
        """Watch and look, until the settings want other engines; `agent` gives the one that runs now."""
        await first_of(self.watch.run_forever(), self._look_forever(agent), until_set(self._others))

    async def close(self) -> None:
        """Let go of the engines."""
        await self.catalogue.close()

    async def _look_forever(self, agent: Callable[[], Agent | None]) -> None:
        """Look while no agent does it, and have the agent look when something is different."""
        asked = True
        while True:
            running = agent()
            if running is None:
                await self.catalogue.refresh()
                self._changed()
            elif asked:
                running.worker.look_again.set()
            asked = await set_within(self._look_again, LOOK_SOON_SECONDS if self.catalogue.problem else LOOK_SECONDS)
            self._look_again.clear()

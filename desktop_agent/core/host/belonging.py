"""Runs an agent for as long as this PC belongs to a pool, and knows what keeps it from running."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from .. import messages
from ..data_folder import DataFolder
from ..errors import AgentError, KeyMissing, KeyRefused, KeyStoreError, NotJoined
from ..files import stamp
from ..pool import enrolment
from ..pool.enrolment import Connect
from ..pool.membership import Membership, load_membership
from ..pool.server_api import ServerApi
from ..settings import Settings
from ..state import Remedy
from .agent import Agent

log = logging.getLogger(__name__)

#: Seconds between two looks at the file that says which pool this PC belongs to.
LOOK_SECONDS = 1.0
#: Seconds after which an agent that had to end by a mistake of ours is started again.
RESTART_SECONDS = 60.0

#: Makes the agent of a membership, on a connection that is signed in.
MakeAgent = Callable[[Membership, ServerApi], Agent]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the agent does not run, and what its owner can do."""

    reason: str
    remedy: Remedy
    #: Seconds after which it is tried again without the owner; None for what only they can mend.
    retry_seconds: float | None = None


class Belonging:
    """Follows the membership's file: joined, left, joined again."""

    def __init__(
        self,
        folder: DataFolder,
        settings: Callable[[], Settings],
        connect: Connect,
        make_agent: MakeAgent,
        on_key: Callable[[str], None],
        parting: Callable[[], None],
        *,
        stays: bool,
    ) -> None:
        """`on_key` hears the key, so that it can be kept out of the log; `parting` that the agent has ended.

        Without `stays`, trouble is raised.
        """
        #: The agent that runs now.
        self.agent: Agent | None = None
        self.trouble: Trouble | None = None
        self.member = load_membership(folder.membership)
        self._folder = folder
        self._settings = settings
        self._connect = connect
        self._make_agent = make_agent
        self._on_key = on_key
        self._parting = parting
        self._stays = stays
        self._again = asyncio.Event()

    @property
    def is_lost(self) -> bool:
        """Whether the membership is good for nothing any more: only joining again helps."""
        lost = self.trouble is not None and self.trouble.remedy is Remedy.JOIN_AGAIN
        return lost and load_membership(self._folder.membership) is not None

    def try_again(self) -> None:
        """Do not wait any longer for what was wrong."""
        self._again.set()

    async def run_forever(self) -> None:
        """Run an agent whenever there is a membership; without `stays` only once, and raise what goes wrong.

        Raises:
            NotJoined: there is no membership, and nobody to wait for.
            AgentError: what ended the agent.
        """
        while True:
            self._again.clear()
            self.member = load_membership(self._folder.membership)
            if self.member is not None:
                await self._belong(self.member)
            elif not self._stays:
                raise NotJoined(messages.states.NOT_JOINED)
            else:
                await self._until_different(None)
            if not self._stays and not self._is_member(self.member):
                return

    async def _belong(self, member: Membership) -> None:
        try:
            await self._work_for(member)
        except AgentError as error:
            if not self._is_member(member):
                log.info("%s", messages.states.LEFT_POOL)
                return
            log.error("%s", error.message)
            if not self._stays:
                raise
            self.trouble = trouble_of(error)
            await self._until_different(self.trouble.retry_seconds)
        finally:
            self.trouble = None

    async def _work_for(self, member: Membership) -> None:
        """Run the agent until the membership is another; raises AgentError."""
        key = await enrolment.store_of(self._folder, self._settings(), member).load()
        self._on_key(key)
        async with self._connect(member.server, member.insecure_http) as api:
            api.sign_in_as(member.agent_id, key)
            self.agent = self._make_agent(member, api)
            running = asyncio.create_task(self.agent.run())
            gone = asyncio.create_task(self._until_gone(member))
            try:
                await asyncio.wait((running, gone), return_when=asyncio.FIRST_COMPLETED)
                if running.done():
                    running.result()
                else:
                    log.info("%s", messages.states.LEFT_POOL)
            finally:
                for task in (running, gone):
                    task.cancel()
                await asyncio.gather(running, gone, return_exceptions=True)
                self._parting()
                self.agent = None

    async def _until_gone(self, member: Membership) -> None:
        while True:
            # Before it is read: what changes meanwhile is read again.
            seen = stamp(self._folder.membership)
            if not self._is_member(member):
                return
            while stamp(self._folder.membership) == seen:
                await asyncio.sleep(LOOK_SECONDS)

    async def _until_different(self, seconds: float | None) -> None:
        """Wait until somebody says try again, the membership is another, or the time is over."""
        loop = asyncio.get_running_loop()
        ends_at = None if seconds is None else loop.time() + seconds
        while load_membership(self._folder.membership) == self.member and (ends_at is None or loop.time() < ends_at):
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._again.wait()
                return
            except TimeoutError:
                continue

    def _is_member(self, member: Membership | None) -> bool:
        """Tell whether it is still the membership; this PC may have joined again since, as somebody else."""
        present = load_membership(self._folder.membership)
        return present is not None and member is not None and present.agent_id == member.agent_id


def trouble_of(error: AgentError) -> Trouble:
    """Say what an error means for the agent."""
    if isinstance(error, KeyRefused | KeyMissing):
        return Trouble(error.message, Remedy.JOIN_AGAIN)
    if isinstance(error, KeyStoreError):
        # Not by itself: each try may ask the owner for a password.
        return Trouble(error.message, Remedy.UNLOCK)
    return Trouble(error.message, Remedy.NONE, RESTART_SECONDS)

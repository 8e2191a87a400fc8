"""Everything of this program that lives as long as it does: sensors, rules, engines, and the agent of a membership.

It follows the owner's files, decides, lets the agent work or not, and shows what it does. With `stays` it never ends by
itself: what a person can mend is shown with its remedy, and it goes on when that is done.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace

from .. import messages
from ..data_folder import DataFolder
from ..errors import AgentError, ServerUnreachable
from ..history import History
from ..loops import first_of, set_within, until_set
from ..pool.membership import Membership
from ..pool.server_api import ServerApi
from ..pool.update_look import UpdateLook
from ..pool.wire import Report
from ..ran import Ran
from ..recorder import Recorder
from ..rules.policy import Decision, decide
from ..sampling.keep_awake import KeepAwake, is_wanted
from ..sampling.sampler import Sampler, Wanted
from ..sensors.base import Surroundings, Unknown
from ..state import AgentState, StateSnapshot
from .agent import Agent
from .belonging import Belonging
from .engine_room import EngineRoom
from .facts import has_card, is_working, our_use, policy_snapshot, told_card, watts
from .outside import Outside
from .snapshots import Parts, snapshot_of
from .steering import Steering
from .tally import Tally

log = logging.getLogger(__name__)

#: Seconds between two looks at the owner's wishes while we work, and while we do not: a pause acts within two seconds,
#: its requests included.
TICK_SECONDS, TICK_IDLE_SECONDS = 0.5, 1.0
#: A tick that comes so many seconds late means that this PC, or this process, slept.
SLEPT_SECONDS = 30.0


class Host:
    """The running program, without a face. It lives in one event loop."""

    def __init__(
        self,
        folder: DataFolder,
        outside: Outside,
        publish: Callable[[StateSnapshot], None] | None = None,
        *,
        stays: bool = True,
    ) -> None:
        """`publish` hears every change. Without `stays`, what keeps the agent from running ends it."""
        self.folder = folder
        self.outside = outside
        #: Something happened that the decision may depend on.
        self._woken = asyncio.Event()
        self.steering = Steering(folder, outside.override)
        self.belonging = self._make_belonging(stays=stays)
        self.engines = self._make_engine_room()
        self._history = History.load(folder.history)
        self._ran = Ran.load(folder.ran)
        self._tally = Tally(self._history)
        self._recorder = Recorder(folder, self._history, self._ran, publish)
        self._sampler = Sampler(outside.sensors)
        self._keep_awake = KeepAwake()
        self._updates = UpdateLook(
            self._latest_version, outside.app_version, lambda: self.steering.settings.look_for_updates
        )
        self._decision = Decision(AgentState.READY, messages.states.STARTING)
        self._watched = self._was_working = False
        self._freeing: asyncio.Task[None] | None = None
        #: How things stood when the last agent ended; None once that has been shown.
        self._parted: StateSnapshot | None = None
        #: Why the agent ended by itself; empty while it runs, or when somebody ended it.
        self._ended_by: str = ""
        self._ticked_at = time.time()

    @property
    def agent(self) -> Agent | None:
        """The agent that runs now."""
        return self.belonging.agent

    async def run(self, stop: asyncio.Event) -> None:
        """Live until `stop` is set; then give all work back.

        Raises:
            AgentError: what ended the agent; with `stays`, only a mistake of ours.
        """
        try:
            await first_of(
                self._live_forever(),
                self._sampler.run_forever(self._hear, self._want),
                self._tick_forever(),
                self._updates.run_forever(),
                until_set(stop),
            )
        except AgentError as error:
            self._ended_by = error.message
            raise
        except Exception as error:
            log.exception("The agent has to end")
            self._ended_by = messages.states.OUR_MISTAKE
            raise AgentError(messages.states.OUR_MISTAKE) from error
        finally:
            await self._end()

    def wake(self) -> None:
        """Look at once at what the owner wants."""
        self._woken.set()

    def set_watched(self, watched: bool) -> None:
        """Look more often, because somebody looks."""
        self._watched = watched
        self._sampler.wake()
        if self.agent is not None:
            self.agent.pool_look.set_watched(watched)

    # What the owner wants, and what they see.

    async def _tick_forever(self) -> None:
        while True:
            self._woken.clear()
            await self._tick()
            await set_within(self._woken, TICK_SECONDS if self._was_working else TICK_IDLE_SECONDS)

    async def _tick(self) -> None:
        """Bring what the owner wants and what happens together, and show it."""
        self._notice_sleep()
        self._reread()
        self._count()
        decision = decide(policy_snapshot(self.steering, self.belonging, self.engines))
        if _differ(decision, self._decision):
            log.info("%s", decision.reason)
        self._decision = decision
        if self.agent is not None and self.agent.follow(decision):
            self._freeing = asyncio.create_task(self.engines.watch.free())
        self._parted = None
        await self._recorder.show(self._snapshot())
        await self._stay_awake()

    async def _stay_awake(self) -> None:
        seen = self.steering.surroundings
        power = seen.power if seen is not None else Unknown(messages.rules.NOT_READ_YET)
        wanted = is_wanted(self.steering.settings, power, computing=self._was_working)
        await self._keep_awake.follow(wanted=wanted, now=time.monotonic())

    def _reread(self) -> None:
        before = self.steering.settings
        if self.steering.reread():
            # The rules, too, follow at once: what the sensors said is judged anew.
            self._sampler.wake()
            self.engines.follow(before, self.steering.settings)

    def _notice_sleep(self) -> None:
        now = time.time()
        if now - self._ticked_at > SLEPT_SECONDS:
            log.info("This PC slept for %d s", now - self._ticked_at)
            self.steering.forget()
            self._sampler.wake()
            if self.agent is not None:
                self.agent.wake()
        self._ticked_at = now

    def _count(self) -> None:
        """Bring what was done since the last time into the history."""
        working = is_working(self.agent)
        if working != self._was_working:
            self._was_working = working
            self._sampler.wake()
        self._tally.count(self.agent, watts(self.steering.surroundings, self.steering.settings))

    def _snapshot(self) -> StateSnapshot:
        return snapshot_of(
            Parts(
                decision=self._decision,
                steering=self.steering,
                engines=self.engines,
                history=self._history,
                belonging=self.belonging,
                update=self._updates.newer,
            )
        )

    def _report(self) -> Report:
        """Say what the server's operator may see."""
        state = AgentState.WORKING if self.agent and self.agent.worker.is_computing else self._decision.state
        return Report(
            str(state),
            self._decision.reason,
            self.engines.catalogue.description,
            told_card(self.steering, self.engines.catalogue, state),
            self.agent.texts_per_minute if self.agent else 0,
        )

    # What the sensors say.

    def _want(self) -> Wanted:
        return Wanted(self.steering.settings, working=is_working(self.agent), watched=self._watched)

    def _hear(self, seen: Surroundings) -> None:
        self.steering.hear(seen, our_use(self.agent, self.engines), time.time())
        self.wake()

    # The agent and its engines.

    def _make_belonging(self, *, stays: bool) -> Belonging:
        outside = self.outside
        return Belonging(
            self.folder,
            lambda: self.steering.settings,
            outside.connect,
            self._make_agent,
            outside.on_key,
            self._part,
            stays=stays,
        )

    def _make_engine_room(self) -> EngineRoom:
        return EngineRoom(
            self.steering.settings,
            self.outside.make_catalogue,
            lambda: is_working(self.agent),
            lambda: has_card(self.steering.surroundings),
            self.wake,
        )

    def _make_agent(self, member: Membership, api: ServerApi) -> Agent:
        agent = Agent(
            member, api, self.engines.catalogue, self._report, self._ran.note, self.wake, self.outside.app_version
        )
        agent.pool_look.set_watched(self._watched)
        return agent

    def _part(self) -> None:
        """Keep what the agent did: it has ended, and is about to be forgotten."""
        self._count()
        self._parted = self._snapshot()

    async def _live_forever(self) -> None:
        """Belong to the pool with the engines of the settings; with other engines when those change."""
        while True:
            await first_of(self.belonging.run_forever(), self.engines.run_until_others(lambda: self.agent))
            if not self.engines.are_to_be_others:
                return
            await self.engines.close()
            self.engines.renew(self.steering.settings)

    async def _latest_version(self) -> str:
        if self.agent is None:
            raise ServerUnreachable(messages.states.NOT_JOINED)
        return await self.agent.api.agent_version()

    async def _end(self) -> None:
        if self._freeing is not None:
            await asyncio.gather(self._freeing, return_exceptions=True)
        await self.engines.downloads.close()
        await self.engines.close()
        await self._keep_awake.close()
        await self._sampler.close()
        state, reason = AgentState.OFFLINE, str(messages.states.STOPPED)
        if self._ended_by:
            state, reason = AgentState.ERROR, self._ended_by
        final = self._parted or self._snapshot()
        await self._recorder.end(replace(final, state=state, reason=reason, until=None, pid=0))


def _differ(one: Decision, other: Decision) -> bool:
    """Tell whether the log should have it: a new state or a new error, but not every number in a reason."""
    return one.state is not other.state or (one.state is AgentState.ERROR and one.reason != other.reason)

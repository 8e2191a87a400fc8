"""The running agent: work, heartbeats, progress, the look at the engines, and the owner's wishes, side by side."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import os
import time
from collections.abc import Callable
from dataclasses import replace

from . import messages
from .activity import Activity
from .announcer import Announcer
from .contact import Contact
from .data_folder import DataFolder
from .engines.catalogue import Catalogue
from .errors import AgentError, KeyRefused
from .heartbeat import Heartbeat
from .history import History
from .policy import Decision, PolicySnapshot, decide
from .recorder import Recorder
from .server_api import ServerApi
from .settings import Control, Membership, load_control, load_membership
from .state import AgentState, StateSnapshot
from .wire import Report, info_body
from .worker import Worker

log = logging.getLogger(__name__)

#: Seconds between two looks at the owner's wishes: a pause acts within two seconds, its requests included.
TICK_SECONDS = 0.5
#: A tick that comes so many seconds late means that this PC, or this process, slept.
SLEPT_SECONDS = 30.0


class Agent:
    """One PC's membership in one pool, alive."""

    def __init__(
        self,
        folder: DataFolder,
        membership: Membership,
        api: ServerApi,
        catalogue: Catalogue,
        app_version: str,
        publish: Callable[[StateSnapshot], None] | None = None,
    ) -> None:
        self._folder = folder
        self._membership = membership
        self._catalogue = catalogue
        self._contact = Contact()
        self._worker = Worker(api, catalogue, self._contact, self._report)
        self._heartbeat = Heartbeat(api, self._worker, self._report)
        self._announcer = Announcer(
            api,
            catalogue,
            self._contact,
            lambda offers: info_body(offers, app_version, membership.display_name),
            self._worker.look_again,
        )
        self._activity = Activity()
        self._history = History.load(folder.history)
        #: Chats of this run that are in the history.
        self._chats_counted = 0
        self._recorder = Recorder(folder, self._history, publish)
        self._control = Control()
        self._control_stamp: int | None = None
        self._decision = Decision(AgentState.READY, messages.STARTING)
        #: Why the agent ended by itself; empty while it runs, or when somebody ended it.
        self._ended_by = ""
        self._ticked_at = time.time()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, or this PC leaves the pool; then give everything back.

        Raises:
            KeyRefused: the pool no longer wants this PC.
            AgentError: a mistake of ours; the log has the details.
        """
        loops = [
            asyncio.create_task(loop)
            for loop in (
                self._worker.run_forever(),
                self._worker.progress.run_forever(),
                self._heartbeat.run_forever(),
                self._announcer.run_forever(),
                self._tick_forever(),
                self._wait_for(stop),
            )
        ]
        try:
            done, _ = await asyncio.wait(loops, return_when=asyncio.FIRST_COMPLETED)
            for loop in done:
                loop.result()
        except KeyRefused as error:
            if self._has_left():
                log.info(messages.LEFT_POOL)
                return
            self._ended_by = error.message
            raise
        except Exception as error:
            log.exception("The agent has to end")
            self._ended_by = messages.OUR_MISTAKE
            raise AgentError(messages.OUR_MISTAKE) from error
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            await self._end()

    def _has_left(self) -> bool:
        """Tell whether another process of this PC left the pool; it may have joined again since, as somebody else."""
        member = load_membership(self._folder.membership)
        return member is None or member.agent_id != self._membership.agent_id

    async def _wait_for(self, stop: asyncio.Event) -> None:
        await stop.wait()

    async def _end(self) -> None:
        await self._worker.stop("stopping")
        await self._catalogue.close()
        self._activity_into_history()
        final = replace(self._snapshot(self._decide()), pid=0)
        if not self._ended_by:
            final = replace(final, state=AgentState.OFFLINE, reason=messages.STOPPED, until=None)
        await self._recorder.end(final)

    async def _tick_forever(self) -> None:
        while self._folder.membership.exists():
            await self._tick()
            await asyncio.sleep(TICK_SECONDS)
        log.info(messages.LEFT_POOL)

    async def _tick(self) -> None:
        """Bring what the owner wants and what the worker does together, and show it."""
        self._notice_sleep()
        self._read_control()
        self._activity_into_history()
        decision = self._decide()
        if _differ(decision, self._decision):
            log.info("%s", decision.reason)
        self._decision = decision
        if decision.may_work and self._announcer.told_once:
            self._worker.allow()
        elif self._worker.allowed:
            self._worker.rest(str(decision.state))
            await self._catalogue.unload()
        await self._recorder.show(self._snapshot(decision))

    def _notice_sleep(self) -> None:
        now = time.time()
        if now - self._ticked_at > SLEPT_SECONDS:
            log.info("This PC slept for %d s", now - self._ticked_at)
            self._worker.reconnect()
            self._worker.look_again.set()
        self._ticked_at = now

    def _read_control(self) -> None:
        try:
            stamp = self._folder.control.stat().st_mtime_ns
        except OSError:
            stamp = 0
        if stamp != self._control_stamp:
            self._control, self._control_stamp = load_control(self._folder.control), stamp

    def _activity_into_history(self) -> None:
        ledger = self._worker.ledger
        new_texts = self._activity.sample(ledger.texts_done, time.monotonic())
        new_chats, self._chats_counted = ledger.chats_done - self._chats_counted, ledger.chats_done
        self._history.add(new_texts, new_chats, dt.datetime.now().astimezone().date())

    def _decide(self) -> Decision:
        retry_in = self._contact.quiet_until - time.monotonic()
        chat = self._worker.chat
        return decide(
            PolicySnapshot(
                now=time.time(),
                error=self._ended_by,
                starting=not self._announcer.told_once,
                paused=self._control.paused,
                snoozed_until=self._control.snoozed_until,
                engine_problem=self._catalogue.problem,
                connection_problem=self._contact.problem,
                retry_at=time.time() + retry_in if retry_in > 0 else None,
                chatting_with=chat.model if chat else "",
                chatting_seconds=time.monotonic() - chat.started_at if chat else 0.0,
                working_on=self._working_on(),
                texts_per_minute=self._activity.texts_per_minute(),
                skipped=self._worker.skipped,
                paused_by_pool=self._worker.paused_by_pool,
            )
        )

    def _working_on(self) -> str:
        busy = self._worker.is_computing or self._activity.is_lively(time.monotonic())
        return self._worker.last_model if busy else ""

    def _report(self) -> Report:
        """Say what the server's operator may see."""
        state = AgentState.WORKING if self._worker.is_computing else self._decision.state
        return Report(str(state), self._decision.reason, self._catalogue.description)

    def _snapshot(self, decision: Decision) -> StateSnapshot:
        member, chat, today = self._membership, self._worker.chat, dt.datetime.now().astimezone().date()
        return StateSnapshot(
            state=decision.state,
            reason=decision.reason,
            until=decision.until,
            server=member.server,
            pool=member.pool,
            agent_id=member.agent_id,
            display_name=member.display_name,
            engines=self._catalogue.statuses,
            models=tuple(dict.fromkeys(offer.model for offer in self._catalogue.offers)),
            model=chat.model if chat else self._working_on(),
            chatting_since=round(time.time() - time.monotonic() + chat.started_at, 1) if chat else None,
            texts_per_minute=self._activity.texts_per_minute(),
            texts_today=self._history.texts_on(today),
            chats_today=self._history.chats_on(today),
            counters=self._worker.ledger.counters,
            pid=os.getpid(),
        )


def _differ(one: Decision, other: Decision) -> bool:
    """Tell whether the log should have it: a new state or a new error, but not every number in a reason."""
    return one.state is not other.state or (one.state is AgentState.ERROR and one.reason != other.reason)

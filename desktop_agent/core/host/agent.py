"""This PC's membership in one pool, alive: work, heartbeats, progress, and what the server knows of the engines."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from .. import messages
from ..engines.catalogue import Catalogue
from ..errors import AgentError, KeyRefused
from ..pool.announcer import Announcer
from ..pool.contact import Contact
from ..pool.heartbeat import Heartbeat
from ..pool.membership import Membership
from ..pool.pool_look import PoolLook
from ..pool.server_api import ServerApi
from ..pool.wire import Report, info_body
from ..ran import TaskEnd
from ..rules.policy import Decision
from ..work.activity import Activity
from ..work.worker import Worker

log = logging.getLogger(__name__)


class Agent:
    """Works for one pool, while it is allowed to."""

    def __init__(
        self,
        membership: Membership,
        api: ServerApi,
        catalogue: Catalogue,
        report: Callable[[], Report],
        on_ended: Callable[[TaskEnd], None],
        changed: Callable[[], None],
        app_version: str,
    ) -> None:
        """`on_ended` hears of every task that ended; `changed` of what the decision depends on, and what is shown."""
        self.api = api
        self.contact = Contact()
        self.worker = Worker(api, catalogue, self.contact, report, on_ended=on_ended, on_begun=self._begin)
        self.announcer = Announcer(
            api,
            catalogue,
            self.contact,
            lambda offers: info_body(offers, app_version, membership.display_name),
            self.worker.look_again,
            changed,
        )
        self.pool_look = PoolLook(api, self.contact)
        self._catalogue = catalogue
        self._changed = changed
        self._heartbeat = Heartbeat(api, self.worker, report)
        self._activity = Activity()
        #: The worker was let work, and not yet told to stop altogether.
        self._at_work = False
        #: Chats that `new_work` gave already.
        self._chats_given = 0

    async def run(self) -> None:
        """Work until cancelled, then give everything back.

        Raises:
            KeyRefused: the pool no longer wants this PC.
            AgentError: a mistake of ours; the log has the details.
        """
        loops = [
            asyncio.create_task(loop)
            for loop in (
                self.worker.run_forever(),
                self.worker.progress.run_forever(),
                self._heartbeat.run_forever(),
                self.announcer.run_forever(),
                self.pool_look.run_forever(),
            )
        ]
        try:
            done, _ = await asyncio.wait(loops, return_when=asyncio.FIRST_COMPLETED)
            for loop in done:
                loop.result()
        except KeyRefused:
            raise
        except Exception as error:
            log.exception("The agent has to end")
            raise AgentError(messages.states.OUR_MISTAKE) from error
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            await self.worker.stop("stopping")

    def follow(self, decision: Decision) -> bool:
        """Work, finish or stop as decided; tell whether work was stopped just now, so that memory can be freed."""
        if decision.may_work and self.announcer.told_once:
            self._at_work = True
            self.worker.allow()
        elif decision.finishing:
            self.worker.finish()
        elif self._at_work:
            self._at_work = False
            self.worker.rest(str(decision.state))
            return True
        return False

    def new_work(self) -> tuple[int, int]:
        """Give the texts and chats that were finished since the last time."""
        ledger = self.worker.ledger
        texts = self._activity.sample(ledger.texts_done, time.monotonic())
        chats, self._chats_given = ledger.chats_done - self._chats_given, ledger.chats_done
        return texts, chats

    @property
    def texts_per_minute(self) -> int:
        """How fast it is."""
        return self._activity.texts_per_minute()

    @property
    def working_on(self) -> str:
        """The model that embeds now, or did a moment ago: batches have gaps. Empty when none does."""
        busy = self.worker.is_computing or self._activity.is_lively(time.monotonic())
        # A server may name any model; its words are shown only where they are a model of ours.
        is_ours = any(offer.model == self.worker.last_model for offer in self._catalogue.offers)
        return self.worker.last_model if busy and is_ours else ""

    def wake(self) -> None:
        """Drop what is on its way and look at everything anew: this PC slept, or its owner says try again."""
        self.contact.succeeded()
        self.worker.reconnect()
        self.worker.look_again.set()

    def _begin(self) -> None:
        """Say that work begins; not for every batch, which can be hundreds a second."""
        if not self._activity.is_lively(time.monotonic()):
            self._changed()

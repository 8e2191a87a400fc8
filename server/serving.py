"""Serving the app with waitress until a signal says stop, then stopping so that nobody is left without an answer."""

from __future__ import annotations

import logging
import signal
import threading
import time
from types import FrameType
from typing import Any

import orjson
from flask import Flask
from waitress.adjustments import Adjustments
from waitress.task import ErrorTask

from server.app import close_app, pool_of
from server.domain.errors import InternalError, InvalidRequest, PoolError, RequestTooLarge
from server.domain.ids import new_request_id
from server.event_loop import WatchedChannel, WatchingServer
from server.services.pool import Pool
from server.services.sweeper import Sweeper
from server.settings import Settings
from server.threads import WarmDispatcher
from server.web.errors import SURPRISE, shaped
from server.web.guards import SECURITY_HEADERS

log = logging.getLogger(__name__)

#: Seconds that a client may take to send a request's headers, and its whole body.
HEADER_DEADLINE, BODY_DEADLINE = 15, 120
#: Seconds between two looks at slow connections.
LOOK_EVERY = 5
#: Seconds of silence after which an idle connection is closed.
IDLE_TIMEOUT = 75
#: Seconds that requests get to end after the signal to stop.
DRAIN_SECONDS = 10
#: Seconds between looks whether they have.
DRAIN_LOOK_EVERY = 0.05
#: Bytes of virtual memory for a thread's stack: many threads only ever wait.
STACK_BYTES = 1 * 2**20
#: Connections beyond the threads: browsers and idle clients keep theirs open.
SPARE_CONNECTIONS = 1000


class JsonErrorTask(ErrorTask):  # type: ignore[misc]
    """waitress's answer to what never reaches the app: a body too large, a request that is none."""

    def execute(self) -> None:
        """Send the error in the shape of the surface that was asked."""
        refusal = self.request.error
        error: PoolError = InvalidRequest(f"The request cannot be read as HTTP: {refusal.reason}.")
        if refusal.code in {413, 431}:
            error = RequestTooLarge(f"Request too large: {refusal.body}. Send less at once.")
        elif refusal.code >= 500:
            error = InternalError(SURPRISE)
        _, shape = shaped(error, getattr(self.request, "path", "") or "")
        body = orjson.dumps(shape)
        self.status = f"{refusal.code} {refusal.reason}"
        self.response_headers += [
            ("Content-Type", "application/json"),
            ("Connection", "close"),
            ("x-request-id", new_request_id()),
            *SECURITY_HEADERS,
        ]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class JsonErrorChannel(WatchedChannel):
    """waitress's connection, with our errors."""

    error_task_class = JsonErrorTask


class PatientServer(WatchingServer):
    """waitress, which closes connections that drip their request byte by byte: it would keep them for ever."""

    channel_class = JsonErrorChannel

    def maintenance(self, now: float) -> None:
        """Close idle channels, and those whose request is overdue."""
        super().maintenance(now)
        for channel in list(self.active_channels.values()):
            request = channel.request
            if request is None or channel.requests:
                channel.embedpool_request = None
                continue
            known, since = getattr(channel, "embedpool_request", None) or (None, now)
            if known is not request:
                since = now
            channel.embedpool_request = (request, since)
            if now - since > (BODY_DEADLINE if request.headers_finished else HEADER_DEADLINE):
                channel.will_close = True


class Serving:
    """A running server: waitress in a thread of its own, the sweeper in another."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._pool: Pool = pool_of(app)
        self._sweeper = Sweeper(self._pool)
        threading.stack_size(STACK_BYTES)
        self._threads = WarmDispatcher(settings.threads)
        self._pool.vitals.busy_threads = lambda: self._threads.busy
        self._server = _build(app, settings, self._threads)
        self._loop = threading.Thread(target=self._server.run, name="waitress", daemon=True)
        #: Set by the first and by the second signal to stop.
        self._stop, self._hurry = threading.Event(), threading.Event()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._server.effective_port)

    def start(self) -> None:
        """Begin to answer."""
        self._sweeper.start()
        self._loop.start()

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; a second one stops at once."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        self.start()
        # A wait without a timeout cannot be interrupted by a signal on Windows.
        while not self._stop.wait(1):
            pass
        self.stop()

    def stop(self) -> None:
        """Answer everybody who waits, let running requests end, and close the database."""
        log.info("stopping: answering everybody who waits")
        self._pool.jobs.drain()
        self._pool.agents.drain()
        deadline = time.monotonic() + DRAIN_SECONDS
        while self._busy() and time.monotonic() < deadline:
            if self._hurry.wait(DRAIN_LOOK_EVERY):
                break
        if self._busy():
            log.warning("some requests did not end in time")
        self._server.stop()
        self._loop.join()
        self._threads.shutdown()
        self._sweeper.stop()
        close_app(self._app)
        log.info("stopped")

    def _busy(self) -> bool:
        """Whether a request is being answered, or an answer is not sent yet."""
        channels = list(self._server.active_channels.values())
        return self._threads.busy > 0 or any(channel.total_outbufs_len for channel in channels)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        (self._hurry if self._stop.is_set() else self._stop).set()


def _build(app: Flask, settings: Settings, threads: WarmDispatcher) -> PatientServer:
    adjustments = Adjustments(
        listen=settings.server_address,
        threads=settings.threads,
        connection_limit=settings.threads + SPARE_CONNECTIONS,
        backlog=1024,
        # Reading ahead is how waitress notices that a client hung up.
        channel_request_lookahead=1,
        channel_timeout=IDLE_TIMEOUT,
        cleanup_interval=LOOK_EVERY,
        # waitress refuses a body of exactly its limit.
        max_request_body_size=settings.max_body_mib * 2**20 + 1,
        max_request_header_size=16 * 1024,
        inbuf_overflow=2**20,
        outbuf_overflow=64 * 2**20,
        outbuf_high_watermark=64 * 2**20,
        recv_bytes=65536,
        ident=None,
        expose_tracebacks=False,
        log_socket_errors=False,
        clear_untrusted_proxy_headers=True,
        **_proxy(settings),
    )
    return PatientServer(app, map={}, dispatcher=threads, adj=adjustments, sockinfo=adjustments.listen[0])


def _proxy(settings: Settings) -> dict[str, Any]:
    if not settings.trusted_proxy:
        return {}
    return {
        "trusted_proxy": settings.trusted_proxy,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
    }

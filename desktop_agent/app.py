"""Puts the agent together: the only file that knows all its parts."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable
from types import FrameType

from . import __version__
from .core import enrolment, links, messages, status
from .core.agent import Agent
from .core.data_folder import DataFolder
from .core.engines.base import Engine
from .core.engines.catalogue import Catalogue
from .core.engines.embedded import EmbeddedEngine
from .core.engines.ollama import OllamaEngine
from .core.errors import AgentError, AlreadyJoined
from .core.links import Invite
from .core.logs import RedactingFormatter, start_logging
from .core.server_api import ServerApi
from .core.settings import EngineChoice, Membership, Settings
from .core.state import StateSnapshot

log = logging.getLogger(__name__)

#: Signals that end the agent; Windows' Ctrl+Break and a closed console come as SIGBREAK.
_STOP_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP") if hasattr(signal, name)
)


def make_catalogue(settings: Settings) -> Catalogue:
    """Switch on the engines that the settings choose; Ollama is the first to be asked."""
    engines: list[Engine] = []
    if settings.engine is not EngineChoice.EMBEDDED:
        engines.append(OllamaEngine(settings.ollama_url, chat=settings.chat))
    if settings.engine is not EngineChoice.OLLAMA:
        engines.append(EmbeddedEngine())
    return Catalogue(engines, settings.models)


def connect(server: str, allow_insecure: bool) -> ServerApi:
    """Make the connection to a server; raises InsecureServer."""
    return ServerApi(server, allow_insecure=allow_insecure)


def join(
    folder: DataFolder, settings: Settings, invite: Invite, *, name: str, key_in_file: bool, insecure_http: bool
) -> Membership:
    """Join a pool; raises AgentError."""

    async def run() -> Membership:
        catalogue = make_catalogue(settings)
        try:
            return await enrolment.join(
                folder,
                settings,
                invite,
                catalogue,
                connect,
                app_version=__version__,
                name=name,
                key_in_file=key_in_file,
                insecure_http=insecure_http,
            )
        finally:
            await catalogue.close()

    return asyncio.run(run())


def run_headless(
    folder: DataFolder,
    settings: Settings,
    *,
    server: str | None,
    verbose: bool,
    publish: Callable[[StateSnapshot], None] | None = None,
) -> None:
    """Run the agent without a face until a signal ends it; raises AgentError."""
    with folder.lock():
        formatter = start_logging(folder.logs, verbose=verbose)
        status.record_start(folder)
        asyncio.run(_run(folder, settings, server, formatter, publish))


async def _run(
    folder: DataFolder,
    settings: Settings,
    server: str | None,
    formatter: RedactingFormatter,
    publish: Callable[[StateSnapshot], None] | None,
) -> None:
    stop = asyncio.Event()
    _stop_on_signals(stop)
    member = enrolment.membership(folder)
    wanted = links.normal_server(server) if server is not None else member.server
    if wanted != member.server:
        raise AlreadyJoined(messages.joined_elsewhere(links.host_of(member.server), links.host_of(wanted)))
    try:
        key = await enrolment.key_store(folder, settings, member.server, in_file=member.key_in_file).load()
        api = connect(member.server, member.insecure_http)
    except AgentError as error:
        # Started by the system there is nobody who reads it from a terminal.
        log.error("%s", error.message)
        status.record_failed_start(folder, error, time.time())
        raise
    formatter.hide(key)
    log.info("EmbedPool Agent %s for %s, folder %s", __version__, member.server, folder.root)
    async with api:
        api.sign_in_as(member.agent_id, key)
        await Agent(folder, member, api, make_catalogue(settings), __version__, publish).run(stop)


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def from_another_frame(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop.set)

    for number in _STOP_SIGNALS:
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows' event loop
            signal.signal(number, from_another_frame)

"""Puts the agent together: the only file that knows its core and its windows."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import FrameType
from typing import Any, Protocol, cast

import filelock

from . import __version__
from .core import instance, logs, messages, status
from .core.data_folder import DataFolder
from .core.doctor import examination
from .core.doctor.examination import Patient
from .core.doctor.finding import Finding
from .core.engines.making import make_catalogue
from .core.errors import AgentError, AlreadyJoined, AlreadyRunning, NotEnding, NoWindows
from .core.host.desktop_host import DesktopHost
from .core.host.host import Host
from .core.host.outside import Outside
from .core.instance import Message, Verb
from .core.loops import run_without_waiting
from .core.pool import enrolment, links
from .core.pool.links import Invite
from .core.pool.membership import Membership
from .core.pool.server_api import ServerApi
from .core.sensors.here import sensors_here
from .core.settings import Settings
from .core.state import StateSnapshot
from .core.system.autostart.here import autostart_here
from .core.system.link_handler.here import link_handler_here
from .core.system.own_command import own_command
from .core.text import Text

log = logging.getLogger(__name__)

#: Signals that end an agent without windows; Windows' Ctrl+Break and a closed console come as SIGBREAK.
_STOP_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP") if hasattr(signal, name)
)
#: Seconds that an agent has for ending, or for beginning to listen, before a second start gives up on it.
PATIENCE_SECONDS = 8.0
LOOK_SECONDS = 0.2
#: For tests only: seconds without input that count as away, where a whole minute would be too long to wait for.
AWAY_SECONDS = "EMBEDPOOL_AGENT_AWAY_SECONDS"
#: Variables that a desktop sets for what its person starts with a click.
_STARTED_BY_DESKTOP = ("GIO_LAUNCHED_DESKTOP_FILE", "DESKTOP_STARTUP_ID", "XDG_ACTIVATION_TOKEN")
#: The hidden command that looks for a tray, its exit codes, and the seconds that it has.
TRAY_PROBE = "tray-probe"
TRAY_THERE, TRAY_NOT_THERE = 10, 11
PROBE_SECONDS = 20.0


#: Hears every change of the agent's state.
Publish = Callable[[StateSnapshot], None]


class _Windows(Protocol):
    """What this file wants of `ui.application`."""

    def run(self, folder: DataFolder, make_host: Callable[[Publish], DesktopHost], first: Message | None) -> int:
        """Show the tray icon and the windows until the program ends; gives the exit code."""

    def tell(self, error: AgentError) -> None:
        """Show an error until it is closed."""


class _TrayProbe(Protocol):
    """What this file wants of `ui.tray_probe`."""

    def has_tray(self) -> bool:
        """Ask the desktop."""


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


def run_tray(
    folder: DataFolder, chosen: Mapping[str, Any], first: Message | None, *, verbose: bool = False
) -> Text | int:
    """Run with tray icon and windows; gives the exit code, or what became of the wish where an agent runs already.

    `chosen` are settings of this run only; `first` is the wish that the program was started with.

    Raises:
        NoWindows: Qt or a screen is missing.
        AlreadyRunning: an agent without windows has the folder.
    """
    try:
        lock = _lock_or_hand_over(folder, first)
    except AgentError as error:
        if sys.stderr is None or any(os.environ.get(name) for name in _STARTED_BY_DESKTOP):
            # Nobody reads a terminal.
            cast(_Windows, _ui("application")).tell(error)
        raise
    if isinstance(lock, Text):
        return lock
    with lock:
        logs.start_logging(folder.logs, verbose=verbose)
        status.record_start(folder)
        log.info("EmbedPool Agent %s, folder %s", __version__, folder.root)
        windows, outside = cast(_Windows, _ui("application")), _outside(chosen)
        code = windows.run(folder, lambda publish: DesktopHost(folder, outside, publish), first)
    return _leave_threads(code)


def quit_running(folder: DataFolder) -> bool:
    """End the agent that runs with its windows; False when none runs. Raises NotEnding, AlreadyRunning."""
    if not folder.in_use():
        return False
    if not instance.send(folder, Message(Verb.QUIT)) and folder.in_use():
        raise AlreadyRunning(messages.running.headless_runs(folder.root))
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while folder.in_use():
        if time.monotonic() > give_up_at:
            raise NotEnding(messages.running.NOT_ENDING)
        time.sleep(LOOK_SECONDS)
    return True


def _lock_or_hand_over(folder: DataFolder, first: Message | None) -> filelock.BaseFileLock | Text:
    """Take the folder, or tell whoever has it. It may be about to end, or not be listening yet: both pass."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return folder.lock()
        except AlreadyRunning:
            if first is None:
                return messages.running.ALREADY_RUNNING
            if instance.send(folder, first):
                return messages.running.LINK_HANDED_OVER if first.link else messages.running.ALREADY_SHOWN
            if time.monotonic() > give_up_at:
                raise AlreadyRunning(messages.running.headless_runs(folder.root)) from None
            time.sleep(LOOK_SECONDS)


def _ui(module: str) -> Any:
    """Load a part with windows, by name: the command line and agents without windows do without Qt."""
    try:
        return importlib.import_module(f".ui.{module}", __package__)
    except ImportError as error:
        raise NoWindows(messages.running.no_windows(str(error).rstrip("."))) from error


def _leave_threads(code: int) -> int:
    """Give the exit code; but end at once where a thread hangs in a driver or at a prompt: Python would wait for it."""
    hanging = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    if any(not thread.daemon for thread in hanging):
        logging.shutdown()
        os._exit(code)
    return code


def examine(folder: DataFolder, invite: str) -> tuple[Finding, ...]:
    """Have the doctor look at everything, and at an invite link if there is one."""
    patient = Patient(
        folder,
        make_catalogue,
        sensors_here(),
        connect,
        autostart_here(os.environ, folder.root),
        link_handler_here(os.environ),
        _tray(),
        invite,
    )
    return run_without_waiting(examination.examine(patient))


def probe_tray() -> bool:
    """Tell whether this desktop has a tray; raises NoWindows. Call it in a process of its own."""
    return cast(_TrayProbe, _ui("tray_probe")).has_tray()


def _tray() -> bool | None:
    """Tell whether there is a tray; None where windows cannot be shown."""
    command = own_command(os.environ)
    try:
        probe = subprocess.run(  # noqa: S603 (our own program)
            command.line(TRAY_PROBE), cwd=command.folder, capture_output=True, timeout=PROBE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {TRAY_THERE: True, TRAY_NOT_THERE: False}.get(probe.returncode)


def run_headless(
    folder: DataFolder,
    chosen: Mapping[str, Any],
    *,
    server: str | None,
    verbose: bool,
    publish: Publish | None = None,
) -> None:
    """Run the agent without a face until a signal ends it; raises AgentError."""
    with folder.lock():
        logs.start_logging(folder.logs, verbose=verbose)
        status.record_start(folder)
        asyncio.run(_run(folder, chosen, server, publish))


async def _run(
    folder: DataFolder,
    chosen: Mapping[str, Any],
    server: str | None,
    publish: Publish | None,
) -> None:
    stop = asyncio.Event()
    _stop_on_signals(stop)
    try:
        member = enrolment.membership(folder)
        wanted = links.normal_server(server) if server is not None else member.server
        if wanted != member.server:
            raise AlreadyJoined(messages.joining.joined_elsewhere(links.host_of(member.server), links.host_of(wanted)))
        log.info("EmbedPool Agent %s for %s, folder %s", __version__, member.server, folder.root)
        await Host(folder, _outside(chosen), publish, stays=False).run(stop)
    except AgentError as error:
        # Started by the system there is nobody who reads it from a terminal.
        log.error("%s", error.message)
        raise


def _outside(chosen: Mapping[str, Any]) -> Outside:
    """Give the world as it is; `chosen` are settings of this run only."""
    values = dict(chosen)
    if seconds := os.environ.get(AWAY_SECONDS):
        values["away_minutes"] = float(seconds) / 60.0
    return Outside(
        connect,
        sensors_here(),
        __version__,
        override=lambda settings: replace(settings, **values),
        on_key=logs.hide,
    )


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def from_another_frame(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop.set)

    for number in _STOP_SIGNALS:
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows' event loop
            signal.signal(number, from_another_frame)

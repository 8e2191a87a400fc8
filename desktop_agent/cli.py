"""The agent's command line."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
import orjson

from . import __version__, app
from .core import enrolment, links, messages
from .core.data_folder import DataFolder
from .core.errors import AgentError
from .core.settings import (
    Control,
    EngineChoice,
    Settings,
    clean_models,
    load_control,
    load_settings,
    save_control,
)
from .core.status import describe, present_state

#: Most minutes of one snooze: a week.
MAX_SNOOZE_MINUTES = 7 * 24 * 60


class _Command(click.Command):
    """A command that tells an error of ours in two lines, and ends with 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AgentError as error:
            click.echo(f"{error.title}.\n{error.message}", err=True)
            sys.exit(1)


class _Group(click.Group):
    command_class = _Command


def _data_dir(function: Any) -> Any:
    return click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="EMBEDPOOL_AGENT_DATA_DIR",
        show_envvar=True,
        help="Folder for everything but the key. Two agents on one PC need two.",
    )(function)


def _engine_options(function: Any) -> Any:
    for option in (
        click.option("--chat/--no-chat", default=None, help="Offer models that chat, too, or not.  [default: --chat]"),
        click.option("--models", metavar="A,B", help="Offer only these models."),
        click.option("--ollama-url", metavar="URL", help="Where Ollama listens.  [default: http://127.0.0.1:11434]"),
        click.option(
            "--engine",
            type=click.Choice([str(choice) for choice in EngineChoice]),
            help="What computes: Ollama, the small embedded engine, or both (auto).  [default: auto]",
        ),
    ):
        function = option(function)
    return function


def _settings(
    folder: DataFolder, engine: str | None, ollama_url: str | None, models: str | None, chat: bool | None
) -> Settings:
    settings = load_settings(folder.settings)
    if engine:
        settings = replace(settings, engine=EngineChoice(engine))
    if ollama_url:
        settings = replace(settings, ollama_url=ollama_url)
    if models:
        settings = replace(settings, models=clean_models(models.split(",")))
    if chat is not None:
        settings = replace(settings, chat=chat)
    return settings


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="EmbedPool Agent")
def main() -> None:
    """Lend this PC's models to a pool."""


@main.command()
@click.argument("link")
@click.option("--server", metavar="URL", help="The pool's address, if LINK is only the invite's code.")
@click.option("--name", default="", metavar="TEXT", help="Name of this PC in the pool.  [default: its host name]")
@click.option("--key-file", is_flag=True, help="Keep the key in a file that only you can read, not in the key store.")
@click.option("--insecure-http", is_flag=True, help="Allow a server without encryption on another machine.")
@_engine_options
@_data_dir
def join(
    link: str,
    server: str | None,
    name: str,
    key_file: bool,
    insecure_http: bool,
    engine: str | None,
    ollama_url: str | None,
    models: str | None,
    chat: bool | None,
    data_dir: Path | None,
) -> None:
    """Join a pool with the invite LINK that you got from it."""
    folder = DataFolder.open(data_dir)
    invite = links.parse_invite(link, server)
    settings = _settings(folder, engine, ollama_url, models, chat)
    member = app.join(folder, settings, invite, name=name, key_in_file=key_file, insecure_http=insecure_http)
    click.echo(f"Joined {member.pool or 'the pool'} at {links.host_of(member.server)} as “{member.display_name}”.")
    click.echo("Start working with “run --headless”.")


@main.command()
@_data_dir
def leave(data_dir: Path | None) -> None:
    """Leave the pool: it forgets this PC, and this PC forgets its key."""
    folder = DataFolder.open(data_dir)
    untold = asyncio.run(enrolment.leave(folder, load_settings(folder.settings), app.connect))
    click.echo(messages.LEFT_POOL)
    if untold is not None:
        click.echo(f"The pool could not be told: {untold.message}", err=True)


@main.command()
@click.option("--headless", is_flag=True, help="Without windows and tray, until Ctrl+C.")
@click.option("--server", metavar="URL", help="Start only if this is the pool that this PC belongs to.")
@click.option("--verbose", is_flag=True, help="Log more.")
@_engine_options
@_data_dir
def run(
    headless: bool,
    server: str | None,
    verbose: bool,
    engine: str | None,
    ollama_url: str | None,
    models: str | None,
    chat: bool | None,
    data_dir: Path | None,
) -> None:
    """Take work from the pool."""
    if not headless:
        raise click.UsageError("This installation has no windows. Say “run --headless”.")
    folder = DataFolder.open(data_dir)
    app.run_headless(folder, _settings(folder, engine, ollama_url, models, chat), server=server, verbose=verbose)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@_data_dir
def status(as_json: bool, data_dir: Path | None) -> None:
    """Say what the agent does, and why."""
    folder = DataFolder.open(data_dir)
    running, snapshot = present_state(folder, time.time())
    if as_json:
        click.echo(orjson.dumps({"running": running, **asdict(snapshot)}).decode())
    else:
        click.echo(describe(snapshot, running=running))


@main.command()
@_data_dir
def pause(data_dir: Path | None) -> None:
    """Take no work until “resume”."""
    _wish(data_dir, Control(paused=True))


@main.command()
@_data_dir
def resume(data_dir: Path | None) -> None:
    """Take work again."""
    _wish(data_dir, Control())


@main.command()
@click.argument("minutes", type=click.FloatRange(min=0, max=MAX_SNOOZE_MINUTES, min_open=True))
@_data_dir
def snooze(minutes: float, data_dir: Path | None) -> None:
    """Take no work for so many MINUTES."""
    _wish(data_dir, Control(snoozed_until=time.time() + minutes * 60))


def _wish(data_dir: Path | None, control: Control) -> None:
    """Leave the wish where a running agent finds it at once, and the next one at its start."""
    folder = DataFolder.open(data_dir)
    before = load_control(folder.control)
    save_control(folder.control, control)
    if control.paused:
        click.echo(messages.PAUSED)
    elif control.snoozed_until is not None:
        click.echo(messages.snoozed(control.snoozed_until))
    else:
        click.echo(messages.RESUMED if before != control else messages.NOT_PAUSED)

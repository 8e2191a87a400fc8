"""Starting the agent, with windows or without, and talking to the one that runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from .. import __version__, app
from ..core import messages
from ..core.data_folder import DataFolder
from ..core.errors import AgentError
from ..core.instance import Message, Verb
from ..core.settings import WorkWhen
from .group import Command, data_dir_option, engine_options, fail, overrides


class _Group(click.Group):
    """The group; without a command it starts the agent with its windows."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AgentError as error:
            fail(error)


@click.group(cls=_Group, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="EmbedPool Agent")
@click.option("--background", is_flag=True, help="Start without opening a window, as at log-in.")
@click.option("--quit-running", is_flag=True, help="End the EmbedPool that runs; nothing to do when none does.")
@data_dir_option
@click.pass_context
def main(context: click.Context, background: bool, quit_running: bool, data_dir: Path | None) -> None:
    """Lend this PC's models to a pool. Without a command, the tray icon and the windows start."""
    if data_dir is not None:
        context.default_map = {name: {"data_dir": data_dir} for name in main.list_commands(context)}
    if context.invoked_subcommand is not None:
        return
    folder = DataFolder.open(data_dir)
    if quit_running:
        _quit(folder)
    else:
        _start(folder, {}, background=background)


@main.command(cls=Command)
@click.option("--headless", is_flag=True, help="Without windows and tray, until Ctrl+C.")
@click.option("--background", is_flag=True, help="Start without opening a window, as at log-in.")
@click.option(
    "--when",
    type=click.Choice([str(choice) for choice in WorkWhen]),
    help="When to work.  [default: always with --headless, else as in the settings]",
)
@click.option("--server", metavar="URL", help="Start only if this is the pool that this PC belongs to.")
@click.option("--verbose", is_flag=True, help="Log more.")
@engine_options
@data_dir_option
def run(
    headless: bool,
    background: bool,
    when: str | None,
    server: str | None,
    verbose: bool,
    engine: str | None,
    ollama_url: str | None,
    models: str | None,
    chat: bool | None,
    data_dir: Path | None,
) -> None:
    """Take work from the pool."""
    folder = DataFolder.open(data_dir)
    chosen = overrides(engine, ollama_url, models, chat)
    if when or headless:
        # Nobody is thought to sit at a PC that has no windows to show.
        chosen["work_when"] = WorkWhen(when or WorkWhen.ALWAYS)
    if headless:
        app.run_headless(folder, chosen, server=server, verbose=verbose)
    else:
        _start(folder, chosen, background=background, verbose=verbose)


@main.command("open", cls=Command)
@click.argument("link", required=False)
@data_dir_option
def open_link(link: str | None, data_dir: Path | None) -> None:
    """Show how to join with this LINK; what the system calls for links that begin with embedpool:.

    Without one it shows the window: the menu of applications starts the same entry.
    """
    _start(DataFolder.open(data_dir), {}, message=Message(Verb.OPEN_LINK, link) if link else None)


@main.command("quit", cls=Command)
@data_dir_option
def quit_command(data_dir: Path | None) -> None:
    """End the EmbedPool that runs with its windows; its work goes back to the pool."""
    _quit(DataFolder.open(data_dir))


@main.command(app.TRAY_PROBE, hidden=True, cls=Command)
def tray_probe() -> None:
    """Tell by the exit code whether this desktop has a tray."""
    sys.exit(app.TRAY_THERE if app.probe_tray() else app.TRAY_NOT_THERE)


def _start(
    folder: DataFolder,
    chosen: dict[str, Any],
    *,
    background: bool = False,
    verbose: bool = False,
    message: Message | None = None,
) -> None:
    """Start the windows, or tell the EmbedPool that runs already."""
    first = message or (None if background else Message(Verb.SHOW))
    outcome = app.run_tray(folder, chosen, first, verbose=verbose)
    if isinstance(outcome, str):
        click.echo(outcome)
    else:
        sys.exit(outcome)


def _quit(folder: DataFolder) -> None:
    click.echo(messages.running.QUIT_DONE if app.quit_running(folder) else messages.running.QUIT_NOT_NEEDED)

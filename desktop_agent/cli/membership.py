"""Joining a pool and leaving it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import click

from .. import app
from ..core import messages
from ..core.data_folder import DataFolder
from ..core.pool import enrolment, links
from ..core.settings import load_settings
from .group import Command, data_dir_option, engine_options, overrides


@click.command(cls=Command)
@click.argument("link")
@click.option("--server", metavar="URL", help="The pool's address, if LINK is only the invite's code.")
@click.option("--name", default="", metavar="TEXT", help="Name of this PC in the pool.  [default: its host name]")
@click.option("--key-file", is_flag=True, help="Keep the key in a file that only you can read, not in the key store.")
@click.option("--insecure-http", is_flag=True, help="Allow a server without encryption on another machine.")
@engine_options
@data_dir_option
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
    """Join a pool with the invite LINK that you got from it. An EmbedPool that runs goes on by itself."""
    folder = DataFolder.open(data_dir)
    invite = links.parse_invite(link, server)
    settings = replace(load_settings(folder.settings), **overrides(engine, ollama_url, models, chat))
    member = app.join(folder, settings, invite, name=name, key_in_file=key_file, insecure_http=insecure_http)
    click.echo(f"Joined {member.pool or 'the pool'} at {links.host_of(member.server)} as “{member.display_name}”.")
    if not folder.in_use():
        click.echo("Start working with “run --headless”, or with “run” where there is a desktop.")


@click.command(cls=Command)
@data_dir_option
def leave(data_dir: Path | None) -> None:
    """Leave the pool: it forgets this PC, and this PC forgets its key."""
    folder = DataFolder.open(data_dir)
    untold = asyncio.run(enrolment.leave(folder, load_settings(folder.settings), app.connect))
    click.echo(messages.states.LEFT_POOL)
    if untold is not None:
        click.echo(f"The pool could not be told: {untold.message}", err=True)

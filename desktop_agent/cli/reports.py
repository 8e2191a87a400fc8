"""What the agent does, and what is wrong."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from pathlib import Path

import click
import orjson

from .. import app
from ..core.data_folder import DataFolder
from ..core.doctor.finding import Verdict
from ..core.status import describe, present_state
from .group import Command, data_dir_option


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@data_dir_option
def status(as_json: bool, data_dir: Path | None) -> None:
    """Say what the agent does, and why."""
    folder = DataFolder.open(data_dir)
    now = time.time()
    running, snapshot = present_state(folder, now)
    if as_json:
        click.echo(orjson.dumps({"running": running, **asdict(snapshot)}).decode())
    else:
        click.echo(describe(snapshot, running=running, now=now))


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--invite", default="", metavar="LINK", help="Look at this invite, too, without using it up.")
@data_dir_option
def doctor(as_json: bool, invite: str, data_dir: Path | None) -> None:
    """Look at everything that must be right, and say what is wrong. Ends with 1 when EmbedPool cannot work."""
    findings = app.examine(DataFolder.open(data_dir), invite)
    if as_json:
        click.echo(orjson.dumps([asdict(finding) for finding in findings]).decode())
    else:
        click.echo("\n".join(finding.line for finding in findings))
    if any(finding.verdict is Verdict.BAD for finding in findings):
        sys.exit(1)

"""What several commands share: errors in words, the data folder, the engines' options."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from ..core.errors import AgentError
from ..core.settings import EngineChoice, clean_models


def fail(error: AgentError) -> NoReturn:
    """Tell an error of ours in two lines, with a hint in a third, and end with 1."""
    click.echo("\n".join(filter(None, (f"{error.title}.", error.message, error.hint))), err=True)
    sys.exit(1)


class Command(click.Command):
    """A command that tells an error of ours in words."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except AgentError as error:
            fail(error)


def data_dir_option(function: Any) -> Any:
    """Add the option that chooses the data folder."""
    return click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="EMBEDPOOL_AGENT_DATA_DIR",
        show_envvar=True,
        help="Folder for everything but the key. Two agents on one PC need two.",
    )(function)


def engine_options(function: Any) -> Any:
    """Add the options that choose what computes."""
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


def overrides(engine: str | None, ollama_url: str | None, models: str | None, chat: bool | None) -> dict[str, Any]:
    """Give the settings that hold for this run only, by their names."""
    chosen = {
        "engine": EngineChoice(engine) if engine else None,
        "ollama_url": ollama_url or None,
        "models": clean_models(models.split(",")) if models else None,
        "chat": chat,
    }
    return {name: value for name, value in chosen.items() if value is not None}

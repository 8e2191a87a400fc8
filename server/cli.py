"""The command line: serve, and make or revoke keys and invites.

Only one process may write to the database. While the server runs, the commands therefore ask it through its management
API; while it does not, they take the data folder themselves. Either way the same views answer.
"""

from __future__ import annotations

import logging
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

import click
import orjson
from pydantic import ValidationError

from server import __version__, logs
from server.app import close_app, create_app
from server.domain.trust import WORDS
from server.serving import Serving
from server.settings import Settings, with_secrets
from server.storage.database import DatabaseInUseError
from server.storage.schema import DatabaseDamagedError, SchemaTooNewError

log = logging.getLogger(__name__)

Command = Callable[..., Any]

#: How far an agent is trusted, or how much of it a key asks for.
TRUST = click.Choice(WORDS)
#: Seconds that a running server has for an answer.
ANSWER_SECONDS = 15
SECONDS_A_DAY = 86_400


@click.group(invoke_without_command=True)
@click.version_option(__version__, prog_name="EmbedPool server")
@click.pass_context
def main(context: click.Context) -> None:
    """EmbedPool server. Without a command it serves."""
    if context.invoked_subcommand is None:
        context.invoke(serve)


@main.command()
def serve() -> None:
    """Serve until Ctrl-C or SIGTERM. Settings come from the environment and .env; see docs/configuration.md."""
    settings, token_is_new = _settings()
    logs.set_up(settings)
    _show_new_token(settings, token_is_new)
    try:
        serving = Serving(create_app(settings), settings)
    except (DatabaseInUseError, SchemaTooNewError, DatabaseDamagedError) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {settings.server_address}: {error.strerror}.") from None
    click.echo(f"EmbedPool {__version__} listens on http://{settings.host}:{serving.port}")
    click.echo(f"Management page: {settings.public_url or f'http://{settings.host}:{serving.port}'}/admin/")
    sys.stdout.flush()
    serving.run()


@main.group()
def keys() -> None:
    """Client keys: who may use the pool."""


#: The limits of a key as options: name → the field in the management API, and what it is.
LIMITS = {
    "requests-per-minute": ("requestsPerMinute", "Requests in a minute"),
    "tokens-per-day": ("tokensPerDay", "Tokens in a day (UTC)"),
    "max-in-flight": ("maxInFlight", "Tasks that are not over, at once"),
    "max-stored-bytes": ("maxStoredBytes", "Bytes of prompts under way and answers kept"),
}


def _limits(least: int, otherwise: str) -> Callable[[Command], Command]:
    """Give a command an option for each limit."""

    def add(command: Command) -> Command:
        for name, (field, help_text) in reversed(LIMITS.items()):
            command = click.option(
                f"--{name}", field, type=click.IntRange(min=least), help=f"{help_text}; {otherwise}."
            )(command)
        return command

    return add


@keys.command("create")
@click.option("--name", required=True, help="For your own eyes.")
@click.option("--capability", "capabilities", multiple=True, default=["*"], help="What it may use, such as embed.*.")
@click.option("--days", type=click.IntRange(1, 3650), help="Days until it expires; never without.")
@click.option("--trust", type=TRUST, default="public", show_default=True, help="Which agents are given its texts.")
@_limits(1, "any number without")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def create_key(
    name: str, capabilities: tuple[str, ...], days: int | None, trust: str, as_json: bool, **limits: int | None
) -> None:
    """Make a client key. It is shown this once."""
    made = _ask("POST", "client_api_keys/update", {**_wanted(name, capabilities, days), "trust": trust, **limits})
    _print(made, as_json, lambda: f"Client key {made['name']}, shown this once:\n{made['key']}")


@keys.command("change")
@click.argument("key_id", metavar="ID")
@click.option("--name", help="For your own eyes.")
@click.option("--capability", "capabilities", multiple=True, help="What it may use, such as embed.*; in place of all.")
@click.option("--days", type=click.IntRange(0, 3650), help="Days from now until it expires; 0 for never.")
@click.option("--disable/--enable", "disabled", default=None, help="Switch it off, or on again.")
@click.option("--trust", type=TRUST, help="Which agents are given its texts.")
@_limits(0, "0 for any number")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def change_key(
    key_id: str,
    name: str | None,
    capabilities: tuple[str, ...],
    days: int | None,
    disabled: bool | None,
    trust: str | None,
    as_json: bool,
    **limits: int | None,
) -> None:
    """Change what the key with this id may do (`keys list` tells the ids). What is not named stays as it is."""
    wanted: dict[str, Any] = {"id": key_id, "name": name, "capabilities": list(capabilities) or None, "trust": trust}
    wanted |= {"disabled": disabled, **{field: most or None for field, most in limits.items() if most is not None}}
    if days is not None:
        wanted["expiresAt"] = _in_days(days)
    changed = _ask("POST", "client_api_keys/update", wanted)
    _print(changed, as_json, lambda: f"Changed {changed['key']}.")


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def list_keys(as_json: bool) -> None:
    """List the active client keys."""
    found = _ask("GET", "client_api_keys/list")
    columns = ("id", "key", "name", "capabilities", "trust", "created", "expiresAt", "disabled", "used")
    _print(found, as_json, lambda: _table([{**one, "used": _used(one)} for one in found], columns))


def _used(key: dict[str, Any]) -> str | None:
    """Say how much of each limit a key has used."""
    limited = [(name, used) for name, used in key["used"].items() if used is not None]
    return ", ".join(f"{name} {used}/{key[name]}" for name, used in limited) or None


@keys.command("revoke")
@click.argument("key")
def revoke_key(key: str) -> None:
    """Make a client key, named by itself or its id, worthless."""
    click.echo(f"Revoked {_ask('POST', f'client_api_keys/revoke/{_quoted(key)}')['key']}.")


@main.group()
def invites() -> None:
    """Invites: who may join with a PC."""


@invites.command("create")
@click.option("--name", required=True, help="For your own eyes.")
@click.option("--uses", type=click.IntRange(1, 10_000), default=1, show_default=True, help="How many PCs may join.")
@click.option("--tier", type=click.IntRange(0, 255), help="Tier of its agents; without, they say their own.")
@click.option(
    "--capability", "capabilities", multiple=True, default=["*"], help="What they may serve, such as embed.*."
)
@click.option("--days", type=click.IntRange(1, 3650), default=7, show_default=True, help="Days until it runs out.")
@click.option("--trust", type=TRUST, default="public", show_default=True, help="How far its agents are trusted.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def create_invite(
    name: str, uses: int, tier: int | None, capabilities: tuple[str, ...], days: int, trust: str, as_json: bool
) -> None:
    """Make an invite. Its link is shown this once."""
    wanted = {**_wanted(name, capabilities, days), "uses": uses, "tier": tier, "trust": trust}
    made = _ask("POST", "invites/create", wanted)
    _print(made, as_json, lambda: f"Invite {made['name']} for {uses} PC(s), shown this once:\n{made['link']}")


@invites.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def list_invites(as_json: bool) -> None:
    """List the invites that are not revoked."""
    found = _ask("GET", "invites/list")
    columns = ("id", "code", "name", "uses", "maxUses", "tier", "trust", "expiresAt")
    _print(found, as_json, lambda: _table(found, columns))


@invites.command("revoke")
@click.argument("code")
def revoke_invite(code: str) -> None:
    """Make an invite, named by its code or its id, worthless. PCs that joined with it stay."""
    click.echo(f"Revoked {_ask('POST', f'invites/revoke/{_quoted(code)}')['code']}.")


def _quoted(secret: str) -> str:
    return urllib.parse.quote(secret, safe="")


def _wanted(name: str, capabilities: tuple[str, ...], days: int | None) -> dict[str, Any]:
    return {"name": name, "capabilities": list(capabilities), "expiresAt": _in_days(days)}


def _in_days(days: int | None) -> int | None:
    return int(time.time()) + days * SECONDS_A_DAY if days else None


def _settings() -> tuple[Settings, bool]:
    try:
        return with_secrets(Settings())
    except ValidationError as error:
        lines = [f"  {str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors()]
        raise click.ClickException("Some settings are wrong:\n" + "\n".join(lines)) from None
    except OSError as error:
        raise click.ClickException(f"Cannot use the data folder: {error}") from None


def _show_new_token(settings: Settings, is_new: bool, *, err: bool = False) -> None:
    if is_new:
        click.echo(
            f"Management token, shown this once (kept in {settings.database_root_path}): {settings.mgmt_token}", err=err
        )


def _ask(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Call the management API: of an app of our own if the data folder is free, else of the server that has it."""
    settings, token_is_new = _settings()
    # Standard output belongs to the answer.
    _show_new_token(settings, token_is_new, err=True)
    try:
        app = create_app(settings)
    except DatabaseInUseError:
        return _ask_running_server(settings, method, path, body)
    except (SchemaTooNewError, DatabaseDamagedError) as error:
        raise click.ClickException(str(error)) from None
    try:
        response = app.test_client().open(
            f"/management/{path}",
            method=method,
            json=body,
            headers={"X-Mgmt-Token": settings.mgmt_token, "Host": "localhost"},
        )
        return _checked(response.status_code, response.data)
    finally:
        close_app(app)


def _ask_running_server(settings: Settings, method: str, path: str, body: dict[str, Any] | None) -> Any:
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 (compared, not bound)
    request = urllib.request.Request(
        f"http://{host}:{settings.port}/management/{path}",
        method=method,
        data=orjson.dumps(body) if body is not None else None,
        headers={"X-Mgmt-Token": settings.mgmt_token, "Content-Type": "application/json"},
    )
    # The system's proxy has no business between us and our own server.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=ANSWER_SECONDS) as response:
            return _checked(response.status, response.read())
    except urllib.error.HTTPError as error:
        return _checked(error.code, error.read())
    except OSError as error:
        raise click.ClickException(
            f"The server that uses this data folder does not answer at {settings.server_address} ({error}). "
            "Set SERVER_ADDRESS as the server has it."
        ) from None


def _checked(status: int, body: bytes) -> Any:
    answer = orjson.loads(body)
    if status != 200:
        raise click.ClickException(str(answer["error"]["message"]))
    return answer


def _print(value: Any, as_json: bool, in_words: Callable[[], str]) -> None:
    click.echo(orjson.dumps(value).decode() if as_json else in_words())


def _table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> str:
    """Lay rows out in columns, with a heading."""
    if not rows:
        return "There are none."
    cells = [list(columns), *[[_cell(row[column]) for column in columns] for row in rows]]
    widths = [max(len(line[n]) for line in cells) for n in range(len(columns))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in cells)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return ", ".join(value) if isinstance(value, list) else str(value)

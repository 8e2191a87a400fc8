"""The command line: keys and invites whether the server runs or not, and mistakes answered in one sentence."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest
from click.testing import CliRunner

from server import __version__
from server.cli import main
from tests.server.server_process import MANAGEMENT_TOKEN, ServerProcess, command, environment

SHOWN_TOKEN = re.compile(r"Management token, shown this once .*: (\S+)")


def succeed(done: subprocess.CompletedProcess[str]) -> str:
    """Insist that a command worked; returns what it printed."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """Insist that a command failed in words; returns them."""
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.count("Error: ") == 1, done.stderr
    return done.stderr


def run_here(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command in this process, which is quicker; a trace that would reach the operator is one here too."""
    wanted = {name: value for name, value in environment(folder, **settings).items() if name not in os.environ}
    with contextlib.chdir(folder):
        ran = CliRunner().invoke(main, arguments, prog_name="python -m server", env=wanted)
    if ran.exception and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return subprocess.CompletedProcess(arguments, ran.exit_code, ran.stdout, ran.stderr)


def accepted(url: str, key: str) -> bool:
    """Whether the server accepts a client key."""
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.get(f"{url}/v1/models", headers=headers, trust_env=False).status_code == 200


class Run(Protocol):
    """Runs a command until it ends."""

    def __call__(self, folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]: ...


def exercise(run: Run, folder: Path, **settings: str) -> dict[str, Any]:
    """Make, list and revoke a key and an invite; returns a key that stays."""
    made = json.loads(succeed(run(folder, "keys", "create", "--name", "Ann", "--json", **settings)))
    assert made["key"].startswith("ep_live_")
    listed = succeed(run(folder, "keys", "list", **settings))
    assert made["id"] in listed
    assert "Ann" in listed
    assert made["key"] not in listed
    invite = succeed(run(folder, "invites", "create", "--name", "Library", "--uses", "3", **settings))
    link = re.search(r"^http\S+/join/(ep_inv_\S+)$", invite, re.MULTILINE)
    assert link, invite
    (row,) = json.loads(succeed(run(folder, "invites", "list", "--json", **settings)))
    assert (row["name"], row["maxUses"]) == ("Library", 3)
    assert 6 < (row["expiresAt"] - time.time()) / 86_400 <= 7
    assert "Revoked ep_inv_" in succeed(run(folder, "invites", "revoke", link[1], **settings))
    assert succeed(run(folder, "invites", "list", **settings)).strip() == "There are none."
    return dict(made)


def test_keys_and_invites_without_a_running_server(tmp_path: Path) -> None:
    """The command takes the data folder itself; the server finds the key when it starts."""
    made = exercise(run_here, tmp_path)
    with ServerProcess(tmp_path) as server:
        assert accepted(server.url, made["key"])
    assert "Revoked" in succeed(command(tmp_path, "keys", "revoke", made["id"]))
    with ServerProcess(tmp_path) as server:
        assert not accepted(server.url, made["key"])


def test_keys_and_invites_while_the_server_runs(tmp_path: Path) -> None:
    """The command asks the server, which knows of it at once."""
    with ServerProcess(tmp_path) as server:
        address = f"127.0.0.1:{server.port}"
        made = exercise(run_here, tmp_path, SERVER_ADDRESS=address)
        assert accepted(server.url, made["key"])
        assert "Revoked ep_live_" in succeed(command(tmp_path, "keys", "revoke", made["key"], SERVER_ADDRESS=address))
        assert not accepted(server.url, made["key"])
        again = refusal(command(tmp_path, "keys", "revoke", made["key"], SERVER_ADDRESS=address))
        assert "no active client key" in again
        assert made["key"] not in again
        elsewhere = refusal(command(tmp_path, "keys", "list", SERVER_ADDRESS="127.0.0.1:9"))
        assert "does not answer at 127.0.0.1:9" in elsewhere
        assert "SERVER_ADDRESS" in elsewhere


@pytest.mark.parametrize("name", ["Schlüssel/with?odd=characters& #%2F東京"])
def test_a_key_of_odd_characters_is_revoked_while_the_server_runs(tmp_path: Path, name: str) -> None:
    """What is named on the command line arrives whole, whatever characters it has."""
    with ServerProcess(tmp_path) as server:
        made = {"name": "odd", "key": name}
        headers = {"X-Mgmt-Token": MANAGEMENT_TOKEN}
        httpx.post(f"{server.url}/management/client_api_keys/update", headers=headers, json=made, trust_env=False)
        done = command(tmp_path, "keys", "revoke", name, SERVER_ADDRESS=f"127.0.0.1:{server.port}")
        assert "Revoked" in succeed(done)


def test_what_a_key_may_and_how_long_is_said_on_the_command_line(tmp_path: Path) -> None:
    """Capabilities and days become the key's."""
    arguments = ("--capability", "embed.*", "--capability", "llm.x", "--days", "30", "--json")
    made = json.loads(succeed(run_here(tmp_path, "keys", "create", "--name", "Ann", *arguments)))
    assert made["capabilities"] == ["embed.*", "llm.x"]
    assert 29 < (made["expiresAt"] - time.time()) / 86_400 <= 30


def test_limits_are_set_and_changed_on_the_command_line(tmp_path: Path) -> None:
    """Each has its option; 0 takes one away, and what is not named stays."""
    arguments = ("--requests-per-minute", "5", "--tokens-per-day", "600", "--max-in-flight", "7", "--json")
    made = json.loads(succeed(run_here(tmp_path, "keys", "create", "--name", "Ann", *arguments)))
    assert (made["requestsPerMinute"], made["tokensPerDay"], made["maxInFlight"]) == (5, 600, 7)
    changes = ("--requests-per-minute", "0", "--max-stored-bytes", "8000", "--disable", "--json")
    changed = json.loads(succeed(run_here(tmp_path, "keys", "change", made["id"], *changes)))
    assert (changed["requestsPerMinute"], changed["tokensPerDay"], changed["maxStoredBytes"]) == (None, 600, 8000)
    assert (changed["disabled"], changed["name"], changed["capabilities"]) == (True, "Ann", ["*"])
    listed = succeed(run_here(tmp_path, "keys", "list"))
    assert "tokensPerDay 0/600, maxInFlight 0/7, maxStoredBytes 0/8000" in listed


def test_trust_is_said_on_the_command_line(tmp_path: Path) -> None:
    """Of keys and invites; where nothing is said, both are public, and a change of something else leaves it."""
    made = json.loads(succeed(run_here(tmp_path, "keys", "create", "--name", "Ann", "--json")))
    assert made["trust"] == "public"
    for arguments in (("--trust", "vetted"), ("--name", "Bea")):
        changed = json.loads(succeed(run_here(tmp_path, "keys", "change", made["id"], *arguments, "--json")))
        assert changed["trust"] == "vetted"
    own = ("--trust", "own", "--json")
    assert json.loads(succeed(run_here(tmp_path, "keys", "create", "--name", "Cid", *own)))["trust"] == "own"
    assert json.loads(succeed(run_here(tmp_path, "invites", "create", "--name", "Dan", *own)))["trust"] == "own"
    assert "vetted" in succeed(run_here(tmp_path, "keys", "list"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("keys", "create", "--name", "x", "--trust", "secret"), "--trust"),
        (("invites", "create", "--name", "x", "--trust", "OWN"), "--trust"),
        (("keys", "create"), "--name"),
        (("keys", "change", "nobody", "--disable"), "no active client key"),
        (("keys", "create", "--name", "x", "--tokens-per-day", "0"), "--tokens-per-day"),
        (("keys", "create", "--name", ""), "name"),
        (("keys", "create", "--name", "x", "--days", "0"), "--days"),
        (("keys", "create", "--name", "x", "--capability", " "), "capabilities"),
        (("keys", "revoke", "nobody"), "no active client key"),
        (("keys", "revoke"), "KEY"),
        (("keys", "forge"), "forge"),
        (("invites", "create", "--name", "x", "--uses", "0"), "--uses"),
        (("invites", "create", "--name", "x", "--tier", "256"), "--tier"),
        (("invites", "revoke", "nobody"), "no active invite"),
        (("serve", "--port", "1"), "--port"),
    ],
)
def test_a_mistake_is_answered_in_one_sentence(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    """What was wrong, without a trace of the program's inside."""
    assert words in refusal(run_here(tmp_path, *arguments))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"MAX_WAIT": "soon"}, ["MAX_WAIT: Input should be a valid number"]),
        ({"SERVER_ADDRESS": "nowhere"}, ["SERVER_ADDRESS: Value error, must be HOST:PORT"]),
        ({"LOG_LEVEL": "LOUD", "CACHE_MIB": "-1"}, ["LOG_LEVEL: ", "CACHE_MIB: "]),
        ({"DATABASE_ROOT_PATH": "/dev/null/nothing"}, ["Cannot use the data folder", "/dev/null/nothing"]),
    ],
)
def test_wrong_settings_stop_the_start_in_words(tmp_path: Path, settings: dict[str, str], words: list[str]) -> None:
    """Every wrong setting is named, each in a line, before anything is started."""
    said = refusal(run_here(tmp_path, **settings))
    assert [word for word in words if word not in said] == [], said


def test_an_address_of_another_computer_is_said(tmp_path: Path) -> None:
    """The message names address and reason."""
    assert "Cannot listen on 203.0.113.1:80" in refusal(command(tmp_path, SERVER_ADDRESS="203.0.113.1:80"))


def test_a_second_server_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    """The lock keeps it out, and it says so."""
    with ServerProcess(tmp_path):
        said = refusal(command(tmp_path))
    assert "Another EmbedPool server is using the data folder" in said


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    """Another program has the port: the message names address and reason."""
    (tmp_path / "second").mkdir()
    with ServerProcess(tmp_path) as server:
        address = f"127.0.0.1:{server.port}"
        said = refusal(command(tmp_path / "second", SERVER_ADDRESS=address))
    assert f"Cannot listen on {address}" in said
    assert "in use" in said


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    """The message names it; it is not touched."""
    succeed(command(tmp_path, "keys", "list"))
    file = tmp_path / "data" / "embedpool.db"
    file.write_bytes(b"this is no database at all, and long enough to be looked at as one" * 100)
    before = file.read_bytes()
    assert "embedpool.db" in refusal(command(tmp_path, "keys", "list"))
    assert file.read_bytes() == before


def test_the_management_token_is_shown_once(tmp_path: Path) -> None:
    """At the first start it is printed, and works; at the second it is not."""
    (tmp_path / "other").mkdir()
    with ServerProcess(tmp_path, MGMT_TOKEN="") as server:
        shown = SHOWN_TOKEN.search(server.output)
        assert shown
        headers = {"X-Mgmt-Token": shown[1]}
        answer = httpx.get(f"{server.url}/management/agents/list", headers=headers, trust_env=False)
        assert answer.status_code == 200
    with ServerProcess(tmp_path, MGMT_TOKEN="") as server:
        assert "Management token" not in server.output
        assert shown[1] not in server.output + server.errors
    first = command(tmp_path / "other", "keys", "list", "--json", MGMT_TOKEN="")
    assert json.loads(first.stdout) == []
    assert SHOWN_TOKEN.search(first.stderr), "a command that makes the token shows it: the server never will"


def test_help_and_version(tmp_path: Path) -> None:
    """Every command explains itself, without a data folder being made."""
    assert succeed(command(tmp_path, "--version")).strip() == f"EmbedPool server, version {__version__}"
    for arguments in ((), ("keys",), ("invites",), ("keys", "create"), ("invites", "create"), ("serve",)):
        assert "Usage: python -m server" in succeed(run_here(tmp_path, *arguments, "--help"))
    assert list(tmp_path.iterdir()) == []

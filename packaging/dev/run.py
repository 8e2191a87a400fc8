"""Run a server and an agent of this PC that stay, with their data in ./data, until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

import local_pool

FOLDER = local_pool.ROOT / "data"
#: Keeps the client key between two runs; the server itself stores only the key's hash.
KEY_FILE = "client-key"
#: Seconds between two looks whether both programs still run.
LOOK_SECONDS = 1.0

WELCOME = """
EmbedPool runs.

  server      {url}
  page        {url}/admin/ (its token is in {folder}/server/mgmt_token)
  client key  {key}
  model       {model}
  logs        {folder}/server.log, {folder}/agent.log

Try it:

curl {url}/v1/embeddings -H "Authorization: Bearer {key}" \\
  -H "Content-Type: application/json" -d '{{"model": "{model}", "input": "Hello, pool"}}'

Ctrl-C stops both.
"""


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="127.0.0.1:8000", help="where the server listens (default: %(default)s)")
    parser.add_argument("--data-dir", type=Path, default=FOLDER, help="where both keep their data (default: ./data)")
    return parser.parse_args()


def write_secret(file: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as secret:
        secret.write(text)


def known_key(pool: local_pool.LocalPool) -> str | None:
    """Return the last run's key if this server, at this address, knows it and the agent still has its data."""
    file = pool.folder / KEY_FILE
    url, _, key = file.read_text(encoding="ascii").partition(" ") if file.exists() else ("", "", "")
    usable = url == pool.url and any(pool.agent_folder.iterdir()) and pool.models(key) is not None
    return key if usable else None


def enrol(pool: local_pool.LocalPool) -> str:
    """Make a client key and let the agent join, as if for the first time; return the key."""
    print("first run with this data folder: making a client key and inviting the agent")
    shutil.rmtree(pool.agent_folder)
    pool.agent_folder.mkdir(mode=0o700)
    key = pool.create_key("make-run")
    pool.join_agent("this-pc")
    write_secret(pool.folder / KEY_FILE, f"{pool.url} {key}")
    return key


def serve(pool: local_pool.LocalPool) -> None:
    """Start both, say how to use them, and stay until one ends or Ctrl-C comes."""
    print(f"starting the server at {pool.url}")
    pool.start_server()
    key = known_key(pool) or enrol(pool)
    print("starting the agent with the embedded engine")
    pool.start_agent(key)
    print(WELCOME.format(url=pool.url, key=key, model=local_pool.MODEL, folder=pool.folder))
    while True:
        pool.stay(LOOK_SECONDS)


def main() -> None:
    """Run until Ctrl-C."""
    options = arguments()
    local_pool.require_engine()
    with local_pool.LocalPool(options.data_dir.resolve(), options.address, os.environ) as pool:
        serve(pool)


if __name__ == "__main__":
    sys.exit(local_pool.exit_code_of("run", main, interrupted=0))

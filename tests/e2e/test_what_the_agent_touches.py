"""What the agent does to the PC it runs on, told by Python's own audit of every connection, file and process."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.e2e.clients import right_rows, rows_of, same, sdk, texts_of
from tests.e2e.conftest import MODEL, Stage
from tests.e2e.programs import ROOT

#: Python runs this before anything else; what it sees cannot be hidden from it.
_AUDIT = """
import json, os, sys
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_log = os.open({log!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def _audit(event, args):
    if event == "open" and isinstance(args[0], (str, bytes)) and isinstance(args[2], int) and args[2] & _WRITES:
        told = ["write", os.path.realpath(os.fsdecode(args[0]))]
    elif event == "socket.connect":
        told = ["connect", args[1][:2]]
    elif event.startswith(("subprocess.", "os.exec", "os.posix_spawn", "os.fork", "os.system")):
        told = ["start", event]
    else:
        return
    os.write(_log, json.dumps(told).encode() + b"\\n")
sys.addaudithook(_audit)
"""


def address_of(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 0


def test_the_agent_talks_to_two_places_and_writes_to_one_folder(stage: Stage) -> None:
    """From joining to leaving: connections to the pool and to Ollama only, files in its folder only, no processes."""
    server, ollama = stage.server(), stage.ollama()
    log, hook = stage.folder / "audit.jsonl", stage.folder / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(_AUDIT.format(log=str(log)), encoding="utf-8")
    agent = stage.new_agent("watched", ollama, PYTHONPATH=os.pathsep.join([str(hook), str(ROOT)]))
    agent.join(server.issue_invite(), "--key-file")
    agent.program.start()
    agent.until_it_is("ready")
    with sdk(server.url, stage.client_key(server)) as client:
        answer = client.embeddings.create(model="nomic-embed-text", input=texts_of(100))
    assert same(rows_of(answer.data), right_rows(MODEL, texts_of(100)))
    agent.command("pause")
    agent.until_it_is("paused")
    assert agent.program.terminate() == 0
    agent.command("leave")
    seen: dict[str, list[Any]] = {"connect": [], "write": [], "start": []}
    for line in log.read_text(encoding="utf-8").splitlines():
        what, where = json.loads(line)
        seen[what].append(where)
    assert {tuple(where) for where in seen["connect"]} == {address_of(server.url), address_of(ollama.url)}
    written = {Path(where) for where in seen["write"]}
    # The key is written beside its place and moved there.
    assert any(path.name.startswith(".agent-key") for path in written)
    assert [path for path in written if not path.is_relative_to(agent.data.resolve())] == []
    assert seen["start"] == []

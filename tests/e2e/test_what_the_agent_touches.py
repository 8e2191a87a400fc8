"""What the agent does to the PC it runs on, told by Python's own audit of every connection, file and process."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.e2e.audit import Audit
from tests.e2e.clients import right_rows, rows_of, same, sdk, texts_of
from tests.e2e.conftest import MODEL, Stage


def address_of(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 0


def test_the_agent_talks_to_two_places_and_writes_to_one_folder(stage: Stage) -> None:
    """From joining to leaving: connections to the pool and to Ollama only, files in its folder only, no processes."""
    server, ollama = stage.server(), stage.ollama()
    audit = Audit(stage.folder)
    agent = stage.new_agent("watched", ollama, **audit.environment)
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
    assert audit.connections == {address_of(server.url), address_of(ollama.url)}
    # The key is written beside its place and moved there.
    assert any(path.name.startswith(".agent-key") for path in audit.written)
    assert [path for path in audit.written if not path.is_relative_to(agent.data.resolve())] == []
    assert audit.started == []

"""The stage of an end-to-end test: a server, agents and Ollamas as processes, all gone when the test is over."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.agent_process import AgentProcess
from tests.e2e.clients import TEXT_MARK
from tests.e2e.ollama_service import OllamaProcess
from tests.e2e.pool_server import MANAGEMENT_TOKEN, PoolServer
from tests.e2e.programs import Program, neutral_environment
from tests.fakes.ollama_models import FakeModel

#: Less than the time after which pytest cuts a test off (`timeout` in pyproject.toml).
LONGEST_TEST_SECONDS = 165.0

MODEL = FakeModel(dimensions=64, context_length=128)


class Stage:
    """Starts what a test needs below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._programs: list[Program] = []
        self._agents: list[AgentProcess] = []
        #: Whatever must stand in no log.
        self._secrets = {TEXT_MARK, MANAGEMENT_TOKEN}

    def server(self, **settings: str) -> PoolServer:
        """Start a server."""
        server = PoolServer(self.folder, **settings)
        self._programs.append(server.program)
        server.start()
        return server

    def ollama(self, *models: FakeModel, ms_per_text: float = 0.0) -> OllamaProcess:
        """Start a fake Ollama; it has the tests' usual model unless told otherwise."""
        name = f"ollama-{len(self._programs)}"
        ollama = OllamaProcess(self.folder, name, models or (MODEL,), ms_per_text=ms_per_text)
        self._programs.append(ollama.program)
        ollama.start()
        return ollama

    def agent(self, server: PoolServer, name: str, ollama: OllamaProcess | None = None) -> AgentProcess:
        """Let an agent with that Ollama, or with the embedded engine, join and run until its models are known."""
        agent = self.joined_agent(server, name, ollama)
        agent.program.start()
        agent.until_it_is("ready")
        return agent

    def joined_agent(self, server: PoolServer, name: str, ollama: OllamaProcess | None = None) -> AgentProcess:
        """Let an agent join; it does not run yet."""
        agent = self.new_agent(name, ollama)
        agent.join(server.issue_invite(name), "--key-file")
        return agent

    def new_agent(self, name: str, ollama: OllamaProcess | None = None, **environment: str) -> AgentProcess:
        """Make an agent that belongs to no pool."""
        engine = ["--engine", "ollama", "--ollama-url", ollama.url] if ollama else ["--engine", "embedded"]
        agent = AgentProcess(self.folder, name, *engine, **environment)
        self.watch(agent)
        return agent

    def watch(self, agent: AgentProcess) -> None:
        """End this agent with the test, too, and look into its logs."""
        self._programs.append(agent.program)
        self._agents.append(agent)

    def program(self, name: str, *command: str, **environment: str) -> Program:
        """Start any other program."""
        program = Program(name, self.folder, command, neutral_environment(**environment))
        self._programs.append(program)
        program.start()
        return program

    def client_key(self, server: PoolServer, name: str = "client") -> str:
        """Issue a client key that must stand in no log."""
        key = server.issue_key(name)
        self._secrets.add(key)
        return key

    def end(self) -> None:
        """End every process, and show the end of each log: pytest prints it when the test failed."""
        for program in self._programs:
            program.kill()
        print(*[program.log_tail() for program in self._programs], sep="\n")

    def check_logs(self) -> None:
        """Assert that nothing stumbled, and that no log holds a secret or a text."""
        logs = {program.name: program.output for program in self._programs}
        logs |= {f"{agent.name}'s own": agent.own_log for agent in self._agents}
        for name, log in logs.items():
            assert "Traceback" not in log, f"{name} log:\n{log}"
            assert [secret for secret in self._secrets if secret in log] == [], f"in the log of {name}"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Give an empty stage; what is started on it ends with the test, however that ends."""
    stage = Stage(tmp_path)
    # A test that pytest itself cuts off cleans nothing up: before that, end what it waits for.
    last_moment = threading.Timer(LONGEST_TEST_SECONDS, stage.end)
    last_moment.start()
    try:
        yield stage
    finally:
        last_moment.cancel()
        stage.end()
    stage.check_logs()

"""The fake Ollama in a process of its own, and how a test steers it.

As a program it serves the fake and one route more, /control: GET tells what the fake did, POST changes what it has and
whether it answers. As a module it gives tests the handle to such a process.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import orjson

from tests.e2e.programs import PATIENCE_SECONDS, Program, free_port, neutral_environment
from tests.fakes.http_server import HttpAnswer, HttpRequest, HttpServer, precise_loop
from tests.fakes.ollama import FakeOllama
from tests.fakes.ollama_models import FakeModel


class Steered:
    """The fake, with a hand on it."""

    def __init__(self, fake: FakeOllama) -> None:
        self._fake = fake
        self._may_compute = asyncio.Event()
        self._may_compute.set()
        #: Calls that wait for the hand to let go.
        self._held = 0

    async def handle(self, request: HttpRequest) -> HttpAnswer:
        """Answer one request, of an agent's or of a test's."""
        if request.path == "/control":
            return self._control(orjson.loads(request.body or b"{}"))
        if request.path == "/api/embed":
            self._held += 1
            try:
                await self._may_compute.wait()
            finally:
                self._held -= 1
        return await self._fake.handle(request)

    def _control(self, wanted: dict[str, Any]) -> HttpAnswer:
        if "models" in wanted:
            self._fake.models = tuple(FakeModel(**_frozen(model)) for model in wanted["models"])
        if "ms_per_text" in wanted:
            self._fake.ms_per_text = wanted["ms_per_text"]
        if wanted.get("hold") is True:
            self._may_compute.clear()
        if wanted.get("hold") is False:
            self._may_compute.set()
        return HttpAnswer(
            200,
            orjson.dumps({"held": self._held, "texts": self._fake.texts_embedded, "loaded": sorted(self._fake.loaded)}),
        )


def _frozen(model: dict[str, Any]) -> dict[str, Any]:
    return {**model, "capabilities": tuple(model["capabilities"])}


class OllamaProcess:
    """A fake Ollama that runs, and can be killed and started again at the same address."""

    def __init__(self, folder: Path, name: str, models: Sequence[FakeModel], *, ms_per_text: float = 0.0) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._setup: dict[str, Any] = {"models": list(map(asdict, models)), "ms_per_text": ms_per_text}
        command = [sys.executable, "-m", "tests.e2e.ollama_service", "--port", str(self.port)]
        self.program = Program(name, folder, command, neutral_environment())

    def start(self) -> None:
        """Start the process and wait until it has its models."""
        self.program.start()
        self.program.until(self._is_up, "the fake Ollama answers")

    def have(self, *models: FakeModel) -> None:
        """Have these models from now on, or from the next start on, and no others."""
        self._setup["models"] = list(map(asdict, models))
        if self.program.is_running:
            self._tell(self._setup)

    def hold(self) -> None:
        """Begin to compute nothing, until `let_go` or the process's end."""
        self._tell({"hold": True})

    def let_go(self) -> None:
        """Compute what is being held, and everything after it."""
        self._tell({"hold": False})

    @property
    def held(self) -> int:
        """How many calls are being held now."""
        return int(self._tell({})["held"])

    @property
    def texts(self) -> int:
        """How many texts it embedded since its start."""
        return int(self._tell({})["texts"])

    @property
    def loaded(self) -> list[str]:
        """The models that it has in memory."""
        return list(self._tell({})["loaded"])

    def _tell(self, wanted: dict[str, Any]) -> dict[str, Any]:
        answer = httpx.post(f"{self.url}/control", json=wanted, timeout=PATIENCE_SECONDS, trust_env=False)
        told: dict[str, Any] = answer.raise_for_status().json()
        return told

    def _is_up(self) -> bool:
        try:
            self._tell(self._setup)
        except httpx.TransportError:
            return False
        return True


async def _serve(port: int) -> None:
    # Without models until a test names some: an agent that asks too early finds what a fresh Ollama has.
    server = HttpServer(Steered(FakeOllama(())).handle)
    await server.listen(port)
    await asyncio.Event().wait()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description="A fake Ollama that a test steers.")
    parser.add_argument("--port", type=int, required=True)
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=precise_loop) as runner:
        runner.run(_serve(parser.parse_args().port))


if __name__ == "__main__":
    main()

"""What every engine is to the rest of the agent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

#: Most texts in one call to an engine. One bad text spoils at most so many; a cancelled call wastes at most so much.
MAX_CALL_TEXTS = 32


@dataclass(frozen=True, slots=True)
class ModelOffer:
    """A model that this PC can run, and all that makes its vectors comparable with another PC's."""

    model: str
    digest: str
    engine: str
    engine_version: str
    quantisation: str = ""
    #: Length of its vectors; None until the engine told it.
    dimensions: int | None = None
    #: Tokens that one text may have; None when the engine does not say.
    context_length: int | None = None
    kind: str = "embedding"

    @property
    def capability(self) -> str:
        """Name of what this PC can do with it, in the protocol."""
        return f"embed.{self.model}"


@dataclass(frozen=True, slots=True)
class TextFailure:
    """One text that could not be embedded; the others of the same call were."""

    #: Position in the call's texts.
    position: int
    #: Name of the error in the protocol.
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class EmbedResult:
    """What one call computed."""

    #: One row per text, in order: `dimensions` little-endian float32 of norm 1 each; the rows of failed texts are zero.
    vectors: bytes
    dimensions: int
    #: Tokens of each text by the engine's count; where it counts only a whole batch, its shares by length in bytes.
    tokens: tuple[int, ...]
    #: Positions of the texts that the engine cut.
    truncated: tuple[int, ...]
    failures: tuple[TextFailure, ...]
    #: Milliseconds that the engine took.
    engine_ms: float


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """How the engine is, as last seen."""

    available: bool
    version: str = ""
    #: Why it is not available, in words; empty when it is.
    reason: str = ""


class Engine(Protocol):
    """A program or library on this PC that turns texts into vectors."""

    @property
    def name(self) -> str:
        """Name of the engine's family; part of the model class."""

    @property
    def health(self) -> EngineHealth:
        """How it is, as the last inventory or call found it."""

    async def inventory(self) -> tuple[ModelOffer, ...]:
        """Look what there is. Never raises: what is wrong is in `health`, and nothing is offered then."""

    async def embed(self, model: str, texts: list[str], *, truncate: bool) -> EmbedResult:
        """Embed the texts; raises EngineError when the call failed as a whole."""

    async def unload(self, model: str) -> None:
        """Free the memory of the model if it is there only because of us. Never raises."""

    async def close(self) -> None:
        """Let go of everything."""

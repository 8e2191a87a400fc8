"""What every engine is to the rest of the agent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from ..chat.payload import ChatRequest
from ..state import LoadedModel

#: Most texts in one call to an engine. One bad text spoils at most so many; a cancelled call wastes at most so much.
MAX_CALL_TEXTS = 32
#: Most characters of a capability that a server takes; the attributes are left out of a longer one.
MAX_CAPABILITY_CHARACTERS = 200

#: The two kinds of work.
EMBEDDING, CHAT = "embedding", "chat"

#: Takes what came of an answer while it is being written: content and thinking, either of which may be empty.
Heard = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class ModelOffer:
    """One thing that a model of this PC can do, and all that makes its results comparable with another PC's."""

    model: str
    digest: str
    engine: str
    engine_version: str
    quantisation: str = ""
    #: Length of its vectors; None until the engine told it, and for chat.
    dimensions: int | None = None
    #: Tokens that it may read at once; None when the engine does not say.
    context_length: int | None = None
    kind: str = EMBEDDING
    #: What it can do in a chat beyond text: vision, tools, thinking.
    abilities: tuple[str, ...] = ()
    #: Size of its file in bytes; None when the engine does not say.
    size_bytes: int | None = None

    @property
    def capability(self) -> str:
        """Name of what this PC can do with it, in the protocol."""
        if self.kind == EMBEDDING:
            return f"embed.{self.model}"
        name = f"llm.{self.model}"
        attributes = [*self.abilities, *self._size()]
        whole = f"{name}[{';'.join(attributes)}]" if attributes else name
        return whole if len(whole) <= MAX_CAPABILITY_CHARACTERS else name

    def _size(self) -> list[str]:
        gigabytes = round((self.size_bytes or 0) / 1e9, 1)
        return [f"size:{gigabytes:g}Gb"] if gigabytes else []


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
class ChatResult:
    """One whole answer."""

    #: The engine's final answer, put together, in the form that the protocol describes.
    output: dict[str, Any]
    #: Milliseconds that the engine took.
    engine_ms: float


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """How the engine is, as last seen."""

    available: bool
    version: str = ""
    #: Why it is not available, in words; empty when it is.
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EngineMemory:
    """What an engine has in memory, as last seen."""

    loaded: tuple[LoadedModel, ...] = ()
    #: A model that is there because of this PC's owner, who needs the engine then; empty when there is none.
    owner_model: str = ""


class Engine(Protocol):
    """A program or library on this PC that computes vectors, and maybe answers chats."""

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

    async def chat(self, model: str, request: ChatRequest, heard: Heard) -> ChatResult:
        """Answer a chat, telling what came as it comes; raises EngineError. Cancelled, it stops the engine at once."""

    @property
    def memory(self) -> EngineMemory:
        """What it has in memory, as last seen."""

    async def look(self) -> bool:
        """Look at what it has in memory; tell whether it answered. Never raises."""

    async def free(self) -> None:
        """Unload what is in memory only because of us, and see it gone, within 1.5 s. Never raises."""

    async def close(self) -> None:
        """Let go of everything, the memory that is in use because of us included."""

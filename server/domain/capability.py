"""Capabilities: the names of what an agent can run.

Examples are `embed.nomic-embed-text` and `llm.qwen2.5vl:7b[vision;size:5Gb]`. What stands before the first `[` is the
base, and is what is compared; the attributes between the brackets only inform.
"""

from __future__ import annotations

from collections.abc import Sequence

#: Characters in a capability's name; engines' longest model names have about 100.
MAX_CAPABILITY_LENGTH = 200

EMBEDDING_FAMILY, CHAT_FAMILY = "embed", "llm"

#: What Ollama adds to a model name that has no tag.
_DEFAULT_TAG = ":latest"

_CLOUD_SUFFIXES = (":cloud", "-cloud")


def base(capability: str) -> str:
    """Return the name without its attributes: the text before the first `[`."""
    return capability.partition("[")[0]


def queue_of(capability: str) -> str:
    """Return the name that tasks wait under: without attributes, and of a model without Ollama's default tag."""
    name = base(capability)
    return name if kind_of(name) == "task" else normalise_model(name)


def attributes(capability: str) -> tuple[str, ...]:
    """Return what stands between the first `[` and the last `]`, split at `;`, empty ones dropped."""
    inside = capability.partition("[")[2].rpartition("]")[0]
    return tuple(filter(None, inside.split(";")))


def normalise_model(name: str) -> str:
    """Return a model's name as the pool knows it: Ollama's default tag `:latest` says nothing and is left out."""
    return name.removesuffix(_DEFAULT_TAG)


def embedding_capability(model: str) -> str:
    """Return the capability of computing embeddings with a model."""
    return f"{EMBEDDING_FAMILY}.{normalise_model(model)}"


def chat_capability(model: str) -> str:
    """Return the capability of chatting with a model."""
    return f"{CHAT_FAMILY}.{normalise_model(model)}"


def kind_of(capability: str) -> str:
    """Return the kind of work that a capability is: `embedding`, `chat`, or `task` for any other."""
    return {EMBEDDING_FAMILY: "embedding", CHAT_FAMILY: "chat"}.get(family_of(capability), "task")


def family_of(capability: str) -> str:
    """Return what stands before a capability's first dot."""
    return capability.partition(".")[0]


def model_of(capability: str) -> str:
    """Return the model that a capability names: everything after the first dot; empty where there is none."""
    return capability.partition(".")[2]


def allows(patterns: Sequence[str], capability: str) -> bool:
    """Say whether a list of permissions covers a capability.

    `*` is everything, a trailing `*` a prefix; else the bases must be equal.
    """
    wanted = base(capability)
    return any(_matches(base(pattern), wanted) for pattern in patterns)


def valid_capability(text: str) -> bool:
    """Say whether a text can be a capability: 1 to 200 printable characters, no space at either end."""
    return 1 <= len(text) <= MAX_CAPABILITY_LENGTH and text.isprintable() and text == text.strip()


def is_cloud_model(name: str) -> bool:
    """Say whether Ollama would send this model's texts to its makers' computers instead of using the PC's own GPU."""
    return normalise_model(name.lower()).endswith(_CLOUD_SUFFIXES)


def _matches(pattern: str, wanted: str) -> bool:
    return wanted.startswith(pattern[:-1]) if pattern.endswith("*") else wanted == pattern

"""Reading what Ollama says about its models: what each can do, and what makes its results comparable."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from .base import CHAT, EMBEDDING, ModelOffer

#: First version whose /api/embed does everything that is needed here.
MINIMUM_VERSION = (0, 12)

#: Architectures that only embed. Versions before 0.30 say in /api/tags nothing about capabilities.
_EMBEDDING_ARCHITECTURES = frozenset(
    {"bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "modern-bert", "neo-bert"}
)
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
#: What Ollama calls the two kinds of work, and the abilities that are worth telling, in the order of telling.
_KINDS = {"embedding": EMBEDDING, "completion": CHAT}
_ABILITIES = ("vision", "tools", "thinking")
#: Longest name that is offered: a server takes capabilities of 200 characters.
_MAX_NAME_CHARACTERS = 190


@dataclass(frozen=True, slots=True)
class TaggedModel:
    """One model of /api/tags."""

    name: str
    digest: str
    quantisation: str
    #: Ollama's own words; None where this version of Ollama does not say.
    capabilities: tuple[str, ...] | None
    dimensions: int | None
    context_length: int | None
    size_bytes: int | None

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing left to ask for."""
        return self.capabilities is not None and self.dimensions is not None and self.context_length is not None

    @property
    def is_useless(self) -> bool:
        """Whether it is known to do none of our work, such as a model that paints."""
        return self.capabilities is not None and not any(word in _KINDS for word in self.capabilities)


@dataclass(frozen=True, slots=True)
class ShownModel:
    """What /api/show adds."""

    capabilities: tuple[str, ...]
    dimensions: int | None
    context_length: int | None


def version_numbers(version: str) -> tuple[int, ...]:
    """Give the leading numbers of a version: `0.12.3-rc1` → (0, 12, 3); empty when there is none (`main`)."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(number) for number in found.group().split(".")) if found else ()


def too_old(version: str) -> bool:
    """Tell whether this version lacks what we need; versions without a number are built by people who know."""
    numbers = version_numbers(version)
    return bool(numbers) and numbers < MINIMUM_VERSION and numbers != (0, 0, 0)


def read_tags(answer: dict[str, Any]) -> tuple[TaggedModel, ...]:
    """Give the local models of /api/tags; cloud models and entries that make no sense are left out."""
    models = answer.get("models")
    found = [_tagged(entry) for entry in models if isinstance(entry, dict)] if isinstance(models, list) else []
    return tuple(model for model in found if model is not None)


def _tagged(entry: dict[str, Any]) -> TaggedModel | None:
    name, digest = entry.get("model") or entry.get("name"), entry.get("digest")
    if not isinstance(name, str) or not isinstance(digest, str) or is_cloud(entry, name):
        return None
    hexadecimal = _DIGEST.fullmatch(digest)
    if hexadecimal is None or not _can_be_offered(name):
        return None
    details = entry.get("details")
    details = details if isinstance(details, dict) else {}
    return TaggedModel(
        name=name.removesuffix(":latest"),
        digest=hexadecimal.group(1),
        quantisation=_text(details.get("quantization_level")),
        capabilities=_words(entry.get("capabilities")),
        dimensions=_positive(details.get("embedding_length")),
        context_length=_positive(details.get("context_length")),
        size_bytes=_positive(entry.get("size")),
    )


def _can_be_offered(name: str) -> bool:
    """Tell whether a name can stand in a capability: a single one that cannot would have all refused."""
    return 0 < len(name) <= _MAX_NAME_CHARACTERS and name.isprintable() and "[" not in name


def is_cloud(entry: dict[str, Any], name: str) -> bool:
    """Tell whether the model runs on somebody else's computers: a volunteer lends only their own."""
    tag = name.rpartition(":")[2]
    return bool(entry.get("remote_host") or entry.get("remote_model")) or tag == "cloud" or tag.endswith("-cloud")


def read_show(answer: dict[str, Any]) -> ShownModel:
    """Read /api/show; a model that runs elsewhere is good for nothing here.

    A version that tells no capabilities tells an architecture, and maybe a pooling type: what does not embed completes.
    """
    info = answer.get("model_info")
    info = info if isinstance(info, dict) else {}
    architecture = _text(info.get("general.architecture"))
    capabilities = _words(answer.get("capabilities"))
    if capabilities is None and architecture:
        embeds = architecture in _EMBEDDING_ARCHITECTURES or f"{architecture}.pooling_type" in info
        capabilities = ("embedding",) if embeds else ("completion",)
    if capabilities is None or answer.get("remote_host") or answer.get("remote_model"):
        capabilities = ()
    return ShownModel(
        capabilities=capabilities,
        dimensions=_positive(info.get(f"{architecture}.embedding_length")),
        context_length=_positive(info.get(f"{architecture}.context_length")),
    )


def offers(model: TaggedModel, shown: ShownModel | None, version: str) -> list[ModelOffer]:
    """Put together what the server is told about a model: one offer for each kind of work that it can do."""
    capabilities = (shown.capabilities if shown else model.capabilities) or ()
    context_length = model.context_length or (shown.context_length if shown else None)
    embedding = ModelOffer(
        model=model.name,
        digest=model.digest,
        engine="ollama",
        engine_version=version,
        quantisation=model.quantisation,
        dimensions=model.dimensions or (shown.dimensions if shown else None),
        context_length=context_length,
        size_bytes=model.size_bytes,
    )
    abilities = tuple(ability for ability in _ABILITIES if ability in capabilities)
    chat = replace(embedding, kind=CHAT, dimensions=None, abilities=abilities)
    by_kind = {EMBEDDING: embedding, CHAT: chat}
    return [by_kind[kind] for word, kind in _KINDS.items() if word in capabilities]


def _words(value: Any) -> tuple[str, ...] | None:
    return tuple(word for word in value if isinstance(word, str)) if isinstance(value, list) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _positive(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None

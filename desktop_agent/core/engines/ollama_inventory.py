"""Reading what Ollama says about its models: which can embed, and what makes their vectors comparable."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .base import ModelOffer

#: First version whose /api/embed does everything that is needed here.
MINIMUM_VERSION = (0, 12)

#: Architectures that only embed. Versions before 0.30 say in /api/tags nothing about capabilities.
_EMBEDDING_ARCHITECTURES = frozenset(
    {"bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "modern-bert", "neo-bert"}
)
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class TaggedModel:
    """One model of /api/tags."""

    name: str
    digest: str
    quantisation: str
    #: None where this version of Ollama does not say.
    can_embed: bool | None
    dimensions: int | None
    context_length: int | None


@dataclass(frozen=True, slots=True)
class ShownModel:
    """What /api/show adds."""

    can_embed: bool
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
    if not name or hexadecimal is None:
        return None
    details = entry.get("details")
    details = details if isinstance(details, dict) else {}
    capabilities = entry.get("capabilities")
    return TaggedModel(
        name=name.removesuffix(":latest"),
        digest=hexadecimal.group(1),
        quantisation=_text(details.get("quantization_level")),
        can_embed="embedding" in capabilities if isinstance(capabilities, list) else None,
        dimensions=_positive(details.get("embedding_length")),
        context_length=_positive(details.get("context_length")),
    )


def is_cloud(entry: dict[str, Any], name: str) -> bool:
    """Tell whether the model runs on somebody else's computers: a volunteer lends only their own."""
    tag = name.rpartition(":")[2]
    return bool(entry.get("remote_host") or entry.get("remote_model")) or tag == "cloud" or tag.endswith("-cloud")


def read_show(answer: dict[str, Any]) -> ShownModel:
    """Read /api/show: capabilities where given, else an architecture that only embeds or a pooling type."""
    info = answer.get("model_info")
    info = info if isinstance(info, dict) else {}
    architecture = _text(info.get("general.architecture"))
    capabilities = answer.get("capabilities")
    if isinstance(capabilities, list):
        can_embed = "embedding" in capabilities
    else:
        can_embed = architecture in _EMBEDDING_ARCHITECTURES or f"{architecture}.pooling_type" in info
    return ShownModel(
        can_embed=can_embed and not answer.get("remote_host") and not answer.get("remote_model"),
        dimensions=_positive(info.get(f"{architecture}.embedding_length")),
        context_length=_positive(info.get(f"{architecture}.context_length")),
    )


def offer(model: TaggedModel, shown: ShownModel | None, version: str) -> ModelOffer:
    """Put together what the server is told about a model."""
    return ModelOffer(
        model=model.name,
        digest=model.digest,
        engine="ollama",
        engine_version=version,
        quantisation=model.quantisation,
        dimensions=model.dimensions or (shown.dimensions if shown else None),
        context_length=model.context_length or (shown.context_length if shown else None),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _positive(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None

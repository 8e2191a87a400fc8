"""What an agent says about its engine's models, and what must be equal for two agents' vectors to be mixed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.capability import attributes, base, is_cloud_model, model_of, normalise_model, valid_capability
from server.domain.errors import InvalidRequest

#: Models that one agent may offer; a PC's disk holds fewer.
MAX_MODELS = 200

#: Characters in a digest, a quantisation, an engine's name or version.
MAX_WORD_LENGTH = 128

#: Numbers in one vector; today's largest models have 8,192.
MAX_DIMENSIONS = 65_536

#: Tokens that a model may read at once; today's longest context is 10 million.
MAX_CONTEXT_LENGTH = 100_000_000

KINDS = ("embedding", "chat")

#: Stands for the engine of a class whose agents tell no digest.
UNVERIFIED_ENGINE = "unverified"

#: The engine whose digest it is when an agent tells only a digest.
DEFAULT_ENGINE = "ollama"

_WORD = re.compile(r"[\w.:+/@ -]*", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_DIMENSIONS = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class ModelClass:
    """The identity of vectors: agents whose models agree in all of this are interchangeable."""

    #: Name as the pool knows it, without `:latest`.
    model: str
    #: Digest of the model's files, which covers weights, quantisation and parameters.
    digest: str
    #: Numbers in one vector.
    dimensions: int
    #: Family of the engine, such as `ollama`; its version is no part of the identity.
    engine: str
    #: `embedding`; or `chat`, which has no vectors to compare: its class only describes it.
    kind: str = "embedding"


def unverified_class(model: str, dimensions: int) -> ModelClass:
    """Return the class of an embedding model that is computed by agents which tell no digest."""
    return ModelClass(model, "", dimensions, UNVERIFIED_ENGINE)


def told_class(capability: str) -> ModelClass | None:
    """Return the class that an embedding capability tells in its attributes; None where it tells no digest.

    Agents that describe no models write it so: `embed.nomic-embed-text[digest:<64 hex>;dimensions:768]`. The digest is
    Ollama's, unless `engine:` names another. InvalidRequest says what is wrong with a class that is half told.
    """
    told = {name.strip(): value.strip() for name, _, value in (one.partition(":") for one in attributes(capability))}
    if "digest" not in told:
        return None
    where = f"capabilities: {base(capability)[:100]}"
    digest = told["digest"].removeprefix("sha256:").lower()
    if not _DIGEST.fullmatch(digest):
        raise InvalidRequest(f"{where}: digest must be 64 hexadecimal digits.", param="capabilities")
    dimensions = told.get("dimensions", "")
    if not _DIMENSIONS.fullmatch(dimensions) or int(dimensions) > MAX_DIMENSIONS:
        raise InvalidRequest(
            f"{where}: dimensions must stand beside the digest, as a whole number from 1 to {MAX_DIMENSIONS}.",
            param="capabilities",
        )
    engine = told.get("engine", DEFAULT_ENGINE)
    if not engine or len(engine) > MAX_WORD_LENGTH or not _WORD.fullmatch(engine):
        raise InvalidRequest(f"{where}: engine must be a short plain word.", param="capabilities")
    return ModelClass(normalise_model(model_of(base(capability))), digest, int(dimensions), engine)


@dataclass(frozen=True, slots=True)
class ModelOffer:
    """One model that an agent's engine has, as the agent describes it."""

    model: str
    kind: str
    digest: str
    quantisation: str
    #: Numbers in one vector; None until the engine was asked once.
    dimensions: int | None
    #: Tokens that one text may have; None where the engine does not say.
    context_length: int | None
    engine: str
    engine_version: str

    @property
    def model_class(self) -> ModelClass | None:
        """Return the identity of this model; None while the length of its vectors is unknown."""
        if self.kind == "chat":
            return ModelClass(self.model, self.digest, 0, self.engine, "chat")
        if self.dimensions is None:
            return None
        return ModelClass(self.model, self.digest, self.dimensions, self.engine)


def parse_offers(raw: object) -> tuple[ModelOffer, ...]:
    """Check the `models` list of an agent's description; None (an agent that says nothing of models) is an empty one.

    Fields that we do not know are left for later versions. Raises InvalidRequest, whose `param` and message name the
    field.
    """
    if raw is None:
        return ()
    if not isinstance(raw, list):
        raise _wrong("models", "must be a list")
    if len(raw) > MAX_MODELS:
        raise _wrong("models", f"has {len(raw)} models, but an agent may offer at most {MAX_MODELS}")
    offers = tuple(_parse_offer(entry, f"models[{position}]") for position, entry in enumerate(raw))
    _refuse_twins(offers)
    return offers


def _parse_offer(entry: object, where: str) -> ModelOffer:
    if not isinstance(entry, dict):
        raise _wrong(where, "must be an object")
    return ModelOffer(
        model=_model_name(entry, where),
        kind=_kind(entry, where),
        digest=_required_word(entry, "digest", where),
        quantisation=_word(entry, "quantisation", where),
        dimensions=_number(entry, "dimensions", where, MAX_DIMENSIONS),
        context_length=_number(entry, "contextLength", where, MAX_CONTEXT_LENGTH),
        engine=_required_word(entry, "engine", where),
        engine_version=_word(entry, "engineVersion", where),
    )


def _model_name(entry: Mapping[str, object], where: str) -> str:
    name = entry.get("model")
    if not isinstance(name, str) or not valid_capability(name) or "[" in name:
        raise _wrong(f"{where}.model", "must be a model's name: 1 to 200 printable characters without '['")
    if is_cloud_model(name):
        raise _wrong(f"{where}.model", f"{name!r} would run in its maker's cloud instead of on this PC")
    return normalise_model(name)


def _kind(entry: Mapping[str, object], where: str) -> str:
    kind = entry.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise _wrong(f"{where}.kind", f"must be one of {', '.join(KINDS)}")
    return kind


def _required_word(entry: Mapping[str, object], field: str, where: str) -> str:
    word = _word(entry, field, where)
    if not word:
        raise _wrong(f"{where}.{field}", "is missing")
    return word


def _word(entry: Mapping[str, object], field: str, where: str) -> str:
    value = entry.get(field)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > MAX_WORD_LENGTH or not _WORD.fullmatch(value):
        raise _wrong(f"{where}.{field}", f"must be a text of at most {MAX_WORD_LENGTH} plain characters")
    return value


def _number(entry: Mapping[str, object], field: str, where: str, largest: int) -> int | None:
    value = entry.get(field)
    if value is None:
        return None
    if type(value) is not int or not 1 <= value <= largest:
        raise _wrong(f"{where}.{field}", f"must be a whole number from 1 to {largest}, or null")
    return value


def _refuse_twins(offers: tuple[ModelOffer, ...]) -> None:
    seen: set[tuple[str, str]] = set()
    for position, offer in enumerate(offers):
        if (offer.kind, offer.model) in seen:
            raise _wrong(f"models[{position}].model", f"{offer.model!r} is offered twice")
        seen.add((offer.kind, offer.model))


def _wrong(field: str, why: str) -> InvalidRequest:
    return InvalidRequest(f"{field} {why}.", param=field)

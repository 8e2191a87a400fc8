"""Sentences about what computes on this PC."""

from __future__ import annotations

from collections.abc import Iterable

from ..text import Text

NO_ENGINE = Text("No engine is switched on.")
NO_EMBEDDING_MODEL = Text(
    "Ollama has no embedding model, and chat is switched off. Get one, for example with “ollama pull nomic-embed-text”."
)
NO_MODEL = Text("Ollama has no model. Get one, for example with “ollama pull nomic-embed-text”.")
EMBEDDED_NO_TOKENIZERS = Text("The embedded engine needs the package “tokenizers”, which is not installed.")
EMBEDDED_NO_DATA = Text("The embedded engine needs the package “wordllama” for its data, which is not installed.")
OLLAMA_NOT_FOUND = Text("Ollama was not found on this PC. Install it from https://ollama.com, then try again.")
NAN_VECTOR = Text("The model computed no usable vector for this text (NaN or infinite values).")
TEXT_TOO_LONG = Text("The text is longer than the model can read.")
TEXT_CRASHES_ENGINE = Text("The engine broke on this text, twice. It is probably longer than the model can read.")
TOO_SLOW = Text("This PC did not finish in the time that the pool allows.")
ENGINE_CRASHES = Text("The engine breaks on one text after the other.")
ENGINE_MIXED_SIZES = Text("The engine gave vectors of different lengths.")
ENGINE_NOT_UNIT_LENGTH = Text("The engine gave a vector that is not of length 1.")
CHAT_TOO_LONG = Text("The chat is longer than the model can read.")
CHAT_REFUSED = Text("The engine cannot make sense of this chat.")
CHAT_FORMAT_REFUSED = Text("The engine cannot answer in this format: it must be “json” or a JSON schema that it knows.")
CHAT_WITHOUT_END = Text("The engine's answer broke off before its end.")
CHAT_ANSWER_TOO_LONG = Text("The engine's answer has no end in sight and was stopped.")


def ollama_not_running(url: str) -> Text:
    """Say that Ollama does not answer."""
    return Text(
        "Ollama is not running (nothing answers at {url}). Start Ollama and EmbedPool goes on by itself.", url=url
    )


def ollama_hangs(url: str) -> Text:
    """Say that Ollama takes connections and never answers."""
    return Text(
        "Ollama does not answer (at {url}), though it is running. Quit Ollama and start it again; EmbedPool goes on "
        "by itself.",
        url=url,
    )


def ollama_failing(status: int) -> Text:
    """Say that Ollama answers every question with an error."""
    return Text(
        "Ollama answers with errors (HTTP {status}). Quit Ollama and start it again; EmbedPool goes on by itself.",
        status=status,
    )


def ollama_too_old(version: str, needed: str) -> Text:
    """Say that Ollama must be updated."""
    return Text("Ollama is too old ({version}); {needed} or newer is needed.", version=version, needed=needed)


def owner_uses(model: str) -> Text:
    """Say that the owner needs Ollama."""
    return Text("You are using Ollama yourself: {model} is loaded.", model=model)


def models_too_large(gigabytes: float) -> Text:
    """Say that the owner's limit leaves no model."""
    return Text("Every model here is larger than the {gigabytes} GB that you allow.", gigabytes=f"{gigabytes:g}")


def on_processor(model: str) -> Text:
    """Warn that the graphics card is idle while the processor computes."""
    return Text(
        "Ollama runs {model} on the processor, not on the graphics card. It works, but slowly; Ollama's log says why.",
        model=model,
    )


def fell_to_processor(model: str) -> Text:
    """Say that Ollama lost the graphics card."""
    return Text(
        "Ollama has lost the graphics card: {model} now runs on the processor. Quit Ollama and start it again; "
        "EmbedPool goes on by itself.",
        model=model,
    )


def ollama_odd(what: str) -> Text:
    """Say that whatever answers does not speak as Ollama does."""
    return Text("What answers at Ollama's address does not answer as Ollama does ({what}).", what=what)


def ollama_refused(status: int) -> Text:
    """Say that Ollama answered an error."""
    return Text("Ollama could not compute it (HTTP {status}).", status=status)


def model_missing(model: str) -> Text:
    """Say which model is not there."""
    return Text("The model {model} is missing.", model=model)


def models_missing(models: Iterable[str]) -> Text:
    """Say that none of the chosen models is there."""
    return Text("None of the chosen models is there: {models}.", models=", ".join(models))


def model_cannot(model: str, ability: str) -> Text:
    """Say that the model lacks an ability that the task needs."""
    return Text("The model {model} does not support {ability}.", model=model, ability=ability)


def no_chat_here(engine: str) -> Text:
    """Say that this engine has no models that chat."""
    return Text("The {engine} engine has no models that chat.", engine=engine)


def out_of_memory(model: str) -> Text:
    """Say that the model does not fit."""
    return Text("There is not enough memory for the model {model}.", model=model)


def embedded_broken(reason: str) -> Text:
    """Say that the embedded engine's data cannot be read."""
    return Text("The embedded engine's data cannot be read: {reason}.", reason=reason)


def ollama_elsewhere(url: str) -> Text:
    """Say why an Ollama on another machine is not started."""
    return Text("Ollama's address, {url}, is not this PC. Start Ollama over there.", url=url)


def ollama_start_failed(program: str, reason: str) -> Text:
    """Say that Ollama could not be started."""
    return Text("Ollama ({program}) could not be started: {reason}.", program=program, reason=reason)


def ollama_ended_at_once(program: str, code: int) -> Text:
    """Say that Ollama was started and ended."""
    return Text(
        "Ollama ({program}) was started and ended at once, with code {code}. Start it yourself to see why.",
        program=program,
        code=code,
    )


def ollama_start_slow(url: str, seconds: int) -> Text:
    """Say that a started Ollama has not answered yet."""
    return Text(
        "Ollama was started, but does not answer at {url} after {seconds} s. EmbedPool goes on by itself when it does.",
        url=url,
        seconds=seconds,
    )

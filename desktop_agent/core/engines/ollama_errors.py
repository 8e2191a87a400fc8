"""What Ollama's errors mean. It answers them as sentences, so they are known by their words."""

from __future__ import annotations

import re

from .. import messages
from ..errors import EngineFailed, EngineUnavailable, InputInvalid, InputTooLong, ModelMissing, OutOfMemory
from .ollama_client import OllamaRefused

_TOO_LONG = re.compile(
    r"input length exceeds|exceeds? (?:the )?(?:maximum |available )?context (?:length|size)"
    r"|larger than the max context|longer than the context length"
)
_OUT_OF_MEMORY = re.compile(r"out[ -]of[ -]memory|requires more system memory|cudamalloc failed|unable to allocate")
_NOT_FOR_THIS = re.compile(r"does not support|not found")
#: Abilities of a model that a chat may need, as Ollama names them when they are missing.
_LACKS = re.compile(r"does not support (tools|thinking|vision|image|audio|insert)\b")
_FORMAT = re.compile(r"invalid format|json schema|grammar")


def is_too_long(error: str) -> bool:
    """Tell whether what was sent is longer than the model can read; `error` is in lower case."""
    return bool(_TOO_LONG.search(error))


def raise_if_not_about_the_input(refusal: OllamaRefused, model: str) -> None:
    """Raise what any other input would have met too.

    Raises:
        ModelMissing: there is no such model, or it is for something else.
        OutOfMemory: it does not fit.
        EngineUnavailable: Ollama has too much to do.
        EngineFailed: a status that is neither of the input nor of the runner.
    """
    error = refusal.error.lower()
    if refusal.status == 404 or (refusal.status == 400 and _NOT_FOR_THIS.search(error)):
        raise ModelMissing(messages.engine.model_missing(model)) from refusal
    if _OUT_OF_MEMORY.search(error):
        raise OutOfMemory(messages.engine.out_of_memory(model)) from refusal
    if refusal.status == 503:
        raise EngineUnavailable(messages.engine.ollama_refused(503)) from refusal
    if refusal.status not in (400, 500):
        raise EngineFailed(messages.engine.ollama_refused(refusal.status)) from refusal


def raise_of_chat(refusal: OllamaRefused, model: str) -> None:
    """Raise what a refused chat means: InputInvalid, InputTooLong, or as above, EngineFailed for the rest."""
    error = refusal.error.lower()
    lacking = _LACKS.search(error)
    if lacking:
        raise InputInvalid(messages.engine.model_cannot(model, lacking.group(1))) from refusal
    if is_too_long(error):
        raise InputTooLong(messages.engine.CHAT_TOO_LONG) from refusal
    raise_if_not_about_the_input(refusal, model)
    if _FORMAT.search(error):
        raise InputInvalid(messages.engine.CHAT_FORMAT_REFUSED) from refusal
    if refusal.status == 400:
        raise InputInvalid(messages.engine.CHAT_REFUSED) from refusal
    raise EngineFailed(messages.engine.ollama_refused(refusal.status)) from refusal

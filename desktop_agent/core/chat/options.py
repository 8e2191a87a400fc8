"""The options of a chat: those that shape one answer. What would change or reload the model itself is not read."""

from __future__ import annotations

from typing import Any

from .fields import invalid, listed, mapping, number, text, whole

#: Most tokens of one answer. Whoever asks for more gets as many; the deadline ends most answers sooner.
MAX_ANSWER_TOKENS = 32_768
#: Most texts at which an answer may be told to end, and characters of each.
MAX_STOPS, MAX_STOP_CHARACTERS = 16, 1000

#: Range of each option that is a number.
_NUMBERS = {
    "temperature": (0.0, 2.0),
    "top_p": (0.0, 1.0),
    "min_p": (0.0, 1.0),
    "frequency_penalty": (-2.0, 2.0),
    "presence_penalty": (-2.0, 2.0),
    "repeat_penalty": (0.0, 2.0),
}
_MAX_TOP_K = 1000
#: Seeds are whole numbers of 64 bits; a negative one asks for chance.
_SEEDS = (-(2**63), 2**63 - 1)


def read_options(value: object) -> dict[str, Any]:
    """Give the options that are known; raises InputInvalid for one out of its range. Null counts as absent."""
    given = {name: option for name, option in mapping(value or {}, "options").items() if option is not None}
    options: dict[str, Any] = {
        name: number(given[name], f"options.{name}", least, most)
        for name, (least, most) in _NUMBERS.items()
        if name in given
    }
    if "top_k" in given:
        options["top_k"] = whole(given["top_k"], "options.top_k", 0, _MAX_TOP_K)
    if "seed" in given:
        options["seed"] = whole(given["seed"], "options.seed", *_SEEDS)
    if "num_predict" in given:
        options |= _num_predict(given["num_predict"])
    if "stop" in given:
        options |= _stop(given["stop"])
    return options


def _num_predict(value: object) -> dict[str, int]:
    """Read how long the answer may be: Ollama's -1 and -2 (no end, to the context's end) are what it does anyway."""
    tokens = whole(value, "options.num_predict", -2, 2**63 - 1)
    if tokens == 0:
        raise invalid("options.num_predict", "must not be 0")
    return {"num_predict": min(tokens, MAX_ANSWER_TOKENS)} if tokens > 0 else {}


def _stop(value: object) -> dict[str, list[str]]:
    stops = [value] if isinstance(value, str) else listed(value, "options.stop")
    if len(stops) > MAX_STOPS:
        raise invalid("options.stop", f"may have {MAX_STOPS} texts at most")
    for stop in stops:
        if not 0 < len(text(stop, "options.stop")) <= MAX_STOP_CHARACTERS:
            raise invalid("options.stop", f"must have texts of 1 to {MAX_STOP_CHARACTERS} characters")
    return {"stop": stops} if stops else {}

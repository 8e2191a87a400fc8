"""Every sentence that people get to read, in one place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

NOT_JOINED = "This PC belongs to no pool yet. Run “join” with the invite link that you got from the pool."
PAUSED = "Paused until you resume. Your PC takes no work."
READY = "Ready. The queue is empty."
RESUMED = "Resumed. Your PC takes work again."
NOT_PAUSED = "It was not paused."
NOT_RUNNING = "No agent is running. Start it with “run --headless”."
LEFT_POOL = "This PC has left the pool."
STARTING = "Starting."
STOPPED = "The agent has been stopped."

INVITE_INVALID = (
    "This is not an invite link. It looks like https://pool.example.org/join/… or embedpool://join?server=…&code=…."
)
INVITE_NEEDS_SERVER = "This is only an invite's code. Give the pool's address too, with --server."
RESULTS_NOT_JUDGED = "The pool's server did not say what became of the results."
NO_ENGINE = "No engine is switched on."
NO_EMBEDDING_MODEL = (
    "Ollama has no embedding model, and chat is switched off. Get one, for example with “ollama pull nomic-embed-text”."
)
NO_MODEL = "Ollama has no model. Get one, for example with “ollama pull nomic-embed-text”."
EMBEDDED_NO_TOKENIZERS = "The embedded engine needs the package “tokenizers”, which is not installed."
EMBEDDED_NO_DATA = "The embedded engine needs the package “wordllama” for its data, which is not installed."
NAN_VECTOR = "The model computed no usable vector for this text (NaN or infinite values)."
TEXT_TOO_LONG = "The text is longer than the model can read."
TEXT_CRASHES_ENGINE = "The engine broke on this text, twice. It is probably longer than the model can read."
OUR_MISTAKE = "The agent made a mistake; its log has the details."
TOO_SLOW = "This PC did not finish in the time that the pool allows."
ENGINE_CRASHES = "The engine breaks on one text after the other."
ENGINE_MIXED_SIZES = "The engine gave vectors of different lengths."
ENGINE_NOT_UNIT_LENGTH = "The engine gave a vector that is not of length 1."
CHAT_TOO_LONG = "The chat is longer than the model can read."
CHAT_REFUSED = "The engine cannot make sense of this chat."
CHAT_FORMAT_REFUSED = "The engine cannot answer in this format: it must be “json” or a JSON schema that it knows."
CHAT_WITHOUT_END = "The engine's answer broke off before its end."
CHAT_ANSWER_TOO_LONG = "The engine's answer has no end in sight and was stopped."

_SKIPPED = {
    "model_class_differs": "the pool uses another version of the model",
    "already_failed_here": "this PC could not do them before",
    "not_offered": "they need models that this PC does not have",
    "capacity_reached": "this PC has as much as it said it can do",
    "agent_paused": "the pool paused this PC",
}


def data_folder_unusable(folder: object, error: OSError) -> str:
    """Say that the data folder does not work."""
    return f"The folder {folder} cannot be used: {error.strerror or error}. Choose another with --data-dir."


def already_running(folder: object) -> str:
    """Say that this data folder has its agent."""
    return f"An agent is already running with the folder {folder}. Stop it first, or choose another with --data-dir."


def server_address_invalid(address: str) -> str:
    """Say that this is no address of a server."""
    return f"“{address}” is not a server's address. It looks like https://pool.example.org."


def insecure_server(host: str) -> str:
    """Say why plain http is refused."""
    return (
        f"The address of {host} begins with http://, so anybody on the way could read the texts and this PC's key. "
        "Use https://, or insist with --insecure-http."
    )


def already_joined(pool: str, host: str) -> str:
    """Say that one pool is enough."""
    return f"This PC already belongs to {pool or 'a pool'} ({host}). To join again, run “leave” first."


def joined_elsewhere(host: str, wanted: str) -> str:
    """Say that the wanted server is not the one that was joined."""
    return f"This PC belongs to the pool at {host}, not to {wanted}. Join that one first, or leave --server out."


def key_store_missing(backend: str) -> str:
    """Say that there is no safe place for the key, and what may be done."""
    return (
        f"The key could not be stored: no key store was found ({backend}). Install gnome-keyring or KWallet, or keep "
        "the key in a file that only you can read, with --key-file."
    )


def key_store_failed(reason: str) -> str:
    """Say that the key store did not do what it was asked."""
    return (
        f"The system's key store did not answer as it should: {reason}. Unlock it and try again, or keep the key in a "
        "file that only you can read, with --key-file."
    )


def key_missing(place: str) -> str:
    """Say that the key is not where it was put."""
    return f"This PC's key is not in {place} any more. Run “leave” and join again."


def key_file_open(path: object) -> str:
    """Say that others could read the key file."""
    return f"Other users of this PC can read the key file {path}. Run “chmod 600” on it, or leave and join again."


def key_refused(reason: str) -> str:
    """Say that the pool no longer wants this PC."""
    return f"The pool refused this PC's key ({reason}). Run “leave” and join again with a new invite."


def unreachable(host: str, reason: str) -> str:
    """Say that there is no connection."""
    return f"Cannot reach {host}: {reason}. Check your connection."


def untrusted(host: str, reason: str) -> str:
    """Say that the server's certificate is not good."""
    return f"The certificate of {host} is not trusted: {reason}."


def redirected(host: str) -> str:
    """Say that the server pointed elsewhere, which is never followed."""
    return f"{host} sends us to another address, and that is never followed. Check the pool's address."


def odd_answer(host: str, what: str) -> str:
    """Say that the server does not keep to the protocol."""
    return f"{host} answered something that this version does not understand ({what})."


def busy(host: str) -> str:
    """Say that the server asks for patience."""
    return f"{host} is busy and asks us to come back later."


def server_failed(host: str, status: int) -> str:
    """Say that the server had an accident."""
    return f"{host} had an internal error (HTTP {status})."


def offline(problem: str, wait_seconds: float | None) -> str:
    """Say what is wrong with the connection and when the next try is."""
    again = "" if wait_seconds is None else f" Trying again in {max(1, round(wait_seconds))} s."
    return f"{problem}{again}"


def snoozed(until: float) -> str:
    """Say until when there is a break, in the PC's own time."""
    end = dt.datetime.fromtimestamp(until).astimezone()
    return f"Paused until {end:%H:%M}. Your PC takes no work."


def working(model: str, texts_per_minute: int) -> str:
    """Say what is being computed, and how fast."""
    return f"Working: {model} · {texts_per_minute} texts per minute"


def chatting(model: str, seconds: float) -> str:
    """Say which model answers a chat, and for how long it has been at it."""
    return f"Working: {model} answers a chat, for {max(0, int(seconds))} s now"


def ready(skipped: Iterable[tuple[str, int]]) -> str:
    """Say that there is nothing to do, and why waiting tasks are not for this PC."""
    reasons = [f"{count} because {_SKIPPED.get(reason, reason)}" for reason, count in skipped]
    return f"Ready. Tasks wait, but not for this PC: {'; '.join(reasons)}." if reasons else READY


def paused_by_pool(why: str) -> str:
    """Say that the pool's operator wants no work of this PC for now, with the operator's own words."""
    return f"Ready, but the pool's operator has paused this PC{f': {why}' if why else '.'}"


def ollama_not_running(url: str) -> str:
    """Say that Ollama does not answer."""
    return f"Ollama is not running (nothing answers at {url}). Start Ollama and EmbedPool goes on by itself."


def ollama_too_old(version: str, needed: str) -> str:
    """Say that Ollama must be updated."""
    return f"Ollama is too old ({version}); {needed} or newer is needed."


def ollama_odd(what: str) -> str:
    """Say that whatever answers does not speak as Ollama does."""
    return f"What answers at Ollama's address does not answer as Ollama does ({what})."


def ollama_refused(status: int) -> str:
    """Say that Ollama answered an error."""
    return f"Ollama could not compute it (HTTP {status})."


def model_missing(model: str) -> str:
    """Say which model is not there."""
    return f"The model {model} is missing."


def models_missing(models: Iterable[str]) -> str:
    """Say that none of the chosen models is there."""
    return f"None of the chosen models is there: {', '.join(models)}."


def model_cannot(model: str, ability: str) -> str:
    """Say that the model lacks an ability that the task needs."""
    return f"The model {model} does not support {ability}."


def no_chat_here(engine: str) -> str:
    """Say that this engine has no models that chat."""
    return f"The {engine} engine has no models that chat."


def out_of_memory(model: str) -> str:
    """Say that the model does not fit."""
    return f"There is not enough memory for the model {model}."


def embedded_broken(reason: str) -> str:
    """Say that the embedded engine's data cannot be read."""
    return f"The embedded engine's data cannot be read: {reason}."


def unknown_kind(kind: str) -> str:
    """Say that a task is of a kind that this version cannot do."""
    return f"This version of the agent cannot do tasks of the kind “{kind[:40]}”."

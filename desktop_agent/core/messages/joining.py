"""Sentences about joining a pool, the key and its place."""

from __future__ import annotations

from ..text import Text

INVITE_INVALID = Text(
    "This is not an invite link. It looks like https://pool.example.org/join/… or embedpool://join?server=…&code=…."
)
INVITE_NEEDS_SERVER = Text("This is only an invite's code. Give the pool's address too.")
KEY_STORE_LOCKED = Text(
    "The system's key store is locked. Unlock it with its password and try again, or keep the key in a file that only "
    "you can read."
)
SYSTEM_KEY_STORE = Text("the system's key store")

#: What to type, for those who read an error in a terminal.
HINT_SERVER = Text("Say it with --server.")
HINT_DATA_DIR = Text("Choose another folder with --data-dir.")
HINT_INSECURE = Text("To insist, say --insecure-http.")
HINT_LEAVE = Text("Run “leave” first, then join again.")
HINT_KEY_FILE = Text("To keep the key in a file, join with --key-file.")
HINT_JOIN = Text("Run “join” with the link.")


def data_folder_unusable(folder: object, error: OSError) -> Text:
    """Say that the data folder does not work."""
    return Text("The folder {folder} cannot be used: {why}.", folder=str(folder), why=error.strerror or str(error))


def already_running(folder: object) -> Text:
    """Say that this data folder has its agent."""
    return Text("An agent is already running with the folder {folder}.", folder=str(folder))


def server_address_invalid(address: str) -> Text:
    """Say that this is no address of a server."""
    return Text("“{address}” is not a server's address. It looks like https://pool.example.org.", address=address)


def insecure_server(host: str) -> Text:
    """Say why plain http is refused."""
    return Text(
        "The address of {host} begins with http://, so anybody on the way could read the texts and this PC's key. "
        "Ask the pool for an address that begins with https://.",
        host=host,
    )


def already_joined(pool: str, host: str) -> Text:
    """Say that one pool is enough."""
    if pool:
        return Text("This PC already belongs to {pool} ({host}).", pool=pool, host=host)
    return Text("This PC already belongs to a pool ({host}).", host=host)


def joined_elsewhere(host: str, wanted: str) -> Text:
    """Say that the wanted server is not the one that was joined."""
    return Text("This PC belongs to the pool at {host}, not to {wanted}.", host=host, wanted=wanted)


def key_store_missing(backend: str) -> Text:
    """Say that there is no place for the key, and what may be done."""
    return Text(
        "The key could not be stored: no key store was found ({backend}). Install gnome-keyring or KWallet, or keep "
        "the key in a file that only you can read.",
        backend=backend,
    )


def key_store_unsafe(backend: str) -> Text:
    """Say that the only place for the key would keep it readable, or not at all."""
    return Text(
        "The key could not be stored: this PC's key store ({backend}) does not keep secrets safe. Set up gnome-keyring "
        "or KWallet, or keep the key in a file that only you can read.",
        backend=backend,
    )


def key_store_forgets(backend: str) -> Text:
    """Say that the key store does not give back what it was given."""
    return Text(
        "The key could not be stored: this PC's key store ({backend}) took a trial entry and did not give it back. "
        "Keep the key in a file that only you can read.",
        backend=backend,
    )


def key_store_failed(reason: str) -> Text:
    """Say that the key store did not do what it was asked."""
    return Text(
        "The system's key store did not answer as it should: {reason}. Try again, or keep the key in a file that only "
        "you can read.",
        reason=reason,
    )


def key_missing(place: str) -> Text:
    """Say that the key is not where it was put."""
    return Text("This PC's key is not in {place} any more. Leave the pool and join it again.", place=place)


def key_file(path: object) -> Text:
    """Name the file of the key as a place."""
    return Text("the file {path}", path=str(path))


def key_file_open(path: object) -> Text:
    """Say that others could read the key file."""
    return Text(
        "Other users of this PC can read the key file {path}. Run “chmod 600” on it, or join again.", path=str(path)
    )

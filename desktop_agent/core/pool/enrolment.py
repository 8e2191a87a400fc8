"""Joining a pool and leaving it."""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Callable

from .. import messages
from ..data_folder import DataFolder
from ..engines.catalogue import Catalogue
from ..errors import AgentError, AlreadyJoined, DataFolderUnusable, KeyStoreError, NotJoined, ServerError
from ..settings import Settings
from . import links
from .credentials import FileKeyStore, KeyStore, SystemKeyStore
from .links import Invite
from .membership import Membership, load_membership, save_membership
from .server_api import ServerApi
from .wire import info_body

#: Longest name that a PC gets by itself; a server takes no longer one, and some host names are.
MAX_OWN_NAME_CHARACTERS = 50

#: Makes the connection to a server; the flag says whether plain http is allowed.
Connect = Callable[[str, bool], ServerApi]


def key_store(folder: DataFolder, settings: Settings, server: str, *, in_file: bool) -> KeyStore:
    """Give the place of the key for this server and this installation."""
    return FileKeyStore(folder.key_file) if in_file else SystemKeyStore(server, settings.installation_id)


def store_of(folder: DataFolder, settings: Settings, member: Membership) -> KeyStore:
    """Give the place of the key of a membership."""
    return key_store(folder, settings, member.server, in_file=member.key_in_file)


def membership(folder: DataFolder) -> Membership:
    """Give the pool this PC belongs to; raises NotJoined."""
    found = load_membership(folder.membership)
    if found is None:
        raise NotJoined(messages.states.NOT_JOINED)
    return found


async def join(
    folder: DataFolder,
    settings: Settings,
    invite: Invite,
    catalogue: Catalogue,
    connect: Connect,
    *,
    app_version: str,
    name: str,
    key_in_file: bool,
    insecure_http: bool,
) -> Membership:
    """Use up the invite and keep the key.

    The key store is tried before: an invite is used once, and its key must not get lost for want of a place.

    Raises:
        AlreadyJoined: this PC belongs to a pool.
        KeyStoreError: the key cannot be kept.
        DataFolderUnusable: the membership cannot be kept.
        ServerError: the server does not answer, or does not take the invite.
    """
    _refuse_second(folder)
    store = key_store(folder, settings, invite.server, in_file=key_in_file)
    await store.check()
    await catalogue.refresh()
    name = name.strip() or platform.node()[:MAX_OWN_NAME_CHARACTERS] or "PC"
    async with connect(invite.server, insecure_http) as api:
        registered = await api.register(invite.code, info_body(catalogue.offers, app_version, name))
        api.sign_in_as(registered.agent_id, registered.key)
        member = Membership(invite.server, registered.agent_id, registered.pool, name, key_in_file, insecure_http)
        try:
            await _keep(folder, member, store, registered.key)
        except AgentError:
            # An agent that never comes would stand in the operator's list for ever.
            with contextlib.suppress(ServerError):
                await api.leave()
            raise
    return member


def _refuse_second(folder: DataFolder) -> None:
    present = load_membership(folder.membership)
    if present is not None:
        raise AlreadyJoined(messages.joining.already_joined(present.pool, links.host_of(present.server)))


async def _keep(folder: DataFolder, member: Membership, store: KeyStore, key: str) -> None:
    await store.store(key)
    try:
        save_membership(folder.membership, member)
    except OSError as error:
        await store.delete()
        raise DataFolderUnusable(messages.joining.data_folder_unusable(folder.root, error)) from error


async def leave(folder: DataFolder, settings: Settings, connect: Connect) -> AgentError | None:
    """Leave the pool: the server forgets this PC, this PC forgets the key.

    Returns the error that kept the server from being told, if one did: leaving works with the server gone.

    Raises:
        NotJoined: there is nothing to leave.
    """
    member = membership(folder)
    store = store_of(folder, settings, member)
    untold: AgentError | None = None
    key = ""
    try:
        key = await store.load()
    except KeyStoreError as error:
        untold = error
    # Before the server is told: an agent that runs beside us is refused from then on, and must know why.
    folder.membership.unlink(missing_ok=True)
    try:
        if key:
            async with connect(member.server, member.insecure_http) as api:
                api.sign_in_as(member.agent_id, key)
                await api.leave()
    except ServerError as error:
        untold = error
    finally:
        with contextlib.suppress(KeyStoreError):
            await store.delete()
    return untold

"""The end of this PC's key, by which its owner and the pool's tell keys apart without seeing one."""

from __future__ import annotations

from ..data_folder import DataFolder
from ..settings import load_settings
from .enrolment import membership, store_of

#: Characters that are shown; the log shows as many.
SHOWN_CHARACTERS = 4


async def key_ending(folder: DataFolder) -> str:
    """Give the last characters of the key; raises NotJoined or KeyStoreError."""
    member = membership(folder)
    settings = load_settings(folder.settings)
    key = await store_of(folder, settings, member).load()
    return key[-SHOWN_CHARACTERS:]

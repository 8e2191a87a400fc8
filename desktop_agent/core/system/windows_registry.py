"""This user's part of Windows' registry, HKEY_CURRENT_USER."""

from __future__ import annotations

import sys
from typing import Protocol


class Registry(Protocol):
    r"""Keys are paths such as `Software\Classes`; an empty name is a key's default value. Failures are OSErrors."""

    def value(self, key: str, name: str) -> str | bytes | None:
        """Give a value; None where there is none, or one of another kind than text and bytes."""

    def set_text(self, key: str, name: str, text: str) -> None:
        """Set a value, with the keys on the way."""

    def delete_value(self, key: str, name: str) -> None:
        """Take a value away, if it is there."""

    def delete_key(self, key: str) -> None:
        """Take a key away with all below it, if it is there."""


if sys.platform == "win32":
    import winreg

    class CurrentUser:
        """The real one, or a part of it: tests give the key that stands for the root."""

        def __init__(self, root: str = "") -> None:
            self._root = f"{root}\\" if root else ""

        def value(self, key: str, name: str) -> str | bytes | None:
            """Give a value; None where there is none, or one of another kind than text and bytes."""
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, self._root + key) as opened:
                    value, _kind = winreg.QueryValueEx(opened, name)
            except FileNotFoundError:
                return None
            return value if isinstance(value, str | bytes) else None

        def set_text(self, key: str, name: str, text: str) -> None:
            """Set a value, with the keys on the way."""
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, self._root + key) as opened:
                winreg.SetValueEx(opened, name, 0, winreg.REG_SZ, text)

        def delete_value(self, key: str, name: str) -> None:
            """Take a value away, if it is there."""
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, self._root + key, 0, winreg.KEY_SET_VALUE) as opened:
                    winreg.DeleteValue(opened, name)
            except FileNotFoundError:
                return

        def delete_key(self, key: str) -> None:
            """Take a key away with all below it, if it is there."""
            try:
                # Windows deletes no key that has others below it, and counts them anew after each.
                while below := self._first_below(key):
                    self.delete_key(f"{key}\\{below}")
                winreg.DeleteKey(winreg.HKEY_CURRENT_USER, self._root + key)
            except FileNotFoundError:
                return

        def _first_below(self, key: str) -> str:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, self._root + key) as opened:
                count, _values, _changed = winreg.QueryInfoKey(opened)
                return winreg.EnumKey(opened, 0) if count else ""

"""A registry in memory, for tests off Windows."""

from __future__ import annotations


class MemoryRegistry:
    """Values by key and name; as on Windows, capitals make no difference in either."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str | bytes] = {}

    def value(self, key: str, name: str) -> str | bytes | None:
        return self.values.get((key.lower(), name.lower()))

    def set_text(self, key: str, name: str, text: str) -> None:
        self.values[key.lower(), name.lower()] = text

    def set_bytes(self, key: str, name: str, data: bytes) -> None:
        """Write what Windows' own settings write; the agent never does."""
        self.values[key.lower(), name.lower()] = data

    def delete_value(self, key: str, name: str) -> None:
        self.values.pop((key.lower(), name.lower()), None)

    def delete_key(self, key: str) -> None:
        path = key.lower()
        gone = [place for place in self.values if place[0] == path or place[0].startswith(path + "\\")]
        for place in gone:
            del self.values[place]

    def keys(self) -> set[str]:
        return {key for key, _name in self.values}

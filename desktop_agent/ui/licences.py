"""The programs of others that are in this one, with their licences as they state them themselves."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata

#: What the agent is made with. Those that are not for this system are left out.
_PACKAGES = (
    "PySide6-Essentials",
    "shiboken6",
    "httpx",
    "h11",
    "keyring",
    "SecretStorage",
    "jeepney",
    "platformdirs",
    "truststore",
    "orjson",
    "numpy",
    "click",
    "filelock",
    "psutil",
    "nvidia-ml-py",
    "wakepy",
    "python-xlib",
    "pywayland",
    "tokenizers",
    "wordllama",
)
#: Longest statement of a licence that is a name and not the licence itself, in characters.
LONGEST_NAME = 60
_CLASSIFIER = "License :: OSI Approved :: "


@dataclass(frozen=True, slots=True)
class Part:
    """One package."""

    name: str
    version: str
    licence: str
    home: str


def parts() -> list[Part]:
    """Give the packages that are installed here, in alphabetical order."""
    found = (_part(name) for name in _PACKAGES)
    return sorted((part for part in found if part is not None), key=lambda part: part.name.lower())


def _part(name: str) -> Part | None:
    try:
        told = metadata.metadata(name).json
    except metadata.PackageNotFoundError:
        return None
    urls = [line.partition(",")[2].strip() for line in _list(told.get("project_url"))]
    home = str(told.get("home_page") or next(iter(urls), ""))
    return Part(str(told["name"]), str(told["version"]), _licence(told), home)


def _licence(told: dict[str, str | list[str]]) -> str:
    """Give the licence's name: its SPDX expression, its short name, or its classifiers."""
    for field in ("license_expression", "license"):
        # Some put the whole licence there; its first line is its name.
        words = str(told.get(field) or "").strip().partition("\n")[0].strip()
        if words and len(words) <= LONGEST_NAME:
            return words
    classified = [line for line in _list(told.get("classifier")) if line.startswith("License ::")]
    return ", ".join(line.removeprefix(_CLASSIFIER).rpartition(":: ")[2] for line in classified)


def _list(value: str | list[str] | None) -> list[str]:
    return value if isinstance(value, list) else []

"""The environment for programs that are not ours."""

from __future__ import annotations

import sys
from collections.abc import Mapping

#: Variables that a frozen program sets for itself, and that would have another program load its libraries.
_OF_OUR_BUNDLE = ("LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "DYLD_FRAMEWORK_PATH", "PYTHONPATH")
_PREFIXES_OF_OUR_BUNDLE = ("_PYI_", "_MEIPASS", "PYTHON", "QT_", "QML", "PYINSTALLER")


def for_other_programs(
    environ: Mapping[str, str], *, is_frozen: bool = bool(getattr(sys, "frozen", False))
) -> dict[str, str]:
    """Give the variables without those that a frozen program made for itself."""
    if not is_frozen:
        return dict(environ)
    clean = {name: value for name, value in environ.items() if not _is_of_our_bundle(name)}
    # What its user had set, a frozen program keeps under another name.
    had = {name: environ.get(f"{name}_ORIG") for name in _OF_OUR_BUNDLE}
    return clean | {name: value for name, value in had.items() if value}


def _is_of_our_bundle(name: str) -> bool:
    return name in _OF_OUR_BUNDLE or name.endswith("_ORIG") or name.startswith(_PREFIXES_OF_OUR_BUNDLE)

"""Icons: Bootstrap's, from the installed package, drawn into the page."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from markupsafe import Markup

_SPRITE = files("flask_bootstrap") / "static" / "bootstrap5" / "icons" / "bootstrap-icons.svg"


class NoSuchIconError(Exception):
    """A template names an icon that Bootstrap does not have."""


def icon(name: str, label: str = "") -> Markup:
    """Draw an icon; without a label it is decoration, which screen readers leave out."""
    said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup(
        '<svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="currentColor" {}>{}</svg>'
    ).format(said, _drawing(name))


@cache
def _drawing(name: str) -> Markup:
    """Return the shapes of an icon. The file is large and few of its icons are used: only those are kept."""
    sprite = _SPRITE.read_text(encoding="utf-8")
    found = re.search(rf'<symbol[^>]*\bid="{re.escape(name)}"[^>]*>(.*?)</symbol>', sprite, re.DOTALL)
    if found is None:
        raise NoSuchIconError(name)
    return Markup(found[1].strip())  # noqa: S704 (a file of the installed package)

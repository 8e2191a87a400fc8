"""Reading what stands in a page, by the ids of its elements."""

from __future__ import annotations

import html
import re


def text_of(page: str, element: str) -> str:
    """Return the text of a `code` element, as a person copies it."""
    found = re.search(rf'<code id="{element}"[^>]*>(.*?)</code>', page, re.DOTALL)
    assert found, f"the page has no {element}"
    return html.unescape(found[1])


def value_of(page: str, field: str) -> str:
    """Return what stands in a field: of a selection or a group the value that is chosen, empty where none is."""
    area = re.search(rf'<textarea[^>]* id="{field}"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    if area:
        # Browsers leave out the first line break.
        return html.unescape(area[1]).lstrip("\r\n")
    chosen = re.search(rf'<select[^>]* id="{field}".*?<option selected value="([^"]*)"', page, re.DOTALL)
    checked = re.search(rf'<input checked [^>]*name="{field}"[^>]*value="([^"]*)"', page)
    plain = re.search(rf'<input [^>]*id="{field}"[^>]* value="([^"]*)"', page)
    found = chosen or checked or plain
    return html.unescape(found[1]) if found else ""


def error_of(page: str, field: str) -> str:
    """Return what a page says is wrong with a field; empty for nothing."""
    found = re.search(rf'<p class="wrong" id="{field}-error">.*?</svg>(.*?)</p>', page, re.DOTALL)
    return html.unescape(found[1]).strip() if found else ""


def words_of(page: str) -> str:
    """Return what a person reads, without the tags, every space alike."""
    return html.unescape(" ".join(re.sub(r"<[^>]*>", " ", page).split()))

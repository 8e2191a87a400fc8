"""The messages of a chat, field by field. Images are only taken as the data itself, never by an address or a path."""

from __future__ import annotations

import binascii
import re
from typing import Any

from .fields import choice, invalid, listed, mapping, text
from .tools import read_calls

#: Most images in one chat.
MAX_IMAGES = 32

_ROLES = {
    "system": "system",
    "developer": "system",  # what OpenAI's newer models call it
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}
ROLE_WORDS = "system, user, assistant, tool"
_DATA_URL = re.compile(r"data:[\w/+.-]*;base64,", re.ASCII | re.IGNORECASE)


def read_messages(given: list[Any]) -> list[dict[str, Any]]:
    """Give the messages in Ollama's form; raises InputInvalid, which names the first one at fault."""
    messages = [_message(value, f"messages[{position}]") for position, value in enumerate(given)]
    if sum(len(message.get("images", ())) for message in messages) > MAX_IMAGES:
        raise invalid("messages", f"may have {MAX_IMAGES} images at most")
    return messages


def _message(value: object, field: str) -> dict[str, Any]:
    given = mapping(value, field)
    role = given.get("role")
    role = choice(role.lower() if isinstance(role, str) else role, f"{field}.role", _ROLES, f"one of {ROLE_WORDS}")
    message: dict[str, Any] = {"role": _ROLES[role], "content": _content(given, field)}
    images = listed(given.get("images"), f"{field}.images")
    if images:
        message["images"] = [_image(image, f"{field}.images[{position}]") for position, image in enumerate(images)]
    for name in ("thinking", "tool_name", "tool_call_id"):
        if given.get(name) is not None:
            message[name] = text(given[name], f"{field}.{name}")
    calls = read_calls(given.get("tool_calls"), f"{field}.tool_calls")
    if calls:
        message["tool_calls"] = calls
    return message


def _content(given: dict[str, Any], field: str) -> str:
    content = given.get("content")
    if content is None and (given.get("tool_calls") or given.get("images")):
        return ""
    return text(content, f"{field}.content")


def _image(value: object, field: str) -> str:
    """Give an image's base64; a `data:` address is the image itself, and is taken without its beginning."""
    encoded = text(value, field)
    beginning = _DATA_URL.match(encoded)
    encoded = encoded[beginning.end() :] if beginning else encoded
    try:
        decoded = binascii.a2b_base64(encoded, strict_mode=True)
    except ValueError:  # also a character outside ASCII
        decoded = b""
    if not decoded:
        raise invalid(field, "must be an image in base64; addresses and files are never opened")
    return encoded

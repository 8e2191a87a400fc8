"""The messages of a chat request, brought into the form of Ollama's `/api/chat`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from server.domain.chat_fields import array, choice, invalid, mapping, missing, shown, text, unsupported, wrong_type
from server.domain.chat_images import MAX_IMAGES, read_image
from server.domain.chat_tools import JsonObject, read_call_id, read_calls
from server.domain.errors import InvalidRequest

#: Messages in one request: the longest conversations of agents that call tools have some hundred.
MAX_MESSAGES = 2048

#: Parts of one message's content.
MAX_PARTS = 256

#: Characters of one text; all texts together are bounded in bytes.
MAX_TEXT = 4 * 2**20

#: OpenAI's roles, and what the engine calls them: newer models' instructions come from a `developer`.
_ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant", "tool": "tool"}

#: Where other servers put what a model thought, in the order of how common they are.
_THOUGHTS = ("reasoning_content", "reasoning")


@dataclass(slots=True)
class _Conversation:
    """What earlier messages said that later ones refer to."""

    #: Names of the functions that were called, by the id of the call; the last call under an id counts.
    called: dict[str, str] = field(default_factory=dict)
    images: int = 0


def read_messages(value: object) -> list[JsonObject]:
    """Return the messages in Ollama's form; InvalidRequest names the first one at fault.

    Each message stays one message: texts of several parts are put below one another, images stand beside the text.
    """
    given = array(value, "messages", MAX_MESSAGES)
    if not given:
        raise InvalidRequest(
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
            param="messages",
            code="empty_array",
        )
    so_far = _Conversation()
    return [_message(message, f"messages[{index}]", so_far) for index, message in enumerate(given)]


def _message(value: object, param: str, so_far: _Conversation) -> JsonObject:
    message = mapping(value, param)
    role = message.get("role")
    if role == "function":
        raise unsupported(f"{param}.role", "functions have become tools; send the role 'tool' with a tool_call_id")
    role = _ROLES[choice(role, f"{param}.role", tuple(_ROLES))]
    if role == "assistant":
        return _assistant(message, param, so_far)
    if role == "tool":
        return _tool_result(message, param, so_far)
    return {"role": role, **_content(message.get("content"), f"{param}.content", so_far, images=role == "user")}


def _assistant(message: dict[str, Any], param: str, so_far: _Conversation) -> JsonObject:
    if message.get("audio") is not None:
        raise unsupported(f"{param}.audio", "models here read and write text")
    if message.get("function_call") is not None:
        raise unsupported(f"{param}.function_call", "functions have become tools; send tool_calls")
    content = message.get("content")
    if content is None:
        # A message that calls tools has no text, and neither has one that was refused or only thought.
        content = "" if message.get("refusal") is None else message["refusal"]
    told: JsonObject = {"role": "assistant", **_content(content, f"{param}.content", so_far, images=False)}
    thoughts = [name for name in _THOUGHTS if message.get(name)]
    if thoughts:
        told["thinking"] = text(message[thoughts[0]], f"{param}.{thoughts[0]}", MAX_TEXT)
    if message.get("tool_calls"):
        told["tool_calls"] = read_calls(message["tool_calls"], f"{param}.tool_calls")
        so_far.called.update((call["id"], call["function"]["name"]) for call in told["tool_calls"] if "id" in call)
    return told


def _tool_result(message: dict[str, Any], param: str, so_far: _Conversation) -> JsonObject:
    """Name the function whose result this is: engines know no ids of calls."""
    told: JsonObject = {
        "role": "tool",
        **_content(message.get("content"), f"{param}.content", so_far, images=False),
    }
    where = f"{param}.tool_call_id"
    if message.get("tool_call_id") is None:
        raise missing(where)
    call_id = read_call_id(message["tool_call_id"], where)
    if call_id not in so_far.called:
        raise invalid(where, f"no earlier message has a tool call with the id {shown(call_id)}")
    return told | {"tool_name": so_far.called[call_id], "tool_call_id": call_id}


def _content(value: object, param: str, so_far: _Conversation, *, images: bool) -> JsonObject:
    if isinstance(value, str):
        return {"content": text(value, param, MAX_TEXT)}
    if not isinstance(value, list):
        raise wrong_type(param, "a string or an array of parts", value)
    texts: list[str] = []
    pictures: list[str] = []
    for index, given in enumerate(array(value, param, MAX_PARTS)):
        where = f"{param}[{index}]"
        part = mapping(given, where)
        kind = part.get("type")
        if kind in ("text", "refusal"):
            texts.append(text(part.get(kind), f"{where}.{kind}", MAX_TEXT))
        elif kind == "image_url" and images:
            pictures.append(_picture(part, where, so_far))
        else:
            raise _wrong_part(kind, where, images=images)
    told: JsonObject = {"content": "\n".join(texts)}
    return told | {"images": pictures} if pictures else told


def _picture(part: dict[str, Any], where: str, so_far: _Conversation) -> str:
    so_far.images += 1
    if so_far.images > MAX_IMAGES:
        raise invalid(f"{where}.image_url", f"a request may have {MAX_IMAGES} images at most")
    return read_image(part, where)


def _wrong_part(kind: object, where: str, *, images: bool) -> InvalidRequest:
    if kind == "image_url":
        return unsupported(f"{where}.image_url", "only messages of the user may have images")
    if kind == "input_audio":
        return unsupported(f"{where}.input_audio", "models here hear nothing; send text")
    if kind == "file":
        return unsupported(f"{where}.file", "models here read no files; send the text of the file")
    if kind is None:
        return missing(f"{where}.type")
    return invalid(f"{where}.type", f"{shown(kind)} is none of the supported parts 'text'" + ", 'image_url'" * images)

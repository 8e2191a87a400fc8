"""One chat through Ollama's /api/chat: always streamed, told piece by piece, and put together to one final answer."""

from __future__ import annotations

from typing import Any

from .. import messages
from ..chat.payload import ChatRequest
from ..errors import EngineFailed
from .base import Heard
from .ollama_client import OllamaClient, OllamaRefused
from .ollama_errors import raise_of_chat
from .ollama_presence import KEEP_ALIVE

#: Most UTF-8 bytes of one answer's text, thinking and calls together; a server takes 4 MiB of JSON.
MAX_ANSWER_BYTES = 2 * 1024 * 1024
#: Most calls of tools in one answer.
MAX_CALLS = 128

_COUNTS = (
    "total_duration",
    "load_duration",
    "prompt_eval_count",
    "prompt_eval_duration",
    "eval_count",
    "eval_duration",
)


async def answer_chat(client: OllamaClient, model: str, request: ChatRequest, heard: Heard) -> dict[str, Any]:
    """Have the model answer; gives the final answer in the form that a streamless call would have had.

    Raises:
        InputInvalid, InputTooLong: it is about what was asked.
        EngineError: anything else; its subclasses say what.
    """
    answer = _Answer(model)
    body = {"model": model, "stream": True, **request.body, "keep_alive": KEEP_ALIVE}
    try:
        async with client.stream("/api/chat", body) as parts:
            async for part in parts:
                answer.add(part, heard)
    except OllamaRefused as refusal:
        raise_of_chat(refusal, model)
    if not answer.is_done:
        raise EngineFailed(messages.engine.CHAT_WITHOUT_END)
    return answer.whole()


class _Answer:
    """An answer as far as it came."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._content: list[str] = []
        self._thinking: list[str] = []
        self._calls: list[dict[str, Any]] = []
        self._last: dict[str, Any] = {}
        self._size = 0

    @property
    def is_done(self) -> bool:
        return self._last.get("done") is True

    def add(self, part: dict[str, Any], heard: Heard) -> None:
        """Take the next piece in, and tell its text."""
        message = part.get("message")
        message = message if isinstance(message, dict) else {}
        content, thinking = _text(message.get("content")), _text(message.get("thinking"))
        calls = _calls(message.get("tool_calls"))
        self._size += len(content.encode()) + len(thinking.encode()) + len(str(calls).encode())
        if self._size > MAX_ANSWER_BYTES or len(self._calls) + len(calls) > MAX_CALLS:
            raise EngineFailed(messages.engine.CHAT_ANSWER_TOO_LONG)
        self._content.append(content)
        self._thinking.append(thinking)
        self._calls += calls
        self._last = part
        if content or thinking:
            heard(content, thinking)

    def whole(self) -> dict[str, Any]:
        """Put the answer together. It begins with all that was told."""
        message: dict[str, Any] = {"role": "assistant", "content": "".join(self._content)}
        thinking = "".join(self._thinking)
        if thinking:
            message["thinking"] = thinking
        if self._calls:
            message["tool_calls"] = self._calls
        return {
            "model": self._model,
            "created_at": _text(self._last.get("created_at"))[:64],
            "message": message,
            "done": True,
            "done_reason": "length" if self._last.get("done_reason") == "length" else "stop",
            **{name: self._last[name] for name in _COUNTS if _is_count(self._last.get(name))},
        }


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _calls(value: object) -> list[dict[str, Any]]:
    """Give the calls of tools that make sense; only their names and arguments go on, and nobody here runs them."""
    calls = []
    for call in value if isinstance(value, list) else []:
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not _text(function.get("name")):
            continue
        arguments = function.get("arguments")
        read: dict[str, Any] = {
            "function": {"name": function["name"], "arguments": arguments if isinstance(arguments, dict) else {}}
        }
        calls.append({"id": call["id"], **read} if _text(call.get("id")) else read)
    return calls

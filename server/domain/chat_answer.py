"""An answer to a chat as OpenAI has it: whole, or as the chunks of a stream."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

from server.domain.chat_tools import JsonObject
from server.domain.embedding import estimate_tokens

#: What the id of a chat's answer begins with; the id of its job follows.
ID_PREFIX = "chatcmpl-"
#: What ends a stream that was not cut off.
DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Heading:
    """What a whole answer and every chunk of a stream begin with."""

    id: str
    #: When the request was accepted (seconds since 1970).
    created: int
    #: The name as the client wrote it.
    model: str
    #: Which weights answered; None where nobody said.
    system_fingerprint: str | None

    def under(self, kind: str) -> JsonObject:
        """Return the fields, for an object of that kind."""
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "system_fingerprint": self.system_fingerprint,
        }


def heading(job_id: str, created_ms: int, model: str, digest: str | None) -> Heading:
    """Make the heading of a job's answer; it is the same whenever the answer is fetched.

    Args:
        job_id: the job.
        created_ms: when it was accepted (milliseconds since 1970).
        model: the name as the client wrote it.
        digest: the model's digest; None or empty where the engine has none.
    """
    return Heading(f"{ID_PREFIX}{job_id}", created_ms // 1000, model, f"fp_{digest[:12]}" if digest else None)


def completion(head: Heading, output: JsonObject, prompt_tokens: int) -> JsonObject:
    """Return a whole answer, given the agent's output and an estimate for engines that do not count."""
    told: JsonObject = output["message"]
    calls = tool_calls(head, output)
    message: JsonObject = {"role": "assistant", "content": told["content"] or (None if calls else ""), "refusal": None}
    if told.get("thinking"):
        message |= _reasoning(told["thinking"])
    if calls:
        message["tool_calls"] = calls
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason(output)}
    return head.under("chat.completion") | {"choices": [choice], "usage": usage(output, prompt_tokens)}


def one_call(output: JsonObject) -> JsonObject:
    """Return an agent's output with its first tool call only, for a client that wants one at a time."""
    message = output["message"]
    if "tool_calls" not in message:
        return output
    return output | {"message": message | {"tool_calls": message["tool_calls"][:1]}}


def tool_calls(head: Heading, output: JsonObject) -> list[JsonObject]:
    """Return the calls that the model made, their arguments as JSON in a string, under ids that never change."""
    return [
        {
            "id": _call_id(head.id, index),
            "type": "function",
            "function": {
                "name": call["function"]["name"],
                "arguments": orjson.dumps(call["function"]["arguments"]).decode(),
            },
        }
        for index, call in enumerate(output["message"].get("tool_calls", ()))
    ]


def finish_reason(output: JsonObject) -> str:
    """Say why the model stopped."""
    if output["message"].get("tool_calls"):
        return "tool_calls"
    return "length" if output.get("done_reason") == "length" else "stop"


def usage(output: JsonObject, prompt_tokens: int) -> dict[str, int]:
    """Return the engine's own counts, or estimates where it gave none: clients rely on two numbers."""
    message = output["message"]
    prompt = output.get("prompt_eval_count", prompt_tokens)
    answered = output.get("eval_count")
    if answered is None:
        answered = estimate_tokens(message["content"] + message.get("thinking", ""))
    return {"prompt_tokens": prompt, "completion_tokens": answered, "total_tokens": prompt + answered}


@dataclass(frozen=True, slots=True)
class Chunks:
    """Makes the chunks of one stream, in the order of its methods, as events that are ready to be sent."""

    heading: Heading
    #: The client asked for a chunk with the usage; then all others say that theirs is null.
    include_usage: bool

    def role(self) -> bytes:
        """Begin the answer."""
        return self._choice({"role": "assistant", "content": ""})

    def reasoning(self, text: str) -> bytes:
        """Go on with what the model thinks."""
        return self._choice(_reasoning(text))

    def content(self, text: str) -> bytes:
        """Go on with what the model says."""
        return self._choice({"content": text})

    def tool_calls(self, output: JsonObject) -> bytes:
        """Send all calls that the model made."""
        calls = tool_calls(self.heading, output)
        return self._choice({"tool_calls": [{"index": index, **call} for index, call in enumerate(calls)]})

    def finish(self, output: JsonObject) -> bytes:
        """End the answer."""
        return self._choice({}, finish_reason(output))

    def usage(self, output: JsonObject, prompt_tokens: int) -> bytes:
        """Send the usage, in a chunk without a choice."""
        head = self.heading.under("chat.completion.chunk")
        return event(head | {"choices": [], "usage": usage(output, prompt_tokens)})

    def _choice(self, delta: dict[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        chunk = self.heading.under("chat.completion.chunk") | {"choices": [choice]}
        return event(chunk | {"usage": None} if self.include_usage else chunk)


def event(value: JsonObject) -> bytes:
    """Write a value as a server-sent event: one line of JSON, which has no line ends of its own."""
    return b"data: %b\n\n" % orjson.dumps(value)


def comment(text: str) -> bytes:
    """Write a line that clients skip, to show that the server is there; the text has no line ends."""
    return f": {text}\n\n".encode()


def _reasoning(text: str) -> JsonObject:
    """Name what the model thought as DeepSeek and vLLM do, and as Ollama and OpenRouter do."""
    return {"reasoning_content": text, "reasoning": text}


def _call_id(answer_id: str, index: int) -> str:
    return "call_" + hashlib.sha256(f"{answer_id}/{index}".encode()).hexdigest()[:24]

"""The agent's side of the chats: what it answers follows from the last message alone."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from tests.contract.clients.running import BREAKS_OFF, NEVER_ENDS, TOO_LONG
from tests.scripted_agent import Result, ScriptedAgent, Task, chat_output

#: What it calls wherever it is given tools, and what it answers wherever a schema is asked for.
CALL = {"function": {"name": "get_weather", "arguments": {"city": "Köln"}}}
FORMATTED = {"city": "Köln", "people": 1_087_000}


def answer(agent: ScriptedAgent, task: Task) -> Result | None:
    """Answer a chat, telling each piece as it is written if the client reads along."""
    payload, last = task["payload"], task["payload"]["messages"][-1]
    if last["content"] == TOO_LONG:
        return _error(task, "input_too_long")
    if last["content"] == BREAKS_OFF:
        assert agent.tell(task, 1, "It begins") == "held"
        agent.post("release", {"leases": [task["lease_id"]], "reason": "user_active"}).raise_for_status()
        return None
    if last["content"] == NEVER_ENDS:
        next(seq for seq in count(1) if agent.tell(task, seq, "and so on ") == "lost")
        return None
    pieces = _pieces(payload, last)
    if payload["stream"]:
        assert all(agent.tell(task, seq, piece) == "held" for seq, piece in enumerate(pieces, 1))
    calls = {} if pieces else {"tool_calls": [CALL]}
    reason = "length" if payload["options"].get("num_predict") == 1 else "stop"
    return {"lease_id": task["lease_id"], "output": chat_output("".join(pieces), reason=reason, **calls)}


def _pieces(payload: dict[str, Any], last: dict[str, Any]) -> list[str]:
    """What is said, piece by piece; nothing where a tool is called."""
    if last["role"] == "tool":
        return ["The tool ", last["tool_name"], " said ", last["content"]]
    if payload.get("tools"):
        return []
    if payload.get("format"):
        return [json.dumps(FORMATTED, ensure_ascii=False)]
    return ["You said ", *last["content"]]


def _error(task: Task, code: str) -> Result:
    return {"lease_id": task["lease_id"], "error": {"code": code, "message": "It failed.", "input": 0}}

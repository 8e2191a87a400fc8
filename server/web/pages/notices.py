"""What a page says once, after something was done. The address carries the code, so nothing is kept anywhere."""

from __future__ import annotations

#: Code → sentence.
DONE = {
    "agent.paused": "The agent is paused. Its person is told, with your message.",
    "agent.resumed": "The agent may have work again.",
    "agent.overruled": "The agent is treated as you said from now on.",
    "agent.key_revoked": "The agent's key is worthless. Its PC has to join anew.",
    "agent.deleted": "The agent is deleted.",
    "backup.deleted": "The backup is deleted.",
    "invite.revoked": "The invite is revoked: nobody can join with it any more. Agents that did stay.",
    "key.changed": "The key's terms are changed. They hold from its next request on.",
    "key.disabled": "The key is disabled: its requests get 401 until you enable it again.",
    "key.enabled": "The key works again.",
    "key.revoked": "The key is revoked: its requests get 401 from now on.",
    "model.switched": "The switch is made: agents of that class get the model's tasks now.",
    "session.closed": "That browser is signed out.",
    "task.canceled": "The task is canceled, with the rest of its request.",
    "task.rerun": "It waits to run again: this is the new task.",
}

"""Tasks in words: how they stand, why they wait, what went wrong and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass

from server.domain.trust import Trust
from server.services.operator.operations_tasks import TaskDetails
from server.services.operator.task_batches import Done
from server.services.operator.task_waits import Wait, Why
from server.storage.task_details import COUNTED
from server.web.pages.formats import ago, number, plural

#: Status → how it is drawn (see `ui.state`), and what it is called.
STATUSES = {
    "queued": ("caution", "Waiting"),
    "leased": ("working", "Computing"),
    "completed": ("good", "Completed"),
    "failed": ("bad", "Failed"),
    "canceled": ("off", "Canceled"),
    "expired": ("neutral", "Expired"),
}
#: The same of an attempt.
ATTEMPTS = {
    "leased": ("working", "Computing"),
    "completed": ("good", "Completed"),
    "failed": ("bad", "Failed"),
    "released": ("neutral", "Given back"),
    "lost": ("caution", "Lost"),
    "canceled": ("off", "Canceled"),
}
KINDS = {"embedding": "Embeddings", "chat": "Chat", "task": "Free task"}


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error code in words."""

    what: str
    #: What the operator can do about it.
    help: str


TROUBLES = {
    "input_too_long": Trouble(
        "The text is longer than the model reads.",
        "Nothing here: its client has to shorten it, or ask for it to be truncated.",
    ),
    "input_invalid": Trouble(
        "The engine cannot embed this text.", "Nothing here: its client gets this error, and has to change the text."
    ),
    "bad_result": Trouble(
        "An agent sent a result that cannot be right, such as vectors of another length.",
        "See whether other tasks of that agent met the same. If so, pause it and write to its volunteer.",
    ),
    "lease_lost": Trouble(
        "The agent went away while it computed this.",
        "Most likely its PC was switched off or lost its network. If one agent does it often, pause it.",
    ),
    "worker_lost": Trouble(
        "The agent was lost after its client had read the beginning of the answer.",
        "Its client has to ask again: another agent's answer would not go on from there.",
    ),
    "released_too_often": Trouble(
        "Agents gave it back too often: volunteers kept coming back to their PCs.",
        "Run it again when more agents are idle.",
    ),
    "class_switched": Trouble(
        "The model was switched to another class while this was computed.",
        "Its client asks again; official libraries do so by themselves.",
    ),
    "engine_error": Trouble(
        "The engine on the agent's PC reported an error.",
        "Run it again. If one agent meets it often, its Ollama may need an update or a restart.",
    ),
}
OTHER_TROUBLE = Trouble(
    "An agent could not do it.", "Look at the attempts: if different agents met the same, it is about the task itself."
)


def trouble(code: str | None) -> Trouble | None:
    """Return what an error means; None where there is none."""
    return None if code is None else TROUBLES.get(code, OTHER_TROUBLE)


def waiting(wait: Wait, trust: int) -> str:
    """Say why a task waits."""
    if wait.why is Why.RESTING:
        return f"It failed and rests before the next try: {ago(wait.until)}."
    if wait.why is Why.RUNNER:
        return "Its client named the one agent that may have it, and that agent is not here."
    if wait.why is Why.NOBODY:
        return "No agent online offers this model."
    if wait.why is Why.PAUSED:
        return "Every agent online that offers this model is paused."
    if wait.why is Why.TRUST:
        word = Trust(trust).word
        return f"Its client's texts are for agents of trust “{word}” only, and none of these is online."
    return f"{plural(wait.agents, 'agent')} online can take it."


def place(wait: Wait) -> str:
    """Say where a waiting task stands in the line."""
    if wait.ahead >= COUNTED:
        return f"More than {number(COUNTED)} tasks are before it."
    return f"{plural(wait.ahead, 'task')} before it." if wait.ahead else "It is the next one."


def can_be_run_again(details: TaskDetails) -> bool:
    """Whether what a failed task asked is still there."""
    return details.record.status == "failed" and details.kept_until is not None


#: Code in the address → what was done.
ACTS = {"canceled": "canceled", "rerun": "queued again"}
#: Why not → of one task, of several.
REFUSALS = {
    "over": ("was over already", "were over already"),
    "not_found": ("is no longer there", "are no longer there"),
    "not_failed": ("had not failed", "had not failed"),
    "run_already": ("was run again before", "were run again before"),
    "content_deleted": ("is too old: what it asked was deleted", "are too old: what they asked was deleted"),
    "key_revoked": ("has a client whose key is no longer good", "have clients whose keys are no longer good"),
    "queue_full": ("found the queue full", "found the queue full"),
}


def code_of(act: str, done: Done) -> str:
    """Write what came of an act on many tasks into an address; `act` is one of `ACTS`."""
    return "-".join([act, str(done.done), *(f"{why}-{count}" for why, count in done.refused.items())])


def sentence(code: str) -> str:
    """Say what such a code means; nothing, where it means nothing."""
    act, *parts = code.split("-")
    if act not in ACTS or len(parts) % 2 == 0 or not all(part.isascii() and part.isdigit() for part in parts[::2]):
        return ""
    counts = [int(part[:6]) for part in parts[::2]]
    said = [f"{plural(counts[0], 'task')} {ACTS[act]}."]
    for why, count in zip(parts[1::2], counts[1:], strict=True):
        if why in REFUSALS:
            said.append(f"{number(count)} {REFUSALS[why][count != 1]}.")
    return " ".join(said)

"""Events told in words: who did what, to what, and what else was written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from flask import url_for

from server.services.operator.event_log import AGENT, EventPage
from server.storage.events import OPERATOR, SERVER, StoredEvent
from server.web.pages import formats

#: Verb → what was done; `{}` is what it was done to. The page shows a verb that is not here as it is.
SENTENCES = {
    "agent.delete": "took the agent {} out of the pool",
    "agent.join": "joined the pool",
    "agent.leave": "left the pool",
    "agent.override": "overruled what the agent {} says of itself",
    "agent.pause": "paused the agent {}",
    "agent.resume": "let the agent {} have work again",
    "agent.revoke_key": "made the key of the agent {} worthless",
    "agents.cleanup": "took the agents out of the pool that were silent for a week",
    "agents.reset": "took every agent out of the pool",
    "backup.create": "made the backup {}",
    "backup.delete": "deleted the backup {}",
    "backup.download": "downloaded the backup {}",
    "class.switch": "switched a model to the class {}",
    "invite.create": "made the invite {}",
    "invite.revoke": "revoked the invite {}",
    "key.change": "changed the client key {}",
    "key.create": "made the client key {}",
    "key.revoke": "revoked the client key {}",
    "session.close": "signed a browser out",
    "session.close_all": "signed every browser out",
    "session.open": "signed in",
    "task.cancel": "canceled the work {}",
    "task.prompt_shown": "looked at what the task {} asked",
    "task.rerun": "ran the task {} again",
    "tasks.cancel_many": "canceled many tasks at once",
    "tasks.rerun_many": "ran many failed tasks again",
    "tasks.reset": "canceled and deleted every task",
}
#: First word of a verb → endpoint of the page about what it was done to, and the name of the id in its address.
PLACES = {
    "agent": ("admin.agents.show", "agent_id"),
    "class": ("admin.models.index", ""),
    "invite": ("admin.invites.index", ""),
    "key": ("admin.keys.show", "key_id"),
}
#: The same for verbs whose subject is another thing than others' of their first word.
PLACES_OF_VERBS = {
    "task.rerun": ("admin.tasks.show", "task_id"),
    "task.prompt_shown": ("admin.tasks.show", "task_id"),
}
ICONS = {
    "agent": "pc-display",
    "agents": "pc-display",
    "backup": "database-down",
    "class": "boxes",
    "invite": "envelope-paper",
    "key": "key",
    "session": "person-lock",
    "task": "list-task",
    "tasks": "list-task",
}
#: Details whose names say little to a person.
LABELS = {"bytes": "size", "from": "class before", "jobsEnded": "requests ended", "task": "as the task"}


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody or something, with the address of its page where it has one."""

    text: str
    address: str = ""
    #: All of it, where the text is a part.
    title: str = ""


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """An event in words: who, what up to what it was done to, that, and the rest of the sentence."""

    id: str
    #: Milliseconds since 1970.
    at: int
    verb: str
    icon: str
    who: Named
    before: str
    subject: Named | None
    after: str
    #: What else was written down: (name, value).
    details: list[tuple[str, str]]


def told(page: EventPage) -> list[ToldEvent]:
    """Tell the events of a page."""
    return [_told(event, page.names) for event in page.events]


def _told(event: StoredEvent, names: Mapping[str, str]) -> ToldEvent:
    sentence = SENTENCES.get(event.verb, f"did: {event.verb} {{}}")
    before, has_subject, after = sentence.partition("{}")
    return ToldEvent(
        id=event.id,
        at=event.at,
        verb=event.verb,
        icon=ICONS.get(event.verb.partition(".")[0], "dot"),
        who=_who(event.actor, names),
        before=before.strip(),
        subject=_subject(event, names) if has_subject else None,
        after=after.strip(),
        details=list(_details(event.detail, names.get(event.subject, ""))),
    )


def _who(actor: str, names: Mapping[str, str]) -> Named:
    if actor.startswith(AGENT):
        agent_id = actor.removeprefix(AGENT)
        return _thing(agent_id, names, PLACES["agent"])
    return Named({OPERATOR: "The operator", SERVER: "The server"}.get(actor, actor))


def _subject(event: StoredEvent, names: Mapping[str, str]) -> Named:
    place = PLACES_OF_VERBS.get(event.verb) or PLACES.get(event.verb.partition(".")[0])
    if event.verb.startswith("backup."):
        return Named(event.subject)
    return _thing(event.subject, names, place)


def _thing(identifier: str, names: Mapping[str, str], place: tuple[str, str] | None) -> Named:
    text = names.get(identifier) or formats.short_id(identifier)
    if place is None:
        return Named(text, title=identifier)
    endpoint, variable = place
    values: dict[str, Any] = {variable: identifier} if variable else {}
    return Named(text, url_for(endpoint, **values), identifier)


def _details(text: str, subject: str) -> Iterator[tuple[str, str]]:
    """Yield what else was written down; what says nothing, or what the sentence says already, is left out."""
    for name, value in orjson.loads(text).items():
        if value not in (None, "", [], {}) and (name, value) != ("name", subject):
            yield LABELS.get(name, name.replace("_", " ")), _words(name, value)


def _words(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if name == "bytes":
        return formats.size(value)
    if name in {"invite", "task"}:
        return formats.short_id(str(value))
    if name.endswith("_at") and isinstance(value, int):
        return formats.exact(value)
    return formats.number(value) if isinstance(value, int | float) else str(value)

"""What somebody with a new key could try first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.capability import kind_of, model_of
from server.services import overview
from server.services.known_keys import Client
from server.services.pool import Pool

#: Named where no agent ever told of a model: the usual one.
USUAL_MODEL = "nomic-embed-text"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A model to try."""

    model: str
    #: Whether it chats; otherwise it embeds.
    chats: bool
    #: Agents online that would compute it for this client.
    agents: int


def suggest_model(pool: Pool, client: Client, now: int) -> Suggestion:
    """Return a model that a client may use: one that is served now, if there is one, and rather one that embeds."""
    default = pool.settings.embedding_model
    found = sorted(
        overview.list_models(pool, client, now),
        key=lambda one: (
            one.online_agents == 0,
            one.stored.kind != "embedding",
            one.stored.model != default,
            one.stored.model,
        ),
    )
    if found:
        return Suggestion(found[0].stored.model, found[0].stored.kind == "chat", found[0].online_agents)
    return _unserved(client.capabilities, default)


def _unserved(patterns: Sequence[str], default: str) -> Suggestion:
    """Take a model that the client's permissions name, as nobody offers any of those that it may use."""
    for pattern in patterns:
        kind = kind_of(pattern)
        if kind != "task" and not pattern.endswith("*"):
            return Suggestion(model_of(pattern), kind == "chat", 0)
    return Suggestion(default or USUAL_MODEL, False, 0)

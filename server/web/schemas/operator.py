"""`/management`: client keys, invites and agents."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from server.web.schemas.base import CamelAnswer, CamelRequest, Epoch, FreeObject, Timestamp

Limit = Annotated[int, Field(ge=1, le=2**53 - 1)]
TrustWord = Literal["public", "vetted", "own"]
NO_LIMIT = Field(None, description="Null for no limit; absent: what it was.")
Patterns = Annotated[list[str], Field(description="Such as `*`, `embed.*`, `embed.nomic-embed-text`.")]


class KeyBody(CamelRequest):
    """A key to make, or what a given one may do from now on."""

    id: str | None = Field(None, max_length=64, description="Of a key to change, where the key itself is not at hand.")
    key: str | None = Field(None, max_length=512, description="An own key; absent: one is generated.")
    name: str | None = Field(None, description="A new key without one is called client.")
    capabilities: Patterns | None = Field(None, description="A new key without any may use everything.")
    expires_at: Epoch | None = Field(None, description="Null for never.")
    disabled: bool | None = None
    trust: TrustWord | None = Field(None, description="Which agents are given its texts; a new key without is public.")
    requests_per_minute: Limit | None = NO_LIMIT
    tokens_per_day: Limit | None = NO_LIMIT
    max_in_flight: Limit | None = NO_LIMIT
    max_stored_bytes: Limit | None = NO_LIMIT


class UsedOfKey(CamelAnswer):
    """What a key has used of its limits; null where it has none."""

    requests_per_minute: int | None = Field(description="In this minute (UTC).")
    tokens_per_day: int | None = Field(description="In this day (UTC), work under way counted with its estimate.")
    max_in_flight: int | None = Field(description="Tasks that are not over.")
    max_stored_bytes: int | None = Field(description="Of prompts under way and answers kept.")


class Key(CamelAnswer):
    """A client key; `key` is masked, but for the one time that it is made."""

    id: str
    key: str
    name: str
    capabilities: list[str]
    is_predefined: bool = Field(description="It comes from the environment.")
    created: Timestamp
    expires_at: int | None
    is_revoked: bool
    disabled: bool
    trust: TrustWord
    requests_per_minute: int | None
    tokens_per_day: int | None
    max_in_flight: int | None
    max_stored_bytes: int | None
    used: UsedOfKey


class InviteBody(CamelRequest):
    """An invite to make."""

    name: str | None = "invite"
    tier: int | None = Field(None, ge=0, le=255, description="Wins over what its agents say.")
    capabilities: Patterns | None = None
    uses: int | None = Field(None, ge=1, le=10_000, description="How many PCs may join; null for any number.")
    expires_at: Epoch | None = None
    trust: TrustWord | None = Field(None, description="How far its agents are trusted; without, they are public.")


class Invite(CamelAnswer):
    """An invite; its code is masked."""

    id: str
    code: str
    name: str
    tier: int | None
    capabilities: list[str]
    uses: int = Field(description="How many PCs have joined with it.")
    max_uses: int | None
    is_predefined: bool
    created: Timestamp
    expires_at: int | None
    is_revoked: bool
    trust: TrustWord


class NewInvite(Invite):
    """An invite with its code and link, whole: this is the only time."""

    link: str


class AgentReport(CamelAnswer):
    """An agent as the operator sees it."""

    uid: str
    uid_short: str
    personal_login_token: Literal[""]
    registered_at: Timestamp
    last_contact: Timestamp | None
    last_comm_method: Literal["http"]
    capabilities: list[str]
    tier: int
    capacity: int
    system_info: FreeObject
    app_version: str | None
    display_name: str | None
    in_flight: int
    connected: bool
    protocol: Literal["turn", "offloadmq", "llmequeue"]
    paused: bool
    pause_message: str | None
    tier_override: int | None
    capacity_override: int | None
    trust: TrustWord
    key_revoked_at: Timestamp | None = Field(description="Since when its key is worthless; null while it is good.")
    state: FreeObject
    tasks_completed: int
    tasks_failed: int
    tasks_lost: int
    tasks_released: int
    results_refused: int
    texts: int
    tokens: int

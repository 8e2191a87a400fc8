"""Agents' tokens: short-lived JWTs in exchange for the key that the agent keeps in its keyring."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import jwt

from server.domain.errors import Forbidden
from server.services.pool import Pool
from server.services.roster import Present

ALGORITHM = "HS256"
AUDIENCE = "embedpool-agent"
#: Life of a token in seconds: ours authenticates again by itself; OffloadMQ's never does while it runs.
NATIVE_LIFE, FOREIGN_LIFE = 3600, 7 * 24 * 3600
#: Tokens remembered at most.
REMEMBERED = 20_000


def issue(secret: str, agent_id: str, *, native: bool, now: int) -> tuple[str, int]:
    """Return a token for an agent and its expiry in seconds since 1970."""
    expires_at = now // 1000 + (NATIVE_LIFE if native else FOREIGN_LIFE)
    claims = {"sub": agent_id, "aud": AUDIENCE, "exp": expires_at}
    return jwt.encode(claims, secret, algorithm=ALGORITHM), expires_at


@dataclass(slots=True)
class TokenChecker:
    """Recognises agents by their tokens, from memory where possible: this is done for every turn."""

    pool: Pool
    _known: dict[str, tuple[str, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def recognise(self, token: str, now: int) -> Present:
        """Return the agent a token belongs to; Forbidden for one that is forged, expired, or of an agent that left."""
        known = self._known.get(token) or self._decode(token)
        if known[1] * 1000 <= now:
            raise Forbidden("JWT token invalid")
        present = self.pool.roster.get(known[0])
        if present is None:
            raise Forbidden("Agent not found")
        return present

    def _decode(self, token: str) -> tuple[str, int]:
        try:
            claims = jwt.decode(
                token,
                self.pool.settings.jwt_secret,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                # The expiry is checked by the caller's time, also for tokens that are remembered.
                options={"require": ["exp", "sub", "aud"], "verify_exp": False},
            )
        except jwt.InvalidTokenError:
            raise Forbidden("JWT token invalid") from None
        known = (str(claims["sub"]), int(claims["exp"]))
        with self._lock:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[token] = known
        return known

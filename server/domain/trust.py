"""Trust: which agents may see what a client asks. An agent reads the plain text of what it computes."""

from __future__ import annotations

from enum import IntEnum

from server.domain.errors import InvalidRequest


class Trust(IntEnum):
    """How far an agent is trusted, or how much of it a client key asks for; higher includes lower."""

    PUBLIC = 0  # a stranger's PC
    VETTED = 1  # a PC of somebody whom the operator knows
    OWN = 2  # the operator's own PC

    @property
    def word(self) -> str:
        """Its name, as people and programs write it: `public`, `vetted` or `own`."""
        return self.name.lower()

    @property
    def of_agents(self) -> str:
        """What it says of an agent, as one sentence."""
        return OF_AGENTS[self]

    @property
    def of_keys(self) -> str:
        """What it says of a client key, as one sentence."""
        return OF_KEYS[self]


OF_AGENTS = {
    Trust.PUBLIC: "Anybody's PC: it is given only what any agent may see.",
    Trust.VETTED: "A PC of somebody whom you know and trust with your clients' texts.",
    Trust.OWN: "Your own PC, in your own hands.",
}
OF_KEYS = {
    Trust.PUBLIC: "Any agent may compute its texts, also a stranger's PC.",
    Trust.VETTED: "Only agents that you vetted, and your own, are given its texts.",
    Trust.OWN: "Only your own agents are given its texts.",
}
#: Their names, lowest first.
WORDS = tuple(trust.word for trust in Trust)


def parse(word: object, param: str = "trust") -> Trust:
    """Return the trust that a word names; InvalidRequest tells which words there are."""
    if not isinstance(word, str) or word not in WORDS:
        raise InvalidRequest(f"{param} must be one of {', '.join(WORDS)}.", param=param)
    return Trust[word.upper()]

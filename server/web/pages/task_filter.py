"""Which tasks the operator wants to see: the filter above the list, and how it stands in an address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask import request
from wtforms import SelectField, StringField
from wtforms.validators import Length

from server.domain.lifecycle import ACTIVE, FINAL
from server.services.operator import operations_tasks
from server.services.operator.task_views import choices
from server.services.pool import Pool
from server.storage.task_records import Wanted
from server.web.pages.formats import short_id
from server.web.pages.forms import Form, options

STATUSES = tuple(str(status) for status in (*ACTIVE, *FINAL))
#: Value in the address, what it is called: submitted within so many seconds, or longer ago than that.
AGES = (
    ("", "Any time"),
    ("in-900", "Last 15 minutes"),
    ("in-3600", "Last hour"),
    ("in-86400", "Last day"),
    ("before-3600", "More than an hour ago"),
    ("before-86400", "More than a day ago"),
)
KINDS = (("", "Any kind"), ("embedding", "Embeddings"), ("chat", "Chats"), ("task", "Free tasks"))
#: Longest text of a parameter; longer ones find nothing.
MAX_TEXT = 512


class TaskFilter(Form):
    """What the list is narrowed to. Anything may stand in an address: what means nothing finds nothing."""

    q = StringField(
        "Task or request",
        [Length(max=MAX_TEXT, message="That is too long for an id.")],
        render_kw={"placeholder": "Id, or how it begins", "spellcheck": "false", "autocomplete": "off"},
    )
    model = SelectField("Model", default="", validate_choice=False)
    key = SelectField("Client", default="", validate_choice=False)
    agent = SelectField("Agent", default="", validate_choice=False)
    kind = SelectField("Kind", default="", choices=options(KINDS))
    age = SelectField("Submitted", default="", choices=options(AGES))
    error = SelectField("Error", default="", validate_choice=False)

    @property
    def status(self) -> str | None:
        """The status; the links above the list choose it."""
        status = request.args.get("status", "")
        return status if status in STATUSES else None

    def offer(self, pool: Pool) -> TaskFilter:
        """Fill in what there is to choose from, and return the form."""
        there_is = choices(pool)
        self.model.choices = _or_nothing("Any model", [(one, one) for one in there_is.capabilities], self.model.data)
        self.key.choices = _or_nothing("Any client", there_is.clients, self.key.data)
        self.agent.choices = _or_nothing("Any agent", there_is.agents, self.agent.data)
        self.error.choices = _or_nothing("Any", [(one, one) for one in there_is.errors], self.error.data)
        return self

    def wanted(self, now: int) -> Wanted:
        """Return what is to be listed; a field with something wrong in it narrows nothing."""
        wanted = Wanted(
            status=self.status,
            capability=self._chosen("model"),
            agent_id=self._chosen("agent"),
            key_id=self._chosen("key"),
            kind=self._chosen("kind"),
            error=self._chosen("error"),
            begins=operations_tasks.beginning(self._chosen("q")),
        )
        way, _, seconds = (self._chosen("age") or "").partition("-")
        if not way:
            return wanted
        then = now - int(seconds) * 1000
        return replace(wanted, since=then) if way == "in" else replace(wanted, before=then)

    def in_address(self) -> dict[str, Any]:
        """Return the filter as it stands in an address: what is not empty."""
        asked = {field.name: field.data for field in self if field.data}
        return {**({"status": self.status} if self.status else {}), **asked}

    def _chosen(self, name: str) -> str | None:
        field = self[name]
        data = str(field.data or "")
        return None if field.errors or "\0" in data else data or None


def _or_nothing(nothing: str, there_is: Iterable[tuple[str, str]], chosen: str | None) -> list[Any]:
    """List what there is; what was chosen is among it, though it may be gone."""
    pairs = [("", nothing), *there_is]
    if chosen and chosen not in dict(pairs):
        pairs.append((chosen, short_id(chosen)))
    return options(pairs)

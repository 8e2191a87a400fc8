"""`/admin/agents`: who works for the pool, how well, and what the operator does about it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import wtforms
from flask import Blueprint, Response, request, url_for
from wtforms.validators import Length

from server.domain.limits import DAY_MS
from server.domain.trust import Trust
from server.services.operator import agent_listing, operations_agents, operations_tasks
from server.services.operator.agent_listing import CloseUp, Wanted
from server.services.operator.agent_views import Doing
from server.storage.agent_lists import DayOfWork
from server.storage.agent_records import AgentRecord
from server.web.management_agents import MAX_MESSAGE, OVERRULED
from server.web.pages.charts import Chart, Series, bar_chart
from server.web.pages.formats import HOUR
from server.web.pages.forms import Form, WholeField, refusals
from server.web.pages.rendering import page, see_other
from server.web.parts import pool

blueprint = Blueprint("agents", __name__, url_prefix="/agents")

#: What an agent does → the kind of its sign, and the word beside it.
DOINGS = {
    Doing.WORKING: ("working", "Working"),
    Doing.IDLE: ("good", "Ready"),
    Doing.WAITING: ("neutral", "Waiting"),
    Doing.PAUSED: ("neutral", "Paused there"),
    Doing.HELD: ("caution", "Paused by you"),
    Doing.TROUBLE: ("bad", "Cannot work"),
    Doing.OFFLINE: ("off", "Offline"),
    Doing.REVOKED: ("off", "Key revoked"),
}
#: How an attempt ended → the kind of its sign, and the word beside it.
ENDS = {
    "leased": ("working", "Computing"),
    "completed": ("good", "Completed"),
    "failed": ("bad", "Failed"),
    "released": ("neutral", "Released"),
    "lost": ("caution", "Lost"),
    "canceled": ("off", "Canceled"),
}
STATES = (
    ("", "All"),
    ("online", "Online"),
    ("working", "Working"),
    ("paused", "Paused"),
    ("offline", "Offline"),
    ("revoked", "Key revoked"),
)
SORTS = (("name", "Name"), ("seen", "Last seen"), ("tasks", "Tasks done"), ("texts", "Texts"))


class FilterForm(Form):
    """Which agents are listed."""

    state = wtforms.HiddenField()
    q = wtforms.SearchField("Name or id", render_kw={"maxlength": 64})
    model = wtforms.SelectField("Offers", validate_choice=False)
    sort = wtforms.SelectField("Sorted by", choices=dict(SORTS), default="name")

    @property
    def wanted(self) -> Wanted:
        """What is asked for; whatever makes no sense is left out."""
        number = request.args.get("page", 1, type=int)
        return Wanted(self.state.data or "", self.model.data or "", self.q.data or "", self.sort.data or "name", number)


class PauseForm(Form):
    """Why an agent gets no work."""

    message = wtforms.TextAreaField(
        "Message",
        [Length(max=MAX_MESSAGE, message=f"Write at most {MAX_MESSAGE} characters.")],
        description="Its person reads it in the tray and in the window. May be empty.",
        render_kw={"maxlength": MAX_MESSAGE, "rows": 3},
    )


class OverrideForm(Form):
    """The operator's word in the place of the agent's, and how far it is trusted."""

    tier = WholeField(
        "Tier",
        *OVERRULED["tier"],
        description="The highest tier that has a free agent gets the work first. Empty: what it or its invite says.",
    )
    capacity = WholeField(
        "Capacity",
        *OVERRULED["capacity"],
        description="How many tasks it may have at once. Empty: what it says.",
    )
    trust = wtforms.RadioField("Trust", choices={str(int(trust)): trust.word.capitalize() for trust in Trust})

    def changes(self, record: AgentRecord) -> dict[str, int | None]:
        """Return what is another than before."""
        before = {"tier": record.tier_override, "capacity": record.capacity_override, "trust": record.trust}
        wanted = {"tier": self.tier.data, "capacity": self.capacity.data, "trust": int(self.trust.data)}
        return {name: value for name, value in wanted.items() if value != before[name]}


@blueprint.get("")
def index() -> Response:
    """Show the agents, a page of them at a time."""
    form = FilterForm.asked()
    offered = agent_listing.capabilities(pool())
    form.model.choices = [("", "Any model"), *((one, one) for one in offered)]
    listing = agent_listing.page(pool(), form.wanted, pool().clock.now())
    return page(
        "agents/index.html",
        form=form,
        listing=listing,
        tabs=[(name, state, _address(state=state, page=None)) for state, name in STATES],
        newer=_address(page=listing.page - 1) if listing.page > 1 else "",
        older=_address(page=listing.page + 1) if listing.page < listing.pages else "",
        **_words(),
    )


@blueprint.get("/<agent_id>")
def show(agent_id: str) -> Response:
    """Show one agent closely."""
    return _shown(agent_id)


@blueprint.post("/<agent_id>/pause")
def pause(agent_id: str) -> Response:
    """Let an agent have no work; its person reads why."""
    form = PauseForm.posted()
    if not form.validate():
        return _shown(agent_id, status=422, pausing=form)
    operations_agents.pause(pool(), agent_id, (form.message.data or "").strip(), pool().clock.now())
    return see_other("admin.agents.show", agent_id=agent_id, done="agent.paused")


@blueprint.post("/<agent_id>/resume")
def resume(agent_id: str) -> Response:
    """Let an agent have work again."""
    operations_agents.resume(pool(), agent_id, pool().clock.now())
    return see_other("admin.agents.show", agent_id=agent_id, done="agent.resumed")


@blueprint.post("/<agent_id>/override")
def override(agent_id: str) -> Response:
    """Put the operator's word over the agent's."""
    form, now = OverrideForm.posted(), pool().clock.now()
    record = operations_agents.details(pool(), agent_id, now).report.record
    if form.validate() and (changes := form.changes(record)):
        with refusals(form):
            operations_agents.override(pool(), agent_id, changes, now)
    if form.errors:
        return _shown(agent_id, status=422, overriding=form)
    return see_other("admin.agents.show", agent_id=agent_id, done="agent.overruled")


@blueprint.post("/<agent_id>/revoke_key")
def revoke_key(agent_id: str) -> Response:
    """Make an agent's key worthless."""
    operations_agents.revoke_key(pool(), agent_id, pool().clock.now())
    return see_other("admin.agents.show", agent_id=agent_id, done="agent.key_revoked")


@blueprint.post("/<agent_id>/delete")
def delete(agent_id: str) -> Response:
    """Take an agent out of the pool."""
    operations_agents.delete(pool(), agent_id, pool().clock.now())
    return see_other("admin.agents.index", done="agent.deleted")


def _shown(
    agent_id: str, *, status: int = 200, pausing: PauseForm | None = None, overriding: OverrideForm | None = None
) -> Response:
    close_up = agent_listing.close_up(pool(), agent_id, pool().clock.now())
    record = close_up.details.report.record
    now_so = OverrideForm(
        data={"tier": record.tier_override, "capacity": record.capacity_override, "trust": str(record.trust)}
    )
    return page(
        "agents/show.html",
        status=status,
        seen=close_up,
        agent=record,
        charts_of_days=_charts(close_up),
        pausing=pausing or PauseForm(data={"message": record.pause_message}),
        overriding=overriding or now_so,
        trusts={str(int(trust)): trust.of_agents for trust in Trust},
        trust=Trust(record.trust),
        telling=operations_tasks.telling,
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {"doings": DOINGS, "ends": ENDS, "hour": HOUR, "days": agent_listing.DAYS}


def _charts(close_up: CloseUp) -> list[Chart]:
    days = close_up.days
    labels = [_date(day) for day in days]
    ticks = {place: _date(days[place])[5:] for place in range(len(days) - 1, -1, -7)}
    tasks = [Series("completed", [day.tasks for day in days]), Series("failed", [day.failed for day in days], "red")]
    hours = [Series("hours", [round(day.engine_ms / HOUR, 2) for day in days])]
    return [
        bar_chart("Texts", "texts per day", labels, [Series("texts", [day.texts for day in days])], tick_labels=ticks),
        bar_chart("Tasks", "tasks per day", labels, tasks, tick_labels=ticks),
        bar_chart("Time at the engine", "hours per day", labels, hours, tick_labels=ticks, whole=False),
    ]


def _date(day: DayOfWork) -> str:
    return datetime.fromtimestamp(day.day * DAY_MS / 1000, UTC).date().isoformat()


def _address(**changes: Any) -> str:
    """Return the address of this list with something else asked for."""
    asked = {name: request.args[name] for name in ("state", "q", "model", "sort") if request.args.get(name)}
    return url_for("admin.agents.index", **{name: value for name, value in {**asked, **changes}.items() if value})

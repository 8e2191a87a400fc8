"""`/admin/tasks`: the queue, searched, filtered and live; one task closely; cancel, run again, one or many."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from server.domain.errors import InvalidRequest
from server.domain.ids import ULID_LENGTH
from server.domain.lifecycle import ACTIVE
from server.services import rerunning
from server.services.operator import operations_tasks, task_batches, task_contents, task_views
from server.services.operator.operations_tasks import telling
from server.services.operator.task_batches import Done
from server.services.operator.task_views import COUNTED
from server.storage.task_records import STRETCH, Wanted
from server.web import query
from server.web.pages import task_words
from server.web.pages.rendering import page, see_other
from server.web.pages.task_bars import bars
from server.web.pages.task_filter import STATUSES, TaskFilter
from server.web.parts import pool

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")


@blueprint.get("")
def index() -> Response:
    """List tasks, newest first."""
    asked = TaskFilter.asked()
    asked.validate()
    wanted = asked.wanted(pool().clock.now())
    before, after = query.text("before"), query.text("after")
    found = task_views.page(pool(), wanted, before=before, after=after)
    if len(wanted.begins or "") == ULID_LENGTH and len(found.rows) == 1:
        return see_other("admin.tasks.show", task_id=found.rows[0].record.id)
    address = asked.in_address()
    narrowed = bool(address.keys() - {"status"})
    shown: dict[str, Any] = {"done": told} if (told := task_words.sentence(request.args.get("done", ""))) else {}
    return page(
        "tasks/index.html",
        # Asked for only where the whole page is drawn: see `rendering.page`.
        filter=lambda: asked.offer(pool()),
        matching=lambda: task_views.count(pool(), wanted),
        found=found,
        wanted=wanted,
        address=address,
        narrowed=narrowed,
        counts={} if narrowed else task_views.counts(pool()),
        # An older page stands still, so that nothing moves under who reads it.
        still=before is not None or after is not None,
        statuses=STATUSES,
        words=task_words,
        active=ACTIVE,
        counted=COUNTED,
        stretch=STRETCH,
        **shown,
    )


@blueprint.get("/<task_id>")
def show(task_id: str) -> Response:
    """Show a task closely."""
    details = operations_tasks.details(pool(), task_id, pool().clock.now())
    record = details.record
    return page(
        "tasks/show.html",
        details=details,
        record=record,
        bars=bars(details.timings),
        over=record.status not in ACTIVE,
        trouble=task_words.trouble(record.error_code) if record.status != "completed" else None,
        words=task_words,
        telling=telling,
        shows_prompts=pool().settings.show_prompts,
    )


@blueprint.get("/<task_id>/asked")
def asked(task_id: str) -> Response:
    """Show what a task asks, where the operator's setting has it shown; that it was looked at is an event."""
    return page("tasks/asked.html", contents=task_contents.contents(pool(), task_id, pool().clock.now()))


@blueprint.post("/<task_id>/cancel")
def cancel(task_id: str) -> Response:
    """Cancel a task, and with it the rest of its job."""
    operations_tasks.cancel(pool(), task_id, pool().clock.now())
    return see_other("admin.tasks.show", task_id=task_id, done="task.canceled")


@blueprint.post("/<task_id>/run_again")
def run_again(task_id: str) -> Response:
    """Queue a failed task anew, and go to the new one."""
    made = rerunning.run_again(pool(), task_id, pool().clock.now())
    return see_other("admin.tasks.show", task_id=made, done="task.rerun")


@blueprint.post("/cancel_many")
def cancel_many() -> Response:
    """Cancel the tasks that were selected."""
    return _back("canceled", task_batches.cancel_many(pool(), _selected(), pool().clock.now()))


@blueprint.post("/run_again_many")
def run_again_many() -> Response:
    """Queue the failed ones of the tasks that were selected anew."""
    return _back("rerun", task_batches.run_many_again(pool(), _selected(), pool().clock.now()))


@blueprint.post("/cancel_matching")
def cancel_matching() -> Response:
    """Cancel what the filter in the address finds."""
    now = pool().clock.now()
    return _back("canceled", task_batches.cancel_matching(pool(), _filtered(now), now))


@blueprint.post("/run_again_matching")
def run_again_matching() -> Response:
    """Queue the failed tasks that the filter in the address finds anew."""
    now = pool().clock.now()
    return _back("rerun", task_batches.run_matching_again(pool(), _filtered(now), now))


def _selected() -> list[str]:
    chosen = request.form.getlist("ids")
    if len(chosen) > task_batches.MOST_NAMED:
        raise InvalidRequest(f"Select at most {task_batches.MOST_NAMED} tasks.", param="ids")
    if not chosen:
        raise InvalidRequest("No task was selected. Go back and select some.", param="ids")
    return chosen


def _filtered(now: int) -> Wanted:
    """Read the filter in the address. In the list a wrong part narrows nothing; here that would be too much."""
    asked = TaskFilter.asked()
    if not asked.validate():
        raise InvalidRequest("The filter has something wrong in it, so nothing was done.")
    return asked.wanted(now)


def _back(act: str, done: Done) -> Response:
    """Lead back to the list as it was filtered."""
    return see_other("admin.tasks.index", done=task_words.code_of(act, done), **TaskFilter.asked().in_address())

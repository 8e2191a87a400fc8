"""The addresses of every page that the operator can open, over things that are there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from werkzeug.routing import Map

from tests.load.pool import Sample

VARIABLE = re.compile(r"<(?:[^<>]*:)?(\w+)>")


def addresses(rules: Map, sample: Sample) -> Iterator[tuple[str, str]]:
    """Yield (rule, address) of each page; a task's page once for each status that a task can have."""
    values = {
        "agent_id": [sample.agent],
        "key_id": [sample.key],
        "invite_id": [sample.invite],
        "job_id": [sample.job],
        "class_id": ["4"],
        "task_id": list(sample.tasks.values()),
    }
    for rule in sorted(rules.iter_rules(), key=lambda one: one.rule):
        if rule.rule.startswith("/admin") and "GET" in (rule.methods or set()):
            # What a task asked is gone when it is over.
            under_way = {"task_id": [sample.tasks["queued"], sample.tasks["leased"]]}
            for address in _filled(rule.rule, values | (under_way if rule.rule.endswith("/asked") else {})):
                yield rule.rule, address


def _filled(rule: str, values: dict[str, list[str]]) -> list[str]:
    found = [rule]
    for variable in VARIABLE.finditer(rule):
        found = [one.replace(variable[0], value) for one in found for value in values[variable[1]]]
    return found

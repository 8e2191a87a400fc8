"""Mistakes that somebody might make in the queue, each as a patch: the tests' tests put them in, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.dialects.sqlite import dialect as sqlite

from server.domain import fairness, retry
from server.domain.trust import Trust
from server.services import checking, claiming, dispatch, embeddings, rerunning, roster, settling
from server.services.agent_board import AgentBoard, Call
from server.services.known_keys import KnownKeys
from server.services.roster import Roster
from server.services.waiting import JobBoard
from server.storage import attempts, fence, invites, jobs, line, results, retention, tasks, trust_change
from server.storage.prepared import Prepared
from server.storage.results import Part

Fault = Callable[[pytest.MonkeyPatch], None]

_AGENT = " AND attempts.agent_id = :agent"
_CURRENT = "tasks.current_attempt = :lease AND "
_LEASED = "tasks.status = 'leased' AND "
_TRUSTED = " AND tasks.trust <= (SELECT agents.trust FROM agents WHERE agents.id = :agent)"
_KEYS_TRUST = "SELECT client_keys.trust FROM client_keys WHERE client_keys.id = :key"


def rewritten(prepared: Prepared, *changes: tuple[str, str]) -> Prepared:
    """Return a statement of the hot path whose SQL is changed; what is to be changed has to stand in it."""
    sql, constants = prepared._compile(sqlite())
    sql = " ".join(sql.split())
    for old, new in changes:
        assert old in sql, f"{old!r} is not in {sql}"
        sql = sql.replace(old, new)
    changed = Prepared(prepared.statement, *prepared._columns)
    changed._compiled["sqlite"] = (sql, constants)
    return changed


def rewritten_core(statement: Any, *changes: tuple[str, str]) -> Any:
    """Return another statement whose SQL is changed."""
    compiled = statement.compile(dialect=sqlite(paramstyle="named"))
    sql = " ".join(str(compiled).split())
    for old, new in changes:
        assert old in sql, f"{old!r} is not in {sql}"
        sql = sql.replace(old, new)
    return text(sql).bindparams(**{name: value for name, value in compiled.params.items() if value is not None})


def _rewrite(module: Any, name: str, *changes: tuple[str, str]) -> Fault:
    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        statement = getattr(module, name)
        rewrite = rewritten if isinstance(statement, Prepared) else rewritten_core
        monkeypatch.setattr(module, name, rewrite(statement, *changes))

    return patch


def _unfenced(*changes: tuple[str, str]) -> Fault:
    """Forget conditions of the fence in every statement that has it."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fence, "_FIND", rewritten(fence._FIND, *changes))
        for name in ("_COMPLETE", "_RELEASE"):
            monkeypatch.setattr(tasks, name, rewritten(getattr(tasks, name), *changes))
        monkeypatch.setattr(tasks, "_FAIL", {final: rewritten(tasks._FAIL[final], *changes) for final in tasks._FAIL})

    return patch


def _replace(owner: Any, name: str, instead: Any) -> Fault:
    return lambda monkeypatch: monkeypatch.setattr(owner, name, instead)


def _nothing(*_: Any, **__: Any) -> None:
    """Do nothing where something had to be done."""


def _uncounted_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    change = (":current_attempt,", ":current_attempt, attempts_charged=attempts_charged - 1,")
    monkeypatch.setitem(tasks._FAIL, False, rewritten(tasks._FAIL[False], change))


def _unchecked_lapse(monkeypatch: pytest.MonkeyPatch) -> None:
    change = (" AND attempts.lease_until < :lapsed_before", "")
    monkeypatch.setattr(
        tasks, "_RECLAIM", {final: rewritten(tasks._RECLAIM[final], change) for final in tasks._RECLAIM}
    )


def _deliver_to_another(board: JobBoard, job_id: str, part: Part) -> None:
    with board._lock:
        for other, waiters in board._waiters.items():
            if other != job_id and not waiters[0].parts:
                waiters[0].parts[part.task_id] = part
                return


def _siblings_live_on(_connection: Connection, job_id: str, after: Any, _now: int, **_: Any) -> None:
    after.finished.append(job_id)


def _wake_everybody(board: AgentBoard, capability: str, _count: int = 1, **_: Any) -> None:
    with board._lock:
        for waiter in board._choose(Call(capability, Trust.PUBLIC), board.gate.limit):
            waiter.event.set()


def _wake_as_if_public(monkeypatch: pytest.MonkeyPatch) -> None:
    choose = AgentBoard._choose
    monkeypatch.setattr(
        AgentBoard, "_choose", lambda board, call, count: choose(board, replace(call, trust=Trust.PUBLIC), count)
    )


_raise_trust = tasks.raise_trust


def _raise_without_a_word(connection: Connection, **changes: Any) -> list[str]:
    _raise_trust(connection, **changes)
    return []


def _packed_backwards(positions: list[int]) -> bytes:
    return np.array(positions[::-1], dtype="<i4").tobytes()


#: Caught by the random machine.
QUEUE_FAULTS: dict[str, Fault] = {
    "any agent may end a lease": _unfenced((_AGENT, "")),
    "an old lease is as good as the current one": _unfenced((_CURRENT, "")),
    "a lease of a task that is done is still good": _unfenced((_CURRENT, ""), (_LEASED, "")),
    "a claim takes tasks that rest": _rewrite(tasks, "_CLAIM", (" AND tasks.not_before <= :now", "")),
    "a claim takes tasks whose time is over": _rewrite(tasks, "_CLAIM", (" AND tasks.expires_at > :now", "")),
    "a claim does not charge": _rewrite(tasks, "_CLAIM", ("charged + :attempts_charged_1", "charged")),
    "a claim gives a task back to who failed at it": _rewrite(
        tasks, "_CLAIM", ("tasks.attempts_charged = :attempts_charged_2 OR", "1 OR")
    ),
    "a release charges": _rewrite(tasks, "_RELEASE", ("charged - :attempts_charged_1", "charged")),
    "a failure is not counted": _uncounted_failure,
    "one agent's word condemns a text": _replace(retry, "AGREEING_AGENTS", 1),
    "a poisonous task goes on": _replace(retry, "POISON_AGENTS", 9),
    "a canceled task's attempt goes on": _replace(attempts, "end_all", _nothing),
    "texts outlive their tasks": _replace(results, "drop_payloads", _nothing),
    "a failed task's siblings live on": _replace(settling, "end_job", _siblings_live_on),
    "no amnesty after a restart": _replace(attempts, "pardon", lambda *_, **__: 0),
    "a heartbeat revives a lease that is over": _rewrite(
        attempts, "_RENEW", (" AND attempts.agent_id = :agent AND attempts.status = 'leased'", "")
    ),
    "a lost reply loses the leases": _replace(claiming, "_hand_out_again", lambda *_: []),
    "the cache knows no clients": _rewrite(results, "_RECALL", ("cached_vectors.scope = :scope AND ", "")),
    "a job is shown to everybody": _rewrite(jobs, "_FIND", (" AND jobs.key_id = :key", "")),
    "clients are not woken": _replace(JobBoard, "finish", _nothing),
    "a result is delivered to another job": _replace(JobBoard, "deliver", _deliver_to_another),
    "vectors of another model are taken": _replace(checking, "_mismatch", _nothing),
    "equal requests are computed twice": _rewrite(line, "_FIND_PLACE", ("jobs.fetched_at IS NULL", "0")),
    "a replay counts for any agent": _rewrite(results, "_OF_ATTEMPT", (" AND results.agent_id = :agent", "")),
    "positions are mixed up": _replace(embeddings, "_packed", _packed_backwards),
    "results are deleted too early": _rewrite(
        retention, "_DROP_RESULTS", ("jobs.fetched_at < :fetched_before", "jobs.fetched_at > :fetched_before")
    ),
    "a claim looks at no trust": _rewrite(tasks, "_CLAIM", (_TRUSTED, "")),
    "a new task may go to anybody": _rewrite(line, "_FIND_PLACE", (_KEYS_TRUST, "0")),
    "what was asked before may go to anybody": _replace(tasks, "raise_trust", lambda *_, **__: []),
    "what an agent may not have any more it keeps": _replace(trust_change, "_above", lambda *_: []),
    "agents that may not have a task count for it": _replace(roster, "_at_least", lambda trusts: (len(trusts),) * 3),
}

#: Caught by a test of their own, because the machine has one thread, one model, or no such rule.
OTHER_FAULTS: dict[str, Fault] = {
    "a claim takes tasks of another class": _rewrite(
        tasks, "_CLAIM", (" AND (tasks.class_id IS NULL OR tasks.class_id = :of_class)", "")
    ),
    "a reclaim does not look at the lapse again": _unchecked_lapse,
    "a dead agent is not waited for": _replace(retry, "RECLAIM_GRACE_SECONDS", 0),
    "agents are not woken": _replace(AgentBoard, "wake", _nothing),
    "all agents are woken": _replace(AgentBoard, "wake", _wake_everybody),
    "a wake-up is not passed on": _replace(dispatch, "_pass_on", _nothing),
    "an agent that left may claim": _replace(Roster, "is_current", lambda *_: True),
    "an agent that left is remembered": _replace(Roster, "forget", _nothing),
    "a noisy client comes first": _replace(fairness, "start_tag", lambda *_: 1e9),
    "the lower class starves": _replace(claiming, "LOWER_CLASS_EVERY", 10**9),
    "capacity is not respected": lambda patch: patch.setattr(claiming, "min", lambda most, _: most, raising=False),
    "a revoked key is remembered": _replace(KnownKeys, "forget", lambda known: known._clients.clear()),
    "an agent is shown what it may not have": _rewrite(line, "_NEXT_FOR", (_TRUSTED, "")),
    "an agent may name what it may not have": _rewrite(tasks, "_CLAIM_THIS", (_TRUSTED, "")),
    "an agent stands behind what it may not have": _rewrite(line, "_HEAD", (" AND tasks.trust <= :trusted", "")),
    "agents are woken for what they may not have": _wake_as_if_public,
    "who takes a task for few forgets the public one": _replace(dispatch, "Trust", SimpleNamespace(PUBLIC=9)),
    "a key that asks for more wakes nobody": _replace(tasks, "raise_trust", _raise_without_a_word),
    "run again, a task may go to anybody": lambda patch: patch.setattr(rerunning, "max", min, raising=False),
    "an invite lets everybody in": _rewrite(
        invites, "_USE", (" AND (invites.max_uses IS NULL OR invites.uses < invites.max_uses)", "")
    ),
}

"""What may never be seen in the tables, whatever happened: each name is a sentence, each query finds its violations."""

from __future__ import annotations

from sqlalchemy import text

from server.services.pool import Pool
from server.services.sweeper import FETCHED_RESULT_MS, RESULT_MS

_FINAL = "('completed', 'failed', 'canceled', 'expired')"
_ATTEMPTS = "SELECT count(*) FROM attempts a WHERE a.task_id = t.id"

VIOLATIONS = {
    "a result belongs to a completed task": """
        SELECT 1 FROM results r JOIN tasks t ON t.id = r.task_id WHERE t.status <> 'completed'""",
    "a completed task has its result until that was kept long enough": """
        SELECT 1 FROM tasks t JOIN jobs j ON j.id = t.job_id LEFT JOIN results r ON r.task_id = t.id
        WHERE t.status = 'completed' AND r.task_id IS NULL
        AND NOT (coalesce(j.fetched_at < :now - :fetched_ms, 0) OR t.finished_at < :now - :result_ms)""",
    "a result came from the completed attempt of that task, by that agent": """
        SELECT 1 FROM results r LEFT JOIN attempts a ON a.id = r.attempt_id
        WHERE a.id IS NULL OR a.task_id <> r.task_id OR a.agent_id <> r.agent_id OR a.status <> 'completed'""",
    "a completed task has exactly one completed attempt, every other task has none": f"""
        SELECT 1 FROM tasks t WHERE (t.status = 'completed') <> ({_ATTEMPTS} AND a.status = 'completed')""",
    "a leased task has one live attempt, which is its current one": """
        SELECT 1 FROM tasks t WHERE t.status = 'leased' AND t.current_attempt IS NOT
        (SELECT group_concat(a.id) FROM attempts a WHERE a.task_id = t.id AND a.status = 'leased')""",
    "a live attempt has a leased task": """
        SELECT 1 FROM attempts a JOIN tasks t ON t.id = a.task_id WHERE a.status = 'leased' AND t.status <> 'leased'""",
    "at most four attempts are charged": "SELECT 1 FROM tasks WHERE attempts_charged NOT BETWEEN 0 AND 4",
    "a charge is an attempt that failed, was lost or goes on": f"""
        SELECT 1 FROM tasks t WHERE t.status IN ('queued', 'leased', 'failed')
        AND t.attempts_charged <> ({_ATTEMPTS} AND a.status IN ('failed', 'lost', 'leased'))""",
    "every claim is an attempt": f"SELECT 1 FROM tasks t WHERE t.attempts_made <> ({_ATTEMPTS})",
    "a payload is there while its task is not final, and for a while after it failed": f"""
        SELECT 1 FROM tasks t LEFT JOIN payloads p ON p.task_id = t.id
        WHERE (t.status NOT IN {_FINAL} AND (p.task_id IS NULL OR p.kept_until IS NOT NULL))
        OR (t.status IN {_FINAL} AND p.task_id IS NOT NULL AND (t.status <> 'failed' OR p.kept_until IS NULL))""",
    "no agent has a task that asks for more trust than it has": """
        SELECT 1 FROM attempts a JOIN tasks t ON t.id = a.task_id JOIN agents g ON g.id = a.agent_id
        WHERE a.status = 'leased' AND t.trust > g.trust""",
    "a task that is not over asks for the trust of its key, or more": """
        SELECT 1 FROM tasks t JOIN client_keys k ON k.id = t.key_id
        WHERE t.finished_at IS NULL AND t.trust < k.trust""",
    "no lease runs beyond its hard cap": "SELECT 1 FROM attempts WHERE lease_until > hard_until",
    "a job has tasks": "SELECT 1 FROM jobs j WHERE NOT EXISTS (SELECT 1 FROM tasks t WHERE t.job_id = j.id)",
    "a job that ended badly has nothing left to do": """
        SELECT 1 FROM tasks t JOIN tasks bad ON bad.job_id = t.job_id
        WHERE t.status IN ('queued', 'leased') AND bad.status IN ('failed', 'canceled', 'expired')""",
    "a task belongs to the client of its job": """
        SELECT 1 FROM tasks t JOIN jobs j ON j.id = t.job_id WHERE t.key_id <> j.key_id""",
    "a failed task says why": "SELECT 1 FROM tasks WHERE status = 'failed' AND error_code IS NULL",
}

_QUERY = text(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS ({sql})" for name, sql in VIOLATIONS.items()))


def violations(pool: Pool) -> list[str]:
    """Return the sentences that the tables belie."""
    times = {"now": pool.clock.now(), "fetched_ms": FETCHED_RESULT_MS, "result_ms": RESULT_MS}
    with pool.database.read() as connection:
        return list(connection.execute(_QUERY, times).scalars())

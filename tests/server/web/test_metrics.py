"""`/metrics`: who may read it, that it counts what happened, and that no text of a client becomes a label."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from server.services import census
from server.services.metrics import Metrics
from tests.factories import MODEL, make_settings
from tests.live_pool import EMBEDDINGS, LivePool
from tests.scripted_agent import offer
from tests.server.web.conftest import Start, Steady

#: (name of the sample, labels in order of their names)
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(live: LivePool) -> Samples:
    """Collect the metrics as Prometheus does."""
    answer = live.caller({"Authorization": f"Bearer {live.settings.metrics_token}"}).get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found[name, tuple(sorted(labels.items()))]


def test_it_is_never_open(steady: Steady) -> None:
    """Without a token, with a client's key or with a wrong token it says nothing; the operator's token opens it too."""
    live = steady.live
    wrong = [{}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {live.issue_key()}"}, {"X-Mgmt-Token": ""}]
    answers = [live.caller(headers).get("/metrics") for headers in wrong]
    assert [answer.status_code for answer in answers] == [403] * len(wrong)
    assert not any("embedpool_" in answer.text for answer in answers)
    assert live.operator().get("/metrics").status_code == 200


def test_the_token_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    """Without METRICS_TOKEN a token lies in the data folder with mode 0600, the same at the next start."""
    first, second = make_settings(tmp_path), make_settings(tmp_path)
    assert first.metrics_token == second.metrics_token != ""
    assert (first.database_root_path / "metrics_token").stat().st_mode & 0o777 == 0o600
    assert make_settings(tmp_path, metrics_token="given").metrics_token == "given"


def test_a_request_is_counted_at_every_station(steady: Steady) -> None:
    """One embedding moves the counters of requests, stages, tokens, cache and transactions by what it was."""
    before = samples(steady.live)
    steady.embed("a text that the metrics count")
    steady.embed("a text that the metrics count")
    after = samples(steady.live)

    def moved(name: str, **labels: str) -> float:
        key = (name, tuple(sorted(labels.items())))
        return after[key] - before.get(key, 0)

    assert moved("embedpool_http_requests_total", route=EMBEDDINGS, method="POST", status="2xx") == 2
    assert moved("embedpool_cache_lookups_total", outcome="hit") == 1
    assert moved("embedpool_cache_lookups_total", outcome="miss") == 1
    assert moved("embedpool_tasks_ended_total", status="completed") == 1
    assert moved("embedpool_tokens_total", kind="embedding", direction="prompt") > 0
    for stage in ("queue", "agent", "total"):
        assert moved("embedpool_task_stage_seconds_count", stage=stage, kind="embedding") == 1
    assert moved("embedpool_writer_batch_operations_count") >= 2
    assert value(after, "embedpool_database_bytes") > 0
    assert value(after, "embedpool_wal_bytes") >= 0
    assert value(after, "embedpool_waiters_limit", who="client") == steady.live.settings.max_client_waits


def test_what_waits_is_counted_by_capability(start: Start) -> None:
    """A queued task shows under its capability with its age; a claimed one no longer, its agent works."""
    live = start(default_wait=0)
    agent = live.agent()
    assert live.client().post(EMBEDDINGS, json={"model": MODEL, "input": "one"}).status_code == 202
    queued = samples(live)
    assert value(queued, "embedpool_queue_tasks", capability=f"embed.{MODEL}") == 1
    assert value(queued, "embedpool_queue_oldest_seconds", capability=f"embed.{MODEL}") >= 0
    assert value(queued, "embedpool_agents", protocol="turn", state="online") == 1
    agent.claim()
    claimed = samples(live)
    assert value(claimed, "embedpool_queue_tasks", capability=f"embed.{MODEL}") == 0
    assert value(claimed, "embedpool_leases", kind="embedding") == 1
    assert value(claimed, "embedpool_agents", protocol="turn", state="online") == 0
    assert value(claimed, "embedpool_agents", protocol="turn", state="working") == 1


def test_refused_results_and_failed_tasks_are_counted(start: Start) -> None:
    """A wrong result counts as refused; a text that no model takes ends its task failed."""
    live = start(default_wait=0)
    agent = live.agent()
    live.client().post(EMBEDDINGS, json={"model": MODEL, "input": "one"})
    task = agent.claim()
    assert agent.report(agent.result(task, digest="another"))["outcome"] == "refused"
    assert value(samples(live), "embedpool_results_refused_total", kind="embedding") == 1


def test_no_text_of_a_stranger_becomes_a_label(start: Start) -> None:
    """Made-up paths, methods and models of clients, and an agent with too many capabilities, add no series."""
    live = start(default_wait=0)
    client = live.client()
    for number in range(5):
        client.get(f"/no/such/path-{number}")
        client.request(f"MADEUP{number}", "/health")
        client.get(f"/tasks/secret-{number}")
        client.post(EMBEDDINGS, json={"model": f"madeup-{number}", "input": "x"})
    many = [f"tool.made-{number:04}" for number in range(2 * census.MAX_CAPABILITIES)]
    foreign = {"os": "Linux", "client": "other", "runtime": "test", "cpuArch": "x86_64"}
    live.agent(capabilities=[f"embed.{MODEL}", *many], systemInfo=foreign, models=[offer()])
    found = samples(live)
    values = [text for _, labels in found for _, text in labels]
    assert not [text for text in values if "path-" in text or "MADEUP" in text or "madeup" in text or "secret" in text]
    assert value(found, "embedpool_http_requests_total", route="none", method="GET", status="4xx") == 5
    assert value(found, "embedpool_http_requests_total", route="/tasks/<job_id>", method="GET", status="4xx") == 5
    depths = [labels for name, labels in found if name == "embedpool_queue_tasks"]
    assert len(depths) == census.MAX_CAPABILITIES + 1
    assert (("capability", f"embed.{MODEL}"),) in depths


@pytest.mark.parametrize(("status", "shown"), [(200, "2xx"), (404, "4xx"), (503, "5xx")])
def test_statuses_are_counted_by_class(status: int, shown: str) -> None:
    """A status is shown by its first digit, an unknown method as `other`."""
    metrics = Metrics()
    metrics.count_request(None, "BREW", status)
    labels = {"route": "none", "method": "other", "status": shown}
    assert metrics.registry.get_sample_value("embedpool_http_requests_total", labels) == 1

"""OffloadMQ's words: statuses, names in paths, systems in two units, embeddings in Ollama's form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.urls import iri_to_uri

from server.domain import offload
from server.domain.capability import queue_of
from server.domain.errors import InvalidRequest
from server.domain.lifecycle import TaskStatus
from server.domain.offload_embedding import agents_payload, embedding_body, read_vectors
from server.domain.offload_system import read_system_info
from tests.factories import vectors_of

SYSTEM: dict[str, Any] = {"os": "Linux", "client": "c", "runtime": "python", "cpuArch": "x86_64"}


@pytest.mark.parametrize(
    ("status", "told", "name"),
    [
        ("queued", None, "queued"),
        ("queued", "running", "queued"),
        ("leased", None, "assigned"),
        ("leased", "starting", "starting"),
        ("leased", "running", "running"),
        ("completed", "running", "completed"),
        ("failed", None, "failed"),
        ("canceled", "running", "canceled"),
        ("expired", None, "failed"),
    ],
)
def test_every_status_has_a_name_of_offloadmqs(status: str, told: str | None, name: str) -> None:
    """What an agent told counts only while the task is under way."""
    assert offload.status_name(status, told) == name
    assert name in offload.STATUSES


def test_no_status_is_left_out() -> None:
    """Each status of ours has a name there."""
    assert {offload.status_name(status, None) for status in TaskStatus} <= offload.STATUSES


@pytest.mark.parametrize(
    ("capability", "queue"),
    [
        ("llm.qwen2.5:7b[size:4Gb;tools]", "llm.qwen2.5:7b"),
        ("llm.mistral:latest", "llm.mistral"),
        ("embed.nomic:latest[dimensions:8]", "embed.nomic"),
        ("docker.image:latest", "docker.image:latest"),
        ("a[b]c]", "a"),
    ],
)
def test_a_task_waits_under_its_base(capability: str, queue: str) -> None:
    """Attributes only inform; `:latest` says nothing of a model, but may of anything else."""
    assert queue_of(capability) == queue


@pytest.mark.parametrize("segment", ["llm.qwen2.5:7b", "llm.qwen2.5%3A7b", "llm.qwen2.5%3a7b[vision]"])
def test_a_name_in_a_path_is_decoded_once_more(segment: str) -> None:
    """The server decoded it once; OffloadMQ's older agents encode it twice."""
    assert offload.queue_in_path(segment) == "llm.qwen2.5:7b"


def test_a_plus_is_a_plus() -> None:
    """OffloadMQ itself makes a space of it."""
    assert offload.queue_in_path("llm.c++") == "llm.c++"


@given(st.text(max_size=50))
def test_any_path_is_decoded_without_an_error(segment: str) -> None:
    """Broken escapes stay what they are, bytes that are no UTF-8 are replaced."""
    assert isinstance(offload.queue_in_path(segment), str)
    assert isinstance(offload.queue_in_path(iri_to_uri("/" + segment)), str)


@pytest.mark.parametrize(
    ("said", "gigabytes", "megabytes"),
    [
        ({"totalMemoryMb": 24105}, 24, 24105),
        ({"totalMemoryMb": 100}, 1, 100),
        ({"totalMemoryMb": 1535}, 1, 1535),
        ({"totalMemoryMb": 1536}, 2, 1536),
        ({"totalMemoryGb": 8}, 8, 8192),
        ({"totalMemoryGb": 8, "totalMemoryMb": 8000}, 8, 8000),
        ({}, 0, 0),
    ],
)
def test_memory_is_told_in_both_units(said: dict[str, int], gigabytes: int, megabytes: int) -> None:
    """Whichever generation said it; megabytes are rounded to gigabytes as OffloadMQ does."""
    found = read_system_info({**SYSTEM, **said, "unknown": {"a": 1}})
    assert found == {**SYSTEM, "totalMemoryGb": gigabytes, "totalMemoryMb": megabytes, "gpu": None}


def test_a_gpu_is_told_in_both_units() -> None:
    """Its memory too; what is optional is kept when it is said."""
    gpu = {"vendor": "NVIDIA", "model": "RTX", "vramMb": 12288}
    found = read_system_info({**SYSTEM, "gpu": gpu, "cpuModel": "Xeon", "machineId": None})
    assert found["gpu"] == {"vendor": "NVIDIA", "model": "RTX", "vramGb": 12, "vramMb": 12288}
    assert (found["cpuModel"], "machineId" in found) == ("Xeon", False)


@pytest.mark.parametrize("name", SYSTEM)
def test_what_a_system_has_to_say(name: str) -> None:
    """The error names the field."""
    with pytest.raises(InvalidRequest, match=name):
        read_system_info({**SYSTEM, name: None})


@pytest.mark.parametrize(
    ("payload", "texts"),
    [("a", "a"), (["a"], ["a"]), ({"input": "a", "text": "b"}, "a"), ({"texts": ["a"]}, ["a"]), ({"prompt": "a"}, "a")],
)
def test_a_payload_becomes_a_request(payload: object, texts: object) -> None:
    """Whatever form it has; the model is the capability's."""
    body = embedding_body(payload, "m")
    assert (body["model"], body["input"]) == ("m", texts)


def test_an_agent_is_handed_ollamas_body() -> None:
    """The stored texts under Ollama's name for them."""
    assert agents_payload(b'{"texts":["a"],"truncate":true}', "m") == {"model": "m", "input": ["a"], "truncate": True}


def test_right_vectors_are_read() -> None:
    """As float32, with the engine's count."""
    rows = vectors_of(["a", "b"], 8)
    found = read_vectors({"embeddings": rows.tolist(), "prompt_eval_count": 7})
    assert (found.raw, found.dimensions, found.tokens, found.flaw) == (rows.tobytes(), 8, 7, None)


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=20,
)


@given(_ANY | _ANY.map(lambda rows: {"embeddings": rows}) | _ANY.map(lambda row: {"embeddings": [row]}))
def test_anything_else_has_a_flaw(output: Any) -> None:
    """Nothing that an agent may send raises, and what is no unit vector is none."""
    found = read_vectors(output)
    if found.flaw is None:
        norms = np.linalg.norm(np.array(output["embeddings"], dtype=np.float64), axis=1)
        assert np.allclose(norms, 1, atol=0.01)

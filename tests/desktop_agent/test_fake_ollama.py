"""The fake Ollama answers as the real one is documented to: its other users rely on that."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import orjson
import pytest

from tests.fakes.ollama import OllamaThread, running_ollama
from tests.fakes.ollama_models import FakeModel, chat_model, expected_vector

ROOT = Path(__file__).parents[2]
MODEL = FakeModel(dimensions=16, context_length=5)


@pytest.fixture
def ollama() -> Iterator[OllamaThread]:
    with running_ollama(MODEL) as thread:
        yield thread


def post(ollama: OllamaThread, path: str, **body: object) -> httpx.Response:
    return httpx.post(ollama.url + path, json=body, trust_env=False)


def test_the_routes_for_looking(ollama: OllamaThread) -> None:
    """Root, version, tags and ps answer in Ollama's shapes, to GET and to HEAD."""
    with httpx.Client(base_url=ollama.url, trust_env=False) as http:
        assert http.get("/").text == "Ollama is running"
        assert http.head("/").status_code == 200
        assert http.get("/api/version").json() == {"version": "0.33.0"}
        (tag,) = http.get("/api/tags").json()["models"]
        assert (tag["name"], tag["digest"]) == ("nomic-embed-text:latest", MODEL.digest)
        assert http.get("/api/ps").json() == {"models": []}
        assert http.get("/api/nothing").status_code == 404


def test_embedding(ollama: OllamaThread) -> None:
    """Vectors, token sum and durations; a string is one text; the model is loaded afterwards."""
    answer = post(ollama, "/api/embed", model="nomic-embed-text", input=["a b", "c"]).json()
    assert np.array_equal(np.array(answer["embeddings"], "f4")[1], expected_vector(MODEL.digest, "c", 16))
    assert answer["prompt_eval_count"] == 7
    assert len(post(ollama, "/api/embed", model="nomic-embed-text", input="one").json()["embeddings"]) == 1
    assert len(httpx.get(f"{ollama.url}/api/ps", trust_env=False).json()["models"]) == 1


@pytest.mark.parametrize("nothing", ["", [], None])
def test_nothing_warms_up(ollama: OllamaThread, nothing: object) -> None:
    """No input loads the model and answers no vectors."""
    assert post(ollama, "/api/embed", model="nomic-embed-text", input=nothing).json()["embeddings"] == []
    assert ollama.fake.loaded == {MODEL.name}


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"model": "x", "input": "a"}, 404, "model 'x' not found"),
        ({"model": "nomic-embed-text", "input": ["a", 1]}, 400, "invalid input type"),
        ({"model": "nomic-embed-text", "input": "<nan>"}, 400, "embedding contains NaN or Inf values"),
        (
            {"model": "nomic-embed-text", "input": "a b c d e f", "truncate": False},
            400,
            "the input length exceeds the context length",
        ),
    ],
)
def test_errors_have_ollamas_words(ollama: OllamaThread, body: dict[str, object], status: int, error: str) -> None:
    """The agent reads these very words."""
    response = httpx.post(f"{ollama.url}/api/embed", json=body, trust_env=False)
    assert (response.status_code, response.json()) == (status, {"error": error})


def test_without_a_body(ollama: OllamaThread) -> None:
    """An empty request is told so."""
    response = httpx.post(f"{ollama.url}/api/embed", trust_env=False)
    assert (response.status_code, response.json()) == (400, {"error": "missing request body"})


def test_truncation_is_the_default(ollama: OllamaThread) -> None:
    """A text that is too long is cut to the context's length: its vector is the beginning's."""
    (row,) = post(ollama, "/api/embed", model="nomic-embed-text", input="a b c d e f").json()["embeddings"]
    assert np.array_equal(np.array(row, "f4"), expected_vector(MODEL.digest, "a b c", 16))


def test_vectors_depend_on_text_and_digest() -> None:
    """No two texts and no two revisions share a vector, and each is of length 1."""
    vector = expected_vector(MODEL.digest, "a", 768)
    assert abs(float(np.linalg.norm(vector)) - 1.0) < 1e-6
    assert not np.array_equal(vector, expected_vector(MODEL.digest, "b", 768))
    assert MODEL.digest != FakeModel(revision=2).digest


def test_it_takes_the_time_it_was_told() -> None:
    """Computing takes at least the set time, one call after the other."""
    with running_ollama(MODEL, ms_per_text=2.0, ms_per_call=10.0) as ollama:
        started = time.monotonic()
        post(ollama, "/api/embed", model="nomic-embed-text", input=["a"] * 20)
        assert time.monotonic() - started >= 0.050


def test_it_runs_as_a_process() -> None:
    """The first line of the process is its port."""
    command = [sys.executable, "-m", "tests.fakes.ollama", "--port", "0", "--ms-per-text", "1", "--dimensions", "8"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = f"http://127.0.0.1:{int(process.stdout.readline())}"
            body = {"model": "nomic-embed-text", "input": ["a"]}
            answer = httpx.post(f"{url}/api/embed", json=body, trust_env=False).json()
            assert len(answer["embeddings"][0]) == 8
        finally:
            process.terminate()


CHAT = chat_model("qwen2.5:7b", "tools")
SAYING = {"model": "qwen2.5:7b", "messages": [{"role": "user", "content": "one two"}]}


def lines_of(url: str, body: Mapping[str, object]) -> list[dict[str, Any]]:
    with httpx.stream("POST", f"{url}/api/chat", json=body, trust_env=False) as response:
        assert response.headers["content-type"] == "application/x-ndjson"
        return [orjson.loads(line) for line in response.iter_lines()]


def test_a_chat_comes_line_by_line() -> None:
    """A line for each token, then one with the end, its reason and the counts; without a stream it is one object."""
    with running_ollama(CHAT) as ollama:
        *parts, last = lines_of(ollama.url, SAYING)
        assert [part["message"]["content"] for part in parts] == ["You", " said:", " one", " two"]
        assert {part["done"] for part in parts} == {False}
        assert (last["done"], last["done_reason"], last["eval_count"], last["message"]["content"]) == (
            True,
            "stop",
            4,
            "",
        )
        whole = post(ollama, "/api/chat", **SAYING, stream=False).json()
        assert (whole["message"]["content"], whole["done"]) == ("You said: one two", True)
        assert ollama.fake.chats_answered == 2
        assert post(ollama, "/api/chat", model="qwen2.5:7b").json()["done_reason"] == "load"


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"model": "x"}, 404, "model 'x' not found"),
        ({"model": "nomic-embed-text"}, 400, "does not support chat"),
        ({"think": True}, 400, "does not support thinking"),
        ({"format": "xml"}, 500, "invalid format"),
        ({"messages": [{"role": "user", "content": ["x"]}]}, 400, "cannot unmarshal"),
        ({"messages": [{"role": "user", "content": "x", "images": ["?"]}]}, 400, "illegal base64"),
    ],
)
def test_a_chat_that_cannot_be_is_refused(fields: dict[str, object], status: int, words: str) -> None:
    """Before the first line: with a status and Ollama's words."""
    with running_ollama(CHAT, MODEL) as ollama:
        response = post(ollama, "/api/chat", **{**SAYING, **fields})
        assert (response.status_code, words in response.json()["error"]) == (status, True)


def test_an_error_in_the_middle_is_a_line() -> None:
    """The status was sent long before: the line has no more than the error."""
    with running_ollama(CHAT) as ollama:
        broken = {"model": "qwen2.5:7b", "messages": [{"role": "user", "content": "<error> x"}]}
        assert list(lines_of(ollama.url, broken)[-1]) == ["error"]


def test_a_caller_that_hangs_up_is_noticed() -> None:
    """Closing the connection ends the computation, which is counted."""
    with running_ollama(CHAT, ms_per_token=60_000.0) as ollama:
        with httpx.stream("POST", f"{ollama.url}/api/chat", json=SAYING, trust_env=False):
            pass
        deadline = time.monotonic() + 10
        while not ollama.fake.calls_canceled:
            assert time.monotonic() < deadline
            time.sleep(0.001)


def expires_in(ollama: OllamaThread) -> dict[str, float]:
    """Give for each model in memory in how many seconds it expires, by the fake's own clock."""
    answer = httpx.get(f"{ollama.url}/api/ps", trust_env=False)
    now = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    moments = {entry["name"]: dt.datetime.fromisoformat(entry["expires_at"]) for entry in answer.json()["models"]}
    return {name: moment.timestamp() - now for name, moment in moments.items()}


@pytest.mark.parametrize(
    ("keep_alive", "seconds"), [(None, 300), ("120s", 120), ("1h30m", 5400), (90, 90), ("90", 400), (-1, 9.2e9)]
)
def test_a_model_expires_as_its_last_call_said(ollama: OllamaThread, keep_alive: object, seconds: float) -> None:
    """Five minutes when nobody said anything; what one call said holds until another says something else."""
    ollama.fake.memory.clock_ahead = 1000.0
    answer = post(ollama, "/api/embed", model="nomic-embed-text", input="a", keep_alive=keep_alive)
    if seconds == 400:
        assert (answer.status_code, "invalid duration" in answer.json()["error"]) == (400, True)
        return
    for _ in range(2):
        assert expires_in(ollama)[MODEL.name] == pytest.approx(seconds, rel=0.01, abs=1.5)
        post(ollama, "/api/embed", model="nomic-embed-text", input="a")


def test_a_load_shows_in_the_answer_and_an_unload_in_the_memory(ollama: OllamaThread) -> None:
    """Only the call that loads waits for it; keep_alive 0 ends it, after a call as by itself."""
    loads = [post(ollama, "/api/embed", model="nomic-embed-text", input="a").json()["load_duration"] for _ in range(2)]
    assert loads[0] > 100_000_000 > 10_000_000 > loads[1]
    assert post(ollama, "/api/generate", model="nomic-embed-text", keep_alive=0).json()["done_reason"] == "unload"
    assert ollama.fake.loaded == set()
    post(ollama, "/api/embed", model="nomic-embed-text", input="a", keep_alive=0)
    assert ollama.fake.loaded == set()


def test_a_full_card_pushes_out_what_is_not_in_use() -> None:
    """As the real one does, whoever loaded it."""
    with running_ollama(MODEL, CHAT) as ollama:
        ollama.fake.memory.card_bytes = CHAT.size
        post(ollama, "/api/chat", **SAYING, stream=False)
        post(ollama, "/api/embed", model="nomic-embed-text", input="a")
        assert (ollama.fake.memory.evicted, ollama.fake.loaded) == ([CHAT.name], {MODEL.name})


def test_a_download_comes_line_by_line(ollama: OllamaThread) -> None:
    """From the manifest to success; an unknown model is an error line, no name a refusal."""
    ollama.fake.models = tuple[FakeModel, ...]()
    lines = [orjson.loads(line) for line in post(ollama, "/api/pull", model="nomic-embed-text").text.splitlines()]
    assert (lines[0], lines[-1]) == ({"status": "pulling manifest"}, {"status": "success"})
    assert lines[-4]["completed"] == lines[-4]["total"] == FakeModel().size
    assert [model.name for model in ollama.fake.models] == ["nomic-embed-text:latest"]
    unknown = post(ollama, "/api/pull", model="x").text.splitlines()[-1]
    assert orjson.loads(unknown) == {"error": "pull model manifest: file does not exist"}
    assert post(ollama, "/api/pull", model="").status_code == 400

"""`/v1/models`: which models the pool has, for whom, under any name."""

from __future__ import annotations

import pytest

from tests.factories import DIGEST, DIMENSIONS, MODEL
from tests.scripted_agent import offer
from tests.server.web.conftest import Start

OTHER, CHAT = "hf.co/org/Model-GGUF:Q8_0", "chatter"


def test_models_are_listed_in_openais_shape(start: Start) -> None:
    """Every embedding model that an agent offers, with what clients want to know of it in a field of its own."""
    live = start()
    live.agent(offer(), offer(OTHER))
    body = live.client().get("/v1/models").json()
    assert list(body) == ["object", "data"]
    assert body["object"] == "list"
    assert {model["id"] for model in body["data"]} == {MODEL, OTHER}
    model = next(model for model in body["data"] if model["id"] == MODEL)
    assert model["object"] == "model"
    assert model["owned_by"] == "embedpool"
    assert abs(model["created"] - live.pool.clock.now() // 1000) < 600
    assert model["embedpool"] == {
        "online_workers": 1,
        "digest": DIGEST,
        "kind": "embedding",
        "dimensions": DIMENSIONS,
        "context_length": 512,
        "quantisation": "F16",
        "matryoshka": True,
    }


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (MODEL, MODEL),
        (f"{MODEL}:latest", f"{MODEL}:latest"),
        (OTHER, OTHER),
        ("hf.co%2Forg%2FModel-GGUF%3AQ8_0", OTHER),
        ("hf.co%2Forg/Model-GGUF:Q8_0", OTHER),
    ],
)
def test_a_model_is_found_by_any_of_its_names(start: Start, path: str, name: str) -> None:
    """Slashes and colons, encoded or not, and Ollama's default tag."""
    live = start()
    live.agent(offer(), offer(OTHER))
    answer = live.client().get(f"/v1/models/{path}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["id"] == name


@pytest.mark.parametrize("path", ["nobody-has-this", f"{MODEL}:other", f"x/{MODEL}", "%00", "a" * 3000])
def test_an_unknown_model_is_a_404_that_names_it(start: Start, path: str) -> None:
    """model_not_found, in OpenAI's words."""
    live = start()
    live.agent()
    answer = live.client().get(f"/v1/models/{path}")
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert (error["code"], error["param"], error["type"]) == ("model_not_found", "model", "invalid_request_error")
    assert error["message"].startswith("The model `")
    assert len(error["message"]) < 400


def test_a_key_sees_only_the_models_that_it_may_use(start: Start) -> None:
    """The others are in no list, and not found."""
    live = start()
    live.agent(offer(), offer("all-minilm"))
    client = live.client("embed.all-*")
    assert [model["id"] for model in client.get("/v1/models").json()["data"]] == ["all-minilm"]
    assert client.get(f"/v1/models/{MODEL}").status_code == 404
    assert client.get("/v1/models/all-minilm").status_code == 200


def test_a_model_stays_listed_when_its_last_agent_leaves(start: Start) -> None:
    """Settings of programs refer to it: it stays, with nobody online."""
    live = start()
    agent = live.agent()
    agent.post("leave")
    (model,) = live.client().get("/v1/models").json()["data"]
    assert (model["id"], model["embedpool"]["online_workers"]) == (MODEL, 0)


def test_an_empty_pool_has_an_empty_list(start: Start) -> None:
    """An empty list is a list."""
    assert start().client().get("/v1/models").json() == {"object": "list", "data": []}


def test_a_model_is_listed_as_soon_as_its_class_is_known(start: Start) -> None:
    """Without the vectors' length an embedding model's class is not known yet; a chat model has no vectors."""
    live = start()
    live.agent(offer(), offer(CHAT, kind="chat", dimensions=None), offer("unmeasured", dimensions=None))
    listed = live.client().get("/v1/models").json()["data"]
    kinds = {model["id"]: (model["embedpool"]["kind"], model["embedpool"]["dimensions"]) for model in listed}
    assert kinds == {MODEL: ("embedding", DIMENSIONS), CHAT: ("chat", None)}


def test_a_key_sees_the_models_that_it_may_use(start: Start) -> None:
    """A name may be that of a chat and of an embedding model; the key's capabilities say which is meant."""
    live = start()
    live.agent(offer(), offer(MODEL, kind="chat", dimensions=None))
    for pattern, kind in (("llm.*", "chat"), ("embed.*", "embedding"), ("*", "embedding")):
        client = live.client(pattern)
        assert client.get(f"/v1/models/{MODEL}").json()["embedpool"]["kind"] == kind
        assert len(client.get("/v1/models").json()["data"]) == (2 if pattern == "*" else 1)


def test_readiness_tells_of_every_model(start: Start) -> None:
    """`/health` says that the process lives, `/ready` who would do what; neither wants a key."""
    live = start(max_client_waits=7)
    live.agent()
    nobody = live.caller()
    health = nobody.get("/health").json()
    assert (health["status"], health["agents"]) == ("ok", 1)
    ready = nobody.get("/ready")
    assert ready.status_code == 200
    body = ready.json()
    assert (body["ready"], body["why"], body["agents_online"], body["waiting_tasks"]) == (True, "", 1, 0)
    assert body["client_waits"] == {"in_use": 0, "limit": 7}
    assert body["models"] == {MODEL: {"online_agents": 1, "waiting_tasks": 0}}

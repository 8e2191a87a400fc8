"""What users of the official client do, with any version of it. Run as a program it does all of it.

    python tests/contract/openai_checks.py URL KEY MODEL

It imports nothing of ours, so that another version of the client can be put in its place by PYTHONPATH.
"""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Callable

import openai

#: Seconds after which the client gives up in the check that is about that.
SHORT_TIMEOUT = 1.0


def client(url: str, key: str, **options: object) -> openai.OpenAI:
    """A client of the pool, as its users make it."""
    return openai.OpenAI(base_url=f"{url}/v1", api_key=key, **options)  # type: ignore[arg-type]


def check_default_call(url: str, key: str, model: str) -> None:
    """One text, nothing else said: the client asks for base64 and gives numbers."""
    with client(url, key) as pool:
        answer = pool.embeddings.create(model=model, input="hello world")
        assert answer.model == model
        assert answer.usage.prompt_tokens == answer.usage.total_tokens == 3
        vector = answer.data[0].embedding
        assert isinstance(vector, list)
        assert math.isclose(math.sqrt(sum(number * number for number in vector)), 1, abs_tol=1e-3)


def check_formats_agree(url: str, key: str, model: str) -> None:
    """base64 (the default) and float give the same numbers; explicit base64 comes undecoded."""
    with client(url, key) as pool:
        texts = ["one", "two", "three"]
        default = pool.embeddings.create(model=model, input=texts)
        floats = pool.embeddings.create(model=model, input=texts, encoding_format="float")
        assert [one.index for one in default.data] == [0, 1, 2]
        for left, right in zip(default.data, floats.data, strict=True):
            assert all(math.isclose(a, b, rel_tol=1e-6) for a, b in zip(left.embedding, right.embedding, strict=True))
        raw: object = pool.embeddings.create(model=model, input="one", encoding_format="base64").data[0].embedding
        assert isinstance(raw, str)


def check_tokens_and_dimensions(url: str, key: str, model: str) -> None:
    """Token arrays are texts, and shorter vectors are what was asked for."""
    with client(url, key) as pool:
        tokens = pool.embeddings.create(model=model, input=[[15339, 1917]], dimensions=3)
        text = pool.embeddings.create(model=model, input="hello world", dimensions=3)
        assert tokens.data[0].embedding == text.data[0].embedding
        assert len(text.data[0].embedding) == 3


def check_request_id_and_headers(url: str, key: str, model: str) -> None:
    """The client knows the request's id, and shows our headers."""
    with client(url, key) as pool:
        answer = pool.embeddings.create(model=model, input="id")
        assert str(answer._request_id).startswith("req_")
        raw = pool.embeddings.with_raw_response.create(model=model, input="id")
        assert raw.headers["x-ratelimit-limit-requests"].isdigit()
        assert raw.headers["x-embedpool-model-digest"].startswith(model)
        assert raw.parse().data


def check_models(url: str, key: str, model: str) -> None:
    """The list and the single model, under a name with a tag."""
    with client(url, key) as pool:
        assert model in [one.id for one in pool.models.list()]
        assert pool.models.retrieve(f"{model}:latest").owned_by == "embedpool"


def check_errors(url: str, key: str, model: str) -> None:
    """Every error becomes the class that the client has for it, whole, and after a single try."""
    cases: list[tuple[type[openai.APIStatusError], str, dict[str, object], str]] = [
        (openai.AuthenticationError, "sk-wrong", {"model": model, "input": "a"}, "invalid_api_key"),
        (openai.NotFoundError, key, {"model": "nobody-has-this", "input": "a"}, "model_not_found"),
        (openai.BadRequestError, key, {"model": model, "input": ["a", ""]}, "empty_input"),
        (openai.BadRequestError, key, {"model": model, "input": "a", "dimensions": 60_000}, "invalid_dimensions"),
    ]
    for kind, used, wanted, code in cases:
        with client(url, used) as pool:
            try:
                pool.embeddings.create(**wanted)  # type: ignore[arg-type]
            except openai.APIStatusError as error:
                assert type(error) is kind, error
                assert error.code == code, error
                assert str(error.request_id).startswith("req_")
                assert len(str(error)) > 30
                assert error.response.request.headers["x-stainless-retry-count"] == "0"
            else:
                raise AssertionError(f"{kind.__name__} did not come")


def check_async_client(url: str, key: str, model: str) -> None:
    """The asynchronous client, with several calls at once."""

    async def ask() -> list[int]:
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=key) as pool:
            calls = [pool.embeddings.create(model=model, input=[f"call {n}"] * (n + 1)) for n in range(8)]
            return [len(answer.data) for answer in await asyncio.gather(*calls)]

    assert asyncio.run(ask()) == list(range(1, 9))


def check_patience(url: str, key: str, model: str) -> None:
    """The answer takes longer than the client waits: its own retries join the same work and get it."""
    with client(url, key, timeout=SHORT_TIMEOUT, max_retries=10) as pool:
        raw = pool.embeddings.with_raw_response.create(model=model, input="this one takes its time")
        assert raw.retries_taken >= 1
        assert len(raw.parse().data) == 1


CHECKS: dict[str, Callable[[str, str, str], None]] = {
    name.removeprefix("check_"): function for name, function in list(globals().items()) if name.startswith("check_")
}


def main() -> None:
    """Run every check against a pool and print the client's version."""
    for check in CHECKS.values():
        check(*sys.argv[1:])
    print(f"openai {openai.__version__}: {len(CHECKS)} checks passed")


if __name__ == "__main__":
    main()

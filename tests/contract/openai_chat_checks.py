"""What users of the official client do with chats, with any version of it. Run as a program it does all of it.

    python tests/contract/openai_chat_checks.py URL KEY MODEL

It imports nothing of ours, so that another version of the client can be put in its place by PYTHONPATH. What the model
answers depends on the first word of the question; tests/contract/test_openai_chat.py plays the model.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

import openai
from pydantic import BaseModel

#: Seconds of silence after which the client gives up in the checks that are about that.
SHORT_TIMEOUT = 1.0

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
PICTURE = "data:image/jpeg;base64,/9j/"


def client(url: str, key: str, **options: Any) -> openai.OpenAI:
    """A client of the pool, as its users make it."""
    return openai.OpenAI(base_url=f"{url}/v1", api_key=key, **options)


def say(text: str, **message: Any) -> Any:
    """A conversation of one message of the user."""
    return [{"role": "user", "content": text, **message}]


def check_answer(url: str, key: str, model: str) -> None:
    """A whole answer, with all that users read of it."""
    with client(url, key) as pool:
        answer = pool.chat.completions.create(model=model, messages=say("echo Hello there"))
        assert (answer.object, answer.model) == ("chat.completion", model)
        assert answer.choices[0].message.content == "Hello there"
        assert answer.choices[0].message.role == "assistant"
        assert answer.choices[0].finish_reason == "stop"
        assert answer.usage is not None
        assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0
        assert str(answer._request_id).startswith("req_")
        again = pool.chat.completions.create(model=model, messages=say("echo Hello there"))
        assert again.id != answer.id, "two equal questions are two"


def check_every_parameter(url: str, key: str, model: str) -> None:
    """What an engine can do is taken without a word."""
    with client(url, key) as pool:
        answer = pool.chat.completions.create(
            model=model,
            messages=[{"role": "developer", "content": "Be brief."}, *say("echo ok", name="bob")],
            max_completion_tokens=50,
            temperature=0.1,
            top_p=0.9,
            seed=1,
            stop=["END"],
            frequency_penalty=0.5,
            presence_penalty=-0.5,
            reasoning_effort="low",
            response_format={"type": "text"},
            n=1,
            user="someone",
            metadata={"a": "b"},
            store=False,
        )
        assert answer.choices[0].message.content == "ok"


def check_image(url: str, key: str, model: str) -> None:
    """A picture inside the request reaches the model; one that would have to be fetched does not."""
    with client(url, key) as pool:
        text = {"type": "text", "text": "see"}
        parts: Any = [text, {"type": "image_url", "image_url": {"url": PICTURE}}]
        answer = pool.chat.completions.create(model=model, messages=[{"role": "user", "content": parts}])
        assert answer.choices[0].message.content == "1 picture"
        parts = [text, {"type": "image_url", "image_url": {"url": "https://example.org/cat.png"}}]
        error = refused(pool, model, messages=[{"role": "user", "content": parts}])
        assert error.param == "messages[0].content[1].image_url"


def check_stream(url: str, key: str, model: str) -> None:
    """Each piece is a chunk of its own, then the reason, then the usage in a chunk without choices."""
    with client(url, key) as pool:
        stream = pool.chat.completions.create(
            model=model, messages=say("write one |two |three"), stream=True, stream_options={"include_usage": True}
        )
        chunks = list(stream)
        assert len({chunk.id for chunk in chunks}) == 1
        assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
        assert chunks[0].choices[0].delta.role == "assistant"
        assert [chunk.choices[0].delta.content for chunk in chunks[1:-2]] == ["one ", "two ", "three"]
        assert chunks[-2].choices[0].finish_reason == "stop"
        assert chunks[-1].choices == []
        assert chunks[-1].usage is not None
        assert chunks[-1].usage.completion_tokens > 0
        assert all(chunk.usage is None for chunk in chunks[:-1])


def check_stream_helper(url: str, key: str, model: str) -> None:
    """The client's own collector puts text, usage and calls together."""
    with client(url, key) as pool:
        with pool.chat.completions.stream(model=model, messages=say("write one |two")) as stream:
            text = "".join(event.delta for event in stream if event.type == "content.delta")
            assert text == stream.get_final_completion().choices[0].message.content == "one two"
        tools: Any = [WEATHER]
        with pool.chat.completions.stream(model=model, messages=say("call Graz|Linz"), tools=tools) as stream:
            final = stream.get_final_completion().choices[0]
        assert final.finish_reason == "tool_calls"
        calls = [call.function for call in final.message.tool_calls or []]
        assert [json.loads(function.arguments) for function in calls] == [{"city": "Graz"}, {"city": "Linz"}]


def check_tools(url: str, key: str, model: str) -> None:
    """A call comes with an id, and its result is understood when it goes back under that id."""
    with client(url, key) as pool:
        tools: Any = [WEATHER]
        conversation = say("call Graz")
        message = pool.chat.completions.create(model=model, messages=conversation, tools=tools).choices[0].message
        assert message.content is None
        call = (message.tool_calls or [])[0]
        assert call.type == "function"
        assert json.loads(call.function.arguments) == {"city": "Graz"}
        conversation += [message, {"role": "tool", "tool_call_id": call.id, "content": "rain"}]
        answer = pool.chat.completions.create(model=model, messages=conversation, tools=tools)
        assert answer.choices[0].message.content == "weather said rain"


def check_thoughts(url: str, key: str, model: str) -> None:
    """They stand beside the text, under both names that clients look for."""
    with client(url, key) as pool:
        message = pool.chat.completions.create(model=model, messages=say("think hm")).choices[0].message
        assert (message.model_extra or {})["reasoning_content"] == "hm"
        stream = pool.chat.completions.create(model=model, messages=say("think hm"), stream=True)
        extras = [chunk.choices[0].delta.model_extra or {} for chunk in stream]
        assert "".join(extra.get("reasoning", "") for extra in extras) == "hm"


class Person(BaseModel):
    """What an answer is to look like."""

    name: str


def check_parsed_answer(url: str, key: str, model: str) -> None:
    """A class of pydantic becomes the schema of the answer, and the answer becomes an object of the class."""
    with client(url, key) as pool:
        answer = pool.chat.completions.parse(model=model, messages=say("fill"), response_format=Person)
        assert answer.choices[0].message.parsed == Person(name="string")


def refused(pool: openai.OpenAI, model: str, **wanted: Any) -> openai.BadRequestError:
    """The error of a question that breaks a rule; it comes after a single try."""
    try:
        pool.chat.completions.create(**{"model": model, "messages": say("echo a"), **wanted})
    except openai.BadRequestError as error:
        assert error.response.request.headers["x-stainless-retry-count"] == "0"
        return error
    raise AssertionError(f"{wanted} was taken")


def check_refused_parameters(url: str, key: str, model: str) -> None:
    """What nobody can honour is named, whether a stream was asked for or not."""
    cases: list[dict[str, Any]] = [
        {"n": 2},
        {"logit_bias": {"1": 1}},
        {"logprobs": True},
        {"modalities": ["text", "audio"]},
        {"functions": [{"name": "f"}]},
        {"tools": [WEATHER], "tool_choice": "required"},
    ]
    with client(url, key) as pool:
        for case in cases:
            for stream in (False, True):
                error = refused(pool, model, stream=stream, **case)
                assert (error.param, error.code) == (list(case)[-1], "unsupported_parameter"), error
                assert str(error.param) in str(error)
        try:
            pool.completions.create(model=model, prompt="Once")
        except openai.NotFoundError as error:
            assert "/v1/chat/completions" in str(error)
        else:
            raise AssertionError("legacy completions came")


def check_broken_stream(url: str, key: str, model: str) -> None:
    """An agent that is lost is an exception, not the end of the text."""
    with client(url, key) as pool:
        received: list[str | None] = []
        stream = pool.chat.completions.create(model=model, messages=say("break Half"), stream=True)
        try:
            received.extend(chunk.choices[0].delta.content for chunk in stream)
        except openai.APIError as error:
            assert error.code == "worker_lost", error
        else:
            raise AssertionError("the stream ended as if it were whole")
        assert received == ["", "Half"]


def check_leaving(url: str, key: str, model: str) -> None:
    """A user who has read enough closes the stream; the model writes on for ever otherwise."""
    with client(url, key) as pool:
        stream = pool.chat.completions.create(model=model, messages=say("forever"), stream=True)
        for count, _chunk in enumerate(stream):
            if count == 3:
                break
        stream.close()


def check_silence(url: str, key: str, model: str) -> None:
    """A model that is silent for longer than the client waits for a sign: comments keep the stream alive."""
    with client(url, key, timeout=SHORT_TIMEOUT) as pool:
        raw = pool.chat.completions.with_raw_response.create(model=model, messages=say("pause"), stream=True)
        assert raw.retries_taken == 0
        assert "".join(chunk.choices[0].delta.content or "" for chunk in raw.parse()) == "At last."


def check_patience(url: str, key: str, model: str) -> None:
    """The whole answer takes longer than the client waits: its own retries join the same work and get it."""
    with client(url, key, timeout=SHORT_TIMEOUT, max_retries=10) as pool:
        raw = pool.chat.completions.with_raw_response.create(model=model, messages=say("wait"))
        assert raw.retries_taken >= 1
        assert raw.parse().choices[0].message.content == "You came back."


def check_async_client(url: str, key: str, model: str) -> None:
    """The asynchronous client, with several streams at once."""

    async def read(pool: openai.AsyncOpenAI, n: int) -> str:
        stream = await pool.chat.completions.create(model=model, messages=say(f"write {n}|-{n}"), stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    async def read_all() -> list[str]:
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=key) as pool:
            return await asyncio.gather(*(read(pool, n) for n in range(5)))

    assert asyncio.run(read_all()) == [f"{n}-{n}" for n in range(5)]


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

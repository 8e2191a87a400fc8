"""The lines of an answer of Ollama's /api/chat, as they may come, and as they must not."""

from __future__ import annotations

from typing import Any

import pytest

from desktop_agent.core.chat.payload import read_payload
from desktop_agent.core.engines.ollama import OllamaEngine
from desktop_agent.core.errors import EngineFailed, OutOfMemory
from tests.desktop_agent.parts import Ear, run
from tests.fakes.http_server import HttpAnswer, HttpRequest, HttpServer

NAME = "qwen2.5:7b"


def serve(*lines: bytes) -> Any:
    """Make a handler that answers a chat with these lines, and everything else with nothing."""

    async def handle(request: HttpRequest) -> HttpAnswer:
        if request.path != "/api/chat":
            return HttpAnswer(200, b'{"models":[]}')

        async def pieces() -> Any:
            for one in lines:
                yield one

        return HttpAnswer(200, b"", "application/x-ndjson", pieces=pieces())

    return handle


PART = b'{"message":{"role":"assistant","content":"a"},"done":false}\n'


@pytest.mark.parametrize(
    "lines",
    [
        (PART,),
        (PART, b"not json\n"),
        (b"[]\n",),
        (PART, b'{"done":"yes"}\n'),
        (b'{"message":{"content":"' + b"x" * 3_000_000 + b'"},"done":true}\n',),
        (b"x" * 5_000_000,),
        (b'{"message":{"tool_calls":[' + b",".join([b'{"function":{"name":"x"}}'] * 200) + b']},"done":true}',),
    ],
    ids=["no-end", "no-json", "no-object", "odd-done", "too-long", "endless-line", "too-many-calls"],
)
def test_what_does_not_answer_as_ollama_does_is_an_engine_that_fails(lines: tuple[bytes, ...]) -> None:
    """A stream that breaks off, or is something else, or does not end, is no answer."""

    async def story() -> None:
        server = HttpServer(serve(*lines))
        engine = OllamaEngine(f"http://127.0.0.1:{await server.listen(0)}")
        try:
            with pytest.raises(EngineFailed):
                await engine.chat(NAME, read_payload("Hi"), Ear())
        finally:
            await engine.close()
            await server.close()

    run(story())


def test_an_error_line_means_what_it_says() -> None:
    """Its words are read as those of an error before the first line: here the memory ran out in the middle."""

    async def story() -> None:
        server = HttpServer(serve(PART, b'{"error":"CUDA error: out of memory"}\n'))
        engine = OllamaEngine(f"http://127.0.0.1:{await server.listen(0)}")
        try:
            with pytest.raises(OutOfMemory):
                await engine.chat(NAME, read_payload("Hi"), Ear())
        finally:
            await engine.close()
            await server.close()

    run(story())


def test_lines_may_be_cut_anywhere() -> None:
    """The network cuts where it likes, inside of a character too; a last line may lack its end."""
    first, last = '{"message":{"content":"ä"}}', '{"message":{"content":"ö"},"done":true,"eval_count":true}'
    whole = f"{first}\n\n{last}".encode()

    async def story() -> dict[str, Any]:
        server = HttpServer(serve(*(whole[n : n + 1] for n in range(len(whole)))))
        engine = OllamaEngine(f"http://127.0.0.1:{await server.listen(0)}")
        try:
            return (await engine.chat(NAME, read_payload("Hi"), Ear())).output
        finally:
            await engine.close()
            await server.close()

    output = run(story())
    assert output["message"]["content"] == "äö"
    assert "eval_count" not in output

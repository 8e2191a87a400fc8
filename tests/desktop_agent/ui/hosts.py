"""What stands in for the application around a window: a host that answers as a test says, at once or when told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from desktop_agent.core.engines.speed_test import SpeedResult
from desktop_agent.core.errors import AgentError
from desktop_agent.core.pool.invite_preview import InvitePreview
from desktop_agent.core.pool.membership import Membership
from desktop_agent.ui.asking import Verbs

T = TypeVar("T")

LINK = "https://pool.example.org/join/7F3K-92QD"
FOUND = InvitePreview("https://pool.example.org", "pool.example.org", "Riverside Library Search", 37)
MEMBER = Membership("https://pool.example.org", "a1", "Riverside Library Search", "Kitchen PC")
SPEED = SpeedResult("nomic-embed-text", 412, on_gpu=True)


@dataclass
class AnsweringHost:
    """Answers each verb with what stands in `answers`: a value, or an error that is raised."""

    answers: dict[str, object] = field(default_factory=dict)
    #: Every verb that was asked for, with its arguments.
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    async def preview(self, link: str) -> InvitePreview:
        return cast(InvitePreview, self._answer("preview", link, usual=FOUND))

    async def join(self, link: str, name: str, *, key_in_file: bool = False, insecure_http: bool = False) -> Membership:
        return cast(Membership, self._answer("join", link, name, key_in_file, insecure_http, usual=MEMBER))

    async def leave(self) -> AgentError | None:
        return cast(AgentError | None, self._answer("leave", usual=None))

    async def try_again(self) -> None:
        self._answer("try_again")

    async def download(self, model: str) -> None:
        self._answer("download", model)

    async def cancel_download(self) -> None:
        self._answer("cancel_download")

    async def start_ollama(self) -> None:
        self._answer("start_ollama")

    async def speed_test(self, progress: Callable[[float], None]) -> SpeedResult:
        progress(0.5)
        return cast(SpeedResult, self._answer("speed_test", usual=SPEED))

    def verbs(self) -> list[str]:
        """Give the names of what was asked for, in order."""
        return [asked[0] for asked in self.asked]

    def _answer(self, verb: str, *arguments: object, usual: object = None) -> object:
        self.asked.append((verb, *arguments))
        answer = self.answers.get(verb, usual)
        if isinstance(answer, Exception) and verb != "leave":
            raise answer
        return answer


class Asking:
    """Has an AnsweringHost do each verb: at once, or, while `waits`, only when `answer()` is called."""

    def __init__(self) -> None:
        self.host = AnsweringHost()
        self.waits = False
        self._open: list[Callable[[], None]] = []

    def ask(
        self,
        make_coroutine: Callable[[Verbs], Coroutine[Any, Any, T]],
        done: Callable[[T], None] | None = None,
        failed: Callable[[AgentError], None] | None = None,
    ) -> None:
        """Answer now or later, in this thread."""

        def answer() -> None:
            try:
                value = asyncio.run(make_coroutine(self.host))
            except AgentError as error:
                if failed is not None:
                    failed(error)
            else:
                if done is not None:
                    done(value)

        self._open.append(answer)
        if not self.waits:
            self.answer()

    def answer(self) -> None:
        """Answer everything that waits, the first question first."""
        while self._open:
            self._open.pop(0)()


class Wished:
    """Remembers what the owner wished for, in order."""

    def __init__(self) -> None:
        self.wishes: list[str] = []

    def pause(self) -> None:
        self.wishes.append("pause")

    def resume(self) -> None:
        self.wishes.append("resume")

    def work_now(self) -> None:
        self.wishes.append("work now")


class AtLogin:
    """A system that starts programs at log-in, unless `error` says why not."""

    def __init__(self) -> None:
        self.on = False
        self.chosen = False
        self.error: Exception | None = None

    def is_on(self) -> bool:
        return self.on

    def suggestion(self) -> bool:
        return self.on or not self.chosen

    def turn_on(self) -> None:
        self._switch(on=True)

    def turn_off(self) -> None:
        self._switch(on=False)

    def _switch(self, *, on: bool) -> None:
        if self.error is not None:
            raise self.error
        self.on, self.chosen = on, True

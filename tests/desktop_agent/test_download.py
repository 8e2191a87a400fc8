"""Downloading a model through Ollama: progress, and every failure with its words and its way out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from desktop_agent.core.engines.download import RECOMMENDED_BYTES, RECOMMENDED_MODEL, DownloadFailed, Downloads
from desktop_agent.core.state import Download
from tests.desktop_agent.parts import run, until
from tests.fakes.ollama import FakeOllama, OllamaThread, running_ollama
from tests.fakes.ollama_models import FakeModel
from tests.fakes.ollama_pull import NO_HOST, NO_SPACE, TOO_OLD


@pytest.fixture
def ollama() -> Iterator[OllamaThread]:
    with running_ollama() as thread:
        thread.fake.models = ()
        yield thread


class Watched(Downloads):
    """Downloads, and what they told."""

    def __init__(self, still_seconds: float = 60.0) -> None:
        super().__init__(
            lambda: self.told.append(self.current), lambda: self.done.append(1), still_seconds=still_seconds
        )
        self.told: list[Download | None] = []
        self.done: list[int] = []

    async def until_over(self) -> str:
        """Wait for the end; gives why it failed."""
        await until(lambda: not self.is_running)
        return self.current.problem if self.current else ""


def test_a_model_is_downloaded_with_progress(ollama: OllamaThread, monkeypatch: pytest.MonkeyPatch) -> None:
    """What arrived is told as it grows, all layers together; at the end the model is there and nothing is shown."""
    monkeypatch.setattr("desktop_agent.core.engines.download.TELL_SECONDS", 0.0)

    async def story() -> None:
        downloads = Watched()
        downloads.start(ollama.url, RECOMMENDED_MODEL)
        assert downloads.current == Download(RECOMMENDED_MODEL)
        assert await downloads.until_over() == ""
        assert [downloads.current, downloads.told[-1]] == [None, None]
        assert downloads.done == [1]
        shown = [download for download in downloads.told if download]
        assert [one.done_bytes for one in shown] == sorted(one.done_bytes for one in shown)
        whole = RECOMMENDED_BYTES + 11_357
        assert (shown[-1].total_bytes, shown[-1].done_bytes) == (whole, whole)
        assert len({one.done_bytes for one in shown}) > 20
        assert [model.name for model in ollama.fake.models] == ["nomic-embed-text:latest"]

    run(story())


def test_a_stopped_download_goes_on_where_it_was(ollama: OllamaThread, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopping closes the connection, which stops Ollama; the next one does not begin from nothing."""
    monkeypatch.setattr("desktop_agent.core.engines.download.TELL_SECONDS", 0.0)
    ollama.fake.library.stalls_after = 0.5

    async def story() -> None:
        downloads = Watched()
        downloads.start(ollama.url, RECOMMENDED_MODEL)
        await until(lambda: ollama.fake.library.arrived.get("nomic-embed-text:latest", 0) >= RECOMMENDED_BYTES // 2)
        with pytest.raises(DownloadFailed, match="Another model is being downloaded"):
            downloads.start(ollama.url, "other")
        await downloads.cancel()
        assert downloads.current is not None
        assert downloads.current.problem.startswith("Stopped. What has arrived is kept")
        await until(lambda: ollama.fake.library.canceled == 1)
        ollama.fake.library.stalls_after = None
        downloads.told.clear()
        downloads.start(ollama.url, RECOMMENDED_MODEL)
        assert downloads.current.problem == ""
        assert await downloads.until_over() == ""
        first = next(one for one in downloads.told if one and one.total_bytes > RECOMMENDED_BYTES)
        assert first.done_bytes > RECOMMENDED_BYTES // 2
        assert downloads.done == [1]

    run(story())


@pytest.mark.parametrize(
    ("error", "after", "words"),
    [
        (NO_SPACE, 0.4, "The disk is full: nomic-embed-text could not be stored. Make room"),
        (NO_HOST, 0.0, "Ollama cannot reach its library. Check this PC's connection"),
        ("max retries exceeded: unexpected EOF", 0.7, "Ollama cannot reach its library"),
        (TOO_OLD, 0.0, "nomic-embed-text needs a newer Ollama"),
        (
            "digest mismatch,\n file must be downloaded again",
            0.9,
            "could not be downloaded: digest mismatch, file must",
        ),
    ],
)
def test_what_goes_wrong_is_told_in_words(ollama: OllamaThread, error: str, after: float, words: str) -> None:
    """Each failure that Ollama tells has its sentence with a way out; then it can be tried again."""

    async def story() -> None:
        downloads = Watched()
        ollama.fake.library.error, ollama.fake.library.error_after = error, after
        downloads.start(ollama.url, RECOMMENDED_MODEL)
        assert words in await downloads.until_over()
        assert downloads.done == []
        ollama.fake.library.error = ""
        downloads.start(ollama.url, RECOMMENDED_MODEL)
        assert await downloads.until_over() == ""

    run(story())


def test_a_model_that_is_not_in_the_library(ollama: OllamaThread) -> None:
    """Ollama's "file does not exist" is about the name; a failure can be put away."""

    async def story() -> None:
        downloads = Watched()
        downloads.start(ollama.url, "nomic-embed-txt:v9")
        assert "There is no model nomic-embed-txt:v9 in Ollama's library" in await downloads.until_over()
        downloads.forget()
        assert downloads.current is None

    run(story())


@pytest.mark.parametrize("name", ["", "a model", "../../etc/passwd", "https://evil.example/x", "x" * 300, "-h"])
def test_what_is_no_name_is_not_asked_for(ollama: OllamaThread, name: str) -> None:
    """It is refused here, in words."""

    async def story() -> None:
        with pytest.raises(DownloadFailed, match="is not a model's name"):
            Watched().start(ollama.url, name)

    run(story())
    assert list(ollama.fake.paths) == []


def gone(ollama: OllamaThread) -> None:
    ollama.go_away()


def stalled(ollama: OllamaThread) -> None:
    ollama.fake.library.stalls_after = 0.3


def hanging(ollama: OllamaThread) -> None:
    ollama.fake.hangs_at = ("/api/pull",)


def a_page(ollama: OllamaThread) -> None:
    ollama.fake.is_a_page = True


def broken(ollama: OllamaThread) -> None:
    ollama.fake.all_broken = (500, "")


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (gone, "The connection to Ollama broke off"),
        (stalled, "Nothing has arrived for 1 s"),
        (hanging, "Nothing has arrived for 1 s"),
        (a_page, "does not answer as Ollama does"),
        (broken, "HTTP 500"),
    ],
)
def test_an_ill_ollama_ends_the_download_in_words(ollama: OllamaThread, trouble: object, words: str) -> None:
    """None hangs for ever."""
    assert callable(trouble)
    trouble(ollama)

    async def story() -> None:
        downloads = Watched(still_seconds=1.0)
        downloads.start(ollama.url, RECOMMENDED_MODEL)
        assert words in await downloads.until_over()

    run(story())


def test_closing_ends_it_quietly(ollama: OllamaThread) -> None:
    """At the program's end nobody is told any more."""
    ollama.fake.library.stalls_after = 0.5

    async def story() -> None:
        downloads = Watched()
        downloads.start(ollama.url, RECOMMENDED_MODEL)
        await until(lambda: bool(ollama.fake.library.arrived))
        told = len(downloads.told)
        await downloads.close()
        assert (downloads.is_running, len(downloads.told) - told in (0, 1)) == (False, True)
        await downloads.close()

    run(story())


def test_the_recommended_model_is_what_the_library_has() -> None:
    """Its size is what people are told before they download it."""
    assert FakeModel().name.startswith(RECOMMENDED_MODEL)
    assert FakeOllama().library.models[0].size == RECOMMENDED_BYTES

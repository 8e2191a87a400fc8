"""`/downloads`: installers for whoever wants to join, whole, in parts, or not again."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.live_pool import LivePool, live_pool
from tests.server.web.conftest import wait_until

#: More than waitress sends at once, and with no two equal parts.
CONTENT = b"".join(hashlib.sha256(number.to_bytes(4)).digest() for number in range(100_000))
NAME = "EmbedPool 0.1.0 (x86_64).exe"
PATH = "/downloads/EmbedPool%200.1.0%20%28x86_64%29.exe"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePool]:
    """Give a server with one installer, in a folder that the setting names."""
    folder = tmp_path_factory.mktemp("downloads")
    (folder / "installers").mkdir()
    (folder / "installers" / NAME).write_bytes(CONTENT)
    (folder / "secret.exe").write_bytes(b"secret")
    with live_pool(folder, installers_path=folder / "installers", public_url="https://pool.example") as started:
        yield started


@pytest.fixture
def anybody(live: LivePool) -> httpx.Client:
    """Give a client without a key."""
    return live.caller()


def test_the_list_is_for_everybody(anybody: httpx.Client) -> None:
    """Name, system, processor, size, sum and address of each installer, as a program reads them."""
    wait_until(lambda: anybody.get("/downloads").json()[0]["sha256"] is not None)
    assert anybody.get("/downloads").json() == [
        {
            "name": NAME,
            "system": "windows",
            "processor": "x86-64",
            "size": len(CONTENT),
            "sha256": hashlib.sha256(CONTENT).hexdigest(),
            "url": f"https://pool.example{PATH}",
        }
    ]


def test_a_file_comes_whole_and_is_only_saved(anybody: httpx.Client) -> None:
    """Every byte comes, under the file's own name; no browser opens it, guesses what it is, or keeps it unasked."""
    answer = anybody.get(PATH)
    assert answer.status_code == 200
    assert answer.content == CONTENT
    headers = answer.headers
    assert headers["content-length"] == str(len(CONTENT))
    assert headers["content-type"] == "application/vnd.microsoft.portable-executable"
    assert headers["content-disposition"] == f'attachment; filename="{NAME}"'
    assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-cache")
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_only_the_headers_can_be_asked_for(anybody: httpx.Client) -> None:
    """HEAD tells the size and sends nothing; the connection goes on."""
    answer = anybody.head(PATH)
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, str(len(CONTENT)), b"")
    assert anybody.get("/health").status_code == 200


@pytest.mark.parametrize(
    ("asked", "part", "told"),
    [
        ("bytes=0-99", CONTENT[:100], "bytes 0-99"),
        ("bytes=1000000-2999999", CONTENT[1_000_000:3_000_000], "bytes 1000000-2999999"),
        (f"bytes={len(CONTENT) - 7}-", CONTENT[-7:], f"bytes {len(CONTENT) - 7}-{len(CONTENT) - 1}"),
        ("bytes=-5", CONTENT[-5:], f"bytes {len(CONTENT) - 5}-{len(CONTENT) - 1}"),
    ],
)
def test_a_download_that_was_cut_off_goes_on(anybody: httpx.Client, asked: str, part: bytes, told: str) -> None:
    """The part that is asked for comes, and nothing else."""
    answer = anybody.get(PATH, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == part
    assert answer.headers["content-range"] == f"{told}/{len(CONTENT)}"


def test_a_part_that_is_not_there_is_refused(anybody: httpx.Client) -> None:
    """Who has all of it and asks for more is told how much there is."""
    answer = anybody.get(PATH, headers={"Range": f"bytes={len(CONTENT)}-"})
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(CONTENT)}")


def test_who_has_it_is_not_sent_it_again(live: LivePool, anybody: httpx.Client) -> None:
    """With its tag the same file is 304; a new build under the old name is another file, also to who has a part."""
    file = live.settings.installers_folder / NAME
    tag = anybody.get(PATH).headers["etag"]
    again = anybody.get(PATH, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    os.utime(file, ns=(1, 1))
    assert anybody.get(PATH, headers={"If-None-Match": tag}).status_code == 200
    resumed = anybody.get(PATH, headers={"If-Range": tag, "Range": "bytes=10-"})
    assert (resumed.status_code, resumed.content) == (200, CONTENT)


@pytest.mark.parametrize(
    "path",
    [
        "/downloads/nothing.exe",
        "/downloads/secret.exe",
        "/downloads/..%2Fsecret.exe",
        "/downloads/%2e%2e/secret.exe",
        "/downloads/..%5Csecret.exe",
        "/downloads/%00.exe",
        "/downloads/" + "x" * 5000 + ".exe",
    ],
)
def test_nothing_else_is_there(anybody: httpx.Client, path: str) -> None:
    """A name that the list does not have is 404, wherever it would lead."""
    assert anybody.get(path).status_code == 404


def test_without_installers_the_list_is_empty(tmp_path: Path) -> None:
    """A pool without the folder says so."""
    with live_pool(tmp_path) as bare:
        assert bare.caller().get("/downloads").json() == []


@pytest.mark.parametrize("header", [b"", b"Range: bytes=10-\r\n"])
def test_slow_downloads_hold_no_thread(tmp_path: Path, header: bytes) -> None:
    """More visitors than the server has threads fetch a file and read nothing of it: everybody else is served."""
    with live_pool(tmp_path, max_agent_polls=1, max_client_waits=1) as small, ExitStack() as opened:
        folder = small.settings.installers_folder
        folder.mkdir()
        with (folder / "large.exe").open("wb") as file:
            # Far more than what stands between the two: the system's buffers, and waitress's.
            file.truncate(200 * 2**20)
        for _ in range(small.settings.threads + 10):
            slow = opened.enter_context(socket.create_connection(("127.0.0.1", small.serving.port)))
            slow.sendall(b"GET /downloads/large.exe HTTP/1.1\r\nHost: localhost\r\n" + header + b"\r\n")
            assert slow.recv(12).startswith(b"HTTP/1.1 20")
        assert small.caller().get("/health").status_code == 200

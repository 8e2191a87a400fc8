"""Starting Ollama: found where each system has it, detached, with a clean environment, and never anywhere else."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from desktop_agent.core.engines.start_ollama import OllamaStarter, clean_environment, command, find_ollama, is_this_pc
from desktop_agent.core.errors import EngineUnavailable
from tests.desktop_agent.parts import run
from tests.e2e.programs import free_port
from tests.fakes.ollama import running_ollama

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:11434", True),
        ("127.0.0.1:11434", True),
        ("http://localhost:9", True),
        ("http://[::1]:9", True),
        ("http://127.8.9.1", True),
        ("http://0.0.0.0:11434", True),
        ("http://192.168.1.5:11434", False),
        ("http://ollama.example.org", False),
        ("http://127.0.0.1.evil.example", False),
        ("http://localhost.evil.example", False),
        ("http://127.0.0.1@evil.example", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_only_this_pcs_addresses_are_this_pc(url: str, here: bool) -> None:
    """By the address itself: no name is looked up."""
    assert is_this_pc(url) is here


def put(path: Path, text: str = "") -> Path:
    """Make a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_where_each_system_has_it(tmp_path: Path) -> None:
    """The app on Windows and macOS, the program on the path, else nothing."""
    windows = {"LOCALAPPDATA": str(tmp_path / "Local"), "PATH": ""}
    assert find_ollama(windows, "win32") is None
    program = put(tmp_path / "Local/Programs/Ollama/ollama.exe")
    assert find_ollama(windows, "win32") == program
    app = put(tmp_path / "Local/Programs/Ollama/ollama app.exe")
    assert find_ollama(windows, "win32") == app
    assert command(app) == [str(app)]
    assert command(program) == [str(program), "serve"]
    mac = {"HOME": str(tmp_path), "PATH": ""}
    bundle = tmp_path / "Applications/Ollama.app"
    bundle.mkdir(parents=True)
    assert find_ollama(mac, "darwin") == bundle
    assert command(bundle) == ["/usr/bin/open", "-g", "-a", str(bundle)]
    on_path = put(tmp_path / "bin/ollama")
    assert find_ollama({"PATH": str(tmp_path / "bin")}, "linux") == on_path
    assert command(on_path) == [str(on_path), "serve"]


def test_a_frozen_programs_own_variables_stay_behind() -> None:
    """Its libraries are not Ollama's; what its user had set comes back. Unfrozen, nothing is taken away."""
    environment = {
        "PATH": "/bin",
        "LD_LIBRARY_PATH": "/opt/embedpool-agent/_internal:/cuda",
        "LD_LIBRARY_PATH_ORIG": "/cuda",
        "DYLD_LIBRARY_PATH": "/x",
        "_PYI_APPLICATION_HOME_DIR": "/x",
        "QT_PLUGIN_PATH": "/x",
        "OLLAMA_MODELS": "/models",
    }
    kept = {"PATH": "/bin", "LD_LIBRARY_PATH": "/cuda", "OLLAMA_MODELS": "/models"}
    assert clean_environment(environment, "http://127.0.0.1:11434", is_frozen=True) == kept
    assert clean_environment(environment, "http://127.0.0.1:11434", is_frozen=False) == environment


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://127.0.0.1:11434", None),
        ("http://localhost:11434", None),
        ("http://127.0.0.1:12000", "127.0.0.1:12000"),
        ("http://localhost:12000", "127.0.0.1:12000"),
        ("http://0.0.0.0:11434", "127.0.0.1:11434"),
        ("http://[::1]:12000", "[::1]:12000"),
    ],
)
def test_it_listens_where_we_look_for_it(url: str, host: str | None) -> None:
    """And never where the network could reach it, if its owner has not said so."""
    assert clean_environment({}, url, is_frozen=False).get("OLLAMA_HOST") == host


def test_an_ollama_elsewhere_is_not_ours_to_start(tmp_path: Path) -> None:
    """Nothing is started, and nobody is asked."""
    put(tmp_path / "ollama", f"#!/bin/sh\ntouch {tmp_path}/started\n")
    with pytest.raises(EngineUnavailable, match=r"is not this PC\. Start Ollama over there"):
        run(OllamaStarter({"PATH": str(tmp_path)}).start("http://192.0.2.1:11434"))
    assert not (tmp_path / "started").exists()


def test_one_that_runs_is_not_started_again(tmp_path: Path) -> None:
    """It answers already."""
    put(tmp_path / "ollama", f"#!/bin/sh\ntouch {tmp_path}/started\n")
    with running_ollama() as ollama:
        run(OllamaStarter({"PATH": str(tmp_path)}).start(ollama.url))
    assert not (tmp_path / "started").exists()


def test_one_that_is_not_there_is_to_be_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the place to get it from."""
    monkeypatch.setattr("desktop_agent.core.engines.start_ollama._places", lambda *_: ([], []))
    with pytest.raises(EngineUnavailable, match=r"Install it from https://ollama\.com"):
        run(OllamaStarter({"PATH": str(tmp_path)}).start(f"http://127.0.0.1:{free_port()}"))


@pytest.mark.skipif(os.name != "posix", reason="scripts of another kind")
def test_it_is_started_and_lives_on_by_itself(tmp_path: Path) -> None:
    """A real program, found on the path: it answers where we look, in a session of its own, and is started once."""
    port = free_port()
    put(
        tmp_path / "ollama",
        f'#!/bin/sh\necho "$$ $1 $OLLAMA_HOST" >> {tmp_path}/started\ncd {ROOT}\n'
        f"exec {sys.executable} -m tests.fakes.ollama --port {port}\n",
    )

    async def story() -> None:
        starter = OllamaStarter({"PATH": f"{tmp_path}:/usr/bin:/bin"})
        await starter.start(f"http://127.0.0.1:{port}")
        await starter.start(f"http://127.0.0.1:{port}")
        (line,) = (tmp_path / "started").read_text().splitlines()
        pid, verb, host = line.split()
        try:
            assert (verb, host) == ("serve", f"127.0.0.1:{port}")
            assert os.getsid(int(pid)) == int(pid) != os.getsid(0)
        finally:
            os.kill(int(pid), signal.SIGKILL)
            assert starter._started is not None
            starter._started.wait()

    run(story())


@pytest.mark.skipif(os.name != "posix", reason="scripts of another kind")
@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("#!/bin/sh\nexit 3\n", "ended at once, with code 3"),
        ("#!/bin/sh\nexec sleep 60\n", "does not answer at .* after 0 s"),
        ("#!/nowhere/sh\n", "could not be started: No such file"),
    ],
)
def test_one_that_does_not_come_up_is_told(tmp_path: Path, script: str, words: str) -> None:
    """It ends, it is slow, or it cannot even be run."""
    put(tmp_path / "ollama", script)
    starter = OllamaStarter({"PATH": f"{tmp_path}:/usr/bin:/bin"})
    patience = 0.4 if "sleep" in script else 30.0
    with pytest.raises(EngineUnavailable, match=words):
        run(starter.start(f"http://127.0.0.1:{free_port()}", patience))
    if starter._started is not None:
        starter._started.kill()
        starter._started.wait()

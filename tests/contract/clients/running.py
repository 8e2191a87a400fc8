"""Runs the checks of one library as a program: `python -m tests.contract.clients.<module> URL KEY`.

Every check runs, also after one that failed. The last line names the library and its version.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version

#: The models of the tests' agent.
MODEL, CHAT_MODEL = "nomic-embed-text", "qwen2.5:7b"
#: A text, or a last message, that the tests' agent finds too long.
TOO_LONG = "longer than the model reads"
#: A text, or a last message, that the tests' agent computes only when the client has given up and come back.
SLOW = "this one takes its time"
#: Last messages whose answer is given up after its first words, or goes on until nobody wants it any more.
BREAKS_OFF, NEVER_ENDS = "break off", "never end"
#: A tool, as chats name it.
WEATHER = {
    "name": "get_weather",
    "description": "The weather in a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
#: Seconds after which a hurried client gives up.
SHORT_TIMEOUT = 1.0


@dataclass(frozen=True, slots=True)
class Target:
    """The pool that a client is pointed at."""

    #: The address that users give their clients, with `/v1`.
    base_url: str
    key: str


Check = Callable[[Target], None]


def checks_of(module: Mapping[str, object]) -> dict[str, Check]:
    """Return the functions of a module whose names begin with `check_`."""
    return {name: one for name, one in module.items() if name.startswith("check_") and callable(one)}


def run(library: str, module: Mapping[str, object]) -> None:
    """Run a module's checks against the pool of the command line; the status says whether one failed."""
    url, key = sys.argv[1:]
    target, failed = Target(f"{url}/v1", key), 0
    for name, check in checks_of(module).items():
        try:
            check(target)
        except Exception:  # noqa: BLE001 (the other checks are of interest too)
            failed += 1
            traceback.print_exc()
            print(f"FAILED {name}")
        else:
            print(f"passed {name}")
    print(f"{library} {version(library)}")
    sys.exit(failed > 0)

"""Every sentence of the program is in every translation, with the same values and a form for one and for many."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from desktop_agent.core.text import Text, show
from desktop_agent.core.translation import languages, load_translation

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "packaging" / "dev" / "translations.py"

PROGRAM = 'A = Text("Paused until {time}.", time=t)\nB = Text.counted("{n} text", "{n} texts", n)\nC = Text("&Join")\n'
WHOLE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context><name>EmbedPool</name>
<message><source>Paused until {time}.</source><translation>Pause bis {time}.</translation></message>
<message numerus="yes"><source>{n} texts</source>
<translation><numerusform>{n} Text</numerusform><numerusform>{n} Texte</numerusform></translation></message>
<message><source>&amp;Join</source><translation>&amp;Beitreten</translation></message>
</context>
</TS>
"""


def run_tool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(TOOL), *arguments], capture_output=True, text=True, check=False)


@pytest.fixture
def agent(tmp_path: Path) -> Path:
    """Give an agent of three sentences, and their German."""
    (tmp_path / "translations").mkdir()
    (tmp_path / "said.py").write_text(PROGRAM)
    (tmp_path / "translations" / "de.ts").write_text(WHOLE, "utf-8")
    return tmp_path


def check(agent: Path) -> tuple[int, str]:
    done = run_tool("--check", "--agent", str(agent))
    return done.returncode, done.stdout


def change(agent: Path, name: str, before: str, after: str) -> None:
    path = agent / name
    words = path.read_text("utf-8")
    assert before in words
    path.write_text(words.replace(before, after), "utf-8")


def test_the_program_is_translated() -> None:
    """Nothing is missing, left over, half translated, or made of something else than a literal."""
    done = run_tool("--check")
    assert done.returncode == 0, done.stdout


def test_german_is_there() -> None:
    """The file is found and read the way the windows read it; counted sentences have both forms."""
    assert "de" in languages()
    german = load_translation("de")
    assert show(Text("Join a pool"), german) == "Einem Pool beitreten"
    assert show(Text.counted("{n} text today", "{n} texts today", 1), german) == "1 Text heute"
    assert show(Text.counted("{n} text today", "{n} texts today", 2), german) == "2 Texte heute"


def test_a_whole_translation_passes(agent: Path) -> None:
    """The small agent is in order; the tests below each break one thing."""
    assert check(agent) == (0, "3 sentences, 0 problems\n")


@pytest.mark.parametrize(
    ("name", "before", "after", "problem"),
    [
        ("said.py", '"&Join"', '"&Leave"', "not translated: '&Leave'"),
        ("said.py", '"&Join"', '"&Leave"', "no longer in the program: '&Join'"),
        ("said.py", 'Text("&Join")', 'Text(f"&Join {x}")', "said.py:3: the sentence is not a literal"),
        ("said.py", '"{n} text", "{n} texts"', 'one, "{n} texts"', "said.py:2: the sentence is not a literal"),
        ("translations/de.ts", "bis {time}.", "bis {when}.", "other values in braces: 'Paused until {time}.'"),
        ("translations/de.ts", "bis {time}.", "bald.", "other values in braces: 'Paused until {time}.'"),
        ("translations/de.ts", "<numerusform>{n} Text</numerusform>", "", "wrong number of plural forms: '{n} texts'"),
        (
            "translations/de.ts",
            "<translation>&amp;B",
            '<translation type="unfinished">&amp;B',
            "not translated: '&Join'",
        ),
        ("translations/de.ts", "Pause bis {time}.", "", "not translated: 'Paused until {time}.'"),
        ("translations/de.ts", "<translation>&amp;B", "<translation>B", "with and without a key (&): '&Join'"),
    ],
)
def test_what_is_not_in_order_is_found(agent: Path, name: str, before: str, after: str, problem: str) -> None:
    """Each kind of mistake ends the check with its own words."""
    change(agent, name, before, after)
    code, said = check(agent)
    assert code == 1
    assert problem in said


def test_bringing_up_to_date(agent: Path) -> None:
    """Translations stay, a new sentence waits for its own, one that is gone goes; a second run changes nothing."""
    change(agent, "said.py", '"&Join"', '"&Leave"')
    assert run_tool("--agent", str(agent)).returncode == 0
    written = (agent / "translations" / "de.ts").read_text("utf-8")
    assert '<translation type="unfinished"' in written
    assert "Beitreten" not in written
    assert "{n} Texte" in written
    assert load_translation("de", agent / "translations").sentence("Paused until {time}.", None) == "Pause bis {time}."
    run_tool("--agent", str(agent))
    assert (agent / "translations" / "de.ts").read_text("utf-8") == written

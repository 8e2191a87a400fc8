"""Keep the agent's translations in step with its sentences; `--check` only looks whether they are.

A source that is new is added as unfinished, one that is gone is dropped, every other translation is kept.
"""

from __future__ import annotations

import ast
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter

import click

ROOT = Path(__file__).resolve().parents[2]
#: The only context in the files: a source means the same wherever it stands.
CONTEXT = "EmbedPool"
#: Languages that count in two forms: one, and everything else.
FORMS = 2


@dataclass(slots=True)
class Source:
    """One sentence of the program, and where it stands."""

    text: str
    #: Of a counted sentence, the form for one.
    one: str = ""
    files: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Sources:
    """All sentences of the program, by their text, and what is wrong with how they are written."""

    found: dict[str, Source] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def collect(agent: Path) -> Sources:
    """Read the sources of every `Text` in the agent's folder; they have to be literals."""
    sources = Sources()
    for path in sorted(agent.rglob("*.py")):
        name = path.relative_to(agent).as_posix()
        if name == "core/text.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                _take(node, name, sources)
    return sources


def _take(call: ast.Call, name: str, sources: Sources) -> None:
    function, count = call.func, 0
    if isinstance(function, ast.Name) and function.id == "Text":
        count = 1
    elif isinstance(function, ast.Attribute) and function.attr == "counted" and _is_text(function.value):
        count = FORMS
    if not count:
        return
    literals = [arg.value for arg in call.args[:count] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    if len(literals) != count:
        sources.problems.append(f"{name}:{call.lineno}: the sentence is not a literal")
        return
    if not literals[-1]:
        return
    source = sources.found.setdefault(literals[-1], Source(literals[-1], literals[0] if count == FORMS else ""))
    if source.one != (literals[0] if count == FORMS else ""):
        sources.problems.append(f"{name}:{call.lineno}: the same sentence stands elsewhere with another form for one")
    if name not in source.files:
        source.files.append(name)


def _is_text(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id == "Text"


def read(path: Path) -> dict[str, tuple[tuple[str, ...], bool]]:
    """Read a file of translations: source → its forms, and whether they are finished."""
    known: dict[str, tuple[tuple[str, ...], bool]] = {}
    for message in ET.parse(path).getroot().iterfind("context/message"):  # noqa: S314 (the file is our own)
        translation = message.find("translation")
        if translation is None:
            continue
        counted = [form.text or "" for form in translation.findall("numerusform")]
        forms = tuple(counted) if counted else (translation.text or "",)
        known[message.findtext("source") or ""] = (forms, translation.get("type") is None)
    return known


def problems(sources: Sources, known: dict[str, tuple[tuple[str, ...], bool]]) -> Iterator[str]:
    """Say what a file of translations lacks, has too much, or has wrong."""
    for text, source in sources.found.items():
        forms, finished = known.get(text, ((), False))
        if not finished or not all(form.strip() for form in forms):
            yield f"not translated: {text!r} ({source.files[0]})"
        elif len(forms) != (FORMS if source.one else 1):
            yield f"wrong number of plural forms: {text!r}"
        elif any(_values(form) - _values(text) for form in forms) or _values(forms[-1]) != _values(text):
            yield f"other values in braces: {text!r}"
        elif any(_is_key(form) != _is_key(text) for form in forms):
            yield f"with and without a key (&): {text!r}"
    for text in known.keys() - sources.found.keys():
        yield f"no longer in the program: {text!r}"


def _values(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def _is_key(sentence: str) -> bool:
    return "&" in sentence.replace("&&", "")


def write(path: Path, sources: Sources, known: dict[str, tuple[tuple[str, ...], bool]]) -> None:
    """Write a file of translations as Qt Linguist does, by where a sentence first stands."""
    root = ET.Element("TS", version="2.1", language=path.stem, sourcelanguage="en")
    context = ET.SubElement(root, "context")
    ET.SubElement(context, "name").text = CONTEXT
    for source in sorted(sources.found.values(), key=lambda source: source.files[0]):
        message = ET.SubElement(context, "message", {"numerus": "yes"} if source.one else {})
        for name in source.files:
            ET.SubElement(message, "location", filename=f"../{name}")
        ET.SubElement(message, "source").text = source.text
        if source.one:
            ET.SubElement(message, "extracomment").text = source.one
        _write_translation(message, source, known)
    ET.indent(root, "    ")
    body = ET.tostring(root, "unicode")
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', "utf-8")


def _write_translation(message: ET.Element, source: Source, known: dict[str, tuple[tuple[str, ...], bool]]) -> None:
    count = FORMS if source.one else 1
    forms, finished = known.get(source.text, ((), False))
    fits = len(forms) == count
    translation = ET.SubElement(message, "translation", {} if finished and fits else {"type": "unfinished"})
    if not source.one:
        translation.text = forms[0] if fits else ""
        return
    for form in forms if fits else ("",) * count:
        ET.SubElement(translation, "numerusform").text = form


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; say what is not in order and end with 1.")
@click.option(
    "--agent",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=ROOT / "desktop_agent",
    help="The agent's folder.",
)
def main(check: bool, agent: Path) -> None:
    """Bring desktop_agent/translations/*.ts up to date."""
    sources = collect(agent)
    found = list(sources.problems)
    for path in sorted((agent / "translations").glob("*.ts")):
        known = read(path)
        if not check:
            write(path, sources, known)
            known = read(path)
        found += [f"{path.name}: {problem}" for problem in problems(sources, known)]
    for problem in found:
        click.echo(problem)
    click.echo(f"{len(sources.found)} sentences, {len(found)} problems")
    sys.exit(1 if found and check else 0)


if __name__ == "__main__":
    main()

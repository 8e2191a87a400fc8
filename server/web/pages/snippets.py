"""First programs for a client of this pool, ready to paste: the right address, a model that it serves, the key.

The name of a model comes from an agent, so whatever stands in a program is written as that language's own literal.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from string import Template

TEXTS = ["The cat sat on the mat.", "Rivers flow to the sea."]
QUESTION = [{"role": "user", "content": "Say hello in one short sentence."}]


@dataclass(frozen=True, slots=True)
class Example:
    """What the programs ask for."""

    #: Address of the API, with `/v1`.
    base_url: str
    key: str
    model: str
    #: Whether the model chats; otherwise it embeds.
    chats: bool = False


@dataclass(frozen=True, slots=True)
class Snippet:
    """A program in one language."""

    #: Part of an element's id.
    id: str
    title: str
    #: What it needs, as one sentence.
    needs: str
    text: str


def snippets(example: Example) -> list[Snippet]:
    """Return the programs, for a shell, Python, LangChain and JavaScript."""
    return [
        Snippet("curl", "curl", "For a shell such as bash: on Linux, macOS, or in WSL on Windows.", _curl(example)),
        *(
            Snippet(name, title, needs, programs[example.chats].substitute(_literals(example, write)))
            for name, title, needs, programs, write in _PROGRAMS
        ),
    ]


def _literals(example: Example, write: Callable[[str], str]) -> dict[str, str]:
    """Return what stands in a program, as its language writes it."""
    return {
        "base": write(example.base_url),
        "key": write(example.key),
        "model": write(example.model),
        "texts": json.dumps(TEXTS),
        "question": json.dumps(QUESTION),
    }


def _python(text: str) -> str:
    """Write a text for Python, which reads a character beyond the first 65,536 otherwise than JSON has it."""
    return json.dumps(text) if text.isascii() else ascii(text)


def _curl(example: Example) -> str:
    path = "chat/completions" if example.chats else "embeddings"
    asked = {"messages": QUESTION} if example.chats else {"input": TEXTS}
    lines = (
        f"curl {shlex.quote(f'{example.base_url}/{path}')}",
        f"-H {shlex.quote(f'Authorization: Bearer {example.key}')}",
        f"-H {shlex.quote('Content-Type: application/json')}",
        f"-d {shlex.quote(json.dumps({'model': example.model, **asked}))}",
    )
    return " \\\n  ".join(lines)


_PYTHON = (
    Template("""\
from openai import OpenAI

client = OpenAI(base_url=$base, api_key=$key)
answer = client.embeddings.create(
    model=$model,
    input=$texts,
)
print(len(answer.data), "vectors of", len(answer.data[0].embedding), "numbers")"""),
    Template("""\
from openai import OpenAI

client = OpenAI(base_url=$base, api_key=$key)
answer = client.chat.completions.create(
    model=$model,
    messages=$question,
)
print(answer.choices[0].message.content)"""),
)
# Without `check_embedding_ctx_length` LangChain would first fetch a tokeniser from the network.
_LANGCHAIN = (
    Template("""\
from langchain_openai import OpenAIEmbeddings

embeddings = OpenAIEmbeddings(
    base_url=$base,
    api_key=$key,
    model=$model,
    check_embedding_ctx_length=False,
)
vectors = embeddings.embed_documents($texts)
print(len(vectors), "vectors of", len(vectors[0]), "numbers")"""),
    Template("""\
from langchain_openai import ChatOpenAI

chat = ChatOpenAI(
    base_url=$base,
    api_key=$key,
    model=$model,
)
print(chat.invoke($question).content)"""),
)
_JAVASCRIPT = (
    Template("""\
import OpenAI from "openai";

const client = new OpenAI({ baseURL: $base, apiKey: $key });
const answer = await client.embeddings.create({
  model: $model,
  input: $texts,
});
console.log(answer.data.length, "vectors of", answer.data[0].embedding.length, "numbers");"""),
    Template("""\
import OpenAI from "openai";

const client = new OpenAI({ baseURL: $base, apiKey: $key });
const answer = await client.chat.completions.create({
  model: $model,
  messages: $question,
});
console.log(answer.choices[0].message.content);"""),
)
_PROGRAMS = (
    ("python", "Python", "Needs the package openai: pip install openai", _PYTHON, _python),
    ("langchain", "LangChain", "Needs the package langchain-openai: pip install langchain-openai", _LANGCHAIN, _python),
    (
        "javascript",
        "JavaScript",
        "Needs the package openai: npm install openai. Save it as a file that ends in .mjs.",
        _JAVASCRIPT,
        json.dumps,
    ),
)

"""Embed a few sentences through a server and an agent of this PC, print what is near what, and end."""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openai

import local_pool

SENTENCES = [
    "The cat sleeps on the warm sofa.",
    "The train to the city was late again.",
    "She bakes bread with flour, salt and yeast.",
    "The team won the final match of the season.",
    "The central bank raised interest rates.",
    "A kitten naps on a soft cushion.",
    "Heavy traffic delayed our bus this morning.",
    "He cooks soup with carrots and potatoes.",
    "The players celebrated their victory in the stadium.",
    "Inflation worries investors and the markets.",
]


#: Shows how long a call takes once the engine has loaded its model.
ONE_MORE = "Two dogs wait at the garden gate."
#: Seconds that one call may take; it needs milliseconds.
CALL_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the pool answered to one call."""

    #: One row of length 1 per sentence, in their order.
    vectors: np.ndarray[tuple[int, int], np.dtype[np.float64]]
    #: Names of the agents that computed them.
    agents: str
    milliseconds: float


def client_of(pool: local_pool.LocalPool, key: str) -> openai.OpenAI:
    """Return the official client, aimed at the pool; a proxy that is set for the Internet knows nothing of this PC."""
    direct = openai.DefaultHttpxClient(trust_env=False)
    return openai.OpenAI(
        base_url=f"{pool.url}/v1", api_key=key, timeout=CALL_SECONDS, max_retries=0, http_client=direct
    )


def embed(pool: local_pool.LocalPool, client: openai.OpenAI, texts: list[str]) -> Answer:
    """Embed texts as any program would."""
    start = time.perf_counter()
    try:
        raw = client.embeddings.with_raw_response.create(model=local_pool.MODEL, input=texts)
    except openai.OpenAIError as error:
        pool.stay(0)  # a program that ended is the better reason
        guilty = "agent" if isinstance(error, openai.APIStatusError) and error.status_code == 502 else "server"
        reason = f"the call was not answered with vectors. {error}"
        raise local_pool.LocalPoolError(reason, pool.log_of(guilty)) from None
    milliseconds = (time.perf_counter() - start) * 1000
    vectors = np.array([item.embedding for item in raw.parse().data])
    agents = raw.headers.get("x-embedpool-agents")
    if len(vectors) != len(texts) or not agents:
        reason = f"{len(texts)} sentences went in, {len(vectors)} vectors came out, computed by: {agents or 'nobody'}."
        raise local_pool.LocalPoolError(reason, pool.log_of("server"))
    return Answer(vectors, agents, milliseconds)


def show(answer: Answer) -> None:
    """Print each sentence with its nearest other one and the cosine between them."""
    cosines = answer.vectors @ answer.vectors.T
    np.fill_diagonal(cosines, -np.inf)
    print("\ncosine  sentence, and the nearest other one")
    for sentence, row in zip(SENTENCES, cosines, strict=True):
        nearest = int(row.argmax())
        print(f"        {sentence}\n  {row[nearest]:.2f}    {SENTENCES[nearest]}")
    count, dimensions = answer.vectors.shape
    print(f"\n{count} vectors of {dimensions} dimensions, computed by: {answer.agents}")


def demonstrate(folder: Path) -> None:
    """Bring up a pool in the folder, embed the sentences and one more, and stop the pool again."""
    local_pool.require_engine()
    with local_pool.LocalPool(folder, local_pool.free_address(), local_pool.neutral_environment()) as pool:
        print(f"starting a server at {pool.url}")
        pool.start_server()
        key = pool.create_key("demo")
        print("inviting one agent with the embedded engine, and starting it")
        pool.join_agent("demo-agent")
        pool.start_agent(key)
        print(f"asking the pool for {local_pool.MODEL} vectors of {len(SENTENCES)} sentences")
        with client_of(pool, key) as client:
            first = embed(pool, client, SENTENCES)
            second = embed(pool, client, [ONE_MORE])
        show(first)
        print(
            f"time: {first.milliseconds:.0f} ms (the engine loads its model), {second.milliseconds:.1f} ms for one more"
        )


def main() -> None:
    """Run the demonstration in a temporary folder."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="embedpool-demo-", ignore_cleanup_errors=True) as folder:
        demonstrate(Path(folder))
    seconds = time.monotonic() - start
    print(f"demo: ok, {len(SENTENCES)} sentences embedded by the pool ({seconds:.1f} s with its start and stop)")


if __name__ == "__main__":
    sys.exit(local_pool.exit_code_of("demo", main, interrupted=130))

"""A client's whole call: submit, wait, answer."""

from __future__ import annotations

from dataclasses import dataclass

from server.domain.embedding import EmbeddingRequest
from server.domain.errors import DeadlineExceeded
from server.domain.patience import Patience
from server.services import answers
from server.services.assembling import Embeddings
from server.services.embeddings import submit_embeddings
from server.services.known_keys import Client
from server.services.pool import Pool
from server.services.waiting import Gone

#: Seconds after which an SDK whose deadline came first should ask again; it then joins the same job.
REJOIN_AFTER = 0.5


@dataclass(frozen=True, slots=True)
class Pending:
    """The time was over before the answer was there; the job goes on."""

    job_id: str


def embed(
    pool: Pool, client: Client, request: EmbeddingRequest, patience: Patience, gone: Gone
) -> Embeddings | Pending:
    """Embed texts, waiting as long as the client does.

    Raises DeadlineExceeded for an SDK whose deadline comes first (its retry joins the job), and whatever submitting
    and failing raise.
    """
    submitted = submit_embeddings(
        pool,
        client,
        request,
        on_the_line=patience.seconds > 0,
        only_if_online=patience.sdk,
        now=pool.clock.now(),
    )
    if isinstance(submitted, Embeddings):
        return submitted.cut_to(request.dimensions)
    answer = answers.collect(pool, client, submitted, patience.seconds, gone)
    if isinstance(answer, Embeddings):
        return answer.cut_to(request.dimensions)
    if patience.sdk:
        raise DeadlineExceeded(
            "The pool is still computing this. Ask again: the same request joins the same work.",
            retry_after=REJOIN_AFTER,
        )
    return Pending(submitted.waiter.job_id)

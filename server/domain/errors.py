"""Every error the server can answer with, and nothing but what each one is.

PoolError
├── InvalidRequest            400  the caller's mistake; `param` and `code` say where and which
│   ├── InvalidJson           400
│   ├── ContextLengthExceeded 400
│   ├── TooManyTokens         400
│   └── Unprocessable         422  OffloadMQ's status for a field that is missing or wrong
├── Unauthenticated           401  no key, or not a key of this pool
├── Forbidden                 403  a key, but not for this
├── NotFound                  404
│   └── ModelNotFound         404
├── MethodNotAllowed          405
├── Conflict                  409
├── RequestTooLarge           413
├── UnsupportedMediaType      415
├── MisdirectedRequest        421
├── RateLimited               429  later; `retry_after` says when
│   └── InsufficientQuota     429  trying again soon is in vain
├── ClientClosedRequest       499  the client no longer wants what its agent speaks of
├── Unavailable               503  later; `retry_after` says when
│   ├── QueueFull             503
│   ├── NoWorkersAvailable    503
│   ├── ClassSwitched         503
│   └── ShuttingDown          503
├── WorkerFailed              502
├── DeadlineExceeded          504
└── InternalError             500
"""

from __future__ import annotations


class PoolError(Exception):
    """Any error that a caller is told about; the message is a whole sentence for a person."""

    #: HTTP status of the answer.
    status = 500
    #: OpenAI's coarse class of the error, chosen so that client libraries map it to the right exception.
    type = "server_error"
    #: Stable machine-readable name.
    code: str | None = "internal_error"
    #: The type OffloadMQ's envelope uses for it, and the words its message begins with.
    envelope_type = "internal_error"
    envelope_prefix = "Internal error"

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.code = code or type(self).code
        #: Seconds after which trying again makes sense; None where it never does or nobody can tell.
        self.retry_after = retry_after


class InvalidRequest(PoolError):
    """The request cannot be understood or breaks a rule."""

    status = 400
    type = "invalid_request_error"
    code = "invalid_request"
    envelope_type = "bad_request"
    envelope_prefix = "Bad request"


class InvalidJson(InvalidRequest):
    """The body is not JSON that we accept."""

    code = "invalid_json"


class ContextLengthExceeded(InvalidRequest):
    """One input is longer than the model can read."""

    code = "context_length_exceeded"


class TooManyTokens(InvalidRequest):
    """All inputs together are more than one request may carry."""

    type = "max_tokens_per_request"
    code = "max_tokens_per_request"


class Unprocessable(InvalidRequest):
    """The body is JSON, but a field of it is missing or wrong: OffloadMQ has a status of its own for that."""

    status = 422
    code = "unprocessable"
    envelope_type = "parse_error"
    envelope_prefix = "Parse error"


class Unauthenticated(PoolError):
    """No key was sent, or it is not a key of this pool (or no longer)."""

    status = 401
    type = "invalid_request_error"
    code = "invalid_api_key"
    envelope_type = "authorization_error"
    envelope_prefix = "Authorization failed"


class Forbidden(PoolError):
    """The key is good, but not for this."""

    status = 403
    type = "permission_error"
    code = "insufficient_permissions"
    envelope_type = "authorization_error"
    envelope_prefix = "Authorization failed"


class NotFound(PoolError):
    """There is no such thing, or it belongs to somebody else."""

    status = 404
    type = "invalid_request_error"
    code = "not_found"
    envelope_type = "not_found"
    envelope_prefix = "Not found"


class ModelNotFound(NotFound):
    """No agent ever offered this model."""

    code = "model_not_found"


class MethodNotAllowed(PoolError):
    """The path exists, but not with this method."""

    status = 405
    type = "invalid_request_error"
    code = "method_not_supported"
    envelope_type = "bad_request"
    envelope_prefix = "Bad request"


class Conflict(PoolError):
    """The thing is no longer in the state that the request needs."""

    status = 409
    type = "invalid_request_error"
    code = "conflict"
    envelope_type = "conflict"
    envelope_prefix = "Conflict"


class RequestTooLarge(PoolError):
    """The body is over the limit."""

    status = 413
    type = "invalid_request_error"
    code = "request_too_large"
    envelope_type = "request_too_large"
    envelope_prefix = "Request too large"


class UnsupportedMediaType(PoolError):
    """The body is not called JSON, where OffloadMQ insists on it."""

    status = 415
    type = "invalid_request_error"
    code = "unsupported_media_type"
    envelope_type = "bad_request"
    envelope_prefix = "Bad request"


class MisdirectedRequest(PoolError):
    """The Host header names a server that we are not (DNS rebinding)."""

    status = 421
    type = "invalid_request_error"
    code = "unknown_host"
    envelope_type = "bad_request"
    envelope_prefix = "Bad request"


class RateLimited(PoolError):
    """This caller has to slow down."""

    status = 429
    #: What there was too much of, as OpenAI says it: `requests` or `tokens`.
    type = "requests"
    code = "rate_limit_exceeded"
    envelope_type = "too_many_requests"
    envelope_prefix = "Too many requests"

    def __init__(self, message: str, *, kind: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(message, retry_after=retry_after)
        self.type = kind or type(self).type


class InsufficientQuota(RateLimited):
    """What this caller may use is used up, and waiting a little does not help."""

    type = "insufficient_quota"
    code = "insufficient_quota"


class ClientClosedRequest(PoolError):
    """The client canceled the task (or its time is over) that an agent still speaks of."""

    status = 499
    type = "invalid_request_error"
    code = "client_closed_request"
    envelope_type = "client_closed_request"
    envelope_prefix = "Client closed request"


class Unavailable(PoolError):
    """The server cannot do it now; later it can."""

    status = 503
    code = "unavailable"
    envelope_type = "unavailable"
    envelope_prefix = "Unavailable"


class QueueFull(Unavailable):
    """As much is waiting already as this server lets wait."""

    code = "queue_full"


class NoWorkersAvailable(Unavailable):
    """The model is known, but no agent that offers it is online."""

    code = "no_workers_available"
    #: With the space, as OffloadMQ has it.
    envelope_type = "scheduling impossible"
    envelope_prefix = "Scheduling impossible"


class ClassSwitched(Unavailable):
    """The operator switched the model to another class while it computed this; another try is computed by that one."""

    code = "class_switched"


class ShuttingDown(Unavailable):
    """The server is being stopped; another try meets its successor."""

    code = "shutting_down"


class WorkerFailed(PoolError):
    """The agents that tried this work failed at it."""

    status = 502
    code = "worker_failed"


class DeadlineExceeded(PoolError):
    """The caller's time is nearly over; the work goes on and a retry finds it."""

    status = 504
    code = "deadline_exceeded"


class InternalError(PoolError):
    """A mistake of ours; the log has the rest under the request id."""

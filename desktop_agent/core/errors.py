"""Every error of the agent that a person may get to read, and nothing but what each one is.

AgentError
├── NotJoined              this PC belongs to no pool yet
├── AlreadyJoined          it belongs to one already
├── InviteLinkInvalid      the text is not an invite link
│   └── InviteNeedsServer  it is only an invite's code
├── AlreadyRunning         another agent uses this data folder
├── NoWindows              the windows cannot be shown here
├── NotEnding              the running agent was asked to end, and goes on
├── NotInstalled           it runs from a place that will be gone
├── DataFolderUnusable     the data folder cannot be made or written
├── KeyStoreError          the system's key store said no
│   ├── KeyStoreLocked     it is locked, and its password was not given
│   ├── KeyStoreMissing    there is none that keeps a key safe
│   └── KeyMissing         there is one, but our key is not in it
├── ServerError            the pool's server
│   ├── InsecureServer     plain http to another machine
│   ├── ServerUnreachable  no connection, or it broke
│   ├── ServerBusy         it asks us to come back later; `retry_after` says when
│   ├── ServerAnswerOdd    it answered something that the protocol does not allow
│   ├── RequestRefused     it understood us and said no; `status` is the HTTP status
│   └── KeyRefused         it no longer knows our key
└── EngineError            what computes on this PC; `code` is its name in the protocol
    ├── EngineUnavailable  it does not run, or it went away
    │   └── OwnerUsesEngine    the owner uses it; nothing of ours may get in the way
    ├── ModelMissing       it has no such model
    ├── OutOfMemory        the model does not fit
    ├── EngineTimeout      it took longer than anybody waits
    ├── InputInvalid       what a chat asks for makes no sense, or is more than the model can do
    ├── InputTooLong       a chat is longer than the model can read
    └── EngineFailed       it answered an error that is not about one text
"""

from __future__ import annotations

from .messages import joining, running
from .text import Text


class AgentError(Exception):
    """Any error that a person is told about: a short `title` and a whole sentence in `message`."""

    title = Text("Something went wrong")

    #: What to type to get out of it, for those who read it in a terminal; empty where there is no such thing.
    hint: str = ""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotJoined(AgentError):
    """This PC belongs to no pool yet."""

    title = Text("Not joined yet")
    hint = joining.HINT_JOIN


class AlreadyJoined(AgentError):
    """This PC belongs to a pool already."""

    title = Text("Already joined")
    hint = joining.HINT_LEAVE


class InviteLinkInvalid(AgentError):
    """The text is not an invite link."""

    title = Text("This is not an invite link")


class InviteNeedsServer(InviteLinkInvalid):
    """The text is an invite's code, without the address of its pool."""

    hint = joining.HINT_SERVER


class AlreadyRunning(AgentError):
    """Another agent uses this data folder."""

    title = Text("EmbedPool is already running")
    hint = joining.HINT_DATA_DIR


class NoWindows(AgentError):
    """The windows cannot be shown here: Qt or a screen is missing."""

    title = Text("EmbedPool cannot show windows")
    hint = running.HINT_HEADLESS


class NotEnding(AgentError):
    """The running agent was asked to end, and goes on."""

    title = Text("EmbedPool is still running")


class NotInstalled(AgentError):
    """The program runs from a place that will be gone, so the system cannot be told to start it."""

    title = Text("EmbedPool is not installed yet")


class DataFolderUnusable(AgentError):
    """The data folder cannot be made or written."""

    title = Text("The data folder cannot be used")
    hint = joining.HINT_DATA_DIR


class KeyStoreError(AgentError):
    """The system's key store said no."""

    title = Text("The key store said no")
    hint = joining.HINT_KEY_FILE


class KeyStoreLocked(KeyStoreError):
    """The key store is locked, and nobody gave its password: asking again asks for it again."""

    title = Text("The key store is locked")


class KeyStoreMissing(KeyStoreError):
    """There is no key store here that keeps a key safe."""

    title = Text("No key store was found")


class KeyMissing(KeyStoreError):
    """The key store works, but our key is not in it."""

    title = Text("The key is gone")
    hint = joining.HINT_LEAVE


class ServerError(AgentError):
    """The pool's server could not do what we asked."""

    title = Text("The pool has a problem")


class InsecureServer(ServerError):
    """The server's address is plain http to another machine."""

    title = Text("The connection would not be encrypted")
    hint = joining.HINT_INSECURE


class ServerUnreachable(ServerError):
    """There is no connection to the server, or it broke."""

    title = Text("No connection")


class ServerBusy(ServerError):
    """The server asks us to come back later."""

    title = Text("The pool is busy")

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        #: Seconds the server wants to be left alone.
        self.retry_after = retry_after


class ServerAnswerOdd(ServerError):
    """The server answered something that the protocol does not allow."""

    title = Text("The pool's server answers strangely")


class RequestRefused(ServerError):
    """The server understood the request and said no."""

    title = Text("The pool said no")

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        #: HTTP status of the answer.
        self.status = status


class KeyRefused(ServerError):
    """The pool no longer knows this PC's key."""

    title = Text("The pool refused this PC's key")
    hint = joining.HINT_LEAVE


class EngineError(AgentError):
    """What computes on this PC failed as a whole, not because of one of several texts."""

    title = Text("The engine has a problem")
    #: Name of this error in a turn's results.
    code = "engine_error"


class EngineUnavailable(EngineError):
    """The engine does not run, or it went away."""

    title = Text("The engine is not running")


class OwnerUsesEngine(EngineUnavailable):
    """The owner of this PC uses the engine: a call of ours could push the owner's model out of memory."""

    title = Text("You are using Ollama yourself")


class ModelMissing(EngineError):
    """The engine has no such model."""

    title = Text("A model is missing")
    code = "model_missing"


class OutOfMemory(EngineError):
    """The model does not fit into this PC's memory."""

    title = Text("Not enough memory")
    code = "out_of_memory"


class EngineTimeout(EngineError):
    """The engine took longer than anybody waits for."""

    title = Text("The engine is too slow")
    code = "engine_timeout"


class InputInvalid(EngineError):
    """What a chat asks for makes no sense, or is more than the model can do. It is not about this PC."""

    title = Text("The chat makes no sense")
    code = "input_invalid"


class InputTooLong(EngineError):
    """A chat is longer than the model can read."""

    title = Text("The chat is too long")
    code = "input_too_long"


class EngineFailed(EngineError):
    """The engine answered an error that is not about one text."""

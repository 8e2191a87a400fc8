"""The writer: group commit, neighbours that do not hurt each other, a full disk, and the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from server.domain.errors import Unavailable
from server.storage import writer as writer_module
from server.storage.database import open_writing_engine
from server.storage.writer import MAX_BATCH, Writer


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_writing_engine(tmp_path / "writer.db")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL)")
    yield engine
    engine.dispose()


@pytest.fixture
def writer(engine: Engine) -> Iterator[Writer]:
    writer = Writer(engine.connect)
    yield writer
    writer.stop()


def note(number: int, body: str = "x") -> Callable[[Connection], int]:
    """Return an operation that writes a note and answers its number."""

    def write(connection: Connection) -> int:
        connection.execute(text("INSERT INTO notes VALUES (:id, :body)"), {"id": number, "body": body})
        return number

    return write


def until(condition: Callable[[], bool]) -> None:
    """Wait for another thread to get somewhere."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.0005)


def until_waiting(writer: Writer, count: int) -> None:
    """Wait until so many operations wait to be written."""
    until(lambda: len(writer._entries) == count)


def stored(writer: Writer) -> set[int]:
    return writer.run(lambda connection: set(connection.execute(text("SELECT id FROM notes")).scalars()))


def together(writer: Writer, *operations: Callable[[Connection], int]) -> list[int | BaseException]:
    """Hand operations in while another one is being written, so that they are one batch; return what came of each."""
    busy, go = threading.Event(), threading.Event()

    def hold(_connection: Connection) -> None:
        busy.set()
        assert go.wait(10)

    with ThreadPoolExecutor(len(operations) + 1) as threads:
        threads.submit(writer.run, hold)
        assert busy.wait(10)
        outcomes = []
        for count, operation in enumerate(operations, start=1):
            outcomes.append(threads.submit(writer.run, operation))
            # The order of a batch is the order of its handing in.
            until_waiting(writer, count)
        go.set()
        return [outcome.exception() or outcome.result() for outcome in outcomes]


def test_operations_that_wait_together_share_a_transaction(writer: Writer) -> None:
    """While the writer is busy others queue up, and all of them are committed at once, each with its own answer."""
    assert together(writer, *(note(number) for number in range(10))) == list(range(10))
    assert writer.last_batch == 10
    assert stored(writer) == set(range(10))


def test_a_transaction_is_bounded(writer: Writer) -> None:
    """More than `MAX_BATCH` operations are not made to wait for one another."""
    together(writer, *(note(number) for number in range(MAX_BATCH + 3)))
    assert writer.last_batch == 3
    assert len(stored(writer)) == MAX_BATCH + 3


def test_an_operation_that_raises_hurts_no_neighbour(writer: Writer) -> None:
    """What it changed is undone, its caller hears what it raised, and the others of its batch are stored."""

    def half(connection: Connection) -> int:
        note(50)(connection)
        raise KeyError("half way")

    outcomes = together(writer, note(1), half, note(1), note(2))
    assert outcomes[0] == 1
    assert isinstance(outcomes[1], KeyError)
    assert isinstance(outcomes[2], IntegrityError)
    assert outcomes[3] == 2
    assert stored(writer) == {1, 2}


def test_an_answer_means_that_it_is_committed(writer: Writer, engine: Engine) -> None:
    """Another connection sees every operation that was answered, at once."""
    reader = engine.dialect.connect(str(engine.url.database))
    try:
        for number in range(20):
            writer.run(note(number))
            assert reader.execute("SELECT count(*) FROM notes").fetchone() == (number + 1,)
    finally:
        reader.close()


def test_many_threads_lose_nothing(writer: Writer) -> None:
    """A thousand operations of twenty threads: each is stored, each hears its own answer."""
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda number: writer.run(note(number)), range(1000)))
    assert answers == list(range(1000))
    assert stored(writer) == set(range(1000))


def test_an_operation_may_be_run_again(writer: Writer) -> None:
    """When a neighbour fails, an operation runs a second time, and its first run has left nothing behind."""
    runs = []

    def count(connection: Connection) -> int:
        runs.append(connection.execute(text("SELECT count(*) FROM notes")).scalar())
        return note(len(runs))(connection)

    def fail(_connection: Connection) -> int:
        raise KeyError("always")

    outcomes = together(writer, count, fail)
    assert outcomes[0] == len(runs)
    assert set(runs) == {0}
    assert stored(writer) == {len(runs)}


def limit_pages(writer: Writer, spare: int) -> None:
    """Let the database grow by so many pages only, as a full disk does."""

    def limit(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + spare}")

    writer.run(limit)


def test_a_full_disk_is_said_to_be_unavailable(writer: Writer) -> None:
    """What does not fit is refused as Unavailable with a time to come back; afterwards the writer goes on."""
    writer.run(note(1))
    limit_pages(writer, 2)
    with pytest.raises(Unavailable) as refused:
        writer.run(note(2, "y" * 100_000))
    assert refused.value.retry_after
    assert stored(writer) == {1}
    limit_pages(writer, 1000)
    assert writer.run(note(2, "y" * 100_000)) == 2
    assert stored(writer) == {1, 2}


def test_a_full_disk_tells_nobody_that_it_stored_something(writer: Writer) -> None:
    """Of a batch in which one operation fills the disk, each caller hears the truth about its own."""
    limit_pages(writer, 3)
    outcomes = together(writer, note(1), note(2, "y" * 100_000), note(3))
    answered = {outcome for outcome in outcomes if isinstance(outcome, int)}
    assert isinstance(outcomes[1], Unavailable)
    limit_pages(writer, 1000)
    assert stored(writer) == answered


def test_a_commit_that_fails_refuses_all_of_the_batch(writer: Writer, caplog: pytest.LogCaptureFixture) -> None:
    """When COMMIT fails, everybody in the batch gets Unavailable, nothing is stored, and the writer goes on."""

    def defer(connection: Connection) -> int:
        connection.exec_driver_sql("INSERT INTO children VALUES (1, 99)")
        return 0

    def prepare(connection: Connection) -> None:
        connection.exec_driver_sql(
            "CREATE TABLE children (id INTEGER, parent INTEGER REFERENCES notes(id) DEFERRABLE INITIALLY DEFERRED)"
        )

    writer.run(prepare)
    outcomes = together(writer, note(1), defer, note(2))
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 3
    assert "a transaction of 3 operations failed" in caplog.text
    assert stored(writer) == set()
    assert writer.run(note(3)) == 3


def test_prompts_stay_out_of_errors(writer: Writer, caplog: pytest.LogCaptureFixture) -> None:
    """An error of the database names the statement, never the values it failed with."""
    writer.run(note(1))
    with pytest.raises(IntegrityError) as refused:
        writer.run(note(1, "a secret prompt"))
    assert "secret" not in str(refused.value)
    limit_pages(writer, 2)
    with pytest.raises(Unavailable):
        writer.run(note(2, "a secret prompt" * 10_000))
    assert "a transaction of 1 operations failed" in caplog.text
    assert "secret" not in caplog.text


def test_stopping_finishes_what_was_handed_in_and_refuses_the_rest(engine: Engine, tmp_path: Path) -> None:
    """`stop` waits for what is being written, folds the write-ahead log, and later operations are refused at once."""
    writer = Writer(engine.connect)
    go, busy = threading.Event(), threading.Event()

    def slow(connection: Connection) -> int:
        busy.set()
        assert go.wait(10)
        return note(0)(connection)

    with ThreadPoolExecutor(30) as threads:
        first = threads.submit(writer.run, slow)
        assert busy.wait(10)
        others = [threads.submit(writer.run, note(number)) for number in range(1, 20)]
        until_waiting(writer, 19)
        stopping = threads.submit(writer.stop)
        until(lambda: writer._stopped)
        with pytest.raises(Unavailable):
            writer.run(note(1000))
        go.set()
        assert [first.result(), *(other.result() for other in others)] == list(range(20))
        stopping.result()
    assert (tmp_path / "writer.db-wal").stat().st_size == 0
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM notes")).scalar() == 20


def test_stopping_twice_is_stopping_once(engine: Engine) -> None:
    """A second `stop` finds nothing to do."""
    writer = Writer(engine.connect)
    writer.run(note(1))
    writer.stop()
    writer.stop()


def test_many_that_write_while_it_stops_are_served_or_refused(engine: Engine) -> None:
    """However a stop falls among a hundred writes, each is answered, and what was answered is stored."""
    for _ in range(20):
        writer = Writer(engine.connect)
        ready = threading.Barrier(11)

        def write(number: int, writer: Writer = writer, ready: threading.Barrier = ready) -> int:
            ready.wait(10)
            try:
                return writer.run(note(number))
            except Unavailable:
                return -1

        with ThreadPoolExecutor(10) as threads:
            outcomes = [threads.submit(write, number) for number in range(10)]
            ready.wait(10)
            writer.stop()
            answered = {outcome.result(timeout=20) for outcome in outcomes} - {-1}
        with engine.connect() as connection:
            assert set(connection.execute(text("SELECT id FROM notes")).scalars()) == answered
            connection.execute(text("DELETE FROM notes"))


def test_the_log_is_folded_when_nobody_writes(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some seconds after the last write the write-ahead log is cut to nothing; sooner it is left alone."""
    writer = Writer(engine.connect)
    log = tmp_path / "writer.db-wal"
    writer.run(note(1))
    writer.fold_if_idle()
    assert log.stat().st_size > 0
    monkeypatch.setattr(writer_module, "IDLE_SECONDS", 0)
    writer.fold_if_idle()
    assert log.stat().st_size == 0
    assert writer.run(note(2)) == 2
    writer.stop()


def test_an_operation_that_breaks_off_reading_hurts_nobody(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A statement left open by an error keeps the log from being folded; writing goes on all the same."""
    monkeypatch.setattr(writer_module, "IDLE_SECONDS", 0)
    writer = Writer(engine.connect)
    for number in range(3):
        writer.run(note(number))
    open_results = []

    def break_off(connection: Connection) -> None:
        rows = connection.execute(text("SELECT id FROM notes"))
        open_results.append(rows)
        next(iter(rows))
        raise KeyError("in the middle of reading")

    with pytest.raises(KeyError):
        writer.run(break_off)
    writer.fold_if_idle()
    assert "could not be folded" in caplog.text
    assert writer.run(note(3)) == 3
    for rows in open_results:
        rows.close()
    writer.stop()


def test_the_log_is_folded_later_when_a_reader_is_in_the_way(
    writer: Writer, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for the reader, who may be a backup of seconds; once it is gone, the log is folded."""
    monkeypatch.setattr(writer_module, "IDLE_SECONDS", 0.0)
    log = Path(f"{engine.url.database}-wal")
    writer.run(note(1))
    reader = engine.dialect.connect(str(engine.url.database), isolation_level=None)
    try:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM notes").fetchall()
        writer.run(note(2))
        # Whoever waits for the reader here waits for ever.
        writer.run(lambda connection: connection.exec_driver_sql("PRAGMA busy_timeout = 3600000").scalar())
        writer.fold_if_idle()
        assert log.stat().st_size > 0
    finally:
        reader.close()
    writer.fold_if_idle()
    assert log.stat().st_size == 0
    assert writer.run(lambda connection: connection.exec_driver_sql("PRAGMA busy_timeout").scalar()) == 3600000
    assert stored(writer) == {1, 2}

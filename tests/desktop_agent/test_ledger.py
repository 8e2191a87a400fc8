"""The ledger never loses a result that is wanted, and never keeps one that is not."""

from __future__ import annotations

from desktop_agent.core.chat.payload import read_payload
from desktop_agent.core.pool.wire import Answered, ChatTask, Completed, Failed
from desktop_agent.core.work.ledger import MAX_RESULT_BYTES, MAX_RESULTS, Ledger
from tests.desktop_agent.parts import task


def done(lease_id: str, size: int = 32) -> Completed:
    return Completed(lease_id, bytes(size), 8, 5, (), "digest", 1.0)


def ledger_with(*leases: str, now: float = 0.0) -> Ledger:
    ledger = Ledger()
    ledger.claim([task(lease) for lease in leases], now)
    return ledger


def test_a_result_goes_out_once_and_ends_with_its_judgement() -> None:
    """Held from claim to judgement; while one request carries it, no other does."""
    ledger = ledger_with("1", "2")
    ledger.finish([done("1")])
    assert (ledger.has_unsent, ledger.unfinished, ledger.at_risk) == (True, ("2",), ("1", "2"))
    sent = ledger.take_for_sending()
    assert [outcome.lease_id for outcome in sent] == ["1"]
    assert (ledger.has_unsent, ledger.take_for_sending(), ledger.at_risk) == (False, (), ("2",))
    assert ledger.settle(sent, {"1": "accepted"})
    assert ledger.holding == ("2",)
    assert (ledger.counters.tasks_done, ledger.counters.texts_done, ledger.counters.results_unwanted) == (1, 1, 0)


def test_a_result_sent_in_vain_is_sent_again() -> None:
    """A broken request gives its results back."""
    ledger = ledger_with("1")
    ledger.finish([done("1")])
    sent = ledger.take_for_sending()
    ledger.sent_in_vain(sent)
    assert ledger.take_for_sending() == sent


def test_a_result_without_judgement_stays() -> None:
    """An answer that says nothing about a result is not taken for a yes."""
    ledger = ledger_with("1", "2")
    ledger.finish([done("1"), done("2")])
    assert not ledger.settle(ledger.take_for_sending(), {"1": "accepted"})
    assert [outcome.lease_id for outcome in ledger.take_for_sending()] == ["2"]


def test_stale_and_refused_results_are_thrown_away() -> None:
    """What the server does not want is forgotten, and counted."""
    ledger = ledger_with("1", "2", "3")
    ledger.finish([done("1"), done("2"), done("3")])
    ledger.settle(ledger.take_for_sending(), {"1": "stale", "2": "refused", "3": "replayed"})
    assert ledger.holding == ()
    assert ledger.counters.results_unwanted == 2


def test_results_are_kept_until_nobody_can_want_them() -> None:
    """A result outlives every outage up to the deadline of its task, and not longer; one on its way is left alone."""
    ledger = ledger_with("1", "2", now=1000.0)
    ledger.finish([done("1"), done("2")])
    assert ledger.expire(1119.9) == 0
    sent = ledger.take_for_sending()
    assert ledger.expire(1120.0) == 0
    ledger.sent_in_vain(sent[:1])
    assert ledger.expire(1120.0) == 1
    assert ledger.holding == ("2",)


def test_one_request_carries_only_so_much() -> None:
    """Neither more results nor more bytes than the server reads; one result alone may be of any size."""
    ledger = ledger_with(*map(str, range(MAX_RESULTS + 10)))
    ledger.finish(done(str(number)) for number in range(MAX_RESULTS + 10))
    assert [len(ledger.take_for_sending()) for _ in range(3)] == [MAX_RESULTS, 10, 0]
    large = ledger_with("1", "2", "3")
    large.finish([done("1", MAX_RESULT_BYTES + 4), done("2", MAX_RESULT_BYTES // 2), done("3", MAX_RESULT_BYTES // 2)])
    assert [[one.lease_id for one in large.take_for_sending()] for _ in range(2)] == [["1"], ["2", "3"]]


def test_an_answer_counts_with_its_size_and_as_a_chat() -> None:
    """Long answers fill a request as vectors do; a chat is a task, but no text."""
    ledger = Ledger()
    chats = [ChatTask(str(number), "m", read_payload("Hi"), 600.0) for number in range(2)]
    ledger.claim(chats, 0.0)
    text = "x" * (MAX_RESULT_BYTES - 1000)
    ledger.finish(Answered(chat.lease_id, {"message": {"content": text}}, "digest", 1.0) for chat in chats)
    assert [len(ledger.take_for_sending()) for _ in range(3)] == [1, 1, 0]
    assert (ledger.counters.tasks_done, ledger.counters.chats_done, ledger.counters.texts_done) == (2, 2, 0)
    assert ledger.expire(599.0) == 0


def test_what_is_refused_together_is_sent_in_halves() -> None:
    """Too much at once, or one bad result among good ones: the good ones arrive, and only the bad one is given up."""
    ledger = ledger_with("1", "2", "bad")
    ledger.finish([done("1"), done("2"), done("bad")])
    given_up, accepted = 0, []
    while sent := ledger.take_for_sending():
        names = [outcome.lease_id for outcome in sent]
        if "bad" in names:
            given_up += ledger.refused(sent)
        else:
            accepted += names
            assert ledger.settle(sent, dict.fromkeys(names, "accepted"))
    assert (accepted, given_up, ledger.holding) == (["1", "2"], 1, ())


def test_a_lease_that_was_given_twice_is_computed_once() -> None:
    """The server hands a lease out again that crossed our last request: we have it already."""
    ledger = ledger_with("1")
    assert ledger.claim([task("1"), task("2")], 0.0)[0].task.lease_id == "2"


def test_late_outcomes_of_leases_that_are_gone_are_ignored() -> None:
    """A computation that was given back or lost reports to nobody."""
    ledger = ledger_with("1", "2")
    ledger.release(["1"])
    ledger.drop(["2"])
    ledger.finish([done("1"), Failed("2", "engine_error", "x")])
    assert not ledger.has_unsent
    assert ledger.counters.tasks_released == 1
    assert ledger.counters.tasks_done == 0

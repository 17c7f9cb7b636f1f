"""Whole histories of the store: what is judged Ok, Illegal, Unknown, and for what reason."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from planespec.checker.linearizability import Limits, Operation, Verdict
from planespec.reports.judge.history.etcd_history import judge_history
from planespec.spec.etcd import Store
from planespec.spec.etcd.history import get_keys, step
from planespec.spec.etcd.requests import (
    Compact,
    Compare,
    CompareTarget,
    DeleteRange,
    Put,
    Range,
    Txn,
)
from planespec.spec.etcd.watch import SeenEvent, SeenResponse, SeenWatch


def run(*requests):
    """Answer requests one after the other, each in its own time."""
    store, history = Store(), []
    for at, request in enumerate(requests):
        store, seen = step(store, request)
        history.append(Operation(0, request, seen, 10 * at, 10 * at + 5))
    return history


def lost(request, called):
    return Operation(9, request, None, called, None)


def saw(*events, revision=2):
    return SeenWatch("", revision, with_prefix=True, responses=(SeenResponse(tuple(events)),))


def test_answers_of_the_store_itself_are_linearizable():
    history = run(Put("a", "1"), Range("a"), DeleteRange("a"), Range("a", "b"), Compact(3))
    judgement = judge_history(history, [])
    assert judgement.verdict is Verdict.OK
    assert list(judgement.linearization.order) == history


def test_a_stale_read_is_illegal_and_shows_how_far_it_went():
    history = run(Put("a", "1"), Put("a", "2"), Range("a"))
    stale = run(Put("a", "1"), Range("a"))[1].output
    judgement = judge_history([*history[:2], replace(history[2], output=stale)], [])
    assert judgement.verdict is Verdict.ILLEGAL
    assert list(judgement.linearization.order) == history[:2]


def test_a_lost_write_that_a_read_saw_happened():
    full = run(Put("a", "1"), Range("a"))
    assert judge_history([lost(full[0].input, 0), full[1]], []).verdict is Verdict.OK


def test_a_write_acknowledged_and_gone_is_illegal():
    """The shape of issue 14370: acknowledged, then missing after a crash."""
    history = run(Put("a", "1"), Range("a"))
    empty = run(Range("a"))[0].output
    assert judge_history([history[0], replace(history[1], output=empty)], []).verdict is (
        Verdict.ILLEGAL
    )


def test_two_swaps_from_the_same_revision_cannot_both_succeed():
    guard = (Compare("a", target=CompareTarget.MOD, operand=0),)
    first, second = (Txn(guard, (Put("a", value),)) for value in "12")
    history = run(first)
    doubled = replace(history[0], input=second)
    assert judge_history([history[0], doubled], []).verdict is Verdict.ILLEGAL


def test_a_read_of_the_past_is_held_to_the_order_found():
    history = run(Put("a", "1"), Put("a", "2"), Range("a", revision=2))
    assert judge_history(history, []).verdict is Verdict.OK
    wrong = replace(history[2], output=run(Put("a", "2"), Range("a"))[1].output)
    judgement = judge_history([*history[:2], wrong], [])
    assert (judgement.verdict, judgement.wrong_reads) == (Verdict.ILLEGAL, (wrong,))


def test_a_read_of_the_past_may_be_refused_as_compacted():
    history = run(Put("a", "1"), Put("a", "2"), Compact(3), Range("a", revision=2))
    assert judge_history(history, []).verdict is Verdict.OK


def test_a_watch_that_misses_an_event_is_illegal_and_named():
    history = run(Put("a", "1"), Put("a", "2"))
    judgement = judge_history(history, [saw(SeenEvent("a", "2", 3))])
    assert judgement.verdict is Verdict.ILLEGAL
    assert {breach.requirement.name for breach in judgement.breaches} == {"Resumable", "Reliable"}


def test_an_event_settles_the_one_lost_write_that_explains_it():
    history = [lost(Put("a", "1"), 0), lost(Put("a", "2"), 1)]
    event = SeenEvent("a", "2", 2, is_create=True)
    assert judge_history(history, [saw(event)]).verdict is Verdict.OK


def test_an_event_that_no_lost_write_explains_stays_open():
    history = [lost(Put("a", "1"), 0)]
    judgement = judge_history(history, [saw(SeenEvent("a", "9", 2, is_create=True))])
    assert judgement.verdict is Verdict.UNKNOWN
    assert "unknown outcome" in judgement.reason


def test_an_event_that_nothing_explains_is_illegal():
    judgement = judge_history(run(Range("a")), [saw(SeenEvent("a", "9", 2, is_create=True))])
    assert judgement.verdict is Verdict.ILLEGAL


def test_a_limit_ends_as_unknown():
    writes = [Operation(i, Put("a", str(i)), None, 0, None) for i in range(8)]
    history = [*writes, replace(run(Put("a", "x"), Range("a"))[1], called=50, returned=60)]
    judgement = judge_history(history, [], Limits(steps=30))
    assert judgement.verdict is Verdict.UNKNOWN
    assert "30 steps" in judgement.reason


def test_the_keys_of_a_transaction_are_those_it_reads_or_writes():
    request = Txn((Compare("a"),), (Put("b"),), (Range("c"), DeleteRange("d")))
    assert get_keys(request) == frozenset("abcd")


requests = st.one_of(
    st.builds(Put, st.sampled_from("ab"), st.sampled_from("12")),
    st.builds(DeleteRange, st.sampled_from("ab")),
    st.builds(Range, st.sampled_from("ab")),
    st.builds(Compact, st.integers(0, 6)),
    st.builds(
        lambda key, revision, value: Txn(
            (Compare(key, target=CompareTarget.MOD, operand=revision),),
            (Put(key, value),),
            (Range(key),),
        ),
        st.sampled_from("ab"),
        st.integers(0, 4),
        st.sampled_from("12"),
    ),
)


@given(st.lists(requests, max_size=6), st.data())
def test_overlapping_answers_of_an_atomic_store_are_linearizable(sequence, data):
    spread = st.integers(0, 25)
    history = [
        replace(op, called=op.called - data.draw(spread), returned=op.returned + data.draw(spread))
        for op in run(*sequence)
    ]
    gone = data.draw(st.sets(st.integers(0, 5)))
    history = [
        replace(op, output=None, returned=None) if at in gone else op
        for at, op in enumerate(history)
    ]
    assert judge_history(history, []).verdict is Verdict.OK

"""Histories of a register whose verdict is known, from the literature and by construction."""

import time

import pytest

from planespec.checker.linearizability import (
    Limits,
    Operation,
    SequentialModel,
    Verdict,
    check,
    check_parts,
    partition_by_keys,
)


def step(state, request):
    """A register: ("w", value), ("r",) or ("cas", old, new)."""
    if request[0] == "w":
        return request[1], "ok"
    if request[0] == "cas":
        return (request[2], True) if state == request[1] else (state, False)
    return state, state


REGISTER = SequentialModel(0, step, is_read=lambda request: request[0] == "r")


def op(called, returned, request, output, client=0):
    return Operation(client, request, output, called, returned)


def test_an_empty_history_is_linearizable():
    assert check(REGISTER, []).verdict is Verdict.OK


def test_a_read_may_see_a_concurrent_write_or_not():
    write = op(0, 10, ("w", 1), "ok")
    for seen in (0, 1):
        assert check(REGISTER, [write, op(2, 3, ("r",), seen)]).verdict is Verdict.OK


def test_a_read_after_a_write_returned_sees_it():
    history = [op(0, 1, ("w", 1), "ok"), op(2, 3, ("r",), 0)]
    result = check(REGISTER, history)
    assert result.verdict is Verdict.ILLEGAL
    assert result.order == (history[0],)
    assert [(b.operation, b.answer) for b in result.blocked] == [(history[1], 1)]


def test_a_value_once_read_is_not_unread():
    """Herlihy and Wing's new-old inversion: two reads in sequence during one write."""
    write = op(0, 10, ("w", 1), "ok")
    reads = [op(1, 2, ("r",), 1), op(3, 4, ("r",), 0)]
    assert check(REGISTER, [write, *reads]).verdict is Verdict.ILLEGAL
    assert check(REGISTER, [write, *reversed_outputs(reads)]).verdict is Verdict.OK


def reversed_outputs(reads):
    outputs = [read.output for read in reversed(reads)]
    return [op(r.called, r.returned, r.input, o) for r, o in zip(reads, outputs, strict=True)]


def test_two_swaps_of_the_same_value_cannot_both_succeed():
    swaps = [op(0, 5, ("cas", 0, 1), True), op(1, 6, ("cas", 0, 2), True)]
    assert check(REGISTER, swaps).verdict is Verdict.ILLEGAL
    assert check(REGISTER, [swaps[0], op(1, 6, ("cas", 0, 2), False)]).verdict is Verdict.OK


def test_calls_and_returns_of_the_same_time_are_concurrent():
    assert check(REGISTER, [op(0, 1, ("w", 1), "ok"), op(1, 2, ("r",), 0)]).verdict is Verdict.OK


def test_a_write_of_unknown_outcome_may_take_effect_late():
    lost = op(0, None, ("w", 1), None)
    reads = [op(2, 3, ("r",), 0), op(4, 5, ("r",), 1)]
    result = check(REGISTER, [lost, *reads])
    assert result.verdict is Verdict.OK
    assert result.order == (reads[0], lost, reads[1])


def test_a_write_of_unknown_outcome_may_never_take_effect():
    assert (
        check(REGISTER, [op(0, None, ("w", 1), None), op(2, 3, ("r",), 0)]).verdict is Verdict.OK
    )


def test_an_answer_that_nobody_saw_fits_also_where_nothing_changes():
    unseen = op(0, 1, ("w", 0), None)
    assert check(REGISTER, [unseen]).order == (unseen,)


def test_what_is_unknown_and_changes_nothing_is_left_out():
    seen = op(2, 3, ("r",), 0)
    assert check(REGISTER, [op(0, None, ("w", 0), None), seen]).order == (seen,)


def test_a_write_of_unknown_outcome_takes_effect_at_most_once():
    history = [op(0, None, ("cas", 0, 1), None)]
    history += [op(2 * i, 2 * i + 1, ("r",), seen) for i, seen in enumerate([1, 0, 1], start=1)]
    assert check(REGISTER, history).verdict is Verdict.ILLEGAL


def test_a_write_of_unknown_outcome_does_not_act_before_its_call():
    history = [op(0, 1, ("r",), 1), op(2, None, ("w", 1), None)]
    assert check(REGISTER, history).verdict is Verdict.ILLEGAL


def test_the_state_of_the_result_is_the_one_after_the_order():
    assert check(REGISTER, [op(0, 1, ("w", 7), "ok")]).state == 7


def test_the_limit_of_steps_ends_as_unknown_with_the_longest_order():
    history = [op(0, 100, ("w", n), "ok") for n in range(10)] + [op(101, 102, ("r",), -1)]
    result = check(REGISTER, history, Limits(steps=20))
    assert result.verdict is Verdict.UNKNOWN
    assert "20 steps" in result.reason
    assert len(result.order) == 10


def test_the_limit_of_time_ends_as_unknown():
    history = [op(0, 100, ("w", n), "ok") for n in range(25)] + [op(101, 102, ("r",), -1)]
    started = time.monotonic()
    result = check(REGISTER, history, Limits(steps=None, seconds=0.05))
    assert result.verdict is Verdict.UNKNOWN
    # Without the limit it would try 25 factorial orders; a busy machine may take its time.
    assert time.monotonic() - started < 300


def test_concurrent_reads_are_no_choice():
    history = [op(0, 100, ("r",), 0) for _ in range(200)] + [op(101, 102, ("r",), 1)]
    result = check(REGISTER, history)
    assert result.verdict is Verdict.ILLEGAL
    assert result.steps < 1_000


def test_an_operation_cannot_return_before_its_call():
    with pytest.raises(ValueError, match="before its call"):
        op(2, 1, ("r",), 0)


def keyed(called, returned, keys, output):
    return op(called, returned, keys, output)


def test_operations_that_share_no_key_fall_into_parts():
    history = [keyed(0, 1, key, 0) for key in ("a", "b", "a", "ac", "c", "d", "")]
    parts = partition_by_keys(history, keys_of=tuple)
    assert [[each.input for each in part] for part in parts] == [
        ["a", "a", "ac", "c"],
        ["b"],
        ["d"],
        [""],
    ]


def test_the_worst_part_decides():
    good = [op(0, 1, ("r",), 0)]
    bad = [op(0, 1, ("r",), 5)]
    slow = [op(0, 100, ("w", n), "ok") for n in range(10)] + [op(101, 102, ("r",), -1)]
    limits = Limits(steps=20)
    assert check_parts(REGISTER, [], limits).verdict is Verdict.OK
    assert check_parts(REGISTER, [good, slow], limits).verdict is Verdict.UNKNOWN
    assert check_parts(REGISTER, [slow, good, bad], limits).verdict is Verdict.ILLEGAL

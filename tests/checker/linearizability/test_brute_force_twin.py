"""The search against a twin that tries every order of every subset of the unknown operations."""

from itertools import chain, combinations, permutations

from hypothesis import given
from hypothesis import strategies as st

from planespec.checker.linearizability import (
    Operation,
    SequentialModel,
    Verdict,
    check,
    check_parts,
    partition_by_keys,
)

KEYS = "ab"


def step(state, request):
    """Two registers: (key, None) reads, (key, value) writes and answers the old value."""
    key, value = request
    at = KEYS.index(key)
    if value is None:
        return state, state[at]
    return (*state[:at], value, *state[at + 1 :]), state[at]


MODEL = SequentialModel((0, 0), step)
WITH_READS = SequentialModel((0, 0), step, is_read=lambda request: request[1] is None)


def is_explained(history):
    known = [each for each in history if not each.is_unknown]
    unknown = [each for each in history if each.is_unknown]
    sets = chain.from_iterable(combinations(unknown, n) for n in range(len(unknown) + 1))
    return any(is_order(order) for some in sets for order in permutations([*known, *some]))


def is_order(order):
    for i, later in enumerate(order):
        if any(later.returned is not None and later.returned < e.called for e in order[:i]):
            return False
    state = MODEL.initial
    for each in order:
        state, answer = step(state, each.input)
        if not each.is_unknown and answer != each.output:
            return False
    return True


@st.composite
def operations(draw):
    called = draw(st.integers(0, 8))
    returned = draw(st.none() | st.integers(called, 10))
    request = draw(st.tuples(st.sampled_from(KEYS), st.none() | st.integers(1, 2)))
    return Operation(0, request, draw(st.integers(0, 2)), called, returned)


@given(st.lists(operations(), max_size=5))
def test_the_search_agrees_with_trying_every_order(history):
    result = check(MODEL, history)
    assert result.verdict is (Verdict.OK if is_explained(history) else Verdict.ILLEGAL)
    if result.verdict is Verdict.OK:
        assert is_order(result.order)
    assert check(WITH_READS, history).verdict is result.verdict


@given(st.lists(operations(), max_size=6))
def test_judging_key_by_key_gives_the_same_verdict(history):
    parts = partition_by_keys(history, keys_of=lambda request: [request[0]])
    assert check_parts(MODEL, parts).verdict is check(MODEL, history).verdict


@st.composite
def real_histories(draw):
    """Run operations at chosen moments inside their intervals, so that an order exists."""
    moments = draw(st.permutations(range(0, 60, 10)))
    state, history = MODEL.initial, []
    for moment in sorted(moments):
        request = draw(st.tuples(st.sampled_from(KEYS), st.none() | st.integers(1, 3)))
        state, answer = step(state, request)
        called = moment - draw(st.integers(0, 25))
        returned = draw(st.none() | st.integers(moment, moment + 25))
        history.append(Operation(0, request, answer, called, returned))
    return history


@given(real_histories())
def test_a_history_made_by_an_atomic_object_is_linearizable(history):
    assert check(MODEL, history).verdict is Verdict.OK

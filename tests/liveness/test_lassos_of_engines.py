"""Engines list a state graph each in its own order; the behaviour that is shown is the same."""

import random

import pytest
from routes_for_ever import Blocked, Roads
from test_promises_of_models import assert_can_be_followed

from planespec.checker.budget import Options
from planespec.checker.instance import Instance
from planespec.checker.outcome import Outcome, Trace, Verdict, ViolationKind
from planespec.checker.run import check

PLACES = 6


def answers(instance: Instance, *promises: str) -> tuple[Outcome, Outcome]:
    options = Options(requirements=promises, workers=2)
    return check(instance, "python", options), check(instance, "native", options)


def shown(outcome: Outcome) -> dict[str, tuple[Trace, object]]:
    broken = (outcome.violation, *outcome.others) if outcome.violation else ()
    return {v.property: (v.trace, v.arguments) for v in broken}


def map_of(seed: int) -> Instance:
    """Roads from each place to two or three others, and two places to begin at."""
    chosen = random.Random(seed)
    roads = {(a, b) for a in range(PLACES) for b in chosen.sample(range(PLACES), 3) if a != b}
    begins = chosen.sample(range(PLACES), 2)
    return Instance(Roads, {"roads": sorted(map(list, roads)), "begins": begins})


@pytest.mark.sample(3)
@pytest.mark.parametrize("seed", range(12))
def test_the_same_lasso_is_shown_of_many(seed: int) -> None:
    instance = map_of(seed)
    python, native = answers(instance, "returns", "returns_paid", "arrives", "comes_home")
    assert python.verdict is native.verdict is Verdict.VIOLATED
    assert shown(python) == shown(native)
    for trace, _ in shown(native).values():
        assert_can_be_followed(instance, trace)


def test_nothing_but_the_order_of_steps_tells_which_comes_first() -> None:
    python, native = answers(Instance(Blocked), "all_have_given_up")
    assert python.violation is not None
    assert native.violation is not None
    assert python.violation.trace == native.violation.trace
    taken = [(s.action, s.arguments) for s in native.violation.trace.steps]
    assert [action for action, _ in taken] == ["prepare", "prepare", "prepare"]
    assert [int(arguments[0][1]) for _, arguments in taken] == [0, 1, 2]


def test_a_promise_that_cannot_be_judged_hides_no_state_from_the_others() -> None:
    python, native = answers(Instance(Blocked), "goes_wrong", "all_have_given_up")
    assert python.violation is not None
    assert native.violation is not None
    assert python.violation.kind is native.violation.kind is ViolationKind.ERROR
    assert shown(python) == shown(native)
    assert len(shown(native)["goes_wrong"][0].steps) == 1
    assert len(shown(native)["all_have_given_up"][0].steps) == 3

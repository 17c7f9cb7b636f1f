"""`check --engine symbolic`: shortest counterexamples up to a depth, and honest limits."""

import counters
import pytest

from planespec.checker.budget import Budget, Options
from planespec.checker.errors import ConfigurationError
from planespec.checker.instance import Instance
from planespec.checker.outcome import Outcome, Verdict, ViolationKind
from planespec.checker.run import check
from planespec.model.toys.resource_fit import ResourceFit
from planespec.reports.text.verdicts import exit_code_of


def searched(model: type, depth: int, mutant: str | None = None, **options: object) -> Outcome:
    asked = Options(budget=Budget(depth=depth), **options)  # type: ignore[arg-type]
    return check(Instance(model, {}, mutant), "symbolic", asked)


def test_a_counterexample_is_a_shortest_one() -> None:
    outcome = searched(counters.Anywhere, 9, requirements=("small",))
    assert outcome.violation is not None
    assert outcome.violation.trace.states == ((0,), (2,), (4,), (6,), (8,))


def test_below_the_depth_it_holds_within_that_depth() -> None:
    outcome = searched(counters.Anywhere, 3, requirements=("small",))
    assert outcome.verdict is Verdict.HOLDS
    assert "depth 3" in outcome.bound


def test_it_may_begin_in_every_state_the_assumptions_allow() -> None:
    outcome = searched(counters.Anywhere, 0, requirements=("small",), anywhere=True)
    assert outcome.violation is not None
    assert outcome.violation.trace.initial[0] % 2 == 0
    kept = searched(counters.Anywhere, 2, requirements=("stays_even",), anywhere=True)
    assert kept.verdict is Verdict.HOLDS


def test_a_model_error_has_the_message_of_cpython() -> None:
    outcome = searched(counters.Overflow, 9)
    assert outcome.violation is not None
    assert outcome.violation.kind is ViolationKind.ERROR
    assert "leaves 0..3" in outcome.violation.message
    assert len(outcome.violation.trace.steps) == 3


@pytest.mark.parametrize(("nodes", "pods"), [(2, 3), pytest.param(5, 8, marks=pytest.mark.slow)])
def test_the_stale_check_is_found_after_five_steps(nodes: int, pods: int) -> None:
    asked = Options(budget=Budget(depth=6))
    instance = Instance(ResourceFit, {"nodes": nodes, "pods": pods}, "stale_check")
    outcome = check(instance, "symbolic", asked)
    assert outcome.violation is not None
    assert len(outcome.violation.trace.steps) == 5


def test_a_depth_must_be_given() -> None:
    with pytest.raises(ConfigurationError, match="--depth"):
        check(Instance(counters.Twins), "symbolic", Options())


@pytest.mark.parametrize("engine", ["python", "native", "auto"])
def test_other_engines_refuse_numbers_without_a_bound_by_name(engine: str) -> None:
    with pytest.raises(ConfigurationError, match="parameter by of move"):
        check(Instance(counters.Twins), engine, Options())


def test_a_spent_budget_is_unknown_with_the_depth_reached() -> None:
    asked = Options(budget=Budget(depth=500, seconds=1))
    outcome = check(Instance(ResourceFit), "symbolic", asked)
    assert outcome.verdict is Verdict.UNKNOWN
    assert "nothing is wrong up to depth" in outcome.reason
    assert exit_code_of(outcome) == 152

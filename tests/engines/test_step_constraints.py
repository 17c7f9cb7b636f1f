"""Constraints on steps: what they cut off is judged, counted and not followed, in every engine."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from planespec.checker.budget import Budget, Options
from planespec.checker.engines.simulation.plan import Plan
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.load import load_model
from planespec.checker.outcome import Outcome, Verdict, ViolationKind
from planespec.checker.run import check
from planespec.checker.stateful.behaviour import Walk
from planespec.reports.formats.tla.module import export

TOYS = f"{Path(__file__).parent}/toys/bounded_steps.py"
NAMES = ("Grid", "Failing", "TwoStarts", "NoWayBack")
Grid, Failing, TwoStarts, NoWayBack = (load_model(f"{TOYS}:{name}") for name in NAMES)
ENGINES = ["python", "native", "symbolic"]
SAFETY = ("stays_out", "one_way_at_a_time", "corner")


def run(
    engine: str, mutant: str | None = None, ids: tuple[str, ...] = SAFETY, **constants: Any
) -> Outcome:
    options = Options(
        requirements=ids, workers=2, budget=Budget(depth=7 if engine == "symbolic" else None)
    )
    return check(Instance(Grid, constants, mutant), engine, options)


@pytest.mark.parametrize(
    ("constants", "distinct", "depth", "cut"),
    [({}, 36, 9, 46), ({"longest": 5}, 36, 7, 10), ({"longest": 0}, 6, 6, 30)],
)
@pytest.mark.parametrize("engine", ["python", "native"])
def test_what_is_cut_off_is_counted(
    engine: str, constants: dict[str, int], distinct: int, depth: int, cut: int
) -> None:
    outcome = run(engine, ids=("stays_out", "one_way_at_a_time"), **constants)
    assert outcome.verdict is Verdict.HOLDS
    found = outcome.statistics
    assert (found.distinct, found.depth, found.cut) == (distinct, depth, {"step constraint": cut})
    assert f"step constraint cut {cut}" in outcome.bound


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("mutant", "steps"), [("below", 4), ("beside", 1)])
def test_what_a_step_leads_to_is_judged_though_it_is_not_followed(
    engine: str, mutant: str, steps: int
) -> None:
    violation = run(engine, mutant).violation
    assert violation is not None
    assert violation.property == "stays_out"
    assert len(violation.trace.steps) == steps
    followed = pairwise(violation.trace.states[:-1])
    assert all(after[0] - before[0] <= 2 for before, after in followed)


@pytest.mark.parametrize("engine", ENGINES)
def test_where_a_step_leads_is_reached_though_it_is_not_followed(engine: str) -> None:
    assert run(engine).reached == {"corner": 6}
    assert run(engine, longest=1).reached == {"corner": 6}
    assert run(engine, ids=("corner",), longest=0).reached == {"corner": 6}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_bound_that_goes_wrong_is_a_model_error(engine: str) -> None:
    options = Options(requirements=SAFETY, budget=Budget(depth=4), workers=2)
    violation = check(Instance(Failing), engine, options).violation
    assert violation is not None
    assert violation.kind is ViolationKind.ERROR
    assert violation.property == "short_steps"
    assert "short_steps" in violation.message


@pytest.mark.parametrize("engine", ["python", "native"])
@pytest.mark.parametrize("promise", ["comes_home", "goes_far"])
def test_a_promise_beyond_the_cut_is_unknown(engine: str, promise: str) -> None:
    outcome = run(engine, ids=(promise,))
    assert outcome.verdict is Verdict.UNKNOWN
    assert f"{promise} not judged beyond what step constraint cut off" in outcome.reason


@pytest.mark.parametrize("engine", ["python", "native"])
def test_what_is_cut_off_makes_no_circle(engine: str) -> None:
    outcome = check(Instance(NoWayBack), engine, Options(workers=2))
    assert outcome.verdict is Verdict.UNKNOWN
    assert "arrives not judged beyond what step constraint cut off" in outcome.reason


def test_counterexamples_of_native_code_go_along_steps_that_are_kept() -> None:
    outcomes = [check(Instance(TwoStarts), e, Options(workers=2)) for e in ("python", "native")]
    python, native = (outcome.violation for outcome in outcomes)
    assert python == native
    assert python is not None
    assert [state[0] for state in python.trace.states] == [0, 3, 4]


@pytest.mark.parametrize("engine", ["python", "native"])
def test_random_walks_keep_to_the_bound(engine: str) -> None:
    if engine == "python":
        from planespec.checker.engines.simulation.walking import run as walk
    else:
        from planespec.checker.engines.native.host.random_walks import run as walk
    walked = walk(Instance(Grid, {"longest": 0}), Plan(seed=5, walks=20, depth=9, requirements=()))
    assert walked.numbers.ended
    assert walked.numbers.taken["right"] == 0
    assert walked.numbers.offered["right"] > 0


def test_the_hypothesis_machine_does_not_go_on_beyond_the_bound() -> None:
    walk = Walk(Instance(Grid), native=False)
    assert walk.begin(0) is None
    (short, long) = (step for step in walk.enabled("right") if step.state[0] in (2, 3))
    assert walk.take(long) is None
    assert not walk.enabled("up")
    assert walk.begin(0) is None
    assert walk.take(short) is None
    assert walk.enabled("up")


def test_tla_has_it_as_an_action_constraint() -> None:
    made = export(compile_system(Instance(Grid)))
    assert "ACTION_CONSTRAINT Holds_short_steps" in made.configuration
    assert "Holds_short_steps == short_steps(Later, Now)" in made.module

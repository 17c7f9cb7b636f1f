"""Native and python engine: the same verdict, numbers, trace and words on every small model."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from planespec.checker.budget import Budget, Options
from planespec.checker.engines.native import native_engine as native
from planespec.checker.engines.python import python_engine as python
from planespec.checker.instance import Instance
from planespec.checker.load import load_model
from planespec.checker.outcome import Outcome, Verdict, ViolationKind
from planespec.model.raft.bench import RaftBench

HERE = Path(__file__).parent
TOYS = HERE.parent / "models"
CORNERS = HERE / "toys" / "corners.py"

CASES: list[tuple[str, dict[str, Any], str | None]] = [
    (f"{TOYS}/tcommit.py:TCommit", {}, None),
    (f"{TOYS}/two_phase.py:TwoPhase", {}, None),
    (f"{TOYS}/two_phase.py:TwoPhase", {}, "eager"),
    (f"{TOYS}/peterson.py:Peterson", {}, None),
    (f"{TOYS}/peterson.py:Peterson", {}, "no_flag"),
    (f"{TOYS}/chang_roberts.py:ChangRoberts", {}, None),
    (f"{TOYS}/chang_roberts.py:ChangRoberts", {}, "greedy"),
    (f"{TOYS}/ewd840.py:EWD840", {}, None),
    (f"{TOYS}/ewd840.py:EWD840", {}, "stay_white"),
    (f"{TOYS}/dining_philosophers.py:DiningPhilosophers", {}, None),
    (f"{TOYS}/dining_philosophers.py:DiningPhilosophers", {}, "careless"),
    (f"{TOYS}/readers_writers.py:ReadersWriters", {}, "barge_in"),
    (f"{CORNERS}:Deadlock", {}, None),
    (f"{CORNERS}:Deadlock", {"allow_end": True}, None),
    (f"{CORNERS}:LeavesRange", {}, None),
    (f"{CORNERS}:StepRule", {}, None),
    (f"{CORNERS}:StepRule", {}, "slip"),
    (f"{CORNERS}:Constrained", {}, None),
    (f"{CORNERS}:Constrained", {"forbidden": 5}, None),
    (f"{CORNERS}:Constrained", {"forbidden": 3}, None),
    (f"{CORNERS}:ManyStarts", {}, None),
    (f"{CORNERS}:ManyStarts", {}, "bad_start"),
    (f"{CORNERS}:Mailbox", {"nodes": 2}, None),
    (f"{CORNERS}:CountsChoices", {}, None),
]


def name(case: tuple[str, dict[str, Any], str | None]) -> str:
    model, constants, mutant = case
    extra = ",".join(f"{k}={v}" for k, v in constants.items())
    return "-".join(x for x in (model.rsplit("/", 1)[-1], extra, mutant) if x)


def essence(outcome: Outcome) -> dict[str, Any]:
    numbers = outcome.statistics
    return {
        "verdict": outcome.verdict,
        "bound": outcome.bound,
        "violation": outcome.violation,
        "reached": outcome.reached,
        "requirements": outcome.requirements,
        "reason": outcome.reason,
        "numbers": (numbers.generated, numbers.distinct, numbers.depth, numbers.left),
        "levels": numbers.levels,
        "actions": numbers.actions,
        "unchanged": numbers.unchanged,
        "cut": numbers.cut,
    }


def instance(case: tuple[str, dict[str, Any], str | None]) -> Instance:
    model, constants, mutant = case
    return Instance(load_model(model), constants, mutant)


@pytest.mark.sample(2)
@pytest.mark.parametrize("case", CASES, ids=name)
def test_native_with_one_and_two_workers_answers_what_python_answers(case: Any) -> None:
    made = instance(case)
    expected = essence(python.run(made, Options()))
    for workers in (1, 2):
        found = native.run(made, Options(workers=workers))
        assert essence(found) == expected


@pytest.mark.parametrize("depth", [0, 1, 3, 6])
def test_a_depth_bound_cuts_the_same_states(depth: int) -> None:
    options = Options(budget=Budget(depth=depth))
    for case in (CASES[1], CASES[15], CASES[20]):
        made = instance(case)
        assert essence(native.run(made, options)) == essence(python.run(made, options))


@pytest.mark.parametrize(
    "case",
    [
        (f"{CORNERS}:Mailbox", {"nodes": 3}, None),
        (f"{TOYS}/tcommit.py:TCommit", {}, None),
        (f"{TOYS}/two_phase.py:TwoPhase", {}, None),
    ],
    ids=name,
)
def test_symmetry_finds_as_many_orbits_as_brute_force(case: Any) -> None:
    made = instance(case)
    expected = python.run(made, Options(symmetry=True)).statistics
    for workers in (1, 2):
        found = native.run(made, Options(symmetry=True, workers=workers)).statistics
        assert (found.distinct, found.depth) == (expected.distinct, expected.depth)
        assert found.levels == expected.levels


def test_without_the_check_a_deadlock_is_no_violation() -> None:
    made = instance((f"{CORNERS}:Deadlock", {}, None))
    found = native.run(made, Options(check_deadlock=False))
    assert found.verdict is Verdict.HOLDS
    assert native.run(made, Options()).violation.kind is ViolationKind.DEADLOCK  # type: ignore[union-attr]


def test_budgets_end_as_unknown_with_the_numbers_so_far() -> None:
    made = instance((f"{TOYS}/readers_writers.py:ReadersWriters", {}, None))
    states = native.run(made, Options(budget=Budget(states=1000)))
    assert states.verdict is Verdict.UNKNOWN
    assert "1,000 states" in states.reason
    assert states.statistics.distinct > 1000
    assert states.statistics.left > 0
    memory = native.run(made, Options(budget=Budget(memory=1_000_000)))
    assert memory.verdict is Verdict.UNKNOWN
    assert "1,000,000 bytes" in memory.reason


def test_only_the_named_requirement_is_judged() -> None:
    made = instance((f"{CORNERS}:Constrained", {"forbidden": 3}, None))
    options = Options(requirements=("at_limit",))
    found = native.run(made, options)
    assert found.verdict is Verdict.HOLDS
    assert found.requirements == ()
    assert essence(found) == essence(python.run(made, replace(options, workers=2)))


def test_large_levels_give_the_same_numbers_for_any_number_of_workers() -> None:
    made = Instance(RaftBench, {"max_msgs": 2})
    first, *others = [essence(native.run(made, Options(workers=n))) for n in (1, 2, 3)]
    assert first["numbers"][1] == 33_860
    assert all(other == first for other in others)

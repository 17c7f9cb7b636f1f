"""Hypothesis machines made from models: they walk, notice, shrink, and drive systems."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from planespec.checker.instance import Instance
from planespec.checker.load import load_model
from planespec.checker.outcome import Step, Violation
from planespec.checker.stateful import RequirementBrokenError, machine
from planespec.checker.stateful.behaviour import Walk
from planespec.model.raft.election import Election

TOYS = Path(__file__).parents[1] / "models"
CORNERS = Path(__file__).parents[1] / "engines" / "toys" / "corners.py"
QUICK = settings(
    max_examples=15, stateful_step_count=15, deadline=None, database=None, derandomize=True
)
LONG = settings(
    max_examples=400,
    stateful_step_count=15,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate, Phase.shrink),
)


@pytest.mark.parametrize(
    "name",
    [
        f"{TOYS}/two_phase.py:TwoPhase",
        f"{TOYS}/readers_writers.py:ReadersWriters",
        f"{CORNERS}:Mailbox",
        f"{CORNERS}:ManyStarts",
        f"{CORNERS}:StepRule",
    ],
)
def test_a_correct_model_is_walked_by_both_engines_without_a_failure(name: str) -> None:
    run_state_machine_as_test(machine(load_model(name)), settings=QUICK)


def test_a_mutant_is_noticed_and_the_failure_is_a_program() -> None:
    found: list[Violation] = []

    def report(violation: Violation) -> str:
        found.append(violation)
        return "it was told"

    made = machine(Election, mutant="vote_twice", report=report)
    with pytest.raises(RequirementBrokenError, match="RAFT-7") as failure:
        run_state_machine_as_test(made, settings=LONG)
    assert "it was told" in str(failure.value)
    program = "\n".join(failure.value.__notes__)
    assert (
        "# ElectionMachine = machine(Election, servers=3, terms=2, mutant='vote_twice'" in program
    )
    assert "state.grant_vote(instance=" in program
    # Shrinking ends where no single change helps: three steps are the least there are.
    assert 3 <= len(found[-1].trace.steps) <= 5


def test_a_model_error_and_a_deadlock_are_failures() -> None:
    for name, message in (("LeavesRange", "leaves 0..3"), ("Deadlock", "no action is enabled")):
        with pytest.raises(RequirementBrokenError, match=message):
            run_state_machine_as_test(machine(load_model(f"{CORNERS}:{name}")), settings=LONG)


class Register:
    """A real system beside StepRule: a counter that may have a fault."""

    def __init__(self, faulty: bool) -> None:
        self.n, self.faulty = 0, faulty

    def apply(self, step: Step) -> dict[str, Any]:
        self.n = 0 if step.action == "back" else self.n + 1
        return {"n": 3 if self.faulty and self.n == 4 else self.n}


def test_a_system_that_does_what_the_model_says_passes() -> None:
    model = load_model(f"{CORNERS}:StepRule")
    made = machine(model, adapter=lambda: Register(faulty=False))
    run_state_machine_as_test(made, settings=QUICK)


def test_a_system_that_shows_something_else_fails_after_the_fewest_steps() -> None:
    model = load_model(f"{CORNERS}:StepRule")
    made = machine(model, adapter=lambda: Register(faulty=True))
    with pytest.raises(RequirementBrokenError, match="shows n = 3, the model has 4") as failure:
        run_state_machine_as_test(made, settings=LONG)
    assert "\n".join(failure.value.__notes__).count("state.up(instance=0)") == 4


def test_engines_that_disagree_stop_the_walk() -> None:
    walk = Walk(Instance(load_model(f"{CORNERS}:StepRule")), native=True)
    walk.begin(0)

    class Wrong:
        def successors(self, state: Any) -> list[Any]:
            return []

    walk.probe = Wrong()  # type: ignore[assignment]
    with pytest.raises(AssertionError, match="engines disagree"):
        walk.enabled("up")

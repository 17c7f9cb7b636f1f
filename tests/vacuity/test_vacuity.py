"""How often premises were true, with the first witness."""

from cases import Cases

from planespec.checker.budget import Budget, Options
from planespec.checker.instance import Instance
from planespec.checker.vacuity import Premise, premises
from planespec.reports.cli.main import run

MODEL = "tests/vacuity/cases.py:Cases"


def found(**options: object) -> dict[str, Premise]:
    listed, _ = premises(Instance(Cases), Options(**options))  # type: ignore[arg-type]
    return {premise.requirement: premise for premise in listed}


def test_cases_of_conditions_implications_and_promises_are_counted_in_states() -> None:
    counts = {name: (p.cases, p.of) for name, p in found().items()}
    assert counts["guarded"] == (5, 9)
    assert counts["implied"] == (1, 9)
    assert counts["empty"] == (0, 9)
    assert counts["returns"] == (1, 9)


def test_cases_of_step_requirements_are_counted_in_steps() -> None:
    premise = found()["steps"]
    assert (premise.cases, premise.of) == (6, 18)
    assert premise.witness is not None
    assert len(premise.witness.steps) == 3


def test_the_witness_is_a_shortest_behaviour_to_a_case() -> None:
    witness = found()["implied"].witness
    assert witness is not None
    assert len(witness.steps) == 4
    assert witness.states[-1] == ((2, 2),)


def test_a_requirement_without_a_premise_is_not_reported() -> None:
    assert "plain" not in found()


def test_a_premise_never_true_is_reported_and_exits_10() -> None:
    assert found()["empty"].is_vacuous
    assert run(["vacuity", MODEL]) == 10
    assert run(["vacuity", MODEL, "--requirement", "guarded"]) == 0


def test_an_unfinished_search_leaves_a_premise_undecided() -> None:
    _, reason = premises(Instance(Cases), Options(budget=Budget(states=2)))
    assert "2 states" in reason
    assert run(["vacuity", MODEL, "--budget", "states=2"]) == 152

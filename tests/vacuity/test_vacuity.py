"""How often premises were true, with the first witness."""

import pytest
from cases import Cases

from planespec.checker import vacuity
from planespec.checker.budget import Budget, Options
from planespec.checker.instance import Instance
from planespec.checker.vacuity import Premise, premises
from planespec.reports.cli.main import run

MODEL = "tests/vacuity/cases.py:Cases"


def found(**options: object) -> dict[str, Premise]:
    answer = premises(Instance(Cases), Options(**options))  # type: ignore[arg-type]
    return {premise.requirement: premise for premise in answer.found}


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
    answer = premises(Instance(Cases), Options(budget=Budget(states=2)))
    assert "2 states" in answer.reason
    assert answer.counted >= 2
    assert answer.searched == 0
    assert run(["vacuity", MODEL, "--budget", "states=2"]) == 152


@pytest.mark.parametrize("ids", [None, ("guarded", "implied", "empty", "returns", "steps")])
def test_compiled_code_finds_the_cases_that_were_not_counted(
    monkeypatch: pytest.MonkeyPatch, ids: tuple[str, ...] | None
) -> None:
    everything = {name: p.first for name, p in found().items()}
    monkeypatch.setattr(vacuity, "COUNTED", 2)
    answer = premises(Instance(Cases), Options(requirements=ids))
    assert {p.requirement: p.first for p in answer.found} == everything
    assert [p.requirement for p in answer.found if p.is_vacuous] == ["empty"]
    assert (answer.searched, answer.reason) == (9, "")
    traced = {p.requirement: len(p.witness.steps) for p in answer.found if p.witness is not None}
    expected = {name: steps for name, steps in everything.items() if steps is not None}
    assert (traced == expected) is (ids is not None)


def test_an_interrupt_shows_what_was_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(search: vacuity.Search) -> None:
        explore(search)
        raise KeyboardInterrupt

    explore = vacuity.Search.explore
    monkeypatch.setattr(vacuity.Search, "explore", interrupted)
    assert run(["vacuity", MODEL]) == 130
    out = capsys.readouterr().out
    assert "guarded" in out
    assert "never true so far: empty" in out
    assert "not everything was seen: interrupted" in out


def test_a_model_without_premises_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["vacuity", "tests/models/peterson.py"]) == 0
    assert "no requirement has a premise" in capsys.readouterr().out

"""How often premises were true, with the first witness."""

import json
from dataclasses import replace

import pytest
from cases import Cases
from spellings import Spellings

from planespec.checker.budget import Budget, Options
from planespec.checker.engines.python.reference_search import Spent
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir.grammar import verify
from planespec.checker.premise import premise_cases
from planespec.checker.premise.premise_cases import Premise, premises
from planespec.reports.cli.main import run

MODEL = "tests/vacuity/cases.py:Cases"
SPELLINGS = "tests/vacuity/spellings.py"


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
    monkeypatch.setattr(premise_cases, "COUNTED", 2)
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
    def interrupted(search: premise_cases.Search) -> None:
        explore(search)
        raise KeyboardInterrupt

    explore = premise_cases.Search.explore
    monkeypatch.setattr(premise_cases.Search, "explore", interrupted)
    assert run(["vacuity", MODEL]) == 130
    out = capsys.readouterr().out
    assert "guarded" in out
    assert "never true so far: empty" in out
    assert "not everything was seen: interrupted" in out


def test_a_model_without_premises_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["vacuity", "tests/models/peterson.py"]) == 0
    assert "no requirement has a premise that was seen" in capsys.readouterr().out


ONE = ("negation_first", "negation_last", "denied_conjunction", "conditional_return",
       "early_return", "conditional_expression", "helper", "exclusion", "else_branch")  # fmt: skip
ANY = ("denied_existence", "nested_ifs_in_a_loop", "condition_of_a_comprehension",
       "early_continue", "conjunction_in_a_loop", "flag", "counted", "listed",
       "helper_with_statements")  # fmt: skip
CASES = {
    **dict.fromkeys(ONE, (3, 9)),
    **dict.fromkeys(ANY, (5, 9)),
    "nested": (1, 9),
    "pairs": (1, 9),
    "option": (0, 9),
    "step": (3, 18),
    "two_at_once#1": (3, 9),
    "two_at_once#2": (0, 9),
}


def test_a_premise_is_found_whatever_way_it_is_spelt() -> None:
    answer = premises(Instance(Spellings), Options())
    assert {p.id: (p.cases, p.of) for p in answer.found} == CASES
    assert answer.unseen == ("plain",)


def test_compiled_code_agrees_about_every_spelling(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = {p.id: p.first for p in premises(Instance(Spellings), Options()).found}
    monkeypatch.setattr(premise_cases, "COUNTED", 1)
    answer = premises(Instance(Spellings), Options())
    assert {p.id: p.first for p in answer.found} == everything
    assert answer.reason == ""
    traced = premises(Instance(Spellings), Options(requirements=("step", "flag", "early_return")))
    assert [p.witness is not None for p in traced.found] == [True, True, True]


def test_premises_are_programs_of_the_representation() -> None:
    instance = Instance(Spellings)
    ids = {claim.id for claim in instance.requirements}
    system, asked, _ = premise_cases._asked(compile_system(instance), ids)
    verify(replace(system, properties=(*system.properties, *asked)))


def test_what_has_no_premise_that_is_seen_is_counted_and_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["vacuity", SPELLINGS]) == 10
    out = capsys.readouterr().out
    assert "never true: option, two_at_once (line" in out
    assert "no premise was seen in 1 of 24 requirements: plain" in out
    assert run(["vacuity", SPELLINGS, "--json", "--requirement", "plain"]) == 0
    assert json.loads(capsys.readouterr().out)["not_seen"] == ["plain"]


@pytest.mark.parametrize("stop", [Spent("the budget of 1 seconds is spent"), KeyboardInterrupt()])
def test_what_ends_the_counting_leaves_what_was_counted(
    stop: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = 0

    def tick() -> None:
        nonlocal looked
        looked += 1
        if looked == 4:
            raise stop

    def counting(search: premise_cases.Search) -> None:
        explore(search)
        search.stepper.tick = tick

    explore = premise_cases.Search.explore
    monkeypatch.setattr(premise_cases.Search, "explore", counting)
    monkeypatch.setattr(premise_cases, "_is_searchable", lambda *_: False)
    answer = premises(Instance(Cases), Options(requirements=("guarded", "empty")))
    assert [p.of for p in answer.found] == [4, 4]
    interrupted = isinstance(stop, KeyboardInterrupt)
    assert answer.interrupted is interrupted
    assert answer.reason == ("interrupted" if interrupted else str(stop))

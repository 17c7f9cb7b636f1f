"""Going on behind what is broken: every requirement's own counterexample, whoever searches."""

from dataclasses import replace
from pathlib import Path

import pytest

from planespec.checker.budget import Budget, Options
from planespec.checker.continuing import DEADLOCK, check_all
from planespec.checker.instance import Instance
from planespec.checker.load import load_model
from planespec.checker.outcome import Outcome, Verdict, Violation, ViolationKind
from planespec.checker.run import check

FAULTY = f"{Path(__file__).parent}/toys/faulty.py:Faulty"
ENGINES = ("python", "native")
BROKEN = ["tiny", "unflagged", "small", "wrong", DEADLOCK, "seven", "moves", "ends"]
MODELS = Path(__file__).parent.parent / "models"
MUTANTS = [
    (f"{MODELS}/two_phase.py:TwoPhase", "eager"),
    (f"{MODELS}/peterson.py:Peterson", "no_flag"),
    (f"{MODELS}/chang_roberts.py:ChangRoberts", "greedy"),
    (f"{MODELS}/ewd840.py:EWD840", "stay_white"),
]


def found(outcome: Outcome) -> dict[str, Violation]:
    return {violation.property: violation for violation in outcome.violations}


def alone(instance: Instance, engine: str, id_: str) -> Violation | None:
    deadlock = id_ == DEADLOCK
    asked = Options(requirements=() if deadlock else (id_,), check_deadlock=deadlock)
    return check(instance, engine, asked).violation


@pytest.mark.parametrize("engine", ENGINES)
def test_each_counterexample_is_the_one_of_the_requirement_alone(engine: str) -> None:
    instance = Instance(load_model(FAULTY))
    outcome = check_all(instance, engine, Options())
    assert [v.property for v in outcome.violations] == BROKEN
    assert found(outcome) == {id_: alone(instance, engine, id_) for id_ in BROKEN}
    assert outcome.violation == check(instance, engine, Options()).violation
    assert outcome.violation == outcome.violations[0]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_broken_takes_no_verdict_from_what_holds(engine: str) -> None:
    outcome = check_all(Instance(load_model(FAULTY)), engine, Options())
    verdicts = {id_: outcome.verdict_on(id_) for id_ in outcome.requirements}
    held = {id_ for id_, verdict in verdicts.items() if verdict is Verdict.HOLDS}
    assert held == {"fine", "grows", "starts"}
    assert {*verdicts} - held == {*BROKEN} - {DEADLOCK, "seven"}
    assert (outcome.verdict, outcome.complete, outcome.reason) == (Verdict.VIOLATED, True, "")
    assert outcome.reached == {"seven": None, "three": 3}
    assert outcome.statistics.distinct == 12, "the numbers are those of the whole space"


@pytest.mark.parametrize(("model", "mutant"), MUTANTS, ids=[m for _, m in MUTANTS])
def test_engines_agree_about_everything_that_is_broken(model: str, mutant: str) -> None:
    instance = Instance(load_model(model), {}, mutant)
    one, two = (check_all(instance, engine, Options(workers=2)) for engine in ENGINES)
    assert one.violations == two.violations
    assert one.held == two.held
    assert one.requirements == two.requirements
    assert one.statistics.levels == two.statistics.levels
    for violation in one.violations:
        if violation.kind is not ViolationKind.ERROR:
            assert violation == alone(instance, "python", violation.property)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_model_error_ends_it_and_leaves_the_rest_unknown(engine: str) -> None:
    instance = Instance(load_model(FAULTY), {}, "runaway")
    outcome = check_all(instance, engine, Options())
    assert [v.property for v in outcome.violations] == ["tiny", "unflagged", "small", "wrong",
                                                        "fine", ""]  # fmt: skip
    assert outcome.reason == "the search ended at a model error"
    assert outcome.verdict_on("grows") is Verdict.UNKNOWN
    assert outcome.held == ()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_budget_leaves_unknown_what_it_did_not_judge(engine: str) -> None:
    options = Options(check_deadlock=False, budget=Budget(states=5))
    asked = replace(options, requirements=("tiny", "fine"))
    outcome = check_all(Instance(load_model(FAULTY)), engine, asked)
    assert outcome.verdict is Verdict.VIOLATED
    assert outcome.verdict_on("fine") is Verdict.UNKNOWN
    assert "budget of 5 states" in outcome.reason
    assert not outcome.complete


@pytest.mark.parametrize("engine", ENGINES)
def test_a_broken_promise_leaves_searched_invariants_as_they_are(engine: str) -> None:
    asked = ("fine", "grows", "starts", "moves", "ends")
    options = Options(requirements=asked, check_deadlock=False)
    outcome = check(Instance(load_model(FAULTY)), engine, options)
    assert outcome.verdict is Verdict.VIOLATED
    assert outcome.held == ("fine", "grows", "starts")
    assert [v.property for v in outcome.violations] == ["moves", "ends"]


@pytest.mark.parametrize("engine", ENGINES)
def test_an_unreached_state_leaves_searched_invariants_as_they_are(engine: str) -> None:
    options = Options(requirements=("fine", "seven", "tiny"), check_deadlock=False)
    instance = Instance(load_model(FAULTY))
    both = check_all(instance, engine, replace(options, requirements=("fine", "seven")))
    assert both.held == ("fine",)
    stopped = check(instance, engine, options)
    assert stopped.verdict_on("fine") is Verdict.UNKNOWN, "the search ended early"


@pytest.mark.parametrize("engine", ENGINES)
def test_an_interrupt_between_rounds_keeps_what_was_found(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from planespec.checker import continuing

    rounds = 0

    def interrupted(instance: Instance, engine: str, options: Options) -> Outcome:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            raise KeyboardInterrupt
        return check(instance, engine, options)

    monkeypatch.setattr(continuing, "check", interrupted)
    outcome = check_all(Instance(load_model(FAULTY)), engine, Options())
    assert [v.property for v in outcome.violations] == BROKEN[:2]
    assert outcome.interrupted
    assert outcome.verdict_on("fine") is Verdict.UNKNOWN

"""`enabled(action)`: one value in every engine, in guards, properties and promises."""

from pathlib import Path

import pytest

from planespec.checker.budget import Budget, Options
from planespec.checker.engines.symbolic import logic as l
from planespec.checker.engines.symbolic.unknowns import MOST_WRITTEN, Some
from planespec.checker.errors import InputError
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir import execute
from planespec.checker.ir.nodes import Op
from planespec.checker.ir.traversal import block_expressions
from planespec.checker.ir.types import Int
from planespec.checker.lang import Model, enabled
from planespec.checker.load import load_model
from planespec.checker.outcome import Outcome, Verdict, ViolationKind
from planespec.checker.run import check
from planespec.reports.formats.tla.module import export

TOYS = f"{Path(__file__).parent}/toys/asking.py"
Lock, Midway, GoesWrong = (load_model(f"{TOYS}:{n}") for n in ("Lock", "Midway", "GoesWrong"))
ENGINES = ["python", "native", "symbolic"]


def run(model: type[Model], engine: str, mutant: str | None = None) -> Outcome:
    budget = Budget(depth=6) if engine == "symbolic" else Budget()
    return check(Instance(model, {}, mutant), engine, Options(budget=budget, workers=2))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("model", [Lock, Midway])
def test_what_is_asked_is_what_the_guards_say(model: type[Model], engine: str) -> None:
    outcome = run(model, engine)
    assert outcome.violation is None
    assert all(steps is not None for steps in outcome.reached.values())
    if engine != "symbolic":
        assert outcome.verdict is Verdict.HOLDS


def test_the_counts_are_those_of_tlc() -> None:
    for engine in ("python", "native"):
        found = run(Lock, engine).statistics
        assert (found.generated, found.distinct, found.depth) == (169, 57, 9)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_mutant_breaks_a_requirement_about_what_is_enabled(engine: str) -> None:
    outcome = run(Lock, engine, "hasty")
    assert outcome.violation is not None
    assert outcome.violation.property == "freed_when_nobody_asks"
    assert len(outcome.violation.trace.steps) == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_an_instance_that_goes_wrong_is_an_error_of_asking(engine: str) -> None:
    outcome = run(GoesWrong, engine)
    assert outcome.violation is not None
    assert outcome.violation.kind is ViolationKind.ERROR
    assert outcome.violation.property == "may_leap"
    assert [step.action for step in outcome.violation.trace.steps] == ["up"]


def test_the_interpreter_says_the_same_of_every_state() -> None:
    instance = Instance(Lock)
    system = compile_system(instance)
    (claim,) = [p for p in system.properties if p.id == "granted_to_those_who_wait"]
    waiting, seen = [step.state for step in instance.initial_states()], set()
    while waiting:
        state = waiting.pop()
        if state not in seen:
            seen.add(state)
            assert execute.holds(system, claim, state)
            reached = {taken.state for taken in execute.successors(system, state)}
            assert reached == {step.state for step in instance.successors(state)}
            waiting += [step.state for step in instance.successors(state)]
    assert len(seen) == 57


def test_a_model_object_can_be_asked() -> None:
    lock = Lock()
    first, second = lock.clients
    assert enabled(lock.ask)
    assert not enabled(lock.grant)
    lock.ask(first)
    assert enabled(lock.grant, c=first)
    assert not enabled(lock.grant, 1, second)
    assert lock.waiting == {first}
    with pytest.raises(TypeError, match="takes an action"):
        enabled(lock.nobody_asks)
    with pytest.raises(TypeError, match="has the parameters n, c"):
        enabled(lock.grant, d=first)


def test_tla_asks_of_the_state_and_not_in_the_midst_of_a_step() -> None:
    text = export(compile_system(Instance(Lock))).module
    assert "ENABLED (\\E c \\in Client : ask(c))" in text
    assert text.index("\nask(c) ==") < text.index("\nnobody_asks ==") < text.index("\nfree ==")
    with pytest.raises(InputError, match="after a change of the state has no form in TLA"):
        export(compile_system(Instance(Midway)))


def test_what_is_asked_stands_in_the_representation() -> None:
    system = compile_system(Instance(Lock))
    asked = [
        e.arg for a in system.actions for e in block_expressions(a.body) if e.op is Op.ENABLED
    ]
    assert asked == [("grant", ("c",))]
    assert list(system.asked) == ["ask", "grant", "free", "lower"]


def test_many_values_are_left_to_a_quantifier() -> None:
    some = Some()
    value, typed = some.fresh("n", Int(0, 2 * MOST_WRITTEN))
    found = some.holds(l.both(typed, l.equal(value, MOST_WRITTEN + 3)))
    assert "Exists" in str(found)
    few = Some()
    value, typed = few.fresh("n", Int(0, 3))
    assert few.holds(l.both(typed, l.equal(value, 2))) is True
    assert few.holds(l.both(typed, l.equal(value, 7))) is False

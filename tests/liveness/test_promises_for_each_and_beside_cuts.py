"""Promises with parameters, for good, and where a bound cuts states off, in both engines."""

import random
from pathlib import Path

import numpy as np
import pytest
import served
from test_brute_force_liveness import is_broken_by_trying, reachable_part
from test_promises_of_models import assert_can_be_followed
from toys import graph, where

from planespec.checker.budget import Budget, Options
from planespec.checker.engines.liveness.fair_graphs import Unit
from planespec.checker.errors import LanguageError
from planespec.checker.instance import Instance
from planespec.checker.ir.system import Fairness, PropertyKind
from planespec.checker.load import load_model
from planespec.checker.outcome import Outcome, Verdict, ViolationKind
from planespec.checker.premise.premise_cases import premises
from planespec.checker.run import check

ENGINES = ["python", "native"]


def judged(
    model: type, promise: str, engine: str, mutant: str | None = None, depth: int | None = None
) -> Outcome:
    instance = Instance(model, {}, mutant)
    options = Options(requirements=(promise,), workers=2, budget=Budget(depth=depth))
    outcome = check(instance, engine, options)
    found = outcome.violation
    if found is not None and found.kind is ViolationKind.LIVENESS:
        assert_can_be_followed(instance, found.trace)
    return outcome


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("promise", ["served", "is_free"])
def test_a_promise_is_kept_to_each(engine: str, promise: str) -> None:
    outcome = judged(served.Served, promise, engine)
    assert outcome.verdict is Verdict.HOLDS
    assert outcome.requirements == (promise,)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("promise", ["served", "is_free"])
def test_a_broken_promise_names_the_values_it_is_broken_for(engine: str, promise: str) -> None:
    outcome = judged(served.Served, promise, engine, "forgets")
    assert outcome.verdict is Verdict.VIOLATED
    assert outcome.violation is not None
    expected = [("c", served.Client(1)), ("loud", True)][: 2 if promise == "served" else 1]
    assert outcome.violation.arguments == tuple(expected)
    assert outcome.violation.trace.states[-1][0][1]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_first_choice_that_is_broken_is_told(engine: str) -> None:
    outcome = judged(served.Served, "has_asked", engine)
    assert outcome.violation is not None
    assert outcome.violation.arguments == (("c", served.Client(0)),)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_promise_that_goes_wrong_for_some_value_is_a_model_error(engine: str) -> None:
    outcome = judged(served.Served, "divides", engine)
    assert outcome.violation is not None
    assert outcome.violation.kind is ViolationKind.ERROR
    assert "divides" in outcome.violation.message


@pytest.mark.parametrize("engine", ENGINES)
def test_more_choices_than_bits_of_a_word_are_all_judged(engine: str) -> None:
    assert judged(served.Crowd, "pairs", engine).verdict is Verdict.HOLDS
    outcome = judged(served.Crowd, "pairs", engine, "forgets")
    assert outcome.violation is not None
    assert outcome.violation.arguments == (("c", served.Client(1)), ("d", served.Client(1)))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("model", [served.Desk, served.ListDesk, served.BagDesk])
def test_an_instance_is_enabled_where_its_parameter_is_in_the_domain_alone(
    model: type, engine: str
) -> None:
    outcome = judged(model, "somebody_is_served", engine)
    assert outcome.verdict is Verdict.VIOLATED
    assert judged(model, "somebody_is_served", engine, "opens").verdict is Verdict.HOLDS


@pytest.mark.parametrize("engine", ENGINES)
def test_for_good_is_more_than_again_and_again(engine: str) -> None:
    assert judged(served.Count, "stays", engine).verdict is Verdict.HOLDS
    outcome = judged(served.Count, "stays", engine, "slips")
    assert outcome.verdict is Verdict.VIOLATED
    assert outcome.violation is not None
    trace = outcome.violation.trace
    assert trace.loop is not None
    assert {s[0] for s in trace.states[trace.loop :]} == {4, 5}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("depth", [None, 4])
def test_beside_a_cut_what_is_known_is_said_and_the_rest_is_unknown(
    engine: str, depth: int | None
) -> None:
    model = served.Bounded if depth is None else served.Count
    assert judged(model, "passes_three", engine, depth=depth).verdict is Verdict.HOLDS
    outcome = judged(model, "arrives", engine, depth=depth)
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.requirements == ()
    cut = "constraint" if depth is None else "depth"
    assert f"arrives not judged beyond what {cut} cut off" in outcome.reason
    assert judged(model, "stays", engine, depth=depth).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("engine", ENGINES)
def test_a_lasso_this_side_of_a_constraint_breaks_the_promise(engine: str) -> None:
    outcome = judged(served.Idle, "arrives", engine)
    assert outcome.verdict is Verdict.VIOLATED
    assert outcome.violation is not None
    assert (outcome.violation.trace.steps, outcome.violation.trace.loop) == ((), 0)


Tables = dict[int, list[int]]


def random_model(rng: random.Random) -> tuple[str, Tables, dict[str, set[int]]]:
    """A model that follows tables of steps; the tables, and sets of states by name."""
    tables = {a: [rng.choice([n, rng.randrange(6)]) for n in range(6)] for a in range(3)}
    names = ("asked", "goal", "inside")
    sets = {name: {n for n in range(6) if rng.random() < 0.5} for name in names}
    sets["inside"].add(0)
    lines = [HEAD]
    for number, table in tables.items():
        fair = rng.choice(list(Fairness)).name
        lines += [f"    @action(fair=Fairness.{fair})", f"    def a{number}(self) -> None:"]
        lines += ['        """A step."""']
        for n, to in enumerate(table):
            lines += [
                f"        {'elif' if n else 'if'} self.n == {n}:",
                f"            self.n = {to}",
            ]
    for name in names:
        marks = "    @constraint\n" if name == "inside" else ""
        lines += [f"{marks}    def {name}(self) -> bool:", '        """A set."""']
        tests = " or ".join(f"self.n == {n}" for n in sorted(sets[name]))
        lines += [f"        return {tests or 'self.n > 5'}"]
    return "\n".join(lines) + PROMISES, tables, sets


HEAD = '''"""Random steps."""
from typing import Annotated

from planespec.checker.lang import (
    Fairness, Model, Range, action, always_eventually, constraint, eventually, eventually_always,
    leads_to,
)


class Random(Model):
    """Follows tables."""

    deadlock = False
    n: Annotated[int, Range(0, 5)] = 0
'''
PROMISES = '''
    p0 = leads_to(asked, goal)
    p4 = leads_to(asked, goal, stays=True)

    @eventually
    def p1(self) -> bool:
        """E."""
        return self.goal()

    @always_eventually
    def p2(self) -> bool:
        """A."""
        return self.goal()

    @eventually_always
    def p3(self) -> bool:
        """G."""
        return self.goal()
'''
KINDS = {
    "p0": PropertyKind.LEADS_TO,
    "p1": PropertyKind.EVENTUALLY,
    "p2": PropertyKind.ALWAYS_EVENTUALLY,
    "p3": PropertyKind.EVENTUALLY_ALWAYS,
    "p4": PropertyKind.LEADS_TO_ALWAYS,
}


@pytest.mark.sample(3)
@pytest.mark.parametrize("seed", range(6))
def test_random_models_with_constraints_and_depths_are_judged_alike_and_truly(
    seed: int, tmp_path: Path
) -> None:
    rng = random.Random(seed)
    text, tables, sets = random_model(rng)
    path = tmp_path / "random.py"
    path.write_text(text, encoding="utf-8")
    instance = Instance(load_model(f"{path}:Random"))
    units = [Unit((k,), a.fairness) for k, a in enumerate(instance.actions)]
    units = [u for u in units if u.fairness is not Fairness.NONE]
    steps = [(n, to, a) for a, table in tables.items() for n, to in enumerate(table)]
    seen = np.flatnonzero(graph(6, steps).reachable_from(where(6, 0))).tolist()
    whole = reachable_part(steps)
    asked, goal = ({seen.index(n) for n in sets[s] if n in seen} for s in ("asked", "goal"))
    for promise, kind in KINDS.items():
        for depth in (None, 1, 2):
            options = Options(requirements=(promise,), budget=Budget(depth=depth), workers=2)
            python, native = (check(instance, e, options) for e in ENGINES)
            assert native.verdict is python.verdict
            assert native.reason == python.reason
            truth = is_broken_by_trying(kind, whole, asked, goal, units)
            if python.verdict is not Verdict.UNKNOWN:
                assert (python.verdict is Verdict.VIOLATED) == truth


DIFFERENT = (
    HEAD
    + '''
    @action
    def go(self) -> None:
        """A step."""
        self.n = 0

    def first(self, a: bool) -> bool:
        """F."""
        return a

    def second(self, b: bool) -> bool:
        """S."""
        return b

    promise = leads_to(first, second)
'''
)


def test_the_predicates_of_a_promise_have_the_same_parameters(tmp_path: Path) -> None:
    path = tmp_path / "different.py"
    path.write_text(DIFFERENT, encoding="utf-8")
    with pytest.raises(LanguageError, match="promise promise have other parameters") as caught:
        Instance(load_model(f"{path}:Random"))
    assert caught.value.allowed == "the same names and types in both"


def test_the_premise_of_a_promise_for_each_is_that_it_is_asked_for_some() -> None:
    options = Options(requirements=("served",))
    (found,) = premises(Instance(served.Served), options).found
    assert (found.requirement, found.cases, found.of, found.first) == ("served", 7, 8, 1)

"""Runs one model through the engines and compares what they say."""

import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from every_permutation import representative_of

from planespec.checker.budget import Budget, Options
from planespec.checker.engines.python.judging import Fault
from planespec.checker.engines.python.reference_search import Search
from planespec.checker.engines.python.stepping import Stepper
from planespec.checker.engines.symbolic import symbolic_values as v
from planespec.checker.engines.symbolic.execution import Run
from planespec.checker.engines.symbolic.induction import ERRORS
from planespec.checker.engines.symbolic.proving import Answer, Request, prove
from planespec.checker.engines.symbolic.unknowns import embed, frozen_of
from planespec.checker.errors import ConfigurationError, PlanespecError
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir.system import Action, PropertyKind, System
from planespec.checker.lang.data.records import field_faults
from planespec.checker.lang.model import load
from planespec.checker.load import load_model
from planespec.checker.outcome import Outcome, Verdict, ViolationKind
from planespec.checker.run import check

STATES = 60
"""States of a model whose steps are compared one by one."""

LARGEST = Budget(depth=5, states=2_000)
STATE_KINDS = (PropertyKind.ALWAYS, PropertyKind.CONSTRAINT, PropertyKind.TERMINAL)


def instance_of(source: str) -> Instance | None:
    """The model, or None where the front end refuses it (a range beyond 64 bits, say)."""
    with tempfile.NamedTemporaryFile("w", suffix=".py", delete=False) as file:
        file.write(source)
    try:
        instance = Instance(load_model(f"{file.name}:Random"))
        compile_system(instance)
    except PlanespecError:
        return None
    finally:
        Path(file.name).unlink()
    return instance


def assert_same_steps(instance: Instance, states: int = STATES) -> int:
    """CPython and the symbolic meaning agree on initial states, steps, errors and judgements."""
    system = compile_system(instance)
    stepper = Stepper(instance)
    started = list(stepper.start())
    defaults = instance.binding.defaults
    if instance.initial:
        assert {_step(t) for t in started} == _all(system, system.initial, defaults)
    waiting = [t[3] for t in started if not isinstance(t[3], Fault)]
    seen = dict.fromkeys(waiting)
    for state in islice(_growing(seen), states):
        taken = list(stepper.expand(state))
        assert {_step(t) for t in taken} == _all(system, system.actions, state)
        _assert_same_judgements(instance, system, state)
        seen.update(dict.fromkeys(t[3] for t in taken if not isinstance(t[3], Fault)))
    return len(seen)


def _growing(seen: dict[Any, None]) -> Iterator[Any]:
    number = 0
    while number < len(seen):
        yield next(islice(seen, number, None))
        number += 1


def _step(taken: Any) -> tuple[int, Any]:
    number, _, _, after = taken
    return number, None if isinstance(after, Fault) else after


def _all(system: System, actions: tuple[Action, ...], state: Any) -> set[tuple[int, Any]]:
    return {(n, after) for n, a in enumerate(actions) for after in concrete(system, a, state)}


def concrete(system: System, action: Action, state: Any) -> Iterator[Any]:
    """States after each enabled instance of an action, None for one that goes wrong."""
    pairs = zip(system.variables, state, strict=True)
    start = {x.name: embed(x.type, value) for x, value in pairs}
    vector: list[list[int]] = []
    while True:
        made = 0

        def fresh(_: str, type_: Any) -> tuple[Any, Any]:
            nonlocal made
            options = v.every(type_)
            if made == len(vector):
                vector.append([0, max(len(options), 1)])
            made += 1
            if not options:
                return v.zero(type_), False
            return options[vector[made - 1][0]], True

        run = Run(system.functions, start, fresh, asked=system.asked)
        run.bind(action.parameters)
        run.block(action.body)
        if run.assumed and run.error:
            yield None
        elif run.enabled:
            yield tuple(frozen_of(x.type, run.state[x.name]) for x in system.variables)
        del vector[made:]
        while vector and vector[-1][0] + 1 == vector[-1][1]:
            vector.pop()
        if not vector:
            return
        vector[-1][0] += 1


def _assert_same_judgements(instance: Instance, system: System, state: Any) -> None:
    view = instance.new()
    pairs = zip(system.variables, state, strict=True)
    known = {x.name: embed(x.type, value) for x, value in pairs}
    claims = {c.id: c for c in instance.requirements}
    for property_ in system.of_kind(*STATE_KINDS):
        load(view, state)
        checked = field_faults.set(instance.binding.fault_of_record)
        try:
            expected = claims[property_.id].judge(view)
        except Exception:
            expected = None
        finally:
            field_faults.reset(checked)
        run = Run(
            system.functions, known, lambda name, type_: (v.zero(type_), True), None, system.asked
        )
        run.block(property_.predicates[0].body)
        assert expected == (None if run.error else run.result), property_.id


def answer(outcome: Outcome) -> tuple[Any, ...]:
    """What explicit engines must agree on."""
    found, numbers = outcome.violation, outcome.statistics
    return (
        outcome.verdict,
        found and (found.kind, found.property, found.trace, found.action, found.arguments),
        (numbers.distinct, numbers.generated, numbers.depth, numbers.levels),
        {name: (c.generated, c.distinct) for name, c in numbers.actions.items()},
    )


def begins_nowhere(instance: Instance, engines: tuple[str, ...], options: Options) -> bool:
    """Whether a model has no initial state, and no way to begin goes wrong; engines refuse it."""
    if any(True for _ in Stepper(instance).start()):
        return False
    for engine in engines:
        with pytest.raises(ConfigurationError, match="no initial state"):
            check(instance, engine, options)
    return True


def assert_native_agrees(instance: Instance) -> None:
    """The native engine gives the same answer as CPython, trace and counts included."""
    options = Options(workers=2, budget=Budget(depth=6))
    if begins_nowhere(instance, ("native", "python"), options):
        return
    python = check(instance, "python", options)
    assert answer(check(instance, "native", options)) == answer(python)


def assert_symmetry_agrees(instance: Instance) -> bool:
    """Of states that are alike, one is enough: for the verdict, and counted by brute force.

    False where it says little: the model is too large, or it goes wrong, as `any` and `all` may
    then end early in one order of the individuals and not in another.
    """
    full = Search(instance, Options(budget=LARGEST))
    full.explore()
    if full.reason or not full.generated:
        return False
    whole = check(instance, "python", Options(budget=LARGEST))
    options = Options(workers=2, symmetry=True, budget=LARGEST)
    native, python = (check(instance, engine, options) for engine in ("native", "python"))
    found = [o.violation for o in (whole, python, native) if o.violation is not None]
    if any(violation.kind is ViolationKind.ERROR for violation in found):
        assert whole.verdict is Verdict.VIOLATED
        return False
    assert native.verdict is whole.verdict
    assert answer(native) == answer(python)
    if whole.violation is None or native.violation is None:
        assert native.statistics.distinct == len(set(map(representative_of(instance), full.seen)))
        return True
    assert native.violation.kind is whole.violation.kind
    assert length(instance, native) == length(instance, whole)
    return True


def assert_solver_agrees(instance: Instance, depth: int) -> None:
    """Bounded model checking finds something bad exactly where CPython does, as soon."""
    options = Options(budget=Budget(depth=depth))
    if begins_nowhere(instance, ("symbolic", "python"), options):
        return
    python = check(instance, "python", options)
    symbolic = check(instance, "symbolic", options)
    if not_reached(python):
        # Only a search that has seen every state knows it; the solver looks at lengths.
        assert not_reached(symbolic) or symbolic.verdict is Verdict.UNKNOWN
        return
    assert symbolic.verdict is python.verdict
    if python.verdict is Verdict.VIOLATED:
        assert length(instance, symbolic) == length(instance, python)
        assert is_dead_end(instance, symbolic) == is_dead_end(instance, python)


def assert_proofs_hold(instance: Instance) -> None:
    """A search finds nothing against what is proved, and the same where something is refuted."""
    if begins_nowhere(instance, ("python",), Options()):
        with pytest.raises(ConfigurationError, match="no initial state"):
            prove(instance, Request(seconds=10))
        return
    for proof in prove(instance, Request(seconds=10)):
        ids = None if proof.goal == ERRORS else (proof.goal,)
        options = Options(requirements=ids, check_deadlock=False, budget=LARGEST)
        found = check(instance, "python", options).violation
        against = found is not None and found.property == ("" if ids is None else proof.goal)
        assert not (against and proof.answer is Answer.PROVED), proof.goal
        if proof.violation is not None:
            assert found is not None, proof.goal


def not_reached(outcome: Outcome) -> bool:
    """Whether a `reachable` property is what is wrong."""
    found = outcome.violation
    return found is not None and found.kind is ViolationKind.UNREACHED


def is_dead_end(instance: Instance, outcome: Outcome) -> bool:
    """A deadlock, or a state without successor in which a terminal predicate goes wrong."""
    assert outcome.violation is not None
    terminals = {c.id for c in instance.claims(PropertyKind.TERMINAL)}
    found = outcome.violation
    return found.kind is ViolationKind.DEADLOCK or found.property in terminals


def length(instance: Instance, outcome: Outcome) -> int:
    """Steps of the counterexample, with the step that goes wrong; to begin is no step."""
    assert outcome.violation is not None
    violation = outcome.violation
    fails = violation.action not in ("", *(a.name for a in instance.initial))
    return len(violation.trace.steps) + fails

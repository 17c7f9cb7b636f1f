"""Runs a model twice: its file under CPython, and what the front end made of it.

Both give the successors of a state in canonical order, model errors included; a difference means
that the front end (or the interpreter of the IR) misread the model.
"""

from typing import Any

from planespec.checker.engines.python.judging import Fault
from planespec.checker.engines.python.stepping import Stepper
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir import execute
from planespec.checker.ir.grammar import verify
from planespec.checker.ir.system import PropertyKind, System


def compiled(model: Any, mutant: str | None = None, **constants: Any) -> System:
    """The IR of a model, held to its grammar."""
    return verify(compile_system(Instance(model, constants, mutant)))


def assert_agreement(instance: Instance, limit: int = 300) -> int:
    """Compare initial states, then all steps and properties of the first `limit` states found."""
    system = verify(compile_system(instance))
    stepper = Stepper(instance)
    first = _python(stepper.start())
    assert [(max(n, 0), s) for n, s in first] == _ir(execute.initial_states(system))
    queue = list(dict.fromkeys(s for _, s in first if s is not None))
    seen = set(queue)
    for state in queue[:]:
        _same_properties(instance, system, state)
    expanded = 0
    while queue and expanded < limit:
        state = queue.pop(0)
        expanded += 1
        ours = _python(stepper.expand(state))
        assert ours == _ir(execute.successors(system, state)), (instance.name, state)
        for _, after in ours:
            if after is not None and after not in seen:
                seen.add(after)
                queue.append(after)
                _same_properties(instance, system, after, state)
    return expanded


def _python(steps: Any) -> list[tuple[int, Any]]:
    return [(n, None if isinstance(after, Fault) else after) for n, _, _, after in steps]


def _ir(steps: Any) -> list[tuple[int, Any]]:
    return [(taken.action, taken.state) for taken in steps]


def _same_properties(instance: Instance, system: System, state: Any, before: Any = None) -> None:
    for claim, compiled_claim in zip(instance.requirements, system.properties, strict=True):
        if claim.kind is PropertyKind.STEP and before is None:
            continue
        expected = _judged(instance, claim, state, before)
        assert expected == _holds(system, compiled_claim, state, before), (claim.id, state)


def _judged(instance: Instance, claim: Any, state: Any, before: Any) -> bool | None:
    from planespec.checker.lang.model import load

    now = instance.new()
    load(now, state)
    try:
        if claim.kind is PropertyKind.STEP:
            earlier = instance.new()
            load(earlier, before)
            return bool(claim.judge_step(earlier, now))
        if claim.parameters:
            return bool(claim.judge(now))
        return all(bool(predicate(now)) for predicate in claim.predicates)
    except Exception:
        return None


def _holds(system: System, claim: Any, state: Any, before: Any) -> bool | None:
    try:
        return execute.holds(system, claim, state, before)
    except execute.EvaluationError:
        return None

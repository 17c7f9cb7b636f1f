"""Random whole models: successors, initial states and judgements against the interpreter."""

from collections.abc import Callable
from typing import Any

import pytest
from random_statements import ModelMaker

from planespec.checker.engines.native.codegen.lower_calls import REACH_ERROR
from planespec.checker.engines.native.host.build import Probe
from planespec.checker.ir.execute import (
    EvaluationError,
    holds,
    initial_states,
    successors,
)
from planespec.checker.ir.system import PropertyKind, System

KINDS = (PropertyKind.ALWAYS, PropertyKind.REACHABLE)
State = tuple[Any, ...]


def outcome(call: Callable[[], bool]) -> bool | None:
    try:
        return call()
    except EvaluationError:
        return None


def expected_judgement(system: System, state: State) -> int:
    bits, rules = 0, {PropertyKind.ALWAYS: (1, False), PropertyKind.CONSTRAINT: (2, False)}
    for property_ in system.properties:
        if property_.kind not in rules:
            continue
        bit, wanted = rules[property_.kind]
        found = outcome(lambda p=property_: holds(system, p, state))  # type: ignore[misc]
        bits |= 8 if found is None else bit if found is wanted else 0
    return bits


def expected_terminal(system: System, state: State) -> bool:
    for property_ in system.of_kind(PropertyKind.TERMINAL):
        found = outcome(lambda p=property_: holds(system, p, state))  # type: ignore[misc]
        if found is not False:
            return found is True
    return False


def expected_reach(system: System, state: State) -> int:
    reachable = system.of_kind(PropertyKind.REACHABLE)
    bits = 0
    for k, property_ in enumerate(reachable):
        found = outcome(lambda p=property_: holds(system, p, state))  # type: ignore[misc]
        bits |= REACH_ERROR if found is None else found << k
    return bits


@pytest.mark.sample(2)
@pytest.mark.parametrize("seed", range(30))
def test_models_behave_as_interpreted(seed: int) -> None:
    maker = ModelMaker(seed)
    system = maker.system()
    probe = Probe(system, system.of_kind(*KINDS))
    first = [(t.action, t.state) for t in initial_states(system)]
    assert first == [(s.action, s.state) for s in probe.initial()]
    for _ in range(12):
        state = tuple(maker.value(v.type) for v in maker.variables)
        taken = successors(system, state)
        expected = [(0 if t.state is None else t.action, t.state) for t in taken]
        assert expected == [(s.action, s.state) for s in probe.successors(state)]
        assert expected_judgement(system, state) == probe.judge(state)
        assert expected_terminal(system, state) == probe.terminal(state)
        assert expected_reach(system, state) == probe.reach(state)

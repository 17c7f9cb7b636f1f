"""Actions whose instances fairness tells apart, made into one action for each."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from planespec.checker.errors import SystemRefusal
from planespec.checker.front.literals import literal
from planespec.checker.ir.nodes import Expr, Let, Op, Parameter, Require, Stmt
from planespec.checker.ir.system import Action, System
from planespec.checker.ir.types import Bool, Span
from planespec.checker.liveness.space import Origin, told_apart
from planespec.checker.outcome import Value
from planespec.checker.symbolic.decode import frozen_of
from planespec.checker.symbolic.values import every

MOST_INSTANCES = 256
"""Instances of one action that are told apart."""


def split(system: System) -> tuple[System, tuple[Origin, ...]]:
    """The system with fair instances as actions, and what each of its actions stands for."""
    actions: list[Action] = []
    origins: list[Origin] = []
    for action in system.actions:
        names = told_apart(system.fair, action.name)
        apart = [p for p in action.parameters if p.name in names]
        for values in product(*(_values(action, p) for p in apart)):
            given = dict(zip((p.name for p in apart), values, strict=True))
            actions.append(_instance(action, given) if given else action)
            origins.append(Origin(action.name, tuple(given.items())))
    return replace(system, actions=tuple(actions)), tuple(origins)


def _values(action: Action, parameter: Parameter) -> list[Value]:
    """Every value the parameter may ever have."""
    made = [frozen_of(parameter.type, value) for value in every(parameter.type)]
    if len(made) > MOST_INSTANCES:
        raise SystemRefusal(
            f"{action.name} has {len(made)} values of {parameter.name}; fairness per instance "
            f"tells {MOST_INSTANCES} apart"
        )
    return made


def _instance(action: Action, given: dict[str, Value]) -> Action:
    apart = [p for p in action.parameters if p.name in given]
    others = tuple(p for p in action.parameters if p.name not in given)
    body = (*(s for p in apart for s in _bound(action, p, given[p.name])), *action.body)
    types = {p.name: p.type for p in apart}
    return replace(action, parameters=others, body=body, locals={**types, **action.locals})


def _bound(action: Action, parameter: Parameter, value: Value) -> Iterator[Stmt]:
    """The parameter as a local with that value, if the domain has it."""
    domain, at = parameter.domain, action.at
    assert domain is not None
    made = literal(value, parameter.type, at)
    if not isinstance(domain.type, Span):
        inside = Expr(Op.IN, Bool(), (made, domain), at)
        yield Require(at, inside)
    yield Let(at, parameter.name, made)

"""What statements and actions of the IR mean: successors of a state, directly over frozen values.

The counterpart of `evaluate` for statements; used to test engines.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from planespec.checker.ir.evaluate import Evaluator
from planespec.checker.ir.frozen import EvaluationError, index_of, position_of, replaced
from planespec.checker.ir.nodes import (
    Assign,
    Break,
    Check,
    Choose,
    Continue,
    Do,
    Expr,
    For,
    Function,
    If,
    Let,
    Op,
    Parameter,
    Require,
    Return,
    Stmt,
)
from planespec.checker.ir.system import Action, Property, System
from planespec.checker.ir.types import Bag

State = tuple[Any, ...]
Names = dict[str, Any]


class _NotEnabledError(Exception):
    """A guard was false, or a choice had nothing to choose from."""


class _BreakError(Exception):
    """`break`."""


class _ContinueError(Exception):
    """`continue`."""


class _ReturnError(Exception):
    """`return`, with the value."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One instance of an action: `state` is None where it is a model error."""

    action: int
    state: State | None


class Choices:
    """Positions chosen in one run, and how many there were: moves like an odometer."""

    def __init__(self) -> None:
        self.vector: list[list[int]] = []
        self.made = 0

    def pick(self, size: int) -> int:
        """Position of the next choice among `size`."""
        if self.made == len(self.vector):
            self.vector.append([0, size])
        self.made += 1
        return self.vector[self.made - 1][0]

    def advance(self) -> bool:
        """Move to the next vector, the last choice fastest; false when there is none."""
        self.vector, self.made = self.vector[: self.made], 0
        while self.vector:
            last = self.vector[-1]
            last[0] += 1
            if last[0] < last[1]:
                return True
            self.vector.pop()
        return False


class _Run:
    """One run of a body: the state being changed and the choices made."""

    def __init__(self, system: System, state: Names, before: Names, choices: Choices) -> None:
        self.system = system
        self.state = state
        self.choices = choices
        self.eval = Evaluator(system, self.state, before, self.call, self.ask)

    def call(self, function: Function, args: list[Any]) -> Any:
        """Result of a function of the model."""
        names = {p.name: a for p, a in zip(function.parameters, args, strict=True)}
        try:
            self.block(function.body, names)
        except _ReturnError as result:
            return result.args[0]
        return None

    def ask(self, name: str, given: dict[str, Any]) -> bool:
        """Whether some instance of an action is enabled; an error in any of them is one here."""
        taken = list(_take(self.system, self.system.asked[name], 0, dict(self.state), given))
        if any(one.state is None for one in taken):
            raise EvaluationError(f"{name} goes wrong")
        return bool(taken)

    def block(self, body: tuple[Stmt, ...], names: Names) -> None:
        """Run statements."""
        for statement in body:
            self.statement(statement, names)

    def statement(self, s: Stmt, names: Names) -> None:
        """Run one statement."""
        match s:
            case Let(_, name, value):
                names[name] = self.eval.value(value, names)
            case Assign(_, place, value):
                self.assign(place, self.eval.value(value, names), names)
            case If(_, condition, then, orelse):
                self.block(then if self.eval.value(condition, names) else orelse, names)
            case For():
                self.loop(s, names)
            case Break():
                raise _BreakError
            case Continue():
                raise _ContinueError
            case _:
                self.effect(s, names)

    def effect(self, s: Stmt, names: Names) -> None:
        """Run a guard, an assertion, a choice, a call or a return."""
        match s:
            case Require(_, condition):
                if not self.eval.value(condition, names):
                    raise _NotEnabledError
            case Check(_, condition, message):
                if not self.eval.value(condition, names):
                    raise EvaluationError(message)
            case Choose(_, name, domain):
                elements = distinct(domain, self.eval.walked(domain, names))
                if not elements:
                    raise _NotEnabledError
                names[name] = elements[self.choices.pick(len(elements))]
            case Do(_, function, args, target):
                values = [self.eval.value(a, names) for a in args]
                result = self.call(self.system.functions[function], values)
                if target is not None:
                    names[target] = result
            case Return(_, value):
                raise _ReturnError(None if value is None else self.eval.value(value, names))

    def loop(self, s: For, names: Names) -> None:
        """Run a loop."""
        for element in self.eval.walked(s.domain, names):
            names[s.name] = element
            try:
                self.block(s.body, names)
            except _ContinueError:
                continue
            except _BreakError:
                return

    def assign(self, place: Expr, value: Any, names: Names) -> None:
        """Store in the state: rebuild what is around the place."""
        if place.op is Op.STATE:
            self.state[place.arg] = value
            return
        outer = place.args[0]
        old = self.eval.value(outer, names)
        if place.op is Op.FIELD:
            self.assign(outer, replaced(old, **{place.arg: value}), names)
            return
        key = self.eval.value(place.args[1], names)
        is_at = place.op is Op.AT
        k = position_of(len(old), key) if is_at else index_of(outer.type, key)
        self.assign(outer, (*old[:k], value, *old[k + 1 :]), names)


def distinct(domain: Expr, elements: list[Any]) -> list[Any]:
    """The elements, copies in a bag taken once."""
    return [e for e, _ in groupby(elements)] if isinstance(domain.type, Bag) else elements


def _named(system: System, state: State) -> Names:
    return {v.name: value for v, value in zip(system.variables, state, strict=True)}


def _instances(
    system: System, state: Names, parameters: tuple[Parameter, ...], names: Names
) -> Iterator[Names]:
    """All values of the parameters, the last changing fastest."""
    if not parameters:
        yield names
        return
    first = parameters[0]
    assert first.domain is not None
    run = _Run(system, state, state, Choices())
    for element in distinct(first.domain, run.eval.walked(first.domain, names)):
        yield from _instances(system, state, parameters[1:], {**names, first.name: element})


def _take(
    system: System, action: Action, k: int, state: Names, given: Names | None = None
) -> Iterator[Taken]:
    """All enabled instances of an action, or those with the values that are given."""
    for names in _instances(system, state, action.parameters, {}):
        if given and any(names[name] != value for name, value in given.items()):
            continue
        choices, more = Choices(), True
        while more:
            run = _Run(system, dict(state), state, choices)
            try:
                _body(run, action, dict(names))
                yield Taken(k, tuple(run.state.values()))
            except _NotEnabledError:
                pass
            except EvaluationError:
                yield Taken(k, None)
            more = choices.advance()


def _body(run: _Run, action: Action, names: Names) -> None:
    try:
        run.block(action.body, names)
    except _ReturnError:
        return


def successors(system: System, state: State) -> list[Taken]:
    """Every enabled instance from a state, in canonical order."""
    named = _named(system, state)
    return [t for k, a in enumerate(system.actions) for t in _take(system, a, k, named)]


def initial_states(system: System) -> list[Taken]:
    """The initial states, in canonical order, before duplicates are dropped."""
    empty = {v.name: None for v in system.variables}
    run = _Run(system, dict(empty), empty, Choices())
    run.block(system.defaults, {})
    if not system.initial:
        return [Taken(0, tuple(run.state.values()))]
    return [t for action in system.initial for t in _take(system, action, 0, run.state)]


def holds(system: System, property_: Property, state: State, before: State | None = None) -> bool:
    """Whether a property holds in a state, or over a step; raises EvaluationError."""
    named = _named(system, state)
    earlier = named if before is None else _named(system, before)
    run = _Run(system, named, earlier, Choices())
    return all(run.call(p, []) for p in property_.predicates)


__all__ = ["EvaluationError", "Taken", "holds", "initial_states", "successors"]

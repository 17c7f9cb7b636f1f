"""What expressions of the IR mean, directly over frozen values: slow, and meant to be right.

The engines are tested against this. A model error raises `EvaluationError`. What operations mean
stands with their rules (see `operations`); here is what needs names, a state or a walk.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from planespec.checker.ir.frozen import EvaluationError, build, order, scalar
from planespec.checker.ir.nodes import Expr, Fold, Function, Generator, Op, Reduction
from planespec.checker.ir.operations import OPERATIONS, Derived, derived
from planespec.checker.ir.system import System
from planespec.checker.ir.types import Option, Set, Span, members

Values = Mapping[str, Any]
Caller = Callable[[Function, list[Any]], Any]
Asker = Callable[[str, dict[str, Any]], bool]
"""Whether an action is enabled for these values of parameters."""


class Evaluator:
    """Evaluates expressions of one system in one pair of states.

    `call` runs pure functions, `ask` tells whether actions are enabled; `state` and `before` map
    variables to frozen values.
    """

    def __init__(
        self, system: System, state: Values, before: Values, call: Caller, ask: Asker
    ) -> None:
        self.system = system
        self.state = state
        self.before = before
        self.call = call
        self.ask = ask

    def value(self, e: Expr, names: Values) -> Any:
        """Value of an expression where the locals are `names`."""
        stands = derived(e)
        if stands is not None:
            return self._derived(stands, names)
        if isinstance(e, Fold):
            return self._fold(e, names)
        if e.op in LAZY:
            return LAZY[e.op](self, e, names)
        meaning = OPERATIONS[e.op].meaning
        assert meaning is not None
        return meaning(e, [self.value(a, names) for a in e.args])

    def _derived(self, stands: Derived, names: Values) -> Any:
        given = {name: self.value(operand, names) for name, operand in stands.given}
        return self.value(stands.value, {**names, **given})

    def walked(self, domain: Expr, names: Values) -> list[Any]:
        """Elements of a domain in canonical order; copies in a bag as often as they are there."""
        if domain.op is Op.RANGE:
            low, high = (self.value(a, names) for a in domain.args)
            return list(range(low, high))
        type_ = domain.type
        if domain.op is Op.DOMAIN:
            element = type_.element if isinstance(type_, Span) else type_
            if isinstance(element, Set):
                inner = replace(domain, type=Span(element.element))
                subsets: list[Any] = [frozenset()]
                for one in self.walked(inner, names):
                    subsets += [s | {one} for s in subsets]
                return subsets
            if isinstance(element, Option):
                return [None, *(scalar(element.inner, n) for n in members(element.inner))]
            return [scalar(element, n) for n in members(element)]
        value = self.value(domain, names)
        if isinstance(type_, Set):
            return sorted(value, key=order(type_.element))
        return list(value)

    def _bindings(self, generators: tuple[Generator, ...], names: Values) -> Iterator[Values]:
        if not generators:
            yield names
            return
        first = generators[0]
        for element in self.walked(first.domain, names):
            inner = {**names, first.name: element}
            if all(self.value(c, inner) for c in first.conditions):
                yield from self._bindings(generators[1:], inner)

    def _fold(self, e: Fold, names: Values) -> Any:
        assert e.body is not None
        body = e.body
        found = (self.value(body, inner) for inner in self._bindings(e.generators, names))
        match e.reduction:
            case Reduction.ALL:
                return all(found)
            case Reduction.SUM:
                return sum(found)
            case Reduction.MIN | Reduction.MAX:
                return self._extreme(e, list(found), names)
        return build(e.type, list(found))

    def _extreme(self, e: Fold, found: list[Any], names: Values) -> Any:
        # An argument is evaluated whether it is needed or not.
        default = None if e.default is None else self.value(e.default, names)
        if found:
            return min(found) if e.reduction is Reduction.MIN else max(found)
        if e.default is None:
            raise EvaluationError("the extreme of nothing")
        return default


def _if(self: Evaluator, e: Expr, names: Values) -> Any:
    return self.value(e.args[1] if self.value(e.args[0], names) else e.args[2], names)


def _call(self: Evaluator, e: Expr, names: Values) -> Any:
    function = self.system.functions[e.arg]
    return self.call(function, [self.value(a, names) for a in e.args])


def _enabled(self: Evaluator, e: Expr, names: Values) -> bool:
    name, given = e.arg
    return self.ask(name, dict(zip(given, (self.value(a, names) for a in e.args), strict=True)))


LAZY: dict[Op, Callable[[Evaluator, Expr, Values], Any]] = {
    Op.LOCAL: lambda self, e, names: names[e.arg],
    Op.STATE: lambda self, e, names: self.state[e.arg],
    Op.BEFORE: lambda self, e, names: self.before[e.arg],
    Op.IF: _if,
    Op.CALL: _call,
    Op.ENABLED: _enabled,
}


def _nothing(*_: Any) -> Any:
    raise TypeError("constants call nothing and ask for nothing")


_CONSTANTS = Evaluator(System("", "", {}, (), (), (), (), {}, ()), {}, {}, _nothing, _nothing)


def value_of_constants(e: Expr) -> Any:
    """The value of an expression that reads no state and no local; raises EvaluationError."""
    return _CONSTANTS.value(e, {})

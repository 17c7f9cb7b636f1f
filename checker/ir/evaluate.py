"""What expressions of the IR mean, directly over frozen values: slow, and meant to be right.

The engines are tested against this. A model error raises `EvaluationError`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from planespec.checker.ir.frozen import fits, number, order, scalar, variant_of
from planespec.checker.ir.nodes import Expr, Fold, Function, Generator, Op, Reduction
from planespec.checker.ir.system import System
from planespec.checker.ir.types import (
    Array,
    Bag,
    Int,
    Nothing,
    Option,
    Record,
    Set,
    Span,
    Type,
    Union,
    cardinality,
    members,
)

Values = Mapping[str, Any]
Caller = Callable[[Function, list[Any]], Any]


class EvaluationError(Exception):
    """A model error: the expression has no value, or a value does not fit its type."""


class Evaluator:
    """Evaluates expressions of one system in one pair of states.

    `call` runs pure functions; `state` and `before` map variables to frozen values.
    """

    def __init__(self, system: System, state: Values, before: Values, call: Caller) -> None:
        self.system = system
        self.state = state
        self.before = before
        self.call = call

    def value(self, e: Expr, names: Values) -> Any:
        """Value of an expression where the locals are `names`."""
        if isinstance(e, Fold):
            return self._fold(e, names)
        if e.op in LAZY:
            return LAZY[e.op](self, e, names)
        args = [self.value(a, names) for a in e.args]
        return EAGER[e.op](e, args)

    def walked(self, domain: Expr, names: Values) -> list[Any]:
        """Elements of a domain in canonical order; copies in a bag as often as they are there."""
        if domain.op is Op.RANGE:
            low, high = (self.value(a, names) for a in domain.args)
            return list(range(low, high))
        type_ = domain.type
        if domain.op is Op.DOMAIN:
            element = type_.element if isinstance(type_, Span) else type_
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
        if e.reduction is Reduction.COUNT:
            return sum(1 for _ in self._bindings(e.generators, names))
        found = (self.value(body, inner) for inner in self._bindings(e.generators, names))
        match e.reduction:
            case Reduction.ALL:
                return all(found)
            case Reduction.ANY:
                return any(found)
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


def build(type_: Type, elements: list[Any]) -> Any:
    """A collection or array of elements, checked against its type."""
    match type_:
        case Set():
            value: Any = frozenset(elements)
        case Bag(element):
            value = tuple(sorted(elements, key=order(element)))
        case _:
            value = tuple(elements)
    return converted(type_, value)


def converted(type_: Type, value: Any) -> Any:
    """The value, if it fits the type; raises EvaluationError."""
    if not fits(type_, value):
        raise EvaluationError(f"{value} is outside {type_}")
    return value


def index_of(array: Type, key: Any) -> int:
    """Place of a key in the tuple that stands for an array; raises EvaluationError."""
    assert isinstance(array, Array)
    low = array.key.bounds[0] if isinstance(array.key, Int) else 0
    place = number(array.key, key) - low
    if not 0 <= place < cardinality(array.key):
        raise EvaluationError(f"{key} is not a key of {array}")
    return place


def position_of(length: int, index: int) -> int:
    """Python's position for an index into a sequence; raises EvaluationError."""
    if not -length <= index < length:
        raise EvaluationError(f"index {index} of a sequence of {length}")
    return index % length


def replaced(record: Any, **changes: Any) -> Any:
    """A record instance with some fields changed."""
    return replace(record, **changes)


def _const(e: Expr, _: list[Any]) -> Any:
    type_ = e.type.inner if isinstance(e.type, Option) else e.type
    if e.arg is None or isinstance(type_, Nothing):
        return None
    return scalar(type_, e.arg)


def _divide(e: Expr, args: list[Any]) -> int:
    if args[1] == 0:
        raise EvaluationError("division by zero")
    return int(args[0] // args[1] if e.op is Op.FLOORDIV else args[0] % args[1])


def _unwrap(_: Expr, args: list[Any]) -> Any:
    if args[0] is None:
        raise EvaluationError("None where a value is needed")
    return args[0]


def _project(e: Expr, args: list[Any]) -> Any:
    source = e.args[0].type
    if isinstance(source, Union) and variant_of(source, args[0]).name != e.arg:
        raise EvaluationError(f"{args[0]} is no {e.arg}")
    return args[0]


def _is(e: Expr, args: list[Any]) -> bool:
    names = (e.arg,) if isinstance(e.arg, str) else e.arg
    return type(args[0]).__name__ in names


def _record(e: Expr, args: list[Any]) -> Any:
    assert isinstance(e.type, Record)
    names = [n for n, _ in e.type.fields]
    return converted(e.type, e.type.python(**dict(zip(names, args, strict=True))))


def _compare(e: Expr, args: list[Any]) -> bool:
    a, b = (number(x.type, v) for x, v in zip(e.args, args, strict=True))
    return {Op.LT: a < b, Op.LE: a <= b, Op.GT: a > b, Op.GE: a >= b}[e.op]


def _with(e: Expr, args: list[Any]) -> Any:
    if isinstance(e.type, Set):
        return converted(e.type, args[0] | {args[1]})
    return build(e.type, [*args[0], args[1]])


def _without(e: Expr, args: list[Any]) -> Any:
    if isinstance(e.type, Set):
        return args[0] - {args[1]}
    rest = list(args[0])
    if args[1] in rest:
        rest.remove(args[1])
    return tuple(rest)


def _slice(_: Expr, args: list[Any]) -> Any:
    return args[0][args[1] : args[2]]


def _fill(e: Expr, args: list[Any]) -> Any:
    assert isinstance(e.type, Array)
    return build(e.type, [args[0]] * cardinality(e.type.key))


def _in(self: Evaluator, e: Expr, names: Values) -> bool:
    element = self.value(e.args[0], names)
    if e.args[1].op in (Op.RANGE, Op.DOMAIN):
        return element in self.walked(e.args[1], names)
    return element in self.value(e.args[1], names)


def _if(self: Evaluator, e: Expr, names: Values) -> Any:
    return self.value(e.args[1] if self.value(e.args[0], names) else e.args[2], names)


def _call(self: Evaluator, e: Expr, names: Values) -> Any:
    function = self.system.functions[e.arg]
    return self.call(function, [self.value(a, names) for a in e.args])


LAZY: dict[Op, Callable[[Evaluator, Expr, Values], Any]] = {
    Op.LOCAL: lambda self, e, names: names[e.arg],
    Op.STATE: lambda self, e, names: self.state[e.arg],
    Op.BEFORE: lambda self, e, names: self.before[e.arg],
    Op.AND: lambda self, e, names: all(self.value(a, names) for a in e.args),
    Op.OR: lambda self, e, names: any(self.value(a, names) for a in e.args),
    Op.IN: _in,
    Op.IF: _if,
    Op.CALL: _call,
}

EAGER: dict[Op, Callable[[Expr, list[Any]], Any]] = {
    Op.CONST: _const,
    Op.TABLE: lambda e, _: e.arg.value,
    Op.INDEX: lambda e, a: a[0][index_of(e.args[0].type, a[1])],
    Op.AT: lambda e, a: a[0][position_of(len(a[0]), a[1])],
    Op.SLICE: _slice,
    Op.FIELD: lambda e, a: getattr(a[0], e.arg),
    Op.ADD: lambda e, a: a[0] + a[1],
    Op.SUB: lambda e, a: a[0] - a[1],
    Op.MUL: lambda e, a: a[0] * a[1],
    Op.FLOORDIV: _divide,
    Op.MOD: _divide,
    Op.NEG: lambda e, a: -a[0],
    Op.ABS: lambda e, a: abs(a[0]),
    Op.MIN: lambda e, a: min(a),
    Op.MAX: lambda e, a: max(a),
    Op.EQ: lambda e, a: a[0] == a[1],
    Op.NE: lambda e, a: a[0] != a[1],
    Op.LT: _compare,
    Op.LE: _compare,
    Op.GT: _compare,
    Op.GE: _compare,
    Op.NOT: lambda e, a: not a[0],
    Op.SOME: lambda e, a: a[0],
    Op.UNWRAP: _unwrap,
    Op.IS_NONE: lambda e, a: a[0] is None,
    Op.RECORD: _record,
    Op.REPLACE: lambda e, a: converted(
        e.type, replaced(a[0], **dict(zip(e.arg, a[1:], strict=True)))
    ),
    Op.INJECT: lambda e, a: converted(e.type, a[0]),
    Op.IS: _is,
    Op.PROJECT: _project,
    Op.ARRAY: lambda e, a: build(e.type, a),
    Op.FILL: _fill,
    Op.SET: lambda e, a: build(e.type, a),
    Op.SEQ: lambda e, a: build(e.type, a),
    Op.BAG: lambda e, a: build(e.type, a),
    Op.LEN: lambda e, a: len(a[0]),
    Op.COUNT: lambda e, a: a[0].count(a[1]),
    Op.UNION: lambda e, a: converted(e.type, a[0] | a[1]),
    Op.INTERSECTION: lambda e, a: converted(e.type, a[0] & a[1]),
    Op.DIFFERENCE: lambda e, a: converted(e.type, a[0] - a[1]),
    Op.SYMMETRIC_DIFFERENCE: lambda e, a: converted(e.type, a[0] ^ a[1]),
    Op.SUBSET: lambda e, a: a[0] <= a[1],
    Op.WITH: _with,
    Op.WITHOUT: _without,
    Op.APPEND: lambda e, a: build(e.type, [*a[0], a[1]]),
    Op.CONCAT: lambda e, a: build(e.type, [*a[0], *a[1]]),
    Op.CONVERT: lambda e, a: converted(e.type, a[0]),
}

"""The operations on numbers and truths: rules, and meanings or forms."""

from collections.abc import Callable
from typing import Any

from planespec.checker.ir import ranges
from planespec.checker.ir.frozen import EvaluationError, number
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.operation import (
    Derived,
    Form,
    Operation,
    Rule,
    chosen,
    constant,
    named,
    operand_types,
    predicate,
    ruled,
    truth,
)
from planespec.checker.ir.types import Bool, Enum, Int, Sort, Span

# Numbers


def _numbers(message: str, range_of: Callable[..., Int]) -> Rule:
    """The range of the result holds every value the operation has (see `ranges`)."""

    def holds(value: Expr) -> bool:
        operands = [t for t in operand_types(value) if isinstance(t, Int)]
        if not (isinstance(value.type, Int) and len(operands) == len(value.args) > 0):
            return False
        return ranges.contains(value.type, range_of(*operands))

    return ruled(message, holds)


def _pair(range_of: Callable[..., Int]) -> Rule:
    return _numbers("[int, int] and its range", range_of)


def _divided(divide: Callable[[int, int], int]) -> Callable[[Expr, list[Any]], int]:
    def meaning(_: Expr, args: list[Any]) -> int:
        if args[1] == 0:
            raise EvaluationError("division by zero")
        return divide(args[0], args[1])

    return meaning


def _negative(e: Expr) -> Derived:
    return Derived(Expr(Op.SUB, e.type, (constant(0, Int(0, 0), e.at), *e.args), e.at))


def _absolute(e: Expr) -> Derived:
    def make(value: Expr) -> Expr:
        assert isinstance(value.type, Int)
        negative = ranges.negate(value.type)
        turned = Expr(Op.NEG, negative, (value,), e.at)
        return Expr(Op.MAX, ranges.greatest(value.type, negative), (value, turned), e.at)

    return named(e, make)


def _extreme(better: Callable[[Expr, Expr], Expr]) -> Form:
    """In halves; `better` says whether the first of two is to be taken."""

    def form(e: Expr) -> Derived:
        hull = ranges.hull(*(t for t in operand_types(e) if isinstance(t, Int)))
        if len(e.args) == 1:
            return Derived(e.args[0])
        if len(e.args) == 2:
            return named(e, lambda a, b: chosen(better(b, a), b, a), hull)
        half = len(e.args) // 2
        parts = tuple(Expr(e.op, hull, p, e.at) for p in (e.args[:half], e.args[half:]))
        return Derived(Expr(e.op, hull, parts, e.at))

    return form


NUMBERS: dict[Op, Operation] = {
    Op.ADD: Operation(_pair(ranges.add), lambda _, a: a[0] + a[1]),
    Op.SUB: Operation(_pair(ranges.subtract), lambda _, a: a[0] - a[1]),
    Op.MUL: Operation(_pair(ranges.multiply), lambda _, a: a[0] * a[1]),
    Op.FLOORDIV: Operation(_pair(ranges.floor_divide), _divided(lambda a, b: a // b)),
    Op.MOD: Operation(_pair(ranges.modulo), _divided(lambda a, b: a % b)),
    Op.NEG: Operation(_numbers("[int] and its range", ranges.negate), form=_negative),
    Op.ABS: Operation(_numbers("[int] and its range", ranges.absolute), form=_absolute),
    Op.MIN: Operation(
        _numbers("[int, ...] and their range", ranges.least),
        form=_extreme(lambda a, b: predicate(Op.LT, [a, b], a.at)),
    ),
    Op.MAX: Operation(
        _numbers("[int, ...] and their range", ranges.greatest),
        form=_extreme(lambda a, b: predicate(Op.GT, [a, b], a.at)),
    ),
}

# Truths


def _comparison(value: Expr) -> bool:
    """Ints of any ranges, or two values of one type."""
    a, b = operand_types(value)
    both = isinstance(a, Int) and isinstance(b, Int)
    return value.type == Bool() and (both or (a == b and not isinstance(a, Span)))


def _ordered(value: Expr) -> bool:
    a, b = operand_types(value)
    same = a == b and isinstance(a, Enum | Sort)
    return value.type == Bool() and (same or (isinstance(a, Int) and isinstance(b, Int)))


def _bools(value: Expr) -> bool:
    return value.type == Bool() and all(t == Bool() for t in operand_types(value))


def _at_most(e: Expr, args: list[Any]) -> bool:
    a, b = (number(x.type, v) for x, v in zip(e.args, args, strict=True))
    return a <= b


def _compared(op: Op, *, swapped: bool = False, negated: bool = False) -> Form:
    def form(e: Expr) -> Derived:
        found = predicate(op, e.args[::-1] if swapped else e.args, e.at)
        return Derived(predicate(Op.NOT, [found], e.at) if negated else found)

    return form


def _negation(e: Expr) -> Derived:
    (value,) = e.args
    return Derived(chosen(value, truth(False, e.at), truth(True, e.at)))


def _junction(deciding: bool) -> Form:
    """In halves, so that long ones do not nest deeply."""

    def form(e: Expr) -> Derived:
        half = len(e.args) // 2
        parts = (e.args[:half], e.args[half:])
        first, rest = (p[0] if len(p) == 1 else predicate(e.op, p, e.at) for p in parts)
        end = truth(deciding, e.at)
        return Derived(chosen(first, end, rest) if deciding else chosen(first, rest, end))

    return form


_COMPARED = ruled("two of one type", _comparison)
_ORDERED = ruled("two ordered ones", _ordered)
_JOINED = ruled("[bool, ...]", lambda v: _bools(v) and len(v.args) > 1)

TRUTHS: dict[Op, Operation] = {
    Op.EQ: Operation(_COMPARED, lambda _, a: a[0] == a[1]),
    Op.NE: Operation(_COMPARED, form=_compared(Op.EQ, negated=True)),
    Op.LE: Operation(_ORDERED, _at_most),
    Op.LT: Operation(_ORDERED, form=_compared(Op.LE, swapped=True, negated=True)),
    Op.GE: Operation(_ORDERED, form=_compared(Op.LE, swapped=True)),
    Op.GT: Operation(_ORDERED, form=_compared(Op.LE, negated=True)),
    Op.NOT: Operation(ruled("[bool]", lambda v: _bools(v) and len(v.args) == 1), form=_negation),
    Op.AND: Operation(_JOINED, form=_junction(deciding=False)),
    Op.OR: Operation(_JOINED, form=_junction(deciding=True)),
    Op.IF: Operation(
        ruled("[bool, t, t]", lambda v: operand_types(v) == (Bool(), v.type, v.type))
    ),
}

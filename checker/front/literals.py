"""Frozen values as IR expressions, and expressions that are written-out values."""

from collections.abc import Sequence
from typing import Any

from planespec.checker.front.build import constant
from planespec.checker.ir.evaluate import EAGER
from planespec.checker.ir.nodes import Expr, Fold, Op, Position
from planespec.checker.ir.types import (
    Array,
    Bag,
    Enum,
    Option,
    Record,
    Seq,
    Set,
    Type,
    Union,
)

WRITTEN = (Op.SOME, Op.INJECT, Op.RECORD, Op.ARRAY, Op.FILL, Op.SET, Op.SEQ, Op.BAG)
"""Operations that put values together."""


def literal(value: Any, type_: Type, at: Position) -> Expr:
    """A frozen value (see `checker.outcome`) as an expression of its type."""
    match type_:
        case Enum(_, members):
            return constant(members.index(value.name), type_, at)
        case Option(inner):
            if value is None:
                return constant(None, type_, at)
            return Expr(Op.SOME, type_, (literal(value, inner, at),), at)
        case Record(_, fields):
            parts = [literal(getattr(value, name), part, at) for name, part in fields]
            return Expr(Op.RECORD, type_, tuple(parts), at)
        case Union(variants):
            record = next(v for v in variants if v.python is type(value))
            return Expr(Op.INJECT, type_, (literal(value, record, at),), at)
        case Array(_, element):
            return _array(value, type_, element, at)
        case Set(element) | Bag(element) | Seq(element):
            op = {Set: Op.SET, Bag: Op.BAG, Seq: Op.SEQ}[type(type_)]
            members_ = sorted(value, key=repr) if isinstance(value, frozenset) else value
            return Expr(op, type_, tuple(literal(v, element, at) for v in members_), at)
    return constant(value if isinstance(value, bool) else int(value), type_, at)


def _array(value: Sequence[Any], type_: Array, element: Type, at: Position) -> Expr:
    if value and all(v == value[0] for v in value):
        return Expr(Op.FILL, type_, (literal(value[0], element, at),), at)
    return Expr(Op.ARRAY, type_, tuple(literal(v, element, at) for v in value), at)


def is_written_out(value: Expr) -> bool:
    """Whether an expression is made of constants alone."""
    if value.op in (Op.CONST, Op.TABLE):
        return True
    known = value.op in WRITTEN and not isinstance(value, Fold)
    if isinstance(value.type, Record) and value.type.python is None:
        return False
    return known and all(map(is_written_out, value.args))


def written_out(value: Expr) -> Any:
    """The frozen value of such an expression, or of a part of one.

    Raises EvaluationError where it has none.
    """
    return EAGER[value.op](value, [written_out(a) for a in value.args])

"""Frozen values as IR expressions: the defaults of state variables."""

from collections.abc import Sequence
from typing import Any

from planespec.checker.front.build import constant
from planespec.checker.ir.nodes import Expr, Op, Position
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
from planespec.checker.lang.shapes import Each


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
        case Array(_, element) if isinstance(value, Each):
            return Expr(Op.FILL, type_, (literal(value.value, element, at),), at)
        case Array(_, element):
            return _array(value, type_, element, at)
        case Set(element) | Bag(element) | Seq(element):
            op = {Set: Op.SET, Bag: Op.BAG, Seq: Op.SEQ}[type(type_)]
            members_ = sorted(value, key=repr) if isinstance(value, frozenset) else value
            return Expr(op, type_, tuple(literal(v, element, at) for v in members_), at)
    return constant(value if isinstance(value, bool) else int(value), type_, at)


def _array(value: Sequence[Any], type_: Array, element: Type, at: Position) -> Expr:
    first = next(iter(value), None)
    if value and all(v == first for v in value):
        return Expr(Op.FILL, type_, (literal(first, element, at),), at)
    return Expr(Op.ARRAY, type_, tuple(literal(v, element, at) for v in value), at)

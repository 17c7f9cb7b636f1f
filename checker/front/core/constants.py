"""Values that never change as IR expressions: of a module, and frozen ones."""

import ast
from collections.abc import Sequence
from enum import Enum as PythonEnum
from typing import Any

from planespec.checker.front.core.building import constant, convert
from planespec.checker.front.core.scope import Frame
from planespec.checker.front.core.type_relations import Never, set_of
from planespec.checker.front.dispatch import literal_scalar
from planespec.checker.front.expressions.arithmetic import common
from planespec.checker.front.expressions.tuples import tuple_value
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
from planespec.checker.lang.data.order import loose_key
from planespec.checker.lang.data.records import is_record
from planespec.checker.lang.data.shapes import Each

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


def is_written_out(value: Expr) -> bool:
    """Whether an expression is made of constants alone."""
    if value.op in (Op.CONST, Op.TABLE):
        return True
    known = value.op in WRITTEN
    if isinstance(value.type, Record) and value.type.python is None:
        return False
    return known and all(map(is_written_out, value.args))


def constant_value(frame: Frame, node: ast.AST, object_: Any) -> Expr | None:
    """A Python object as an expression; None where it is no value of the language."""
    if is_record(type(object_)):
        type_ = frame.program.facts.resolve(type(object_))
        return literal(object_, type_, frame.at(node))
    if type(object_) is tuple:
        parts = _all(frame, node, object_)
        if parts is None or not parts:
            return parts if parts is None else Expr(Op.SEQ, Seq(Never(), 0), (), frame.at(node))
        return tuple_value(parts, frame.at(node))
    if type(object_) is dict:
        return _constants_array(frame, node, object_)
    if isinstance(object_, frozenset):
        return _set(frame, node, object_)
    return literal_scalar(frame, object_, node) if _is_scalar(object_) else None


def _is_scalar(object_: Any) -> bool:
    return object_ is None or isinstance(object_, PythonEnum) or type(object_) in (bool, int)


def _all(frame: Frame, node: ast.AST, objects: Any) -> list[Expr] | None:
    found = [constant_value(frame, node, o) for o in objects]
    return None if None in found else [f for f in found if f is not None]


def _constants_array(frame: Frame, node: ast.AST, object_: dict[Any, Any]) -> Expr | None:
    """A dict with a value for each key of a type, in the order of the keys, as it is walked."""
    from planespec.checker.front.expressions.displays import array_of
    from planespec.checker.front.tuple_keys import key_number

    keys, items = _all(frame, node, object_), _all(frame, node, object_.values())
    if not keys or items is None or None in map(key_number, keys):
        return None
    item: Type = Never()
    for part in items:
        item = common(frame, node, item, part.type)
    made = array_of(frame, node, keys, [convert(part, item) for part in items], item)
    numbers: list[Any] = list(map(key_number, keys))
    if numbers != sorted(numbers):
        key = keys[0].type
        raise frame.refusal(
            node, f"the keys of this dict are not in the order of {key}", "keys in their order"
        )
    return made


def _set(frame: Frame, node: ast.AST, objects: frozenset[Any]) -> Expr | None:
    parts = _all(frame, node, sorted(objects, key=loose_key()))
    if parts is None:
        return None
    element: Type = Never()
    for part in parts:
        element = common(frame, node, element, part.type)
    args = tuple(convert(part, element) for part in parts)
    return Expr(Op.SET, set_of(element, len(args)), args, frame.at(node))

"""Things of a module as values: tuples, frozensets, records and dicts of values."""

import ast
from enum import Enum as PythonEnum
from typing import Any

from planespec.checker.front.arithmetic import common
from planespec.checker.front.build import convert
from planespec.checker.front.dispatch import literal_scalar
from planespec.checker.front.literals import literal
from planespec.checker.front.scope import Frame
from planespec.checker.front.shapes import Never, set_of
from planespec.checker.front.tuples import tuple_value
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.types import Seq, Type
from planespec.checker.lang.order import loose_key
from planespec.checker.lang.records import is_record


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
        return _array(frame, node, object_)
    if isinstance(object_, frozenset):
        return _set(frame, node, object_)
    return literal_scalar(frame, object_, node) if _is_scalar(object_) else None


def _is_scalar(object_: Any) -> bool:
    return object_ is None or isinstance(object_, PythonEnum) or type(object_) in (bool, int)


def _all(frame: Frame, node: ast.AST, objects: Any) -> list[Expr] | None:
    found = [constant_value(frame, node, o) for o in objects]
    return None if None in found else [f for f in found if f is not None]


def _array(frame: Frame, node: ast.AST, object_: dict[Any, Any]) -> Expr | None:
    """A dict with a value for each key of a type, in the order of the keys, as it is walked."""
    from planespec.checker.front.collections_ import array_of

    keys, items = _all(frame, node, object_), _all(frame, node, object_.values())
    if not keys or items is None or not all(k.op is Op.CONST for k in keys):
        return None
    item: Type = Never()
    for part in items:
        item = common(frame, node, item, part.type)
    made = array_of(frame, node, keys, [convert(part, item) for part in items], item)
    if [int(k.arg) for k in keys] != sorted(int(k.arg) for k in keys):
        key = made.type.key  # type: ignore[attr-defined]
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

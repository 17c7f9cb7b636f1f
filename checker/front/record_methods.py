"""Methods and properties of records and enums: helpers whose first parameter is the value."""

import ast
from collections.abc import Callable
from inspect import getattr_static
from types import FunctionType
from typing import Any

from planespec.checker.front.build import convert, predicate
from planespec.checker.front.helpers import call_in_expression
from planespec.checker.front.scope import Frame, OfRecord
from planespec.checker.front.shapes import MismatchError, join
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.types import Enum, Record, Tuple, Union
from planespec.checker.lang.tuples import is_named_tuple


def property_of(frame: Frame, node: ast.AST, owner: Expr, name: str) -> Expr | None:
    """`point.twice` where it is a property; None where it is none."""
    return _of_variants(frame, node, owner, name, property, None)


def method_of(frame: Frame, node: ast.Call, owner: Expr, name: str) -> Expr | None:
    """`point.beyond(other)`; None where the record has no such method."""
    return _of_variants(frame, node, owner, name, FunctionType, node)


def static_of(cls: Any, name: str) -> Callable[..., Any] | None:
    """A static method of a record class."""
    found = getattr_static(cls, name, None)
    return found.__func__ if isinstance(found, staticmethod) else None


def _of_variants(
    frame: Frame, node: ast.AST, owner: Expr, name: str, kind: type, call: ast.Call | None
) -> Expr | None:
    """The result for each record that the value may be."""
    match owner.type:
        case Tuple(_, _, python) if name.startswith("_") or not is_named_tuple(python):
            return None
        case Enum() if name.startswith("_"):
            return None
        case Record() | Enum():
            found = _function(owner.type, name, kind)
            return None if found is None else _called(frame, node, found, owner, call)
        case Union(variants):
            functions = [_function(v, name, kind) for v in variants]
            if None in functions:
                return None
            return _by_cases(frame, node, owner, functions, call)
    return None


def _function(type_: Record | Enum, name: str, kind: type) -> Callable[..., Any] | None:
    found = getattr_static(type_.python, name, None) if type_.python else None
    fields = type_.fields if isinstance(type_, Record) else ()
    if not isinstance(found, kind) or name in dict(fields):
        return None
    function: Any = found.fget if isinstance(found, property) else found
    return function  # type: ignore[no-any-return]


def _called(
    frame: Frame, node: ast.AST, function: Any, owner: Expr, call: ast.Call | None
) -> Expr:
    return call_in_expression(frame, node, OfRecord(function, owner), call)


def _by_cases(
    frame: Frame, node: ast.AST, owner: Expr, functions: list[Any], call: ast.Call | None
) -> Expr:
    assert isinstance(owner.type, Union)
    at, made = frame.at(node), []
    for variant, function in zip(owner.type.variants, functions, strict=True):
        one = Expr(Op.PROJECT, variant, (owner,), at, variant.name)
        made.append((variant, _called(frame, node, function, one, call)))
    type_ = made[0][1].type
    try:
        for _, found in made[1:]:
            type_ = join(type_, found.type)
    except MismatchError:
        raise frame.refusal(
            node,
            "the records of the union answer with different types",
            "isinstance or match first",
        ) from None
    result = convert(made[-1][1], type_)
    for variant, found in reversed(made[:-1]):
        chosen = predicate(Op.IS, [owner], at, (variant.name,))
        result = Expr(Op.IF, type_, (chosen, convert(found, type_), result), at)
    return result

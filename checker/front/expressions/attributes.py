"""Constants, names and attributes; methods and properties of records."""

import ast
import builtins
from collections.abc import Callable
from dataclasses import replace
from enum import Enum as PythonEnum
from inspect import getattr_static
from types import FunctionType, ModuleType
from typing import Any

from planespec.checker.front.core.advice import GUARDED, unknown_attribute, unknown_name
from planespec.checker.front.core.building import convert, local, none, predicate, truth, unknown
from planespec.checker.front.core.building import number as number_of
from planespec.checker.front.core.constants import constant_value
from planespec.checker.front.core.scope import (
    Bound,
    Frame,
    Inline,
    Known,
    Local,
    OfRecord,
    Static,
    Values,
    View,
)
from planespec.checker.front.core.type_relations import MismatchError, join
from planespec.checker.front.dispatch import ALLOWED_VALUES, describe, evaluate, handles, unwrap
from planespec.checker.front.expressions.scalars import value_of_known, value_of_member
from planespec.checker.front.expressions.tuples import field, narrow
from planespec.checker.front.helpers import call_in_expression
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.types import Enum, Record, Tuple, Union
from planespec.checker.lang.collect import is_class_constant
from planespec.checker.lang.data.records import is_named_tuple, is_record
from planespec.checker.lang.presence import existence


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


@handles(ast.Constant)
def literal(frame: Frame, node: ast.Constant) -> Expr:
    """A literal of a scalar type; text and floats are refused."""
    at = frame.at(node)
    match node.value:
        case bool(flag):
            return truth(flag, at)
        case int(value):
            return number_of(value, at)
        case None:
            return none(at)
        case str() | bytes():
            raise frame.refusal(node, "text is not a value of the language", "enum members")
        case float() | complex():
            raise frame.refusal(
                node, "only whole numbers are values of the language", "int, // and %"
            )
    raise frame.refusal(node, "this literal is not part of the language", ALLOWED_VALUES)


@handles(ast.Name)
def name(frame: Frame, node: ast.Name) -> Expr | Static:
    """A local, or something of the module."""
    binding = frame.names.get(node.id)
    if isinstance(binding, Local):
        return narrow(frame, node, _local(frame, node, binding))
    if isinstance(binding, Inline):
        return narrow(frame, node, replace(binding.value, at=frame.at(node)))
    if binding is not None:
        return binding
    for names in (frame.closure, frame.globals, vars(builtins)):
        if node.id in names:
            return _known(frame, node, names[node.id])
    raise frame.refusal(node, *unknown_name(frame.program.facts, node.id))


def _local(frame: Frame, node: ast.Name, binding: Local) -> Expr:
    at = frame.at(node)
    if binding.type is not None:
        return local(binding.name, binding.type, at)
    if binding.name not in frame.assigned:
        raise frame.refusal(
            node,
            f"{node.id} may have no value here",
            f"an assignment to {node.id} on every path before this line",
        )
    frame.reads.append((binding.name, frame.clock, frame.loops))
    type_ = frame.estimate(binding.name)
    return unknown(at) if type_ is None else local(binding.name, type_, at)


def _known(frame: Frame, node: ast.Name, found: Any) -> Static:
    """A global: immutable things only, since a model may depend on nothing else, and tables."""
    is_table = isinstance(found, dict) and constant_value(frame, node, found) is not None
    if isinstance(found, list | dict | set | bytearray) and not is_table:
        raise frame.refusal(
            node,
            f"{node.id} is global state: a {type(found).__name__} of the module",
            "a state variable, a constant(...) or table(...) of the model, a frozenset, tuple, or "
            "dict with a value for each key",
        )
    return Known(found)


@handles(ast.Attribute)
def attribute(frame: Frame, node: ast.Attribute) -> Expr | Static:
    """A variable or constant of the model, a field, an enum member, a name of a module."""
    owner = evaluate(frame, node.value)
    match owner:
        case View():
            found = _of_model(frame, node, owner)
            return narrow(frame, node, found) if isinstance(found, Expr) else found
        case Known(object_):
            return value_of_known(frame, node, object_) or _of_object(frame, node, object_)
        case Expr():
            number = value_of_member(frame, node, owner)
            if number is not None:
                return number
            known = property_of(frame, node, unwrap(owner), node.attr)
            if known is not None:
                return known
            return narrow(frame, node, field(frame, node, owner, node.attr))
    raise frame.refusal(node, f"there is no attribute {node.attr} here", ALLOWED_VALUES)


def _of_model(frame: Frame, node: ast.Attribute, view: View) -> Expr | Static:
    facts, at = frame.program.facts, frame.at(node)
    if node.attr in facts.variables:
        frame.effects.add("reads the state before" if view.before else "reads the state")
        op = Op.BEFORE if view.before else Op.STATE
        return Expr(op, facts.variables[node.attr], (), at, node.attr)
    if node.attr in facts.absent:
        reason = existence(facts.absent[node.attr])
        raise frame.refusal(node, f"{node.attr} {reason}, which is false", GUARDED)
    if node.attr in facts.domains:
        return Values(facts.domains[node.attr])
    if node.attr in facts.tables:
        return replace(facts.tables[node.attr], at=at)
    if node.attr in facts.constants:
        return Known(facts.constants[node.attr])
    found = getattr(facts.model, node.attr, None)
    if isinstance(found, property) and found.fget is not None:
        return call_in_expression(frame, node, Bound(found.fget, view))
    if isinstance(found, FunctionType):
        static = isinstance(vars_of(facts.model, node.attr), staticmethod)
        return Known(found) if static else Bound(found, view)
    if is_class_constant(facts.model, node.attr):
        return Known(found)
    raise frame.refusal(node, *unknown_attribute(facts, node.attr))


def vars_of(cls: type, name_: str) -> Any:
    """The raw class attribute, through the bases."""
    return next((vars(base)[name_] for base in cls.__mro__ if name_ in vars(base)), None)


def _of_object(frame: Frame, node: ast.Attribute, owner: Any) -> Static:
    if isinstance(owner, type) and issubclass(owner, PythonEnum):
        if node.attr in owner.__members__:
            return Known(owner.__members__[node.attr])
        static = static_of(owner, node.attr)
        if static is not None:
            return Known(static)
        members = ", ".join(owner.__members__)
        if isinstance(getattr_static(owner, node.attr, None), classmethod):
            raise frame.refusal(
                node, f"{node.attr} is a class method, which no helper is", "a staticmethod"
            )
        raise frame.refusal(node, f"{owner.__name__} has no member {node.attr}", members)
    if isinstance(owner, type) and is_class_constant(owner, node.attr):
        return Known(getattr(owner, node.attr))
    static = static_of(owner, node.attr) if is_record(owner) else None
    if static is not None:
        return Known(static)
    if isinstance(owner, ModuleType) and hasattr(owner, node.attr):
        return Known(getattr(owner, node.attr))
    raise frame.refusal(
        node,
        f"{node.attr} of {describe(Known(owner))} is not part of the language",
        "fields of records, enum members, names of modules",
    )

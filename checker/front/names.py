"""Constants, names and attributes."""

import ast
import builtins
from dataclasses import replace
from enum import Enum as PythonEnum
from types import FunctionType, ModuleType
from typing import Any

from planespec.checker.front.advice import GUARDED, unknown_attribute, unknown_name
from planespec.checker.front.build import local, none, truth, unknown
from planespec.checker.front.build import number as number_of
from planespec.checker.front.dispatch import ALLOWED_VALUES, describe, evaluate, handles, unwrap
from planespec.checker.front.fields import field, narrow
from planespec.checker.front.helpers import call_in_expression
from planespec.checker.front.record_methods import property_of, static_of
from planespec.checker.front.scalars import value_of_known, value_of_member
from planespec.checker.front.scope import Bound, Frame, Inline, Known, Local, Static, Values, View
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.lang.collect import is_class_constant
from planespec.checker.lang.presence import existence
from planespec.checker.lang.records import is_record


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
    """A global: immutable things only, since a model may depend on nothing else."""
    if isinstance(found, list | dict | set | bytearray):
        raise frame.refusal(
            node,
            f"{node.id} is global state: a {type(found).__name__} of the module",
            "a state variable, a constant(...) of the model, or a frozenset or tuple",
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
        members = ", ".join(owner.__members__)
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

"""What a condition says about the variant of a union: isinstance, `not`, `and`, `or`."""

import ast
from typing import Any

from planespec.checker.front.dispatch import evaluate, unwrap, value
from planespec.checker.front.fields import path_of
from planespec.checker.front.scope import PRESENT, Frame, Known
from planespec.checker.ir.types import Record, Union

Facts = dict[str, frozenset[str]]


def narrowed_by(frame: Frame, node: ast.expr, truth: bool) -> Facts:
    """What is known where the condition is `truth`."""
    match node:
        case ast.UnaryOp(op=ast.Not()):
            return narrowed_by(frame, node.operand, not truth)
        case ast.BoolOp(op=ast.And()) if truth:
            return _all(frame, node.values, truth)
        case ast.BoolOp(op=ast.Or()) if not truth:
            return _all(frame, node.values, truth)
        case ast.Call(func=ast.Name(id="isinstance"), args=[subject, classes]):
            return _instance(frame, subject, classes, truth)
        case ast.Compare(left=subject, ops=[operator], comparators=[ast.Constant(value=None)]):
            absent = isinstance(operator, ast.Is | ast.Eq)
            present = isinstance(operator, ast.IsNot | ast.NotEq)
            if present if truth else absent:
                return {path_of(subject) + PRESENT: frozenset()}
    return {}


def _all(frame: Frame, parts: list[ast.expr], truth: bool) -> Facts:
    found: Facts = {}
    with frame.narrowing({}):
        for part in parts:
            found |= narrowed_by(frame, part, truth)
            frame.narrowed = {**frame.narrowed, **found}
    return found


def _instance(frame: Frame, subject: ast.expr, classes: ast.expr, truth: bool) -> Facts:
    path = path_of(subject)
    possible = known_variants(frame, subject)
    if possible is None:
        return {}
    named = frozenset(class_names(frame, classes))
    return {path: possible & named if truth else possible - named}


def known_variants(frame: Frame, subject: ast.expr) -> frozenset[str] | None:
    """The variants a path may still be; None for what is no union."""
    known = frame.narrowed.get(path_of(subject))
    if known is not None:
        return known
    found = unwrap(value(frame, subject))
    if isinstance(found.type, Union):
        return frozenset(v.name for v in found.type.variants)
    return frozenset((found.type.name,)) if isinstance(found.type, Record) else None


def class_names(frame: Frame, node: ast.expr) -> list[str]:
    """The record classes in `A`, `A | B` or `(A, B)`."""
    if isinstance(node, ast.Tuple):
        return [name for part in node.elts for name in class_names(frame, part)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*class_names(frame, node.left), *class_names(frame, node.right)]
    found = evaluate(frame, node)
    if isinstance(found, Known):
        names = _record_names(frame, node, found.value)
        if names:
            return names
    raise frame.refusal(node, "isinstance asks for record classes", "A, A | B or (A, B)")


def _record_names(frame: Frame, node: ast.expr, object_: Any) -> list[str]:
    type_ = frame.program.facts.resolve(object_)
    match type_:
        case Record(name):
            return [name]
        case Union(variants):
            return [v.name for v in variants]
    return []

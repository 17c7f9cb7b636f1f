"""`set(xs)`, `list(xs)`, `Bag(xs)`: one collection made from another."""

import ast

from planespec.checker.front.build import fold, local
from planespec.checker.front.scope import Frame
from planespec.checker.front.shapes import set_of
from planespec.checker.front.walks import element_type, rounds
from planespec.checker.ir.nodes import Expr, Generator, Op, Reduction
from planespec.checker.ir.types import Bag, Seq, Set, Type


def copied(source: Expr) -> Expr:
    """A copy: the same value, but for `aliasing` no part of the state (`simplify` drops it)."""
    return Expr(Op.CONVERT, source.type, (source,), source.at)


def to_set(frame: Frame, node: ast.AST, source: Expr) -> Expr:
    """The set of what a walk yields."""
    if isinstance(source.type, Set):
        return copied(source)
    element = element_type(source)
    return _walk(frame, node, Reduction.SET, set_of(element, rounds(source)), source)


def to_seq(frame: Frame, node: ast.AST, source: Expr) -> Expr:
    """The sequence of what a walk yields; sets and bags have no certain order."""
    if isinstance(source.type, Seq):
        return copied(source)
    if isinstance(source.type, Set | Bag):
        raise frame.refusal(
            node,
            "a list made from a set has no certain order",
            "a list made from a domain, range, list or Array",
        )
    made = Seq(element_type(source), rounds(source))
    return _walk(frame, node, Reduction.SEQ, made, source)


def to_bag(frame: Frame, node: ast.AST, source: Expr) -> Expr:
    """The bag of what a walk yields."""
    if isinstance(source.type, Bag):
        return copied(source)
    made = Bag(element_type(source), rounds(source))
    return _walk(frame, node, Reduction.BAG, made, source)


def _walk(frame: Frame, node: ast.AST, kind: Reduction, type_: Type, source: Expr) -> Expr:
    element, name = element_type(source), frame.fresh("element")
    at = frame.at(node)
    body = local(name, element, at)
    return fold(kind, type_, (Generator(name, element, source),), body, at)

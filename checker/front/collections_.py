"""Literals of collections and subscripts."""

import ast

from planespec.checker.front.arithmetic import common
from planespec.checker.front.build import convert, length, number, unknown
from planespec.checker.front.dispatch import coerce, evaluate, handles, integer, unwrap, value
from planespec.checker.front.fields import narrow, path_of
from planespec.checker.front.scope import Frame, Static, Values
from planespec.checker.front.shapes import Never, set_of
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.types import Array, Int, Seq, Sort, Type


@handles(ast.Set)
def set_literal(frame: Frame, node: ast.Set) -> Expr:
    """`{a, b}`."""
    elements, element = elements_of(frame, node, node.elts)
    return Expr(Op.SET, set_of(element, len(elements)), tuple(elements), frame.at(node))


@handles(ast.List, ast.Tuple)
def sequence_literal(frame: Frame, node: ast.List | ast.Tuple) -> Expr:
    """`[a, b]` or `(a, b)`."""
    elements, element = elements_of(frame, node, node.elts)
    return Expr(Op.SEQ, Seq(element, len(elements)), tuple(elements), frame.at(node))


def elements_of(frame: Frame, node: ast.AST, items: list[ast.expr]) -> tuple[list[Expr], Type]:
    """The elements of a literal in their common type."""
    found = [value(frame, item) for item in items]
    element: Type = Never()
    for part in found:
        element = common(frame, node, element, part.type)
    return [convert(part, element) for part in found], element


@handles(ast.Dict)
def dict_literal(frame: Frame, node: ast.Dict) -> Expr:
    """Refused: an Array is written with `each` or a comprehension over its whole key type."""
    raise frame.refusal(
        node, "a dict written out may miss a key", "each(value) or {k: value for k in domain}"
    )


@handles(ast.Subscript)
def subscript(frame: Frame, node: ast.Subscript) -> Expr | Static:
    """`array[key]`, `xs[i]`, `xs[a:b]`, `domain[i]`."""
    owner = evaluate(frame, node.value)
    if isinstance(owner, Values):
        return _member(frame, node, owner.type)
    found = unwrap(value(frame, node.value))
    if isinstance(node.slice, ast.Slice):
        return sliced(frame, node, found, node.slice)
    part = element(frame, node, found, node.slice)
    return narrow(frame, node, part) if path_of(node) in frame.narrowed else part


def element(frame: Frame, node: ast.AST, owner: Expr, key: ast.expr) -> Expr:
    """One element of an array or sequence."""
    at = frame.at(node)
    match owner.type:
        case Never():
            return unknown(at)
        case Array(Never(), item):
            raise frame.refusal(
                node, f"the keys of this array of {item} are not known", "an annotation"
            )
        case Array(key_type, item):
            index = coerce(frame, key, value(frame, key), key_type, "as a key")
            return Expr(Op.INDEX, item, (owner, index), at)
        case Seq(item, _):
            return Expr(Op.AT, item, (owner, position(frame, key)), at)
    raise frame.refusal(
        node, f"{owner.type} has no elements by position or key", "an Array or a list"
    )


def position(frame: Frame, key: ast.expr) -> Expr:
    """An index of a sequence."""
    index = integer(frame, key)
    return index if isinstance(index.type, Int) else number(0, index.at)


def sliced(frame: Frame, node: ast.AST, owner: Expr, part: ast.Slice) -> Expr:
    """`xs[low:high]`; the step is always 1."""
    if isinstance(owner.type, Never):
        return unknown(frame.at(node))
    if part.step is not None or not isinstance(owner.type, Seq):
        raise frame.refusal(
            node,
            f"this slice of {owner.type} is not part of the language",
            "xs[a:b] on a list, without a step",
        )
    low = number(0, owner.at) if part.lower is None else position(frame, part.lower)
    high = length(owner) if part.upper is None else position(frame, part.upper)
    return Expr(Op.SLICE, owner.type, (owner, low, high), frame.at(node))


def _member(frame: Frame, node: ast.Subscript, type_: Type) -> Expr:
    """`self.servers[i]`: the element with that number."""
    if not isinstance(type_, Sort):
        raise frame.refusal(
            node, f"{type_} has no elements by position", "for x in ... over its members"
        )
    return numbered(frame, node, integer(frame, node.slice), type_)


def numbered(frame: Frame, node: ast.AST, index: Expr, sort: Sort) -> Expr:
    """The element of an ordered sort with a number; a number without one is a model error."""
    if sort.symmetric:
        raise frame.refusal(
            node,
            f"{sort} is symmetric: its elements have no numbers",
            f"for x in the domain, or sort(..., symmetric=False) for {sort}",
        )
    if not isinstance(index.type, Int):
        return unknown(frame.at(node))
    return Expr(Op.CONVERT, sort, (index,), frame.at(node))

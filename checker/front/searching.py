"""Questions to a collection: `len(xs)`, `xs.index(x)`, `xs.count(x)`."""

import ast

from planespec.checker.front.build import (
    conjunction,
    constant,
    fold,
    length,
    local,
    number,
    predicate,
)
from planespec.checker.front.comparisons import fitting
from planespec.checker.front.dispatch import as_integer, evaluate, unwrap, value
from planespec.checker.front.failing import computed
from planespec.checker.front.rows import row_of_value
from planespec.checker.front.scalars import arguments
from planespec.checker.front.scope import Frame
from planespec.checker.front.shapes import Never, count
from planespec.checker.front.walks import walked
from planespec.checker.ir.nodes import Expr, Generator, Op, Reduction
from planespec.checker.ir.types import Bag, Int, Seq, Span, Tuple


def first_place(
    frame: Frame,
    node: ast.AST,
    owner: Expr,
    fitted: Expr,
    guard: list[Expr],
    low: Expr | None = None,
) -> Expr:
    """The first place at which an element is; nowhere is a model error."""
    assert isinstance(owner.type, Seq)
    at, name = frame.at(node), frame.fresh("place")
    range_ = Int(0, max(0, owner.type.capacity - 1))
    index = local(name, range_, at)
    here = Expr(Op.AT, owner.type.element, (owner, index), at)
    same = predicate(Op.EQ, [here, fitted], at)
    start = number(0, at) if low is None else low
    walk = Expr(Op.RANGE, Span(range_), (start, length(owner)), at)
    generator = Generator(name, range_, walk, (*guard, same))
    return fold(Reduction.MIN, range_, (generator,), index, at)


def index_call(frame: Frame, node: ast.Call, owner: Expr) -> Expr:
    """`xs.index(x)` and `xs.index(x, start)`."""
    assert isinstance(owner.type, Seq)
    if not 1 <= len(node.args) <= 2 or node.keywords:
        raise frame.refusal(node, "index takes an element", "xs.index(x)")
    guard, fitted = fitting(frame, node, value(frame, node.args[0]), owner.type.element)
    low = None
    if len(node.args) == 2:
        low = as_integer(frame, node, value(frame, node.args[1]))
        if not isinstance(low.type, Int) or low.type.low is None or low.type.low < 0:
            raise frame.refusal(node, "this start may be negative", "a start of at least 0")
    return first_place(frame, node, owner, fitted, guard, low)


def size_of(frame: Frame, node: ast.Call) -> Expr:
    """`len(xs)` of anything that can be walked, and of a tuple."""
    (argument,) = arguments(frame, node, 1, 1, "len(xs)")
    size = _parts_of_tuple(frame, node, argument)
    if size is not None:
        return size
    found = walked(frame, argument)
    if isinstance(found.type, Span):
        if found.op is Op.DOMAIN:
            return number(count(found.type.element), found.at)
        return row_of_value(frame, node, found).length
    if isinstance(found.type, Seq) and isinstance(found.type.element, Never):
        return number(0, found.at)
    return length(found)


def _parts_of_tuple(frame: Frame, node: ast.Call, argument: ast.expr) -> Expr | None:
    """How many parts a tuple has, which is known; None for anything else."""
    if not isinstance(argument, ast.Tuple | ast.Name | ast.Attribute | ast.Subscript):
        return None
    found = evaluate(frame, argument)
    plain = unwrap(found) if isinstance(found, Expr) else None
    if plain is None or not isinstance(plain.type, Tuple):
        return None
    size = number(len(plain.type.fields), frame.at(node))
    tests = computed(plain)
    return (
        Expr(Op.IF, size.type, (conjunction(tests, size.at), size, size), size.at)
        if tests
        else size
    )


def copies(frame: Frame, node: ast.Call, owner: Expr, item: Expr) -> Expr:
    """How often an element is in a list or Bag."""
    assert isinstance(owner.type, Bag | Seq)
    if isinstance(owner.type.element, Never):
        return number(0, frame.at(node))
    guard, fitted = fitting(frame, node, item, owner.type.element)
    type_ = Int(0, owner.type.capacity)
    found = Expr(Op.COUNT, type_, (owner, fitted), frame.at(node))
    for condition in reversed(guard):
        zero = constant(0, type_, found.at)
        found = Expr(Op.IF, type_, (condition, found, zero), found.at)
    return found

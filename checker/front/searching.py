"""`xs.index(x)`: the first place of an element."""

import ast

from planespec.checker.front.build import fold, length, local, number, predicate
from planespec.checker.front.comparisons import fitting
from planespec.checker.front.dispatch import as_integer, value
from planespec.checker.front.scope import Frame
from planespec.checker.ir.nodes import Expr, Generator, Op, Reduction
from planespec.checker.ir.types import Int, Seq, Span


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

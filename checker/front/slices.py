"""`xs[a:b:step]`: a slice with a step that is known."""

import ast

from planespec.checker.front.arithmetic import combine
from planespec.checker.front.build import convert, length, number, predicate
from planespec.checker.front.dispatch import integer
from planespec.checker.front.rows import Row, listed, stepped_row
from planespec.checker.front.scope import Frame
from planespec.checker.ir import ranges
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.types import Int, Seq


def stepped_slice(frame: Frame, node: ast.AST, owner: Expr, part: ast.Slice) -> Expr:
    """The elements from one end to the other, every so many of them."""
    assert part.step is not None
    assert isinstance(owner.type, Seq)
    step = integer(frame, part.step)
    if step.op is not Op.CONST or step.arg == 0:
        raise frame.refusal(part.step, "a step is a number other than 0", "xs[::2] or xs[::-1]")
    size, at = length(owner), frame.at(node)
    if step.arg > 0:
        ends = (number(0, at), size)
        defaults = ends
    else:
        last = combine(frame, node, ast.Sub(), size, number(1, at))
        ends = (number(-1, at), last)
        defaults = (last, number(-1, at))
    given = (part.lower, part.upper)
    low, high = (
        default if end is None else clamped(frame, node, integer(frame, end), size, ends)
        for end, default in zip(given, defaults, strict=True)
    )
    numbers = stepped_row(frame, node, low, high, step)
    room = Int(0, max(0, owner.type.capacity - 1))
    element = owner.type.element

    def part_at(index: Expr) -> Expr:
        place = numbers.at(index)
        assert isinstance(place, Expr)
        return Expr(Op.AT, element, (owner, convert(place, room)), at)

    assert isinstance(numbers.length.type, Int)
    shorter = Int(0, min(numbers.length.type.bounds[1], owner.type.capacity))
    return listed(frame, node, Row(convert(numbers.length, shorter), part_at))


def clamped(
    frame: Frame,
    node: ast.AST,
    end: Expr,
    size: Expr,
    limits: tuple[Expr, Expr] | None = None,
) -> Expr:
    """An end as CPython reads it: from the back where it is negative, and within the list."""
    if not isinstance(end.type, Int):
        return end
    at = frame.at(node)
    place = end
    if end.type.low is None or end.type.low < 0:
        back = combine(frame, node, ast.Add(), end, size)
        assert isinstance(back.type, Int)
        both = ranges.hull(back.type, end.type)
        negative = predicate(Op.LT, [end, number(0, at)], at)
        place = Expr(Op.IF, both, (negative, convert(back, both), convert(end, both)), at)
    low, high = limits or (number(0, at), size)
    least = Expr(Op.MIN, ranges.least(place.type, high.type), (place, high), at)  # type: ignore[arg-type]
    return Expr(Op.MAX, ranges.greatest(least.type, low.type), (least, low), at)  # type: ignore[arg-type]

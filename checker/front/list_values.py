"""Lists as values: their order, repetition by a number, one part replaced by another list."""

import ast

from planespec.checker.front.core.building import convert, fold, local, number
from planespec.checker.front.core.rewriting import parsed
from planespec.checker.front.core.scope import Frame, Local
from planespec.checker.front.core.type_relations import CAPACITY_LIMIT, Never
from planespec.checker.front.dispatch import coerce
from planespec.checker.front.expressions.arithmetic import common
from planespec.checker.front.expressions.scalars import to_seq
from planespec.checker.front.expressions.tuples import as_row, refuse_two_kinds
from planespec.checker.front.outlines import once, outlined
from planespec.checker.front.statements.list_changes import around
from planespec.checker.front.statements.places import grow, settle
from planespec.checker.ir.nodes import Expr, Generator, Op, Reduction
from planespec.checker.ir.types import Int, Seq, Span

SIGNS = {Op.LT: ("<", "<"), Op.LE: ("<", "<="), Op.GT: (">", ">"), Op.GE: (">", ">=")}
"""How the first elements that differ compare, and the lengths where none does."""


def order_of_lists(frame: Frame, node: ast.Compare, op: Op, a: Expr, b: Expr) -> Expr:
    """`xs < ys`: as their first elements that differ, else the shorter first."""
    left, right = node.left, node.comparators[0]
    refuse_two_kinds(frame, node, [(left, a), (right, b)], "ordered", equal=False)
    inner, outer = SIGNS[op]
    one, other, xs, ys = (_unused(frame, n) for n in ("one", "other", "left_row", "right_row"))
    body = f"""
for {one}, {other} in zip({xs}, {ys}):
    if {one} != {other}:
        return {one} {inner} {other}
return len({xs}) {outer} len({ys})
"""
    return outlined(frame, node, "list_order", parsed(body), {xs: left, ys: right})


def _unused(frame: Frame, name: str) -> str:
    """A name that nothing around has: lists of lists are compared one inside the other."""
    while f"{name}_" in frame.names:
        name += "_"
    return f"{name}_"


def repeated(frame: Frame, node: ast.AST, row: Expr, times: Expr) -> Expr:
    """`xs * n` for a number that is known when the model runs; below 1 it is empty."""
    assert isinstance(row.type, Seq)
    assert isinstance(times.type, Int)
    room = row.type.capacity * max(times.type.high or 0, 0)
    if times.type.high is None or room > CAPACITY_LIMIT:
        raise frame.refusal(
            node, "how often has no bound here", f"a number that gives up to {CAPACITY_LIMIT}"
        )
    if isinstance(row.type.element, Never):
        return row
    type_ = Seq(row.type.element, room)
    return once(frame, node, "repeated", [row, times], lambda v: _rounds(frame, node, type_, *v))


def _rounds(frame: Frame, node: ast.AST, type_: Seq, row: Expr, times: Expr) -> Expr:
    at, round_, name = frame.at(node), frame.fresh("round"), frame.fresh("element")
    assert isinstance(times.type, Int)
    counted = Int(0, max(0, (times.type.high or 0) - 1))
    rounds = Expr(Op.RANGE, Span(counted), (number(0, at), times), at)
    walk = (Generator(round_, counted, rounds), Generator(name, type_.element, row))
    return fold(Reduction.SEQ, type_, walk, local(name, type_.element, at), at)


def is_slice(node: ast.expr) -> bool:
    """Whether a target is a part of a list."""
    return isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)


def with_part(frame: Frame, node: ast.stmt, to: ast.Subscript, owner: Expr, found: Expr) -> Expr:
    """The list after `xs[i:j] = ys`."""
    assert isinstance(to.slice, ast.Slice)
    if not isinstance(owner.type, Seq):
        raise frame.refusal(node, f"{owner.type} has no slices", "a list")
    if to.slice.step is not None:
        raise frame.refusal(
            node, "a slice with a step cannot be stored to", "a loop with xs[i] = v"
        )
    return around(frame, node, owner, to.slice, [coerce(frame, node, found, owner.type)])


def as_list(frame: Frame, node: ast.AST, found: Expr) -> Expr:
    """What is stored to a slice: a list, a tuple of one type of parts, a range."""
    row = as_row(frame, node, found)
    return row if isinstance(row.type, Seq) else to_seq(frame, node, row)


def store_slice_of_local(
    frame: Frame, node: ast.stmt, to: ast.Subscript, owner: Expr, found: Expr
) -> None:
    """The same for a list that is made here, which has room for what it is given."""
    assert isinstance(to.value, ast.Name)
    binding = frame.names[to.value.id]
    assert isinstance(binding, Local)
    more = as_list(frame, node, found)
    assert isinstance(owner.type, Seq)
    assert isinstance(more.type, Seq)
    element = common(frame, node, owner.type.element, more.type.element)
    room = Seq(element, owner.type.capacity + more.type.capacity)
    made = with_part(frame, node, to, convert(owner, room), convert(more, room))
    grow(frame, binding.name, Seq(element, 0), elements=more.type.capacity)
    frame.block.append(settle(frame, node, binding.name, made))

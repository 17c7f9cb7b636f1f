"""Fixed tuples: literals, their places, and tuples that are read as sequences."""

import ast
from collections.abc import Sequence

from planespec.checker.front.build import convert
from planespec.checker.front.dispatch import handles, value
from planespec.checker.front.scope import Frame
from planespec.checker.front.shapes import Never, row_of
from planespec.checker.ir.nodes import Expr, Op, Position
from planespec.checker.ir.types import Seq, Tuple
from planespec.checker.lang.tuples import tuple_of


@handles(ast.Tuple)
def tuple_literal(frame: Frame, node: ast.Tuple) -> Expr:
    """`(a, b)`; an empty one, and one with `*`, is a sequence."""
    from planespec.checker.front.collections_ import sequence_literal

    if not node.elts or any(isinstance(e, ast.Starred) for e in node.elts):
        found = sequence_literal(frame, node)
        assert isinstance(found, Expr)
        return found
    return tuple_value([value(frame, e) for e in node.elts], frame.at(node))


def tuple_value(parts: Sequence[Expr], at: Position) -> Expr:
    """The tuple of some values."""
    return Expr(Op.RECORD, tuple_of(p.type for p in parts), tuple(parts), at)


def parts(found: Expr) -> list[Expr]:
    """The values at the places of a tuple."""
    assert isinstance(found.type, Tuple)
    if found.op is Op.RECORD:
        return list(found.args)
    return [Expr(Op.FIELD, p, (found,), found.at, name) for name, p in found.type.fields]


def as_row(frame: Frame, node: ast.AST, found: Expr) -> Expr:
    """A tuple as the sequence of its parts; other values as they are."""
    if not isinstance(found.type, Tuple):
        return found
    row = row_of(found.type)
    if row is None:
        raise frame.refusal(
            node, f"the parts of {found.type} are of several types", "p, q = pair, or pair[0]"
        )
    return convert(found, row)


def at_constant(frame: Frame, node: ast.AST, found: Expr, index: ast.expr) -> Expr | None:
    """`pair[0]`: the part at a place that is known; None where it is not known."""
    if not isinstance(found.type, Tuple):
        return None
    key = value(frame, index)
    if key.op is not Op.CONST or type(key.arg) is not int:
        return None
    size = len(found.type.fields)
    if not -size <= key.arg < size:
        raise frame.refusal(node, f"{found.type} has {size} parts", "an index that it has")
    return parts(found)[key.arg]


def is_tuple(found: Expr) -> bool:
    """Whether a value is a fixed tuple."""
    return isinstance(found.type, Tuple)


def is_row(found: Expr) -> bool:
    """Whether a value is a sequence, a fixed tuple of one type of parts included."""
    return isinstance(found.type, Seq | Never) or row_of(found.type) is not None

"""Truth in expressions, as the search for premises takes it apart and puts it together.

A fold has the operation CALL, so that none of these takes it for its own.
"""

from planespec.checker.ir.nodes import Expr, Op, Position
from planespec.checker.ir.types import Bool


def constant(value: bool, at: Position) -> Expr:
    """True or false."""
    return Expr(Op.CONST, Bool(), (), at, value)


def is_constant(value: Expr, wanted: bool) -> bool:
    """Whether an expression is that constant."""
    return value.op is Op.CONST and value.arg is wanted


def no(value: Expr) -> Expr:
    """The opposite."""
    if value.op is Op.NOT:
        return value.args[0]
    return Expr(Op.NOT, Bool(), (value,), value.at)


def both(parts: list[Expr]) -> Expr:
    """All of them, left to right; constants that are true are left out."""
    parts = [part for part in parts if not is_constant(part, True)] or parts[:1]
    return parts[0] if len(parts) == 1 else Expr(Op.AND, Bool(), tuple(parts), parts[0].at)


def either(parts: list[Expr]) -> Expr:
    """One of them, left to right; constants that are false are left out."""
    parts = [part for part in parts if not is_constant(part, False)] or parts[:1]
    return parts[0] if len(parts) == 1 else Expr(Op.OR, Bool(), tuple(parts), parts[0].at)


def under(conditions: list[Expr], place: Expr) -> Expr:
    """The place where the conditions hold; nowhere stays nowhere."""
    return place if is_constant(place, False) else both([*conditions, place])


def parts_of(value: Expr, op: Op) -> list[Expr]:
    """The operands of nested `and`s or `or`s, left to right; the expression itself otherwise."""
    if value.op is not op:
        return [value]
    return [part for arg in value.args for part in parts_of(arg, op)]


_DENIES = (Op.NOT, Op.IS_NONE, Op.NE)


def is_negative(value: Expr, negated: bool) -> bool:
    """Whether a part of a disjunction reads as the denial of a premise.

    In `not (p and q)` all parts deny but those with a `not` of their own: `a != b` is a premise.
    """
    return value.op is not Op.NOT if negated else value.op in _DENIES


def truth(value: Expr) -> Expr | None:
    """The bool that a number stands for, where it does: `p <= q` compares them as 0 and 1."""
    if isinstance(value.type, Bool):
        return value
    if value.op is Op.CONVERT and isinstance(value.args[0].type, Bool):
        return value.args[0]
    if value.op is Op.IF:
        condition, then, orelse = value.args
        if (then.op, then.arg, orelse.op, orelse.arg) == (Op.CONST, 1, Op.CONST, 0):
            return condition
    return None

"""Which expressions may be a model error, and tests that compute a value for that alone.

CPython computes every operand of a comparison, every member of a collection written out, and what
stands before a guard. Where the IR would leave one of them out, a test that is always true takes
its place: it fails where computing the value fails.
"""

from collections.abc import Iterable

from planespec.checker.front.core.building import conjunction, predicate
from planespec.checker.front.core.type_relations import fits
from planespec.checker.ir.nodes import Expr, Fold, Op, Reduction
from planespec.checker.ir.traversal import inside
from planespec.checker.ir.types import Set

FAILING = {
    *(Op.AT, Op.UNWRAP, Op.PROJECT, Op.CALL, Op.FLOORDIV, Op.MOD),
    *(Op.WITH, Op.APPEND, Op.CONCAT),
}
"""Operations that are a model error for some values."""

JUDGING = (Reduction.ALL, Reduction.ANY, Reduction.COUNT, Reduction.SUM)
"""Reductions that go wrong where a part of them does and nowhere else."""

SIZED = {Op.UNION, Op.SYMMETRIC_DIFFERENCE}
"""Operations that are one where the result has more elements than its type has room for."""


def may_fail(value: Expr) -> bool:
    """Whether computing a value may be a model error."""
    return any(map(_fails, inside(value)))


def _fails(value: Expr) -> bool:
    if isinstance(value, Fold):
        return value.reduction not in JUDGING
    if value.op in FAILING:
        return True
    if value.op is Op.CONVERT:
        return not fits(value.args[0].type, value.type)
    return value.op in SIZED and isinstance(value.type, Set) and value.type.capacity is not None


def computed(*values: Expr) -> list[Expr]:
    """Tests that are always true, of those values whose computation may be a model error."""
    return [predicate(Op.EQ, [v, v], v.at) for v in values if may_fail(v)]


def once_computed(values: Iterable[Expr], known: Expr) -> Expr:
    """What is known to come out without values that CPython computes all the same."""
    tests = computed(*values)
    if not tests:
        return known
    return Expr(Op.IF, known.type, (conjunction(tests, known.at), known, known), known.at)
